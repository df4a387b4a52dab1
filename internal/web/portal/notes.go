package portal

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/pad"
	"kintsugi/internal/web/page"
)

var (
	notesView = page.Define[notesPage]("portal-notes.html")
	writeView = page.Define[writePage]("portal-write.html")
)

// notesPage are a client's notes: what both of them read, and apart from it what
// is theirs alone. Behind the code alone the second part is a closed door,
// whatever lies behind it.
type notesPage struct {
	Joint     []notePart
	Own       []notePart
	Private   bool
	OlderHref string // where the list goes on; empty where it ends
	Older     bool   // it begins below the latest
}

type notePart struct {
	Href, Title, When, Say string
	Lane                   pad.Lane
	New                    bool
}

// writePage asks for whom something is to be written.
type writePage struct {
	Lanes    []writeChoice
	Op       string
	Problems page.Problems
}

type writeChoice struct {
	ID     string
	Lane   pad.Lane
	Chosen bool
}

// pad are the pages of single notes, lent to the portal.
func (p *Portal) pad() *pad.Pad {
	return &pad.Pad{
		DB: p.DB, Note: p.Note, Now: p.Now,
		Base:  func(*gin.Context) string { return "/portal/notes" },
		In:    func(*gin.Context) engagement.ID { return "" },
		Who:   func(c *gin.Context) people.ID { return p.who(c).Person },
		Zone:  p.zone,
		Admit: p.admitNote,
		Apart: func(c *gin.Context) bool { return !p.who(c).Strong },
		Frame: func(c *gin.Context, _ string) (page.Frame, error) { f, _, err := p.frame(c, "notes"); return f, err },
		Op:    func() string { return p.Guard.NewOp(p.Now()) },
		Key:   p.opKey,

		SignIn: func(c *gin.Context) string {
			if p.Sessions.Known(c) {
				return ""
			}
			return "/sign-in?" + url.Values{"next": {"/portal/notes"}}.Encode()
		},
		Refuse: p.Door.Refuse,
		Body:   func(largest int64) gin.HandlerFunc { return guard.Body(largest, p.Door.RefuseAs) },
	}
}

// opKey is the operation key that came with a form, for what stands in it and who
// sends it.
func (p *Portal) opKey(c *gin.Context, scope string) once.Key {
	return p.Guard.FormKey("portal "+scope, c.PostForm("op"), string(p.who(c).Person), c.Request.PostForm.Encode())
}

// admitNote lets a session without a second proof open what both partners read
// and nothing else: a note of the other's or the coach's, and an own one as those
// two have it. Whoever holds the inbox alone writes, signs and takes back nothing
// in a client's name, and finds nothing that was not shared. For everything else
// it asks for the proof, whether or not there is anything at the address.
func (p *Portal) admitNote(c *gin.Context, id note.ID) (to string, err error) {
	me := p.who(c)
	if me.Strong {
		return "", nil
	}
	n, err := p.Note.Find(c.Request.Context(), me.Person, id)
	if err != nil && err != engagement.ErrNothing {
		return "", err
	}
	reads := c.Request.Method != http.MethodPost && c.FullPath() == "/portal/notes/:note"
	if err == nil && n.Kind == engagement.JointLane && (n.Author != me.Person || reads && n.SharedNo > 0) {
		return "", nil
	}
	return setUpAt("/portal/notes"), nil
}

// notes lists them: GET /portal/notes.
func (p *Portal) notes(c *gin.Context) error {
	me := p.who(c)
	before := note.ID(c.Query("before"))
	found, goesOn, err := p.Note.ListPart(c.Request.Context(), me.Person, note.Where{Kinds: readKinds(me.Strong), Most: pad.NotesOnAPage, Before: before, Shared: !me.Strong})
	if err != nil {
		return err
	}
	m := notesPage{Private: me.Strong, Older: before != ""}
	if goesOn != "" {
		m.OlderHref = "/portal/notes?before=" + string(goesOn)
	}
	for _, n := range found {
		if n.Erased && n.Kind != engagement.JointLane {
			continue // they erased it themselves
		}
		part := p.noteInList(c, n)
		if n.Kind == engagement.JointLane {
			m.Joint = append(m.Joint, part)
		} else {
			m.Own = append(m.Own, part)
		}
	}
	return draw(p, c, notesView, http.StatusOK, "notes", m)
}

// readKinds are the kinds of lanes of which a session shows the notes.
func readKinds(strong bool) []engagement.LaneKind {
	kinds := []engagement.LaneKind{engagement.JointLane}
	if strong {
		kinds = append(kinds, engagement.IndividualLane, engagement.SafetyLane, engagement.PersonalLane)
	}
	return kinds
}

func (p *Portal) noteInList(c *gin.Context, n note.Note) notePart {
	me, loc, now := p.who(c).Person, p.zone(c), p.Now()
	part := notePart{Href: "/portal/notes/" + string(n.ID), Title: n.Words.Headed(), New: n.New, When: civil.When(n.MadeAt, loc, now),
		Lane: pad.Lane{Kind: string(n.Kind), Tag: engagement.LaneInfo{Kind: n.Kind}.Tag(me)}, Say: "From " + n.AuthorName}
	if n.SharedNo > 0 {
		part.When = civil.When(n.SharedAt, loc, now)
	}
	if n.Author == me {
		part.Say = "By you"
		if n.State() == note.Draft && n.Kind != engagement.PersonalLane {
			part.Say = "Your draft: nobody else sees it"
		}
	}
	if n.Erased {
		part.Title = "Erased"
	}
	return part
}

// write asks for whom: GET /portal/notes/write.
func (p *Portal) write(c *gin.Context) error { return p.drawWrite(c, http.StatusOK, nil) }

func (p *Portal) drawWrite(c *gin.Context, status int, problems page.Problems) error {
	me := p.who(c).Person
	lanes, err := p.writable(c)
	if err != nil {
		return err
	}
	m := writePage{Op: p.Guard.NewOp(p.Now()), Problems: problems}
	for i, l := range lanes {
		m.Lanes = append(m.Lanes, writeChoice{ID: string(l.ID), Lane: pad.Lane{Kind: string(l.Kind), Tag: l.Tag(me), Who: l.Who(me)}, Chosen: i == 0})
	}
	return draw(p, c, writeView, status, "notes", m)
}

// writable are the lanes that a client can write in, the narrowest first. Their
// own is made the first time it is asked for to be written in; until then it is
// offered by its name.
func (p *Portal) writable(c *gin.Context) ([]engagement.LaneInfo, error) {
	me := p.who(c)
	found, err := engagement.Lanes(c.Request.Context(), p.DB, me.Person, "")
	if err != nil {
		return nil, err
	}
	own := engagement.LaneInfo{ID: ownLane, Kind: engagement.PersonalLane, Readers: []engagement.Reader{{Person: me.Person, Name: me.Name}}}
	var individual []engagement.LaneInfo
	for _, l := range found {
		switch {
		case l.Kind == engagement.PersonalLane:
			own = l
		case l.Kind == engagement.IndividualLane && l.Writable():
			individual = append(individual, l)
		}
	}
	return append([]engagement.LaneInfo{own}, individual...), nil
}

// ownLane stands for the client's own lane while there is none.
const ownLane engagement.LaneID = "own"

// beginNote begins a draft and opens it: POST /portal/notes.
func (p *Portal) beginNote(c *gin.Context) error {
	ctx, me := c.Request.Context(), p.who(c).Person
	id := engagement.LaneID(c.PostForm("lane"))
	if id == ownLane {
		err := p.DB.InTxAs(ctx, string(me), func(tx *pg.Tx) (err error) {
			id, err = p.Engagement.Personal(ctx, tx, me, p.Now())
			return err
		})
		if err != nil {
			return err
		}
	}
	lanes, err := p.writable(c)
	if err != nil {
		return err
	}
	may := false
	for _, l := range lanes {
		may = may || l.ID == id
	}
	if !may {
		return p.drawWrite(c, http.StatusUnprocessableEntity, page.Problems{{Name: "lane", Say: "Choose who will be able to read it."}})
	}
	begun, err := p.Note.Begin(ctx, me, id, "", note.Words{}, p.opKey(c, "note"))
	if problems, status, is := refused(err); is {
		return p.drawWrite(c, status, problems)
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/portal/notes/"+string(begun)+"/edit")
	return nil
}
