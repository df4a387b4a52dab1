package entry

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/web/page"
)

var restoreView = page.Define[restorePage]("entry-restore.html")

// restorePage asks for the word with which a client starts over. Whether a start
// over is under way is told only to who has given a second proof: a notice in
// the inbox says no more, and whoever reads it there learns no more here.
type restorePage struct {
	Notice  string
	Problem string
	Strong  bool
	Begun   string // when it was begun; empty for none, or where it is not told
	Opens   string
	Ends    string
	Open    bool // the wait is over
	Next    string
}

// restore asks for the word: GET /sign-in/restore.
func (e *Entry) restore(c *gin.Context) error {
	notice := ""
	if c.Query("off") == "1" {
		notice = "If a start over was under way, it is called off, and its word opens nothing."
	}
	return e.drawRestore(c, http.StatusOK, notice, "")
}

func (e *Entry) drawRestore(c *gin.Context, status int, notice, problem string) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	m := restorePage{Notice: notice, Problem: problem, Strong: at.Session.Strong(), Next: next(c)}
	if m.Strong {
		found, under, err := login.FindRestore(c.Request.Context(), e.DB, at.Session.Person, e.Now())
		if err != nil {
			return err
		}
		if under {
			m.Begun, m.Opens, m.Ends = e.when(at.Session, found.BegunAt), e.when(at.Session, found.OpensAt), e.when(at.Session, found.EndsAt)
			m.Open = !e.Now().Before(found.OpensAt)
		}
	}
	return draw(e, c, restoreView, status, m)
}

// finishRestore takes the word: POST /sign-in/restore. Then a new second proof
// is set up.
func (e *Entry) finishRestore(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	began := time.Now()
	proven, err := e.Login.FinishRestore(c.Request.Context(), at, c.PostForm("word"))
	even(c.Request.Context(), began)
	switch fault.KindOf(err) {
	case fault.Invalid:
		return e.drawRestore(c, http.StatusUnprocessableEntity, "", fault.SayOf(err))
	case fault.Unauthenticated:
		return onward(c, "/sign-in")
	}
	if err != nil {
		return err
	}
	e.took(c, proven)
	return onward(c, "/sign-in/set-up")
}

// callOffRestore calls off what may be under way: POST
// /sign-in/restore/call-off, from any session of theirs.
func (e *Entry) callOffRestore(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	if err := e.Login.CallOffRestore(c.Request.Context(), at); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/sign-in/restore?off=1")
	return nil
}
