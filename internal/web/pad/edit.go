package pad

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/note"
	"kintsugi/internal/web/page"
)

var editView = page.Define[editPage]("pad-edit.html")

// editPage is where a note is written.
type editPage struct {
	Here, Back  string
	Title, Body string
	Version     int
	Lane        Lane
	Policy      string
	Draft       bool
	Saved       string
	Beside      []besidePart // what was saved in another tab, to be put together
	Problems    page.Problems
}

type besidePart struct{ When, Title, Body string }

// edit shows a note for writing: GET …/edit.
func (p *Pad) edit(c *gin.Context) error { return p.drawEdit(c, http.StatusOK, nil, 0, nil) }

func (p *Pad) drawEdit(c *gin.Context, status int, typed *note.Words, seen int, problems page.Problems) error {
	n, here, err := p.mine(c)
	if err != nil || !here {
		return err
	}
	if n.State() == note.Locked || n.Erased || n.Note.Broken {
		c.Redirect(http.StatusSeeOther, p.at(c, n.ID))
		return nil
	}
	policy, err := p.policySay(c.Request.Context(), n.LaneInfo)
	if err != nil {
		return err
	}
	loc, now := p.Zone(c), p.Now()
	m := editPage{Here: p.at(c, n.ID), Back: p.Base(c), Title: n.Words.Title, Body: n.Words.Body, Version: n.Version, Lane: p.laneOf(c, n.LaneInfo),
		Policy: policy, Draft: n.State() == note.Draft, Saved: civil.When(n.ChangedAt, loc, now), Problems: problems}
	if typed != nil {
		m.Title, m.Body, m.Version = typed.Title, typed.Body, seen
	}
	for _, v := range n.Asides {
		m.Beside = append(m.Beside, besidePart{When: civil.When(v.SavedAt, loc, now), Title: v.Words.Title, Body: v.Words.Body})
	}
	return draw(p, c, editView, status, "Note", m)
}

// save keeps what was typed: POST …/edit. A script that saves by itself asks for
// JSON and is told the version and the time.
func (p *Pad) save(c *gin.Context) error {
	if may, err := p.admitted(c); err != nil || !may {
		return err
	}
	seen, _ := strconv.Atoi(c.PostForm("version")) // what is no number was never seen
	typed := note.Words{Title: c.PostForm("title"), Body: c.PostForm("body")}
	saved, err := p.Note.Save(c.Request.Context(), p.Who(c), noteID(c), seen, typed)
	if problems, status, is := refused(err); is {
		if byItself(c) {
			c.JSON(status, gin.H{"say": fault.SayOf(err)})
			return nil
		}
		if errors.Is(err, note.ErrLocked) {
			return p.drawRead(c, status, asOne(typed), problems) // where it can be added
		}
		return p.drawEdit(c, status, &typed, seen, problems)
	}
	if err != nil {
		return err
	}
	if byItself(c) {
		c.JSON(http.StatusOK, gin.H{"version": saved.Version, "at": saved.At.In(p.Zone(c)).Format("15:04"), "beside": saved.Theirs != nil})
		return nil
	}
	if saved.Theirs != nil {
		c.Redirect(http.StatusSeeOther, p.at(c, noteID(c))+"/edit#beside")
		return nil
	}
	if c.PostForm("then") == "share" {
		c.Redirect(http.StatusSeeOther, p.at(c, noteID(c))+"/share")
		return nil
	}
	return doneAt(c, p.at(c, noteID(c)), "saved")
}

// asOne is a title and a text as one text.
func asOne(w note.Words) string {
	if w.Title == "" || w.Body == "" {
		return w.Title + w.Body
	}
	return w.Title + "\n\n" + w.Body
}

// together takes what was saved beside out of sight: POST …/together.
func (p *Pad) together(c *gin.Context) error {
	n, here, err := p.mine(c)
	if err != nil || !here {
		return err
	}
	if err := p.Note.Merged(c.Request.Context(), p.Who(c), n.ID); err != nil {
		return err
	}
	return doneAt(c, p.at(c, n.ID)+"/edit", "together")
}

// discard throws a draft away: POST …/discard.
func (p *Pad) discard(c *gin.Context) error {
	n, here, err := p.mine(c)
	if err != nil || !here {
		return err
	}
	err = p.Note.Discard(c.Request.Context(), p.Who(c), n.ID)
	if problems, status, is := refused(err); is {
		return p.drawRead(c, status, "", problems)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, p.Base(c))
	return nil
}
