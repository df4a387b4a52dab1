package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var heldView = page.Define[heldPage]("portal-form-held.html")

// heldPage keeps what somebody has typed while they sign in again, in another
// tab, out of sight of whoever stands behind them.
type heldPage struct {
	Action, SignIn string
	Proof          bool // they are signed in, and the second proof is missing
	Sends          bool // the button was the one that sends
	Fields         []heldField
}

type heldField struct{ Name, Value string }

// mostHeld bounds what is held for somebody of whom nothing is known.
const mostHeld = 512 << 10

// wordsKept lets clients through, and gives somebody whose session ended while
// they were writing their words back, instead of the door alone.
func (p *Portal) wordsKept(c *gin.Context) {
	if _, found, err := p.Sessions.Session(c); found || err != nil {
		return
	}
	guard.Body(mostHeld, p.Door.RefuseAs)(c)
	if c.IsAborted() {
		return
	}
	c.Abort()
	if err := p.held(c, false); err != nil {
		p.Door.Refuse(c, err)
	}
}

// prove leads a client to give the second proof. What they had typed is kept.
func (p *Portal) prove(c *gin.Context) error {
	if c.Request.Method == http.MethodPost {
		return p.held(c, true)
	}
	p.Sessions.RequireStrongClient()(c)
	return nil
}

// held answers with what was sent, to be sent again. A script hears only that it
// has to wait.
func (p *Portal) held(c *gin.Context, proof bool) error {
	state := "signed-out"
	if proof {
		state = "proof"
	}
	if asksForJSON(c) {
		return answerJSON(c, http.StatusUnauthorized, savedAnswer{State: state})
	}
	at := c.Request.URL.Path
	m := heldPage{Action: at, Proof: proof, SignIn: "/sign-in?" + url.Values{"next": {"/portal/forms"}}.Encode()}
	if proof {
		m.SignIn = setUpAt("/portal/forms")
	}
	if err := c.Request.ParseForm(); err != nil {
		return errUnreadable
	}
	for name, values := range c.Request.PostForm {
		if !strings.HasPrefix(name, "q-") && !slices.Contains([]string{"draft", "sent", "op", "act", "change"}, name) {
			continue
		}
		for _, value := range values {
			m.Fields = append(m.Fields, heldField{name, strings.ToValidUTF8(strings.ReplaceAll(value, "\x00", ""), "")})
		}
	}
	m.Sends = c.PostForm("act") == "send"
	slices.SortStableFunc(m.Fields, func(a, b heldField) int { return strings.Compare(a.Name, b.Name) })
	frame, _, err := p.frame(c, "forms")
	if err != nil {
		return err
	}
	if !proof {
		frame.Menu, frame.User = nil, ""
	}
	frame.Flash = ""
	return heldView.Render(c, http.StatusUnauthorized, frame, m)
}
