package entry

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/login"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var codeView = page.Define[codePage]("entry-code.html")

// codePage asks for the code from the letter.
type codePage struct {
	Problem string
	Code    string
	Next    string
	New     bool // asked for by somebody who may have no account yet
}

// newcomers marks the page of the code for who came by the door for newcomers,
// so that a new code is asked for there again: the other door sends none to an
// address that has no account. It says which door it was, and nothing of who.
const newcomers = "new"

// code asks for the code: GET /sign-in/code, in the browser that asked for it.
func (e *Entry) code(c *gin.Context) error {
	if guard.CookieValue(c, e.Origin, guard.AskedCookie) == "" {
		return onward(c, "/sign-in")
	}
	return draw(e, c, codeView, http.StatusOK, codePage{Next: next(c), New: c.Query(newcomers) != ""})
}

// enter takes the code: POST /sign-in/code. It begins a session that opens
// nothing yet.
func (e *Entry) enter(c *gin.Context) error {
	ctx, began := c.Request.Context(), time.Now()
	token, err := e.Login.Enter(ctx, login.Entering{
		Code:    c.PostForm("code"),
		Asker:   guard.CookieValue(c, e.Origin, guard.AskedCookie),
		Browser: guard.CookieValue(c, e.Origin, guard.BrowserCookie),
		Device:  login.Device(c.Request.UserAgent()),
		Before:  e.Sessions.Tokens(c),
	})
	even(ctx, began)
	if say := sayOf(err); say != "" {
		return draw(e, c, codeView, http.StatusUnprocessableEntity, codePage{Problem: say, Code: c.PostForm("code"), Next: next(c), New: c.PostForm(newcomers) != ""})
	}
	if err != nil {
		return err
	}
	e.Sessions.Begin(c, token)
	http.SetCookie(c.Writer, guard.Cookie(e.Origin, guard.AskedCookie, "", -time.Second))
	session, found, err := e.Login.Find(ctx, token)
	if err != nil {
		return err
	}
	if found && session.Client {
		// What is no secret between partners is open; the rest asks by itself.
		c.Redirect(http.StatusSeeOther, guard.LocalPath(next(c), "/portal"))
		return nil
	}
	has, err := e.Login.Proofs(ctx, session.Person)
	switch {
	case err != nil:
		return err
	case found && !has.Any():
		return onward(c, "/sign-in/set-up")
	}
	return onward(c, "/sign-in/proof")
}
