package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/mail"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var (
	lettersView = page.Define[lettersPage]("desk-settings-letters.html")
	letterView  = page.Define[letterPage]("desk-settings-letter.html")
)

// lettersPage lists every letter that the program sends about calls.
type lettersPage struct {
	Tabs     []page.MenuItem
	Groups   []letterGroup
	Discreet string
}

type letterGroup struct {
	Heading string
	Letters []letterLine
}

type letterLine struct{ Href, Title, Subject string }

// letterPage is one letter as it will arrive.
type letterPage struct {
	Tabs                         []page.MenuItem
	Title, From, Subject, Locked string
	Frame                        string // where the letter itself is
	Text                         string
	Calendar                     bool
	Entry                        string // how the calendar names it
}

// samples composes every letter about a call that nobody booked.
func (d *Desk) samples(c *gin.Context) ([]booking.Sample, practice.Basics, error) {
	basics, err := practice.LoadBasics(c.Request.Context(), d.DB)
	if err != nil {
		return nil, basics, err
	}
	samples, err := d.Booking.Samples(basics, d.Who(c), d.Now())
	return samples, basics, err
}

// letters lists them: GET /desk/settings/letters.
func (d *Desk) letters(c *gin.Context) error {
	samples, basics, err := d.samples(c)
	if err != nil {
		return err
	}
	frame, _, err := d.frame(c, "Letters", "settings")
	if err != nil {
		return err
	}
	model := lettersPage{Tabs: settingTabs("settings/letters"), Discreet: basics.DiscreetName,
		Groups: []letterGroup{{Heading: "To the person"}, {Heading: "To the coach"}}}
	for _, s := range samples {
		group := &model.Groups[0]
		if s.ToCoach {
			group = &model.Groups[1]
		}
		group.Letters = append(group.Letters, letterLine{Href: "/desk/settings/letters/" + s.Kind, Title: s.Title, Subject: s.Composed.Letter.Subject})
	}
	return lettersView.Render(c, http.StatusOK, frame, model)
}

// sample finds the letter that the address names.
func (d *Desk) sample(c *gin.Context) (booking.Sample, practice.Basics, error) {
	samples, basics, err := d.samples(c)
	if err != nil {
		return booking.Sample{}, basics, err
	}
	for _, s := range samples {
		if s.Kind == c.Param("kind") {
			return s, basics, nil
		}
	}
	return booking.Sample{}, basics, fault.New(fault.NotFound, "There is no such letter here.")
}

// letter shows one: GET /desk/settings/letters/KIND. The letter itself is a
// page of its own in a frame, since it brings the styles that mail needs.
func (d *Desk) letter(c *gin.Context) error {
	s, basics, err := d.sample(c)
	if err != nil {
		return err
	}
	text, _, err := mail.Render(s.Composed.Letter)
	if err != nil {
		return err
	}
	frame, _, err := d.frame(c, "Letter: "+s.Title, "settings")
	if err != nil {
		return err
	}
	l := s.Composed.Letter
	header := c.Writer.Header()
	header.Set("Content-Security-Policy", header.Get("Content-Security-Policy")+"; frame-src 'self'")
	return letterView.Render(c, http.StatusOK, frame, letterPage{
		Tabs: settingTabs("settings/letters"), Title: s.Title, From: s.Composed.From.Name + " <" + s.Composed.From.Email + ">",
		Subject: l.Subject, Locked: l.Preheader, Frame: "/desk/settings/letters/" + s.Kind + "/sheet", Text: text,
		Calendar: l.Calendar != nil, Entry: basics.DiscreetName,
	})
}

// sheetPolicy lets the letter have its own styles and nothing else: no script,
// no picture, no form, and nobody but us may frame it.
const sheetPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"

// letterSheet is the HTML of a letter alone: GET
// /desk/settings/letters/KIND/sheet.
func (d *Desk) letterSheet(c *gin.Context) error {
	s, _, err := d.sample(c)
	if err != nil {
		return err
	}
	_, html, err := mail.Render(s.Composed.Letter)
	if err != nil {
		return err
	}
	c.Header("Content-Security-Policy", sheetPolicy)
	c.Header("X-Frame-Options", "SAMEORIGIN")
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(html))
	return nil
}
