package entry

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var proofView = page.Define[proofPage]("entry-proof.html")

// proofPage asks for a second proof.
type proofPage struct {
	Again   bool   // it was given before, and is asked for once more
	Problem string // what is wrong with what was sent
	Field   string // and in which field
	App     bool
	Passkey bool
	Phrase  bool
	Client  bool
	Codes   bool // recovery codes are left
	Next    string
}

// at is the session of a request with its browser. Without one, somebody is led
// to sign in, and the answer is given.
func (e *Entry) at(c *gin.Context) (at login.At, here bool, err error) {
	session, found, err := e.Sessions.Session(c)
	if err != nil {
		return login.At{}, false, err
	}
	if !found {
		return login.At{}, false, onward(c, "/sign-in")
	}
	return login.At{Session: session, Browser: guard.CookieValue(c, e.Origin, guard.BrowserCookie)}, true, nil
}

// proof asks for a second proof: GET /sign-in/proof. Who has none yet sets one
// up first; who has just given one goes on.
func (e *Entry) proof(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	if at.Session.Fresh(e.Now()) {
		return arrive(c, at.Session)
	}
	return e.drawProof(c, at, http.StatusOK, nil)
}

func (e *Entry) drawProof(c *gin.Context, at login.At, status int, refused error) error {
	has, err := e.Login.Proofs(c.Request.Context(), at.Session.Person)
	if err != nil {
		return err
	}
	if !has.Any() {
		return onward(c, "/sign-in/set-up")
	}
	m := proofPage{Again: at.Session.Strong(), App: has.App, Passkey: len(has.Passkeys) > 0, Phrase: has.HasPhrase(), Client: at.Session.Client, Codes: has.Codes > 0, Next: next(c)}
	m.Problem, m.Field = complaint(refused)
	return draw(e, c, proofView, status, m)
}

// prove takes a second proof: POST /sign-in/proof.
func (e *Entry) prove(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	ctx := c.Request.Context()
	var proven login.Proven
	switch {
	case c.PostForm("credential") != "":
		proven, err = e.Login.ProvePasskey(ctx, at, []byte(c.PostForm("credential")))
	case c.PostForm("phrase") != "":
		proven, err = e.Login.ProvePhrase(ctx, at, c.PostForm("phrase"))
	case c.PostForm("recovery") != "":
		proven, err = e.Login.ProveRecovery(ctx, at, c.PostForm("recovery"))
	default:
		proven, err = e.Login.ProveApp(ctx, at, c.PostForm("code"))
	}
	switch fault.KindOf(err) {
	case fault.Invalid:
		return e.drawProof(c, at, http.StatusUnprocessableEntity, err)
	case fault.Unauthenticated:
		return onward(c, "/sign-in")
	}
	if err != nil {
		return err
	}
	e.took(c, proven)
	return arrive(c, at.Session)
}

// browserFor is how long a browser is known.
const browserFor = 180 * 24 * time.Hour

// took gives the browser what a good proof brings.
func (e *Entry) took(c *gin.Context, proven login.Proven) {
	e.Sessions.Begin(c, proven.Token)
	if proven.Browser != "" {
		http.SetCookie(c.Writer, guard.Cookie(e.Origin, guard.BrowserCookie, proven.Browser, browserFor))
	}
}

// challenge gives the browser's script what it needs to make or use a passkey:
// POST /sign-in/passkey.
func (e *Entry) challenge(c *gin.Context) error {
	session, found, err := e.Sessions.Session(c)
	if err != nil {
		return err
	}
	if !found {
		return fault.New(fault.Unauthenticated, "Your session has ended. Please sign in again.")
	}
	ask := e.Login.AskToProve
	if c.PostForm("purpose") == "add" {
		ask = e.Login.AskToAdd
	}
	options, err := ask(c.Request.Context(), login.At{Session: session})
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", json.RawMessage(options))
	return nil
}
