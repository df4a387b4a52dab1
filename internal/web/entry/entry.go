// Package entry is the door: signing in and out, second proofs, and the list of
// where somebody is signed in.
//
// Every form works without scripts, a passkey excepted, which no browser gives
// without. No GET changes anything, so a program that opens the links of a
// letter signs nobody in. The pages say nothing in the browser's tab, are kept
// by no cache, and answer a stranger the same whatever is known of an address.
package entry

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/config"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

// Entry serves the pages of signing in.
type Entry struct {
	DB       *pg.DB
	Login    *login.Service
	Sessions *guard.Sessions
	Guard    *guard.Guard
	Origin   config.Origin
	Door     *page.Door
	Now      func() time.Time
	Word     string // where a client types the word of their coach; empty means /portal/word
}

// Routes registers the pages of signing in and out.
func (e *Entry) Routes(r gin.IRouter) {
	h := e.Door.Handle
	in := r.Group("/", unkept, guard.PutAway(e.Origin, e.Door, func(*gin.Context) string { return "/sign-in" }))
	bounded := e.Guard.PerSource(guard.SignIns(), e.Door.RefuseAs)
	working := e.Sessions.RequireSignedIn()
	client, own := e.Sessions.RequireClient(), e.Sessions.RequireStrongClient()
	fresh := e.Sessions.RequireFresh()

	// Who are you?
	in.GET("/sign-in", h(e.address))
	in.POST("/sign-in", bounded, h(e.ask))
	in.GET("/sign-in/new", h(e.newcomer))
	in.POST("/sign-in/new", bounded, h(e.askNew))
	in.GET("/sign-in/code", h(e.code))
	in.POST("/sign-in/code", bounded, h(e.enter))
	in.GET("/sign-in/without", h(e.without))
	in.POST("/sign-in/without", bounded, h(e.enterWithout))
	in.POST("/sign-in/without/passkey", bounded, h(e.aloneChallenge))

	// Is it really you?
	in.GET("/sign-in/proof", h(e.proof))
	in.POST("/sign-in/proof", bounded, h(e.prove))
	in.GET("/sign-in/set-up", h(e.setUp))
	in.POST("/sign-in/set-up", bounded, h(e.add))
	in.POST("/sign-in/passkey", bounded, h(e.challenge))
	in.GET("/sign-in/restore", client, h(e.restore))
	in.POST("/sign-in/restore", bounded, client, h(e.finishRestore))
	in.POST("/sign-in/restore/call-off", client, h(e.callOffRestore))

	// What you sign in with, and where you are signed in.
	in.GET("/sign-in/proofs", working, h(e.proofs))
	in.POST("/sign-in/proofs/remove", working, fresh, h(e.remove))
	in.POST("/sign-in/proofs/codes", working, fresh, h(e.newCodes))
	in.GET("/sign-in/sessions", working, h(e.sessions))
	in.POST("/sign-in/sessions/end", working, h(e.endOne))
	in.POST("/sign-in/sessions/end-all", working, h(e.endAll))
	in.GET("/sign-in/letters", own, fresh, h(e.letters))
	in.POST("/sign-in/letters/codes", own, fresh, h(e.chooseCodes))
	in.POST("/sign-in/letters/safe-contact", own, fresh, h(e.safeContact))
	in.GET("/sign-in/address", own, h(e.moving))
	in.POST("/sign-in/address", bounded, own, fresh, h(e.askMove))
	in.POST("/sign-in/address/codes", bounded, own, fresh, h(e.confirmMove))
	in.POST("/sign-in/address/keep", own, h(e.keepAddress))
	r.POST("/sign-out", unkept, h(e.signOut))
}

// unkept says that no cache may keep an answer.
func unkept(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("X-Robots-Tag", "noindex")
}

// answerTime is how long asking for a code and entering one take, whatever
// happens: a stranger with a watch learns nothing from it.
const answerTime = 300 * time.Millisecond

// even waits until the answer time has passed since the request began.
func even(ctx context.Context, began time.Time) {
	select {
	case <-time.After(time.Until(began.Add(answerTime))):
	case <-ctx.Done():
	}
}

// frame is the layout of these pages: neutral, whoever looks over a shoulder.
func (e *Entry) frame(c *gin.Context) (page.Frame, error) {
	basics, err := practice.LoadBasics(c.Request.Context(), e.DB)
	if err != nil {
		return page.Frame{}, err
	}
	return page.Frame{Practice: basics.Name, DiscreetName: basics.DiscreetName, PublicURL: e.Origin.String(),
		Nonce: guard.Nonce(c), Look: page.LookOf(basics), Discreet: true}, nil
}

// draw answers with one of the pages.
func draw[T any](e *Entry, c *gin.Context, view page.View[T], status int, model T) error {
	frame, err := e.frame(c)
	if err != nil {
		return err
	}
	return view.Render(c, status, frame, model)
}

// next is where somebody wanted to go: a page of ours, or nothing.
func next(c *gin.Context) string {
	text := c.Query("next")
	if c.Request.Method == http.MethodPost {
		text = c.PostForm("next")
	}
	return guard.LocalPath(text, "")
}

// onward leads to another step and keeps in mind where somebody wanted to go.
func onward(c *gin.Context, to string) error { return onwardAs(c, to, "") }

// onwardAs does so and marks by which door somebody came.
func onwardAs(c *gin.Context, to, door string) error {
	kept := url.Values{}
	if wanted := next(c); wanted != "" {
		kept.Set("next", wanted)
	}
	if door != "" {
		kept.Set(door, "yes")
	}
	if len(kept) > 0 {
		to += "?" + kept.Encode()
	}
	c.Redirect(http.StatusSeeOther, to)
	return nil
}

// arrival is where somebody goes who has given all proofs that are asked for.
func arrival(c *gin.Context, session login.Session) string {
	return guard.LocalPath(next(c), home(session))
}

// home is where somebody goes who wanted nothing else: clients to their portal,
// everybody else to the desk.
func home(session login.Session) string {
	if session.Client {
		return "/portal"
	}
	return "/desk"
}

func arrive(c *gin.Context, session login.Session) error {
	c.Redirect(http.StatusSeeOther, arrival(c, session))
	return nil
}

// complaint is what is wrong with what was sent, and in which field; nothing
// for no error.
func complaint(err error) (say, field string) {
	said := fault.As(err)
	if said == nil || len(said.Fields) == 0 {
		return "", ""
	}
	return said.Say, said.Fields[0].Name
}

// sayOf is the sentence to show beside a field when what was typed is refused.
func sayOf(err error) string {
	if err == nil || fault.KindOf(err) != fault.Invalid {
		return ""
	}
	return fault.SayOf(err)
}
