package desk

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

var formsView = page.Define[formsPage]("desk-forms.html")

// formsPage lists what clients are asked, and what is being written.
type formsPage struct {
	Offered, Writing, Withdrawn []formLine
}

type formLine struct {
	Href, Preview, WithdrawAction string
	Name, Asks, Lane, Send        string
	Draft                         bool // something is being written on it
}

// forms lists them: GET /desk/forms.
func (d *Desk) forms(c *gin.Context) error {
	ctx := c.Request.Context()
	frame, _, err := d.frame(c, "Forms", "forms")
	if err != nil {
		return err
	}
	frame.Flash = formSay(c)
	all, err := practice.AllForms(ctx, d.DB)
	if err != nil {
		return err
	}
	drafts, err := practice.FormDrafts(ctx, d.DB)
	if err != nil {
		return err
	}
	var model formsPage
	drafted := map[string]bool{}
	for _, f := range drafts {
		if drafted[f.Slug] = true; f.Base == 0 {
			model.Writing = append(model.Writing, formLineOf(f, true))
		}
	}
	for _, f := range all {
		line := formLineOf(practice.DraftOf(f), drafted[f.Slug])
		if f.Withdrawn {
			model.Withdrawn = append(model.Withdrawn, line)
		} else {
			model.Offered = append(model.Offered, line)
		}
	}
	return formsView.Render(c, http.StatusOK, frame, model)
}

func formLineOf(f practice.FormDraft, draft bool) formLine {
	here := formHref(f.Slug)
	return formLine{Href: here, Preview: here + "/preview", WithdrawAction: here + "/withdraw", Name: f.Name, Asks: countSay(f.Definition),
		Lane: practice.LaneSay(f.Lane), Send: practice.SendSay(f.SendOn), Draft: draft}
}

func formHref(slug string) string { return "/desk/forms/" + slug }

// countSay says how much a form asks.
func countSay(d questions.Definition) string {
	n := 0
	for _, q := range d.Questions {
		if q.Asks() {
			n++
		}
	}
	return plural(n, "question", "questions")
}

// withdrawForm takes a form back or brings it back: POST
// /desk/forms/FORM/withdraw. Forms that were sent stay with whom they were sent
// to.
func (d *Desk) withdrawForm(c *gin.Context) error {
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err == nil && !o.known {
		err = errNoForm()
	}
	if err != nil {
		return err
	}
	withdraw, act, done := true, "form withdrawn", "withdrawn"
	if c.PostForm("act") == "offer" {
		withdraw, act, done = false, "form offered again", "offered"
	}
	err = d.setUp(c, doing{Act: act, About: string(o.form.ID), Part: func(*pg.Tx) (any, error) {
		return map[string]any{"forms": []any{map[string]any{"slug": o.form.Slug, "withdrawn": withdraw}}}, nil
	}})
	if err != nil {
		return err
	}
	return doneAt(c, "/desk/forms", done)
}

// formSay is what a page says after an act on a form. Only these sentences can
// be asked for.
func formSay(c *gin.Context) string {
	switch c.Query("done") {
	case "begun":
		return "Here it is, for you to change. Nobody is sent it before you take it into use."
	case "kept":
		return "Saved in the draft. Clients see it once you take it into use."
	case "used":
		return "In use from now on. Whoever was sent it before answers it as it was then."
	case "discarded":
		return "The draft is gone. The form stays as it was."
	case "withdrawn":
		return "Withdrawn. It is sent to nobody any more; those who have it can still answer."
	case "offered":
		return "Offered again."
	case "meanwhile":
		return "Somebody changed this form meanwhile, so nothing was moved. This is how it is now."
	}
	return ""
}

// plural counts things: "one question", "3 questions".
func plural(n int, one, many string) string {
	if n == 1 {
		return "one " + one
	}
	return strconv.Itoa(n) + " " + many
}
