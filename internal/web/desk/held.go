package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var heldView = page.Define[heldPage]("desk-held.html")

// heldPage keeps what somebody has typed while they sign in again, in another
// tab, out of sight of whoever stands behind them.
type heldPage struct {
	Action, SignIn string
	Fields         []deskPair
}

// mostHeld bounds what is held for somebody of whom nothing is known.
const mostHeld = 512 << 10

// writesLong reports whether somebody may have sat over what is sent to a route
// for longer than a session lasts. Notes keep their words themselves.
func writesLong(route string) bool {
	switch route {
	case "/desk/journal/:id", "/desk/settings/texts", "/desk/settings/help", "/desk/team/:coach/profile", "/desk/note-templates",
		"/desk/people/:id/note", "/desk/forms/:form/add", "/desk/forms/:form/questions/:question":
		return true
	}
	return false
}

// wordsKept gives somebody whose session ended while they were writing their
// words back, instead of the door alone. Everybody else goes on to it.
func (d *Desk) wordsKept(c *gin.Context) {
	if c.Request.Method != http.MethodPost || !writesLong(c.FullPath()) || d.Known(c) {
		return
	}
	guard.Body(mostHeld, d.Door.RefuseAs)(c)
	if c.IsAborted() {
		return
	}
	c.Abort()
	if err := d.held(c); err != nil {
		d.Door.Refuse(c, err)
	}
}

// held answers with what was sent, to be sent again.
func (d *Desk) held(c *gin.Context) error {
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "What was sent cannot be read, so nothing was saved. Go back and send it again.")
	}
	m := heldPage{Action: c.Request.URL.Path, SignIn: "/sign-in?" + url.Values{"next": {"/desk"}}.Encode()}
	for name, values := range c.Request.PostForm {
		for _, value := range values {
			m.Fields = append(m.Fields, deskPair{Name: name, Value: strings.ToValidUTF8(strings.ReplaceAll(value, "\x00", ""), "")})
		}
	}
	slices.SortStableFunc(m.Fields, func(a, b deskPair) int { return strings.Compare(a.Name, b.Name) })
	frame, _, err := d.frame(c, "Signed out", "")
	if err != nil {
		return err
	}
	frame.Discreet, frame.Flash, frame.Menu, frame.User = true, "", nil, ""
	return heldView.Render(c, http.StatusUnauthorized, frame, m)
}
