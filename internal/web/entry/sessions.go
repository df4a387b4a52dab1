package entry

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/web/page"
)

var sessionsView = page.Define[sessionsPage]("entry-sessions.html")

// sessionsPage lists where somebody is signed in.
type sessionsPage struct {
	Home     string
	Notice   string
	Sessions []sessionRow
	Others   bool // there are some beside this one
	Name     string
	Client   bool
}

type sessionRow struct {
	ID, Device, Since, Seen string
	Here                    bool // the one this page is looked at in
	Open                    bool // the second proof was given
}

// sessions lists where somebody is signed in: GET /sign-in/sessions.
func (e *Entry) sessions(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	found, err := e.Login.List(c.Request.Context(), at.Session.Person)
	if err != nil {
		return err
	}
	m := sessionsPage{Home: home(at.Session), Client: at.Session.Client, Others: len(found) > 1, Name: at.Session.Name}
	if c.Query("ended") == "1" {
		m.Notice = "That session has ended. Nothing can be opened there any more."
	}
	for _, one := range found {
		m.Sessions = append(m.Sessions, sessionRow{ID: string(one.ID), Device: one.Device, Open: one.Strong(),
			Since: e.when(at.Session, one.SignedInAt), Seen: e.when(at.Session, one.SeenAt), Here: one.ID == at.Session.ID})
	}
	return draw(e, c, sessionsView, http.StatusOK, m)
}

// endOne ends one session: POST /sign-in/sessions/end. Ending one that has ended
// meanwhile comes to the same.
func (e *Entry) endOne(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	id := login.SessionID(c.PostForm("session"))
	if err := e.Login.EndOne(c.Request.Context(), at.Session.Person, id); err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if id == at.Session.ID {
		return e.gone(c)
	}
	c.Redirect(http.StatusSeeOther, "/sign-in/sessions?ended=1")
	return nil
}

// endAll ends every session of whoever asks, this one too: POST
// /sign-in/sessions/end-all.
func (e *Entry) endAll(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	if err := e.Login.EndAll(c.Request.Context(), at.Session.Person); err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	return e.gone(c)
}

// signOut ends the session of this browser: POST /sign-out.
func (e *Entry) signOut(c *gin.Context) error {
	if err := e.Login.End(c.Request.Context(), e.Sessions.Tokens(c)...); err != nil {
		return err
	}
	return e.gone(c)
}

// gone leaves nothing behind that Back could show.
func (e *Entry) gone(c *gin.Context) error {
	e.Sessions.End(c)
	c.Header("Clear-Site-Data", `"cache"`)
	c.Redirect(http.StatusSeeOther, "/sign-in?left=1")
	return nil
}
