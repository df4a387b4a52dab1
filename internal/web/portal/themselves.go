package portal

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
)

// What is done in a client's name takes more than their inbox, which the partner
// may hold: who has a second proof gives it, and who has none yet has typed the
// word of their coach in this session.

// inboxAlone reports whether a session of somebody with a second proof was opened
// by the code alone.
func (p *Portal) inboxAlone(c *gin.Context) (bool, error) {
	me := p.who(c)
	if me.Strong {
		return false, nil
	}
	has, err := p.Login.Proofs(c.Request.Context(), me.Person)
	return has.Any(), err
}

// proofFirst leads somebody who has a second proof to give it, and reports whether
// it did.
func (p *Portal) proofFirst(c *gin.Context, next string) (led bool, err error) {
	if led, err = p.inboxAlone(c); led && err == nil {
		c.Redirect(http.StatusSeeOther, setUpAt(next))
	}
	return led, err
}

// signFirst is where a client shows that it is they who sign; empty where they
// have. Nobody signs for somebody else.
func (p *Portal) signFirst(c *gin.Context, next string) (string, error) {
	switch weak, err := p.inboxAlone(c); {
	case err != nil:
		return "", err
	case weak:
		return setUpAt(next), nil
	case p.who(c).Strong:
		return "", nil
	}
	session, found, err := p.Sessions.Session(c)
	if err != nil || !found {
		return "", fault.New(fault.Unauthenticated, "Sign in first.")
	}
	if !session.Vouched {
		return "/portal/word?" + url.Values{"next": {next}}.Encode(), nil
	}
	return "", nil
}
