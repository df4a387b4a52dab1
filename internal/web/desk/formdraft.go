package desk

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/setup"
	"kintsugi/internal/web/page"
)

// A form is written in a draft that nobody is sent. Each page of it changes one
// thing and is told when somebody else has changed the draft since; taking it
// into use puts the whole into the practice file's hands at once.

// openForm is a form with what is being written on it.
type openForm struct {
	draft practice.FormDraft // what the form says where nothing is being written
	form  practice.Form
	known bool // the form is in use, or was
	kept  bool // something is being written
}

// openForm finds a form, or the draft of one that is not there yet.
func (d *Desk) openForm(ctx context.Context, q pg.Conn, slug string) (o openForm, err error) {
	if slug == "" || slugOf(slug) != slug {
		return o, errNoForm()
	}
	o.form, err = practice.FindForm(ctx, q, slug)
	if o.known = err == nil; err != nil && fault.KindOf(err) != fault.NotFound {
		return o, err
	}
	if o.draft, o.kept, err = practice.FindFormDraft(ctx, q, slug); err != nil {
		return o, err
	}
	switch {
	case !o.kept && !o.known:
		return o, errNoForm()
	case !o.kept:
		o.draft = practice.DraftOf(o.form)
	}
	return o, nil
}

func errNoForm() error { return fault.New(fault.NotFound, "There is no form by that name here.") }

func errNoQuestion() error {
	return fault.New(fault.NotFound, "There is no question by that name in this form.")
}

// changed reports whether taking the draft into use would change anything.
func (o openForm) changed() bool {
	return !o.known || !alike(o.draft, practice.DraftOf(o.form))
}

// overtaken reports whether the form was changed in another way since the draft
// was begun, such as by a practice file.
func (o openForm) overtaken() bool { return o.kept && o.known && o.draft.Base != o.form.Version }

// alike reports whether two drafts say the same.
func alike(a, b practice.FormDraft) bool {
	return a.Name == b.Name && a.Lane == b.Lane && a.SendOn == b.SendOn && questions.Hash(a.Definition) == questions.Hash(b.Definition)
}

// changeForm does one change to the draft of the form that the address names,
// made by who has seen the revision that came along. The same sent twice is
// done once.
func (d *Desk) changeForm(c *gin.Context, scope string, change func(*practice.FormDraft) error) error {
	ctx, now := c.Request.Context(), d.Now()
	seen, key := seenRevision(c), d.opKey(c, scope)
	return d.DB.InTx(ctx, func(tx *pg.Tx) error {
		if err := setup.Lock(ctx, tx); err != nil {
			return err
		}
		var done bool
		if settled, err := once.Find(ctx, tx, key, &done); settled || err != nil {
			return err
		}
		o, err := d.openForm(ctx, tx, c.Param("form"))
		if err != nil {
			return err
		}
		draft := o.draft
		if err := change(&draft); err != nil {
			return err
		}
		switch {
		case alike(o.draft, draft):
			return nil
		case draft.Revision != seen:
			return practice.ErrDraftChanged()
		}
		if err := practice.SaveFormDraft(ctx, tx, draft, d.Who(c).ID, now); err != nil {
			return err
		}
		return once.Settle(ctx, tx, key, true, now)
	})
}

// keepInForm makes a change of a form, if nothing that was typed has to be
// mended first, and answers. What has to be mended it has drawn with what was
// typed, over the form as it stands now.
func (d *Desk) keepInForm(c *gin.Context, scope string, problems page.Problems, change func(*practice.FormDraft) error, draw func(int, openForm, page.Problems) error) error {
	status := statusMend
	if len(problems) == 0 {
		err := d.changeForm(c, scope, change)
		if err == nil {
			return doneAt(c, formHref(c.Param("form")), "kept")
		}
		switch problems = page.ProblemsOf(err); {
		case meantime(err):
			status, problems = http.StatusConflict, page.Problems{{Name: "main", Say: fault.SayOf(err)}}
		case len(problems) == 0:
			return err
		}
	}
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err != nil {
		return err
	}
	return draw(status, o, problems)
}

// seenRevision is the state of the draft that the writer has seen; what is no
// number was never saved.
func seenRevision(c *gin.Context) int {
	seen, _ := strconv.Atoi(c.PostForm("revision"))
	return seen
}

// meantime reports whether an act was refused because somebody else was faster.
func meantime(err error) bool { return fault.Is(err, "form-changed") }

// formPart is a draft as the practice file says it.
func formPart(f practice.FormDraft) any {
	return map[string]any{"forms": []any{map[string]any{
		"slug": f.Slug, "name": f.Name, "lane": f.Lane, "send_on": f.SendOn, "questions": f.Questions, "scores": f.Scores}}}
}

// placeIn gives the questions with q in its place: behind the one with the key
// after, or first. One with its key is replaced.
func placeIn(list []questions.Question, q questions.Question, after string) []questions.Question {
	out := make([]questions.Question, 0, len(list)+1)
	if after == "" {
		out = append(out, q)
	}
	for _, other := range list {
		if other.Key != q.Key {
			out = append(out, other)
		}
		if other.Key == after {
			out = append(out, q)
		}
	}
	return out
}
