package entry

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var proofsView = page.Define[proofsPage]("entry-proofs.html")

// proofsPage lists what somebody signs in with.
type proofsPage struct {
	Home     string
	Problem  string
	App      string // since when; empty without one
	Passkeys []passkeyRow
	Phrase   string // since when; empty without one
	Client   bool
	None     bool // there is none yet
	Codes    int
	Few      bool // few recovery codes are left
	Single   bool // there is one proof only, which cannot be taken away
}

// few is when it is time for new recovery codes.
const few = 4

type passkeyRow struct{ ID, Device, Made, Used string }

// proofs lists what somebody signs in with: GET /sign-in/proofs.
func (e *Entry) proofs(c *gin.Context) error { return e.drawProofs(c, http.StatusOK, "") }

func (e *Entry) drawProofs(c *gin.Context, status int, problem string) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	has, err := e.Login.Proofs(c.Request.Context(), at.Session.Person)
	if err != nil {
		return err
	}
	m := proofsPage{Home: home(at.Session), Client: at.Session.Client, None: !has.Any(), Problem: problem, Codes: has.Codes, Few: has.Codes < few}
	if has.HasPhrase() {
		m.Phrase = e.when(at.Session, has.Phrase)
	}
	if has.App {
		m.App = e.when(at.Session, has.AppMade)
	}
	for _, key := range has.Passkeys {
		m.Passkeys = append(m.Passkeys, passkeyRow{ID: key.ID, Device: key.Device, Made: e.when(at.Session, key.MadeAt), Used: e.when(at.Session, key.UsedAt)})
	}
	m.Single = has.Count() == 1
	return draw(e, c, proofsView, status, m)
}

// when says an instant on the clock of whoever is signed in.
func (e *Entry) when(session login.Session, at time.Time) string {
	zone := "UTC"
	if session.Timezone != "" {
		zone = session.Timezone
	}
	return civil.When(at, practice.Zone(zone), e.Now())
}

// remove takes a proof away: POST /sign-in/proofs/remove, with proof=app,
// proof=phrase or the id of a passkey.
func (e *Entry) remove(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	var proven login.Proven
	switch what := c.PostForm("proof"); what {
	case "app":
		proven, err = e.Login.RemoveApp(c.Request.Context(), at)
	case "phrase":
		proven, err = e.Login.RemovePhrase(c.Request.Context(), at)
	default:
		proven, err = e.Login.RemovePasskey(c.Request.Context(), at, what)
	}
	if fault.KindOf(err) == fault.Conflict {
		return e.drawProofs(c, http.StatusConflict, fault.SayOf(err))
	}
	if err != nil {
		return err
	}
	e.took(c, proven)
	c.Redirect(http.StatusSeeOther, "/sign-in/proofs")
	return nil
}

// newCodes makes ten new recovery codes and shows them this once: POST
// /sign-in/proofs/codes.
func (e *Entry) newCodes(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	proven, err := e.Login.NewCodes(c.Request.Context(), at)
	if err != nil {
		return err
	}
	e.took(c, proven)
	return draw(e, c, codesView, http.StatusOK, codesPage{Codes: proven.Codes, Next: "/sign-in/proofs"})
}
