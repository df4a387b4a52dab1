package entry

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/login"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var withoutView = page.Define[withoutPage]("entry-without.html")

// withoutPage asks for what lets somebody in who wants no letters.
type withoutPage struct {
	Problem string
	Next    string
}

// without asks for a passphrase or a passkey instead of a code: GET
// /sign-in/without, in the browser that typed the address. It looks the same
// whoever that was.
func (e *Entry) without(c *gin.Context) error {
	if guard.CookieValue(c, e.Origin, guard.AskedCookie) == "" {
		return onward(c, "/sign-in")
	}
	return draw(e, c, withoutView, http.StatusOK, withoutPage{Next: next(c)})
}

// enterWithout takes it: POST /sign-in/without. Who has not chosen to come in
// this way, and who is nobody, get the same answer after the same time.
func (e *Entry) enterWithout(c *gin.Context) error {
	ctx, began := c.Request.Context(), time.Now()
	proven, err := e.Login.EnterWithout(ctx, login.Without{
		Phrase:     c.PostForm("phrase"),
		Credential: []byte(c.PostForm("credential")),
		Asker:      guard.CookieValue(c, e.Origin, guard.AskedCookie),
		Browser:    guard.CookieValue(c, e.Origin, guard.BrowserCookie),
		Device:     login.Device(c.Request.UserAgent()),
		Before:     e.Sessions.Tokens(c),
	})
	even(ctx, began)
	if say := sayOf(err); say != "" {
		return draw(e, c, withoutView, http.StatusUnprocessableEntity, withoutPage{Problem: say, Next: next(c)})
	}
	if err != nil {
		return err
	}
	e.took(c, proven)
	http.SetCookie(c.Writer, guard.Cookie(e.Origin, guard.AskedCookie, "", -time.Second))
	c.Redirect(http.StatusSeeOther, guard.LocalPath(next(c), "/portal"))
	return nil
}

// aloneChallenge gives the browser's script what it needs to use a passkey that
// stands for both proofs: POST /sign-in/without/passkey. It asks nobody by name.
func (e *Entry) aloneChallenge(c *gin.Context) error {
	options, err := e.Login.AskAlone(guard.CookieValue(c, e.Origin, guard.AskedCookie))
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", options)
	return nil
}
