package desk

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/note"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/pad"
	"kintsugi/internal/web/page"
)

var (
	notesView   = page.Define[notesPage]("desk-notes.html")
	newNoteView = page.Define[newNotePage]("desk-note-new.html")
)

// notesPage are the notes of one engagement that its coach may read.
type notesPage struct {
	Here, Back string
	With       string // the names of the clients
	Notes      []notePartOfList
	Sought     string
	Searched   bool
	CanWrite   bool
	OlderHref  string // where the list goes on; empty where it ends
	Older      bool   // it begins below the latest
}

type notePartOfList struct {
	Href, Title, When, Say string
	Lane                   pad.Lane
	New                    bool
	Around                 string
}

// newNotePage asks in which space a note is to lie, and how it begins.
type newNotePage struct {
	Action, Back, With string
	Lanes              []laneChoice
	Templates          []note.Template
	Booking, About     string
	Op                 string
	Problems           page.Problems
}

type laneChoice struct {
	ID     string
	Lane   pad.Lane
	Chosen bool
	Closed string // why nothing can be written there; empty where it can
}

// pad are the pages of single notes, lent to the desk.
func (d *Desk) pad() *pad.Pad {
	return &pad.Pad{
		DB: d.DB, Note: d.Note, Now: d.Now,
		Base: func(c *gin.Context) string { return "/desk/engagements/" + c.Param("engagement") + "/notes" },
		In:   func(c *gin.Context) engagement.ID { return engagement.ID(c.Param("engagement")) },
		Who:  func(c *gin.Context) people.ID { return d.Who(c).ID },
		Zone: func(c *gin.Context) *time.Location { return practice.Zone(d.Who(c).Timezone) },
		Frame: func(c *gin.Context, title string) (page.Frame, error) {
			f, _, err := d.frame(c, title, "engagements")
			return f, err
		},
		Op:  func() string { return d.Guard.NewOp(d.Now()) },
		Key: d.opKey,

		SignIn: func(c *gin.Context) string {
			if d.Known(c) {
				return ""
			}
			return "/sign-in?" + url.Values{"next": {"/desk/engagements/" + c.Param("engagement") + "/notes"}}.Encode()
		},
		Refuse: d.Door.Refuse,
		Body:   func(largest int64) gin.HandlerFunc { return guard.Body(largest, d.Door.RefuseAs) },
	}
}

// ownEngagement gives the engagement of the address to its own coach; to
// everybody else it is not there, the owner of the practice included.
func (d *Desk) ownEngagement(c *gin.Context) (engagement.Engagement, error) {
	who := d.Who(c)
	e, err := engagement.Find(c.Request.Context(), d.DB, who, engagement.ID(c.Param("engagement")))
	if err == nil && e.CoachID != who.ID {
		err = engagement.ErrNothing
	}
	return e, err
}

// notes lists them: GET /desk/engagements/ID/notes.
func (d *Desk) notes(c *gin.Context) error {
	e, err := d.ownEngagement(c)
	if err != nil {
		return err
	}
	before := note.ID(c.Query("before"))
	found, goesOn, err := d.Note.ListPart(c.Request.Context(), d.Who(c).ID, note.Where{Engagement: e.ID, Most: pad.NotesOnAPage, Before: before})
	if err != nil {
		return err
	}
	spaces, err := d.spaces(c, e.ID)
	if err != nil {
		return err
	}
	m := notesPage{Here: c.Request.URL.Path, Back: "/desk/engagements/" + string(e.ID), With: clientsSay(e), CanWrite: true, Older: before != ""}
	if goesOn != "" {
		m.OlderHref = m.Here + "?before=" + string(goesOn)
	}
	for _, n := range found {
		m.Notes = append(m.Notes, d.noteInList(c, m.Here, n, spaces))
	}
	return d.drawNotes(c, m)
}

// searchNotes looks for words: POST /desk/engagements/ID/notes/search. What is
// looked for is private too, so it never stands in an address.
func (d *Desk) searchNotes(c *gin.Context) error {
	e, err := d.ownEngagement(c)
	if err != nil {
		return err
	}
	sought := c.PostForm("sought")
	hits, err := d.Note.Search(c.Request.Context(), d.Who(c).ID, e.ID, sought)
	if err != nil {
		return err
	}
	spaces, err := d.spaces(c, e.ID)
	if err != nil {
		return err
	}
	back := "/desk/engagements/" + string(e.ID)
	m := notesPage{Here: back + "/notes", Back: back, With: clientsSay(e), Sought: sought, Searched: true}
	for _, hit := range hits {
		part := d.noteInList(c, m.Here, hit.Note, spaces)
		part.Around = hit.Around
		m.Notes = append(m.Notes, part)
	}
	return d.drawNotes(c, m)
}

func (d *Desk) drawNotes(c *gin.Context, m notesPage) error {
	frame, _, err := d.frame(c, "Notes", "engagements")
	if err != nil {
		return err
	}
	frame.Discreet = true
	return notesView.Render(c, http.StatusOK, frame, m)
}

// spaces are the lanes of an engagement as its coach names them, since notes to
// one client and to the other stand in one list.
func (d *Desk) spaces(c *gin.Context, in engagement.ID) (map[engagement.LaneID]pad.Lane, error) {
	me := d.Who(c).ID
	lanes, err := engagement.Lanes(c.Request.Context(), d.DB, me, in)
	named := map[engagement.LaneID]pad.Lane{}
	for _, l := range lanes {
		named[l.ID] = pad.Lane{Kind: string(l.Kind), Tag: l.Tag(me)}
	}
	return named, err
}

func (d *Desk) noteInList(c *gin.Context, at string, n note.Note, spaces map[engagement.LaneID]pad.Lane) notePartOfList {
	loc, now := practice.Zone(d.Who(c).Timezone), d.Now()
	part := notePartOfList{Href: at + "/" + string(n.ID), Title: n.Words.Headed(), When: civil.When(n.MadeAt, loc, now), New: n.New,
		Lane: spaces[n.Lane]}
	if n.Author != d.Who(c).ID {
		part.Say = "From " + n.AuthorName + ". "
	}
	switch {
	case n.Erased:
		part.Title, part.Say = "Erased", ""
	case n.State() == note.Locked:
		part.Say += "Signed"
	case n.State() == note.Draft && n.Kind != engagement.CoachLane:
		part.Say += "Draft"
	case n.Unshared():
		part.Say += "Changed since it was shared"
	}
	if !n.BookingAt.IsZero() {
		part.When = "About the call on " + civil.When(n.BookingAt, loc, now)
	}
	return part
}

// newNote asks where and how: GET /desk/engagements/ID/notes/new?booking=.
func (d *Desk) newNote(c *gin.Context) error {
	return d.drawNewNote(c, http.StatusOK, c.Query("booking"), nil)
}

func (d *Desk) drawNewNote(c *gin.Context, status int, call string, problems page.Problems) error {
	ctx, me := c.Request.Context(), d.Who(c).ID
	e, err := d.ownEngagement(c)
	if err != nil {
		return err
	}
	lanes, err := engagement.Lanes(ctx, d.DB, me, e.ID)
	if err != nil {
		return err
	}
	templates, err := note.Templates(ctx, d.DB, me)
	if err != nil {
		return err
	}
	at := "/desk/engagements/" + string(e.ID)
	m := newNotePage{Action: at + "/notes", Back: at + "/notes", With: clientsSay(e), Templates: templates, Booking: call, Op: d.Guard.NewOp(d.Now()), Problems: problems}
	if m.About, err = d.aboutSay(c, call); err != nil {
		return err
	}
	if m.About == "" {
		m.Booking = ""
	}
	for _, l := range lanes {
		choice := laneChoice{ID: string(l.ID), Lane: pad.Lane{Kind: string(l.Kind), Tag: l.Tag(me), Who: l.Who(me)}, Chosen: l.Kind == engagement.CoachLane}
		if asked := c.PostForm("lane"); slices.ContainsFunc(lanes, func(l engagement.LaneInfo) bool { return string(l.ID) == asked }) {
			choice.Chosen = choice.ID == asked // it comes back with what has to be mended
		}
		switch {
		case !l.ClosedAt.IsZero():
			continue
		case l.Waits():
			choice.Closed = "Opens once everybody has signed how secrets are kept."
		case m.Booking != "":
			may, err := note.MayBeAbout(ctx, d.DB, l, m.Booking)
			if err != nil {
				return err
			}
			if !may {
				choice.Closed = "Not about this call: not everybody here was in it."
			}
		}
		m.Lanes = append(m.Lanes, choice)
	}
	slices.SortStableFunc(m.Lanes, func(a, b laneChoice) int { return bySpace(a.Lane, b.Lane) })
	frame, _, err := d.frame(c, "A new note", "engagements")
	if err != nil {
		return err
	}
	frame.Discreet = true
	return newNoteView.Render(c, status, frame, m)
}

// aboutSay names the call that a note is to be about; nothing where it is no call
// of the coach's.
func (d *Desk) aboutSay(c *gin.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	b, err := d.Booking.FindFor(c.Request.Context(), d.viewer(c), booking.ID(id))
	if fault.KindOf(err) == fault.NotFound || err == nil && b.CoachID != d.Who(c).ID {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return "the call with " + b.Names() + ", " + civil.When(b.Start, practice.Zone(d.Who(c).Timezone), d.Now()), nil
}

// noteLink leads to a new note about a call.
type noteLink struct{ Href, With string }

// notesAbout are the engagements in which the coach can write a note about a call
// of theirs: the one it belongs to, or those of whoever it was with.
func (d *Desk) notesAbout(c *gin.Context, b booking.Booking) ([]noteLink, error) {
	who := d.Who(c)
	if b.CoachID != who.ID || who.Role == people.Assistant {
		return nil, nil
	}
	var found []engagement.Engagement
	if b.Engagement != "" {
		e, err := engagement.Find(c.Request.Context(), d.DB, who, b.Engagement)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	} else {
		all, err := engagement.OfPerson(c.Request.Context(), d.DB, who, []people.ID{b.PersonID})
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			if client, has := e.Client(b.PersonID); has && client.Place == engagement.Accepted {
				found = append(found, e)
			}
		}
	}
	var links []noteLink
	for _, e := range found {
		if e.CoachID == who.ID && e.State != engagement.Ended {
			links = append(links, noteLink{Href: "/desk/engagements/" + string(e.ID) + "/notes/new?" + url.Values{"booking": {string(b.ID)}}.Encode(), With: clientsSay(e)})
		}
	}
	return links, nil
}

// beginNote begins a draft and opens it: POST /desk/engagements/ID/notes.
func (d *Desk) beginNote(c *gin.Context) error {
	ctx, me := c.Request.Context(), d.Who(c).ID
	e, err := d.ownEngagement(c)
	if err != nil {
		return err
	}
	lane, err := engagement.FindLane(ctx, d.DB, me, engagement.LaneID(c.PostForm("lane")))
	if err != nil || lane.Engagement != e.ID {
		return d.drawNewNote(c, http.StatusUnprocessableEntity, c.PostForm("booking"), page.Problems{{Name: "lane", Say: "Choose who will be able to read it."}})
	}
	from, err := note.FindTemplate(ctx, d.DB, me, c.PostForm("template"))
	if err != nil {
		from = note.Template{}
	}
	about := c.PostForm("booking")
	if about != "" {
		may, err := note.MayBeAbout(ctx, d.DB, lane, about)
		if err != nil {
			return err
		}
		if !may {
			return d.drawNewNote(c, http.StatusUnprocessableEntity, about, page.Problems{{Name: "lane", Say: "A note about this call can only be read by those who were in it. Choose a space of theirs, or your own."}})
		}
	}
	id, err := d.Note.Begin(ctx, me, lane.ID, about, note.Words{Body: from.Body}, d.opKey(c, "note"))
	if kind := fault.KindOf(err); err != nil && (kind == fault.Conflict || kind == fault.Invalid) {
		return d.drawNewNote(c, page.Status(kind), c.PostForm("booking"), page.Problems{{Name: "lane", Say: fault.SayOf(err)}})
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/desk/engagements/"+string(e.ID)+"/notes/"+string(id)+"/edit")
	return nil
}
