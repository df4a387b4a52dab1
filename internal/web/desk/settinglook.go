package desk

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/colour"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var lookView = page.Define[lookPage]("desk-settings-look.html")

// lookPage is the practice's colour and logo.
type lookPage struct {
	Tabs     []page.MenuItem
	Op       string
	Problems page.Problems
	Colours  []deskField
	Shown    string // whose colours the samples are
	Samples  []lookSample
	Logo     *practice.LogoMark // nil: there is none
	Name     string
	File     deskField
	Discreet deskField
}

// lookSample is how acts and links look in a mode.
type lookSample struct {
	Heading  string
	Grounds  colour.Grounds
	Tones    colour.Tones
	Measures []colour.Measure
}

// The program's own colours, which stand where a practice has none.
const ownLight, ownDark = "#2b5a4d", "#9fcdb9"

// look shows them: GET /desk/settings/look.
func (d *Desk) look(c *gin.Context) error {
	basics, err := practice.LoadBasics(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	return d.drawLook(c, http.StatusOK, basics.Colour, basics.ColourDark, nil)
}

// drawLook draws the page with the colours that are given.
func (d *Desk) drawLook(c *gin.Context, status int, light, dark string, problems page.Problems) error {
	frame, basics, err := d.frame(c, "Look", "settings")
	if err != nil {
		return err
	}
	frame.Flash = doneSay(c)
	model := lookPage{Tabs: settingTabs("settings/look"), Op: d.Guard.NewOp(d.Now()), Problems: problems, Name: basics.Name, Shown: "These are our own colours, which stand until you choose one."}
	model.Colours = withProblems([]deskField{
		{Name: "colour", Label: "Colour", Value: light, Optional: true, Hint: "Of buttons, links and tinted places, written like #2b5a4d. Left empty, ours stands there."},
		{Name: "colour_dark", Label: "Colour on dark pages", Value: dark, Optional: true, Hint: "Many people read on dark pages at night. Left empty, we make a lighter shade of the first."},
	}, problems)
	model.File = deskField{Name: "logo", Problem: problems.Of("logo"), Hint: "A PNG or JPEG of up to 50 KB and 1024 pixels either way."}
	model.Discreet = deskField{Name: "discreet", Label: "The logo gives nothing away", Kind: "check", Checked: basics.Logo.Discreet,
		Hint: "Then it also stands where somebody else may look: on the page of a booking and where you sign in. Otherwise these show the bowl."}
	if basics.Logo.Hash != "" {
		model.Logo = &basics.Logo
	}
	palette, err := colour.Make(light, dark)
	switch {
	case light == "" || err != nil:
		palette, _ = colour.Make(ownLight, ownDark) // a test holds that they pass
	case light == basics.Colour && dark == basics.ColourDark:
		model.Shown = "These are your colours."
	default:
		model.Shown = "Your colours would look like this. They are not saved yet."
	}
	model.Samples = []lookSample{
		{"On light pages", colour.Light.Grounds(), palette.Light, palette.Light.Measures(colour.Light)},
		{"On dark pages", colour.Dark.Grounds(), palette.Dark, palette.Dark.Measures(colour.Dark)},
	}
	return lookView.Render(c, status, frame, model)
}

// saveLook takes the colours, or shows how they would look: POST
// /desk/settings/look.
func (d *Desk) saveLook(c *gin.Context) error {
	in := typed{c: c}
	light, dark := in.shade("colour", colour.Light), in.shade("colour_dark", colour.Dark)
	if light == "" && dark != "" {
		in.wrong("colour", "Choose this colour too: the one for dark pages goes with it.")
	}
	if c.PostForm("act") == "preview" && len(in.problems) == 0 {
		return d.drawLook(c, http.StatusOK, light, dark, nil)
	}
	if len(in.problems) == 0 {
		orOurs := func(shade string) any {
			if shade == "" {
				return nil
			}
			return shade
		}
		err := d.setUp(c, doing{Act: "colours changed", Key: d.opKey(c, "look"), Part: func(*pg.Tx) (any, error) {
			return map[string]any{"practice": map[string]any{"colour": orOurs(light), "colour_dark": orOurs(dark)}}, nil
		}})
		if err == nil {
			return doneAt(c, "/desk/settings/look", "kept")
		}
		if in.problems, err = mended(err, "colour", func(path string) string { return path }); err != nil {
			return err
		}
	}
	return d.drawLook(c, statusMend, light, dark, in.problems)
}

// shade is a colour that can be read in a mode. One that cannot is kept as it
// was typed.
func (t *typed) shade(name string, mode colour.Mode) string {
	text := t.text(name)
	if text == "" {
		return ""
	}
	c, ok := colour.Parse("#" + strings.TrimPrefix(text, "#"))
	if !ok {
		t.wrong(name, "Write a colour as # and six digits or letters up to f, such as #2b5a4d.")
		return text
	}
	var weak *colour.Weak
	if _, err := colour.Check(c, mode); errors.As(err, &weak) {
		t.wrong(name, upper(weak.Error())+".")
	}
	return c.String()
}
