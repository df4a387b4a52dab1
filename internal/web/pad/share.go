package pad

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/engagement"
	"kintsugi/internal/note"
	"kintsugi/internal/people"
	"kintsugi/internal/web/page"
)

var (
	shareView = page.Define[sharePage]("pad-share.html")
	copyView  = page.Define[copyPage]("pad-copy.html")
)

// sharePage names the readers before a note is given to them, or before it is
// signed.
type sharePage struct {
	Action, Back string
	Title, Body  string
	Version      int
	Lane         Lane
	Readers      string // "Share with Ana and Ben"
	Repeats      []repeatPart
	Lock         bool // it is signed, not shared
	Name         string
	Problems     page.Problems
}

// repeatPart is a run of words that stands in a narrower space too.
type repeatPart struct{ Kind, Where, Run string }

// copyPage asks for whom a copy is.
type copyPage struct {
	Action, Back string
	Title        string
	From         Lane
	Choices      []copyChoice
	Repeats      []repeatPart // of the lane that was chosen
	Readers      string       // who would read them there
	Op           string
	Problems     page.Problems
}

type copyChoice struct {
	ID     string
	Lane   Lane
	Chosen bool
}

func (p *Pad) sharing(c *gin.Context) error { return p.drawShare(c, http.StatusOK, false, "", nil) }

func (p *Pad) locking(c *gin.Context) error { return p.drawShare(c, http.StatusOK, true, "", nil) }

func (p *Pad) drawShare(c *gin.Context, status int, lock bool, name string, problems page.Problems) error {
	n, here, err := p.mine(c)
	if err != nil || !here {
		return err
	}
	if n.State() == note.Locked || n.Erased || n.Note.Broken {
		c.Redirect(http.StatusSeeOther, p.at(c, n.ID))
		return nil
	}
	m := sharePage{Action: p.at(c, n.ID) + "/share", Back: p.at(c, n.ID), Title: n.Words.Headed(), Body: n.Words.Body, Version: n.Version,
		Lane: p.laneOf(c, n.LaneInfo), Readers: withReaders(n.LaneInfo, p.Who(c)), Lock: lock, Name: name, Problems: problems}
	if lock {
		m.Action = p.at(c, n.ID) + "/lock"
		return draw(p, c, shareView, status, "Note", m)
	}
	repeats, err := p.Note.Repeats(c.Request.Context(), p.Who(c), n.LaneInfo, n.Words)
	if err != nil {
		return err
	}
	m.Repeats = repeatParts(repeats)
	return draw(p, c, shareView, status, "Note", m)
}

func repeatParts(repeats []note.Repeat) []repeatPart {
	var parts []repeatPart
	for _, r := range repeats {
		parts = append(parts, repeatPart{Kind: string(r.Kind), Where: whereSay(r), Run: r.Run})
	}
	return parts
}

// whereSay names the space in which words stand already.
func whereSay(r note.Repeat) string {
	switch {
	case r.Form && r.Mine:
		return "in what you answered in a form"
	case r.Form:
		return "in what " + r.Of + " answered in a form"
	case r.Mine:
		return "in the space that you have with your coach alone"
	case r.Kind == engagement.CoachLane:
		return "in your own notes"
	case r.Kind == engagement.SafetyLane:
		return "in what " + r.Of + " told you about safety"
	case r.Kind == engagement.JointLane:
		return "in what is for both"
	}
	return "in the space that " + r.Of + " has with you alone"
}

// withReaders names those who will be given a note: "Ana and Ben".
func withReaders(l engagement.LaneInfo, me people.ID) string {
	var names []string
	for _, r := range l.Readers {
		if r.Person != me {
			names = append(names, r.Name)
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	said := names[0]
	for i, name := range names[1:] {
		if i == len(names)-2 {
			said += " and " + name
		} else {
			said += ", " + name
		}
	}
	return said
}

// share gives a note to its readers: POST …/share. Where it repeats what
// somebody wrote alone, that has to be agreed to.
func (p *Pad) share(c *gin.Context) error {
	n, here, err := p.mine(c)
	if err != nil || !here {
		return err
	}
	seen, _ := strconv.Atoi(c.PostForm("version"))
	repeats, err := p.Note.Repeats(c.Request.Context(), p.Who(c), n.LaneInfo, n.Words)
	if err != nil {
		return err
	}
	if len(repeats) > 0 && c.PostForm("agreed") != "yes" {
		return p.drawShare(c, http.StatusUnprocessableEntity, false, "", notAgreed)
	}
	err = p.Note.Share(c.Request.Context(), p.Who(c), n.ID, seen)
	if problems, status, is := refused(err); is {
		return p.drawShare(c, status, false, "", problems)
	}
	if err != nil {
		return err
	}
	return doneAt(c, p.at(c, n.ID), "shared")
}

// notAgreed asks for the second act.
var notAgreed = page.Problems{{Name: "agreed", Say: "Some of these words stand in a space that not everybody can read. Look at them, then say whether they may be shared."}}

// lock signs a note: POST …/lock.
func (p *Pad) lock(c *gin.Context) error {
	n, here, err := p.mine(c)
	if err != nil || !here {
		return err
	}
	if n.State() == note.Locked { // pressed twice
		return doneAt(c, p.at(c, n.ID), "locked")
	}
	seen, _ := strconv.Atoi(c.PostForm("version"))
	err = p.Note.Lock(c.Request.Context(), p.Who(c), n.ID, seen, c.PostForm("name"))
	if problems, status, is := refused(err); is {
		return p.drawShare(c, status, true, c.PostForm("name"), problems)
	}
	if err != nil {
		return err
	}
	return doneAt(c, p.at(c, n.ID), "locked")
}

// add puts a word below a locked note, whose readers have it at once: POST …/add.
// Where it repeats what somebody wrote alone, that has to be agreed to.
func (p *Pad) add(c *gin.Context) error {
	n, here, err := p.mine(c)
	if err != nil || !here {
		return err
	}
	text := c.PostForm("text")
	repeats, err := p.Note.Repeats(c.Request.Context(), p.Who(c), n.LaneInfo, note.Words{Body: text})
	if err != nil {
		return err
	}
	if len(repeats) > 0 && c.PostForm("agreed") != "yes" {
		return p.drawAdding(c, http.StatusUnprocessableEntity, text, repeats, notAgreed)
	}
	err = p.Note.AddTo(c.Request.Context(), p.Who(c), n.ID, text, p.Key(c, "note add"))
	if problems, status, is := refused(err); is {
		return p.drawAdding(c, status, text, repeats, problems)
	}
	if err != nil {
		return err
	}
	return doneAt(c, p.at(c, n.ID), "added")
}

// copying asks for whom a copy is: GET …/copy.
func (p *Pad) copying(c *gin.Context) error { return p.drawCopy(c, http.StatusOK, "", nil, nil) }

func (p *Pad) drawCopy(c *gin.Context, status int, chosen engagement.LaneID, repeats []note.Repeat, problems page.Problems) error {
	n, here, err := p.mine(c)
	if err != nil || !here {
		return err
	}
	lanes, err := engagement.Lanes(c.Request.Context(), p.DB, p.Who(c), n.Engagement)
	if err != nil {
		return err
	}
	m := copyPage{Action: p.at(c, n.ID) + "/copy", Back: p.at(c, n.ID), Title: n.Words.Headed(), From: p.laneOf(c, n.LaneInfo), Repeats: repeatParts(repeats), Op: p.Op(), Problems: problems}
	for _, l := range lanes {
		if l.ID != n.Lane && l.Writable() && l.Kind != engagement.SafetyLane && l.Kind != engagement.PersonalLane {
			m.Choices = append(m.Choices, copyChoice{ID: string(l.ID), Lane: p.laneOf(c, l), Chosen: l.ID == chosen})
			if l.ID == chosen {
				m.Readers = withReaders(l, p.Who(c))
			}
		}
	}
	return draw(p, c, copyView, status, "Note", m)
}

// copy makes it: POST …/copy. Where it repeats what not all of its readers can
// read, that has to be agreed to, for the lane that is chosen.
func (p *Pad) copy(c *gin.Context) error {
	n, here, err := p.mine(c)
	if err != nil || !here {
		return err
	}
	chosen := engagement.LaneID(c.PostForm("lane"))
	if chosen == "" {
		return p.drawCopy(c, http.StatusUnprocessableEntity, "", nil, page.Problems{{Name: "lane", Say: "Choose whom the copy is for."}})
	}
	lane, err := engagement.FindLane(c.Request.Context(), p.DB, p.Who(c), chosen)
	if err != nil {
		return err
	}
	repeats, err := p.Note.Repeats(c.Request.Context(), p.Who(c), lane, n.Words, n.ID)
	if err != nil {
		return err
	}
	if len(repeats) > 0 && c.PostForm("agreed") != string(chosen) {
		return p.drawCopy(c, http.StatusUnprocessableEntity, chosen, repeats, notAgreed)
	}
	copied, err := p.Note.Copy(c.Request.Context(), p.Who(c), n.ID, chosen, p.Key(c, "note copy"))
	if problems, status, is := refused(err); is {
		return p.drawCopy(c, status, chosen, repeats, problems)
	}
	if err != nil {
		return err
	}
	return doneAt(c, p.at(c, copied), "copied")
}
