package entry

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var newcomerView = page.Define[newcomerPage]("entry-new.html")

// newcomerPage asks for a name and a mail address.
type newcomerPage struct {
	Name, NameProblem   string
	Email, EmailProblem string
	Next                string
}

// newcomer asks who somebody is that has no account yet: GET /sign-in/new. Who
// is signed in already goes on.
func (e *Entry) newcomer(c *gin.Context) error {
	session, found, err := e.Sessions.Session(c)
	if err != nil {
		return err
	}
	if found && (session.Strong() || session.Client) {
		return arrive(c, session)
	}
	return draw(e, c, newcomerView, http.StatusOK, newcomerPage{Next: next(c)})
}

// askNew has a code sent to somebody new: POST /sign-in/new. The answer is the
// same for every address, in words, cookies and time, and differs from that of
// POST /sign-in only in naming this door.
func (e *Entry) askNew(c *gin.Context) error {
	ctx, began := c.Request.Context(), time.Now()
	m := newcomerPage{Name: c.PostForm("name"), Email: c.PostForm("email"), Next: next(c)}
	if guard.Trapped(c.PostForm("website")) {
		even(ctx, began)
		return onwardAs(c, "/sign-in/code", newcomers)
	}
	name := m.Name
	if name == "" {
		name = " " // refused as empty, instead of taken for somebody who has an account
	}
	asker, err := e.Login.Ask(ctx, login.Asking{
		Email:   m.Email,
		Browser: guard.CookieValue(c, e.Origin, guard.BrowserCookie),
		Before:  guard.CookieValue(c, e.Origin, guard.AskedCookie),
		Name:    name,
	})
	even(ctx, began)
	if fault.KindOf(err) == fault.Invalid {
		problems := page.ProblemsOf(err)
		m.NameProblem, m.EmailProblem = problems.Of("name"), problems.Of("email")
		return draw(e, c, newcomerView, http.StatusUnprocessableEntity, m)
	}
	if err != nil {
		return err
	}
	http.SetCookie(c.Writer, guard.Cookie(e.Origin, guard.AskedCookie, asker, askedFor))
	return onwardAs(c, "/sign-in/code", newcomers)
}
