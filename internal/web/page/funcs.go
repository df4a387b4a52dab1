package page

import (
	"html/template"
	"net/url"
	"strings"
	"unicode"
)

// funcs are the words a template may use beside if, range and template.
func funcs() template.FuncMap {
	return template.FuncMap{
		"asset":    func(name string) (string, error) { return Static().Path(name) },
		"logo":     LogoPath,
		"markdown": Markdown,
		"written":  Written,
		"initials": Initials,
		"zones":    ZoneOptions,
		"webcal":   webcal,
	}
}

// webcal is a feed's address as calendar programs open it to subscribe.
// html/template lets no other scheme than the web's own into a link, so this
// says that one is meant; what is no web address leads nowhere.
func webcal(address string) template.URL {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "#"
	}
	u.Scheme = "webcal"
	return template.URL(u.String())
}

// Initials are the first letters of a person's first and last name: "ML" for
// Mara Lind.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '-' })
	var letters []rune
	for i, word := range words {
		if i == 0 || i == len(words)-1 {
			letters = append(letters, unicode.ToUpper([]rune(word)[0]))
		}
	}
	return string(letters)
}
