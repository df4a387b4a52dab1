package pad

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/web/page"
)

var heldView = page.Define[heldPage]("pad-held.html")

// heldPage keeps what somebody has typed while they sign in again, in another
// tab, out of sight of whoever stands behind them.
type heldPage struct {
	Action, SignIn string
	Proof          bool // they are signed in, and the second proof is missing
	Fields         []heldField
}

type heldField struct{ Name, Value string }

// held are the inputs that are given back.
var held = []string{"version", "title", "body", "then", "text", "op"}

// keep lets those through who are signed in, and gives somebody whose session
// ended while they were writing their words back, instead of the door alone.
func (p *Pad) keep(c *gin.Context) {
	to := p.SignIn(c)
	if to == "" {
		return
	}
	p.Body(Longest)(c)
	if c.IsAborted() {
		return
	}
	c.Abort()
	if err := p.giveBack(c, to, false); err != nil {
		p.Refuse(c, err)
	}
}

// giveBack answers with what was sent, to be sent again. A script hears only that
// it has to wait.
func (p *Pad) giveBack(c *gin.Context, to string, proof bool) error {
	c.Header("Cache-Control", "no-store")
	if byItself(c) {
		c.JSON(http.StatusUnauthorized, gin.H{"say": "You are signed out here."})
		return nil
	}
	if err := c.Request.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "What was sent cannot be read, so nothing was saved. Go back and send it again.")
	}
	m := heldPage{Action: c.Request.URL.Path, SignIn: to, Proof: proof}
	for name, values := range c.Request.PostForm {
		if slices.Contains(held, name) && len(values) > 0 {
			m.Fields = append(m.Fields, heldField{name, strings.ToValidUTF8(strings.ReplaceAll(values[0], "\x00", ""), "")})
		}
	}
	slices.SortFunc(m.Fields, func(a, b heldField) int { return strings.Compare(a.Name, b.Name) })
	frame, err := p.Frame(c, "Note")
	if err != nil {
		return err
	}
	frame.Discreet, frame.Flash = true, ""
	if !proof {
		frame.Menu, frame.User = nil, ""
	}
	return heldView.Render(c, http.StatusUnauthorized, frame, m)
}

// byItself reports whether a page's script saves.
func byItself(c *gin.Context) bool {
	return strings.Contains(c.GetHeader("Accept"), "application/json")
}
