package pad

import (
	"cmp"
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/note"
	"kintsugi/internal/web/page"
)

var (
	readView     = page.Define[readPage]("pad-read.html")
	versionsView = page.Define[versionsPage]("pad-versions.html")
)

// Lane is a lane as a template shows it.
type Lane struct{ Kind, Tag, Who string }

// laneOf words a lane for a viewer.
func (p *Pad) laneOf(c *gin.Context, l engagement.LaneInfo) Lane {
	return Lane{Kind: string(l.Kind), Tag: l.Tag(p.Who(c)), Who: l.Who(p.Who(c))}
}

// readPage is a note to be read.
type readPage struct {
	Here, Back   string
	Title, Body  string // Body is Markdown
	Lane         Lane
	Author, When string
	About        string // the call it is about
	State        string // in words, for its author
	OnPaper      string // who can read what stands here, for who prints it; empty for what only its author sees
	Changed      bool   // it was corrected since it was shared first
	Added        []addedPart
	Signed       string // by whom and when; empty while it is not
	Broken       bool   // what it says is not what was signed
	Erased       bool
	Mine         bool
	CanEdit      bool
	CanShare     bool
	CanLock      bool
	CanAdd       bool
	CanCopy      bool
	CanDiscard   bool
	Beside       int
	Policy       string // the way of keeping secrets that holds where something is added
	AddText      string
	Repeats      []repeatPart // of what is to be added
	Readers      string       // who would read them
	Op           string
	Problems     page.Problems
}

type addedPart struct{ By, When, Text string }

// versionsPage is what a note said before.
type versionsPage struct {
	Back, Title string
	Lane        Lane
	Versions    []versionPart
}

type versionPart struct {
	When, Say string
	Title     string
	Pieces    []note.Piece // what changed since the one before
}

func (p *Pad) read(c *gin.Context) error { return p.drawRead(c, http.StatusOK, "", nil) }

func (p *Pad) drawRead(c *gin.Context, status int, addText string, problems page.Problems) error {
	return p.drawAdding(c, status, addText, nil, problems)
}

func (p *Pad) drawAdding(c *gin.Context, status int, addText string, repeats []note.Repeat, problems page.Problems) error {
	n, here, err := p.open(c)
	if err != nil || !here {
		return err
	}
	loc, now := p.Zone(c), p.Now()
	m := readPage{Here: p.at(c, n.ID), Back: p.Base(c), Title: n.Words.Headed(), Body: n.Words.Body, Lane: p.laneOf(c, n.LaneInfo), Author: n.AuthorName,
		When: civil.When(n.MadeAt, loc, now), Erased: n.Erased, Mine: n.Author == p.Who(c) && !p.apart(c), AddText: addText, Repeats: repeatParts(repeats), Readers: withReaders(n.LaneInfo, p.Who(c)), Op: p.Op(), Problems: problems, Beside: len(n.Asides)}
	if n.SharedNo > 0 {
		m.When = civil.When(n.SharedAt, loc, now)
	}
	if !n.BookingAt.IsZero() {
		m.About = civil.When(n.BookingAt, loc, now)
	}
	m.Changed = n.Versions > 1 && !m.Mine
	for _, a := range n.Added {
		m.Added = append(m.Added, addedPart{By: a.AuthorName, When: civil.When(a.MadeAt, loc, now), Text: a.Text})
	}
	if n.SharedNo > 0 && !n.Unshared() && !n.Erased {
		m.OnPaper = m.Lane.Who
	}
	if n.State() == note.Locked {
		m.Signed = cmp.Or(n.LockedName, n.AuthorName) + ", " + civil.WhenExact(n.LockedAt, loc)
		m.Broken = !n.Erased && !n.Note.Broken && !n.Verified()
	}
	if m.Mine && !n.Erased {
		p.mayDo(&m, n)
	}
	if m.CanAdd {
		if m.Policy, err = p.policySay(c.Request.Context(), n.LaneInfo); err != nil {
			return err
		}
	}
	return draw(p, c, readView, status, "Note", m)
}

// mayDo says what the author of a note can do with it as it stands.
func (p *Pad) mayDo(m *readPage, n note.Page) {
	writable := n.LaneInfo.Writable()
	state := n.State()
	personal := n.Kind == engagement.PersonalLane
	m.CanEdit = state != note.Locked && writable && !n.Note.Broken
	m.CanShare = m.CanEdit && !personal && n.Kind != engagement.CoachLane && (state == note.Draft || n.Unshared())
	m.CanLock = m.CanEdit && !personal && !n.Unshared() && (state == note.Shared || n.Kind == engagement.CoachLane)
	m.CanAdd = state == note.Locked && writable
	m.CanCopy = n.Kind != engagement.JointLane && !n.Note.Broken
	m.CanDiscard = state == note.Draft || personal && state != note.Locked
	switch {
	case personal:
		m.State = "For you alone."
	case state == note.Draft && n.Kind == engagement.CoachLane:
		m.State = "In your own notes."
	case state == note.Draft:
		m.State = "A draft: nobody but you sees that it is here."
	case n.Unshared():
		m.State = "Changed since you shared it. Its readers see what you shared."
	case state == note.Shared:
		m.State = "Shared."
	}
}

// versions shows what a note said at other times.
func (p *Pad) versions(c *gin.Context) error {
	if may, err := p.admitted(c); err != nil || !may {
		return err
	}
	n, found, err := p.Note.Versions(c.Request.Context(), p.Who(c), noteID(c))
	if err != nil {
		return err
	}
	if p.In(c) != "" && n.Engagement != p.In(c) {
		return engagement.ErrNothing
	}
	loc, now := p.Zone(c), p.Now()
	m := versionsPage{Back: p.at(c, n.ID), Title: n.Words.Headed(), Lane: p.laneOf(c, n.LaneInfo)}
	for i, v := range found {
		part := versionPart{When: civil.When(v.SavedAt, loc, now), Title: v.Words.Title}
		switch {
		case v.Aside:
			part.Say = "Saved beside, in another tab"
		case !v.SharedAt.IsZero():
			part.Say, part.When = "Shared", civil.When(v.SharedAt, loc, now)
		default:
			part.Say = "Saved, seen by you alone"
		}
		before := ""
		if i+1 < len(found) {
			before = found[i+1].Words.Body
		}
		part.Pieces = note.Differences(before, v.Words.Body)
		m.Versions = append(m.Versions, part)
	}
	return draw(p, c, versionsView, http.StatusOK, "Note", m)
}
