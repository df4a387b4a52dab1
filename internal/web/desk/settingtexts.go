package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

// textPreview is a text as people would read it.
type textPreview struct{ Heading, Markdown string }

// textFields are the practice's own texts. What is not written follows the
// program's words, which are shown as the preview then.
func textFields(p practice.Practice) []deskField {
	const own = "Markdown. Left empty, our own words stand there; they are below."
	return []deskField{
		{Name: "intro", Label: "Opening of the home page", Kind: "text", Rows: 6, Value: p.Intro, Optional: true, Hint: own},
		{Name: "privacy", Label: "Privacy notice", Kind: "text", Rows: 14, Value: p.Privacy, Optional: true, Hint: own},
		{Name: "terms", Label: "Terms", Kind: "text", Rows: 14, Value: p.Terms, Optional: true, Hint: own},
	}
}

// texts shows them: GET /desk/settings/texts.
func (d *Desk) texts(c *gin.Context) error {
	p, err := practice.Own(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	return d.drawTexts(c, http.StatusOK, p, nil)
}

func (d *Desk) drawTexts(c *gin.Context, status int, p practice.Practice, problems page.Problems) error {
	frame, _, err := d.frame(c, "Texts", "settings")
	if err != nil {
		return err
	}
	frame.Flash = doneSay(c)
	filled := p.Filled()
	return settingsView.Render(c, status, frame, settingsPage{
		Tabs: settingTabs("settings/texts"), Heading: "Texts", Action: "/desk/settings/texts", Problems: problems,
		Lead:    "What the site says in your name. Let somebody who knows the law where you work look over the notice and the terms.",
		Parts:   []settingsPart{{Heading: "Your words", Fields: withProblems(textFields(p), problems)}},
		Preview: []textPreview{{"Opening of the home page", filled.Intro}, {"Privacy notice", filled.Privacy}, {"Terms", filled.Terms}},
		Save:    "Save these texts", Previews: true,
	})
}

// saveTexts takes them, or shows how they would read: POST /desk/settings/texts.
func (d *Desk) saveTexts(c *gin.Context) error {
	own, err := practice.Own(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	in := typed{c: c}
	own.Intro, own.Privacy, own.Terms = in.text("intro"), in.text("privacy"), in.text("terms")
	if c.PostForm("act") == "preview" {
		return d.drawTexts(c, http.StatusOK, own, nil)
	}
	err = d.setUp(c, doing{Act: "texts changed", Part: func(*pg.Tx) (any, error) {
		return map[string]any{"practice": map[string]any{"intro": own.Intro, "privacy": own.Privacy, "terms": own.Terms}}, nil
	}})
	if err == nil {
		return doneAt(c, "/desk/settings/texts", "kept")
	}
	problems, err := mended(err, "intro", func(path string) string { return path })
	if err != nil {
		return err
	}
	return d.drawTexts(c, statusMend, own, problems)
}
