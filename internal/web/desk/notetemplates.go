package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/note"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/page"
)

var noteTemplatesView = page.Define[noteTemplatesPage]("desk-note-templates.html")

// noteTemplatesPage are a coach's own ways to begin a note, beside ours.
type noteTemplatesPage struct {
	Own, Ours []note.Template
	ID        string // the one that is changed; empty for a new one
	Name      deskField
	Body      deskField
	Problems  page.Problems
}

// noteTemplates lists them: GET /desk/note-templates?change=.
func (d *Desk) noteTemplates(c *gin.Context) error {
	t := note.Template{}
	if id := c.Query("change"); id != "" {
		found, err := note.FindTemplate(c.Request.Context(), d.DB, d.Who(c).ID, id)
		if err != nil {
			return err
		}
		if t = found; t.Ours {
			t.ID = "" // ours are begun from, and stay
		}
	}
	return d.drawNoteTemplates(c, http.StatusOK, t, nil)
}

func (d *Desk) drawNoteTemplates(c *gin.Context, status int, t note.Template, problems page.Problems) error {
	all, err := note.Templates(c.Request.Context(), d.DB, d.Who(c).ID)
	if err != nil {
		return err
	}
	m := noteTemplatesPage{ID: t.ID, Problems: problems,
		Name: deskField{Name: "name", Label: "Its name", Value: t.Name, Problem: problems.Of("name")},
		Body: deskField{Name: "body", Label: "What a note begins with", Kind: "text", Rows: 12, Value: t.Body, Problem: problems.Of("body"),
			Hint: "Headings begin with ##. Write nothing here that a client said: it is seen in notes about others."}}
	for _, one := range all {
		if one.Ours {
			m.Ours = append(m.Ours, one)
		} else {
			m.Own = append(m.Own, one)
		}
	}
	frame, _, err := d.frame(c, "Templates for notes", "engagements")
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		frame.Flash = doneSay(c)
	}
	return noteTemplatesView.Render(c, status, frame, m)
}

// saveNoteTemplate keeps one: POST /desk/note-templates.
func (d *Desk) saveNoteTemplate(c *gin.Context) error {
	t := note.Template{ID: c.PostForm("id"), Name: c.PostForm("name"), Body: c.PostForm("body")}
	err := d.DB.InTx(c.Request.Context(), func(tx *pg.Tx) error {
		if c.PostForm("act") == "remove" {
			return note.RemoveTemplate(c.Request.Context(), tx, d.Who(c).ID, t.ID)
		}
		return note.SaveTemplate(c.Request.Context(), tx, d.Who(c).ID, t, d.Now())
	})
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return d.drawNoteTemplates(c, statusMend, t, page.ProblemsOf(err))
	}
	if err != nil {
		return err
	}
	return doneAt(c, "/desk/note-templates", "kept")
}
