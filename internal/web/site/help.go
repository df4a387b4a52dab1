package site

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var helpView = page.Define[helpPage]("help-now.html")

type helpPage struct {
	Intro     string
	Countries []country
}

type country struct {
	Name     string
	Services []service
}

type service struct {
	Name, Say, Hours string
	Phone            *phone
	Site             *link
}

type phone struct{ Dial, Say string }

// helpNow names whom to turn to in danger. It must open when nothing else
// does, so without a database it shows the lines that the program knows itself.
func (s *Site) helpNow(c *gin.Context) error {
	frame := s.frameAnyway(c)
	lines := practice.DefaultHelp()
	if p, err := practice.Load(c.Request.Context(), s.DB); err == nil {
		frame, lines = s.frameOf(c, p.Basics), p.Help
	}
	var model helpPage
	for _, code := range lines.Countries() {
		at := country{Name: countryName(code)}
		for _, l := range lines {
			if l.Country == code {
				at.Services = append(at.Services, helpService(l))
			}
		}
		model.Countries = append(model.Countries, at)
	}
	frame.Title, frame.Here, frame.Path = "Help now", "help", "/help-now"
	frame.Description = "Whom to turn to when you are in danger or in despair."
	return helpView.Render(c, http.StatusOK, frame, model)
}

func helpService(l practice.HelpLine) service {
	out := service{Name: l.Name, Say: l.Note}
	if l.Phone != "" {
		out.Phone = &phone{Say: l.Phone, Dial: strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || r == '+' {
				return r
			}
			return -1
		}, l.Phone)}
	}
	if l.URL != "" {
		host := strings.TrimPrefix(strings.TrimPrefix(l.URL, "https://"), "http://")
		out.Site = &link{Href: l.URL, Say: strings.TrimSuffix(strings.TrimPrefix(host, "www."), "/")}
	}
	return out
}

// countryName is a country in English, or its letters where nobody knows them.
func countryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return display.English.Regions().Name(region)
}
