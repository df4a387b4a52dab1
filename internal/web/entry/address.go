package entry

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/login"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var addressView = page.Define[addressPage]("entry-sign-in.html")

// addressPage asks for a mail address.
type addressPage struct {
	Notice  string
	Problem string
	Email   string
	Next    string
}

// address asks who somebody is: GET /sign-in. Who is signed in already goes on.
func (e *Entry) address(c *gin.Context) error {
	session, found, err := e.Sessions.Session(c)
	if err != nil {
		return err
	}
	if found && (session.Strong() || session.Client) {
		return arrive(c, session)
	}
	m := addressPage{Next: next(c)}
	if c.Query("left") == "1" {
		m.Notice = "You are signed out in this browser."
	}
	return draw(e, c, addressView, http.StatusOK, m)
}

// ask has a code sent: POST /sign-in. The answer is the same for every address,
// in words, cookies and time.
func (e *Entry) ask(c *gin.Context) error {
	ctx, began := c.Request.Context(), time.Now()
	asker, err := e.Login.Ask(ctx, login.Asking{
		Email:   c.PostForm("email"),
		Browser: guard.CookieValue(c, e.Origin, guard.BrowserCookie),
		Before:  guard.CookieValue(c, e.Origin, guard.AskedCookie),
	})
	even(ctx, began)
	if say := sayOf(err); say != "" {
		return draw(e, c, addressView, http.StatusUnprocessableEntity, addressPage{Problem: say, Email: c.PostForm("email"), Next: next(c)})
	}
	if err != nil {
		return err
	}
	http.SetCookie(c.Writer, guard.Cookie(e.Origin, guard.AskedCookie, asker, askedFor))
	return onward(c, "/sign-in/code")
}

// askedFor is how long a browser remembers that it asked; a code lasts as long.
const askedFor = 10 * time.Minute
