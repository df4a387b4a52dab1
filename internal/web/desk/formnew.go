package desk

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/setup"
	"kintsugi/internal/web/page"
)

var newFormView = page.Define[newFormPage]("desk-form-new.html")

// newFormPage is how a form begins: with one that is ready, or with nothing.
type newFormPage struct {
	Op       string
	Problems page.Problems
	Name     deskField
	Ready    []readyLine
}

type readyLine struct{ Slug, Name, What, Asks, Lane string }

// newForm offers a beginning: GET /desk/forms/new.
func (d *Desk) newForm(c *gin.Context) error { return d.drawNewForm(c, http.StatusOK, "", nil) }

func (d *Desk) drawNewForm(c *gin.Context, status int, name string, problems page.Problems) error {
	frame, _, err := d.frame(c, "A new form", "forms")
	if err != nil {
		return err
	}
	model := newFormPage{Op: d.Guard.NewOp(d.Now()), Problems: problems,
		Name: deskField{Name: "name", Label: "What is it called?", Value: name, Hint: "Clients see it.", Problem: problems.Of("name")}}
	for _, f := range setup.ReadyForms() {
		model.Ready = append(model.Ready, readyLine{f.Slug, f.Name, f.What, countSay(f.Definition), practice.LaneSay(f.Lane)})
	}
	return newFormView.Render(c, status, frame, model)
}

// beginForm makes a draft: POST /desk/forms.
func (d *Desk) beginForm(c *gin.Context) error {
	draft := practice.FormDraft{Lane: practice.Individual, SendOn: practice.Manual}
	in := typed{c: c}
	from := in.text("from")
	for _, f := range setup.ReadyForms() {
		if f.Slug == from {
			draft = practice.DraftOf(f.Form)
			draft.Base = 0
		}
	}
	if draft.Name == "" {
		name, err := people.CleanLine("name", in.text("name"), longestFormName)
		if err != nil {
			return d.drawNewForm(c, statusMend, in.text("name"), page.ProblemsOf(err))
		}
		draft.Name, draft.Definition = name, questions.Definition{}
	}
	slug, err := d.keepNewForm(c, draft)
	if err != nil {
		return err
	}
	return doneAt(c, formHref(slug), "begun")
}

const longestFormName = 200

// keepNewForm keeps a draft under a slug that no form has, once.
func (d *Desk) keepNewForm(c *gin.Context, draft practice.FormDraft) (slug string, err error) {
	ctx, now, key := c.Request.Context(), d.Now(), d.opKey(c, "new form")
	err = d.DB.InTx(ctx, func(tx *pg.Tx) error {
		if err := setup.Lock(ctx, tx); err != nil {
			return err
		}
		if settled, err := once.Find(ctx, tx, key, &slug); settled || err != nil {
			return err
		}
		wanted := slugOf(draft.Name)
		if wanted == "" || wanted == "new" {
			wanted = "form"
		}
		for n := 1; ; n++ {
			if slug = wanted; n > 1 {
				slug = fmt.Sprintf("%s-%d", strings.TrimRight(wanted[:min(len(wanted), 50)], "-"), n)
			}
			if _, err := d.openForm(ctx, tx, slug); fault.KindOf(err) == fault.NotFound {
				break
			} else if err != nil {
				return err
			}
		}
		draft.Slug = slug
		if err := practice.SaveFormDraft(ctx, tx, draft, d.Who(c).ID, now); err != nil {
			return err
		}
		return once.Settle(ctx, tx, key, slug, now)
	})
	return slug, err
}
