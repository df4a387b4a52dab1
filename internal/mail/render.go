package mail

import (
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"

	"kintsugi/templates"
)

// Render writes a letter as plain text and as HTML. Both say the same, in the
// same order; whatever a string holds, it is only ever read.
func Render(l Letter) (text, html string, err error) {
	l = tidied(l)
	page := letterPage{Letter: l, Padding: strings.Repeat("\u00a0\u200c", 80)}
	if len(l.Actions) > 0 {
		page.Main, page.Others = &l.Actions[0], l.Actions[1:]
	}
	var b strings.Builder
	if err := letterHTML.ExecuteTemplate(&b, "letter.html", page); err != nil {
		return "", "", fmt.Errorf("render letter: %w", err)
	}
	return letterText(l), b.String(), nil
}

// letterPage is what the HTML template sees.
type letterPage struct {
	Letter
	Padding string // follows the preheader, so that no mail program shows the letter's first words there
	Main    *Action
	Others  []Action
}

// letterHTML is the one HTML letter.
var letterHTML = template.Must(template.New("letter.html").
	Funcs(template.FuncMap{"lines": func(s string) []string { return strings.Split(s, "\n") }}).
	ParseFS(templates.FS, "mail/letter.html"))

// textWidth is where lines of plain text end.
const textWidth = 72

// letterText writes the plain text part. It begins with the preheader, because
// some mail programs show the first line of this part on a locked screen.
func letterText(l Letter) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(wrapped(l.Preheader, ""))
	add(wrapped(l.Greeting, ""))
	for _, p := range l.Paragraphs {
		add(wrapped(p, ""))
	}
	add(factsText(l.Facts))
	for _, a := range l.Actions {
		add(wrapped(a.Words+":", "") + "\n" + a.URL)
	}
	for _, p := range l.Closing {
		add(wrapped(p, ""))
	}
	if len(l.Footer) > 0 {
		foot := make([]string, 0, len(l.Footer))
		for _, p := range l.Footer {
			foot = append(foot, wrapped(p, ""))
		}
		add("-- \n" + strings.Join(foot, "\n"))
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// factsText sets the facts in two columns.
func factsText(facts []Fact) string {
	wide := 0
	for _, f := range facts {
		wide = max(wide, utf8.RuneCountInString(f.Label))
	}
	rows := make([]string, 0, len(facts))
	for _, f := range facts {
		pad := strings.Repeat(" ", wide-utf8.RuneCountInString(f.Label)+2)
		hang := strings.Repeat(" ", wide+5)
		row := "  " + f.Label + ":" + pad + strings.TrimLeft(wrapped(f.Value, hang), " ")
		if f.URL != "" && f.URL != f.Value {
			row += "\n" + hang + f.URL
		}
		rows = append(rows, row)
	}
	return strings.Join(rows, "\n")
}

// wrapped breaks text between words so that lines stay within the width, each
// beginning with the indent. A word longer than a line, such as an address,
// stays whole.
func wrapped(s, indent string) string {
	var out []string
	for _, line := range strings.Split(s, "\n") {
		row := ""
		for _, word := range strings.Fields(line) {
			if row != "" && utf8.RuneCountInString(indent+row)+1+utf8.RuneCountInString(word) > textWidth {
				out = append(out, indent+row)
				row = ""
			}
			if row != "" {
				row += " "
			}
			row += word
		}
		if row == "" {
			out = append(out, "")
			continue
		}
		out = append(out, indent+row)
	}
	return strings.Join(out, "\n")
}
