// Package pad is the writing desk that coaches and clients share: a note is
// read, written, shared, signed, added to and copied on the same pages, with the
// same words on who will be able to read it. Whose pages they are, and who asks,
// is told to it by the room that lends it its address.
package pad

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/note"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/page"
)

// Pad serves the pages of single notes.
type Pad struct {
	DB   *pg.DB
	Note *note.Service
	Now  func() time.Time

	Base  func(*gin.Context) string                          // where the list of notes is; a note is one step below
	In    func(*gin.Context) engagement.ID                   // the engagement that the address names; empty where it names none
	Who   func(*gin.Context) people.ID                       // who asks
	Zone  func(*gin.Context) *time.Location                  // by whose clock times are told
	Admit func(*gin.Context, note.ID) (to string, err error) // where a proof is given that a note asks for first; nil where none does
	Apart func(*gin.Context) bool                            // whether an own note is shown as its readers have it, and nothing can be done with it; nil where it never is
	Frame func(c *gin.Context, title string) (page.Frame, error)
	Op    func() string                               // makes an operation key
	Key   func(c *gin.Context, scope string) once.Key // reads one

	SignIn func(*gin.Context) string // where somebody who is not signed in does so; empty for who is
	Refuse func(*gin.Context, error) // answers with an error
	Body   func(largest int64) gin.HandlerFunc
}

// Longest is how much a note or what is added to one may hold as it is sent,
// whatever script it is written in.
const Longest = 512 << 10

// NotesOnAPage is how many notes a list shows; it goes on behind a link.
const NotesOnAPage = 100

// Routes registers the pages below the list. The doors let in who may come; what
// somebody had typed whose session has ended is given back before them.
func (p *Pad) Routes(r gin.IRouter, h func(func(*gin.Context) error) gin.HandlerFunc, doors ...gin.HandlerFunc) {
	atLength := r.Group("", append([]gin.HandlerFunc{p.keep}, append(doors, p.Body(Longest))...)...)
	r = r.Group("", doors...)
	r.GET("/:note", h(p.read))
	r.GET("/:note/edit", h(p.edit))
	atLength.POST("/:note/edit", h(p.save))
	r.POST("/:note/discard", h(p.discard))
	r.POST("/:note/together", h(p.together))
	r.GET("/:note/share", h(p.sharing))
	r.POST("/:note/share", h(p.share))
	r.GET("/:note/lock", h(p.locking))
	r.POST("/:note/lock", h(p.lock))
	atLength.POST("/:note/add", h(p.add))
	r.GET("/:note/versions", h(p.versions))
	r.GET("/:note/copy", h(p.copying))
	r.POST("/:note/copy", h(p.copy))
}

func noteID(c *gin.Context) note.ID { return note.ID(c.Param("note")) }

func (p *Pad) at(c *gin.Context, id note.ID) string { return p.Base(c) + "/" + string(id) }

// admitted reports whether the note that the address names may be opened in this
// session. Where a proof is asked for first it leads there; what had been typed is
// given back.
func (p *Pad) admitted(c *gin.Context) (bool, error) {
	if p.Admit == nil {
		return true, nil
	}
	to, err := p.Admit(c, noteID(c))
	switch {
	case err != nil || to == "":
		return err == nil, err
	case c.Request.Method == http.MethodPost && (c.PostForm("body") != "" || c.PostForm("text") != ""):
		return false, p.giveBack(c, to, true)
	}
	c.Redirect(http.StatusSeeOther, to)
	return false, nil
}

// open reads the note that the address names. A note of another engagement is
// not there.
func (p *Pad) open(c *gin.Context) (n note.Page, here bool, err error) {
	if may, err := p.admitted(c); err != nil || !may {
		return n, false, err
	}
	read := p.Note.Read
	if p.apart(c) {
		read = p.Note.ReadShared
	}
	n, err = read(c.Request.Context(), p.Who(c), noteID(c))
	if err == nil && p.In(c) != "" && n.Engagement != p.In(c) {
		err = engagement.ErrNothing
	}
	return n, err == nil, err
}

func (p *Pad) apart(c *gin.Context) bool { return p.Apart != nil && p.Apart(c) }

// mine is open for what only the author of a note does.
func (p *Pad) mine(c *gin.Context) (n note.Page, here bool, err error) {
	n, here, err = p.open(c)
	if here && n.Author != p.Who(c) {
		return n, false, engagement.ErrNothing
	}
	return n, here, err
}

// policySay is the way of keeping secrets that holds where something is written;
// where nothing is any more, what holds now is for those who go on.
func (p *Pad) policySay(ctx context.Context, in engagement.LaneInfo) (string, error) {
	if in.Engagement == "" || !in.ClosedAt.IsZero() {
		return "", nil
	}
	versions, err := engagement.Policies(ctx, p.DB, in.Engagement)
	if err != nil {
		return "", err
	}
	held, _ := engagement.InForce(versions)
	return held.Kind.Say(), nil
}

func draw[T any](p *Pad, c *gin.Context, view page.View[T], status int, title string, model T) error {
	frame, err := p.Frame(c, title)
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		frame.Flash = doneSay(c.Query("done"))
	}
	frame.Discreet = true // what stands here is read by nobody over a shoulder's history
	return view.Render(c, status, frame, model)
}

func doneAt(c *gin.Context, path, done string) error {
	c.Redirect(http.StatusSeeOther, path+"?"+url.Values{"done": {done}}.Encode())
	return nil
}

// doneSay is what a page says after an act that led to it. Only these sentences
// can be asked for.
func doneSay(done string) string {
	switch done {
	case "saved":
		return "Saved."
	case "shared":
		return "Shared. Those who can read it are told that there is something to see."
	case "locked":
		return "Signed. It stays as it is from now on."
	case "added":
		return "Added."
	case "copied":
		return "Copied. This is the copy; what you wrote first stays where it was."
	case "together":
		return "Put together."
	}
	return ""
}

// refused reports whether an error is one that a form comes back with, and gives
// what to say and the status.
func refused(err error) (problems page.Problems, status int, is bool) {
	kind := fault.KindOf(err)
	if err == nil || kind != fault.Invalid && kind != fault.Conflict {
		return nil, 0, false
	}
	if problems = page.ProblemsOf(err); len(problems) == 0 {
		problems = page.Problems{{Name: "main", Say: fault.SayOf(err)}}
	}
	return problems, page.Status(kind), true
}
