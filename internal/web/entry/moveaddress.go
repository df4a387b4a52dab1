package entry

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/web/page"
)

var moveView = page.Define[movePage]("entry-move-address.html")

// movePage is where a client changes the address they sign in with.
type movePage struct {
	Notice   string
	Problem  string // what is wrong with what was sent
	Field    string // and in which field; empty for the act as a whole
	Now      string // the address that holds
	New      string // the one to come; empty without one
	Codes    bool   // codes are to be typed
	BothEnds bool   // one was sent to the address that holds as well
	Takes    string // when the new one takes its place; empty before both were typed
	Failed   bool   // it cannot be used after all
	Typed    string
}

// moving shows where a change of address stands: GET /sign-in/address.
func (e *Entry) moving(c *gin.Context) error {
	notice := ""
	if c.Query("kept") == "1" {
		notice = "Your address stays as it is."
	}
	return e.drawMoving(c, http.StatusOK, movePage{Notice: notice})
}

func (e *Entry) drawMoving(c *gin.Context, status int, m movePage) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	found, under, err := e.Login.FindMove(c.Request.Context(), at.Session)
	if err != nil {
		return err
	}
	m.Now = at.Session.Email
	if under {
		m.New, m.BothEnds, m.Failed = found.Email, found.BothEnds, found.Failed
		m.Codes = found.Here
		if found.Waits() {
			m.Takes = e.when(at.Session, found.TakesAt)
		}
	}
	return draw(e, c, moveView, status, m)
}

// askMove has the codes sent: POST /sign-in/address.
func (e *Entry) askMove(c *gin.Context) error {
	return e.moved(c, func(at login.At) error { return e.Login.AskMove(c.Request.Context(), at, c.PostForm("email")) })
}

// confirmMove takes the codes: POST /sign-in/address/codes.
func (e *Entry) confirmMove(c *gin.Context) error {
	return e.moved(c, func(at login.At) error {
		return e.Login.ConfirmMove(c.Request.Context(), at, c.PostForm("old_code"), c.PostForm("new_code"))
	})
}

// moved takes one step of a change of address.
func (e *Entry) moved(c *gin.Context, step func(at login.At) error) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	err = step(at)
	switch kind := fault.KindOf(err); {
	case err == nil:
		c.Redirect(http.StatusSeeOther, "/sign-in/address")
		return nil
	case kind == fault.Invalid || kind == fault.Conflict:
		m := movePage{Problem: fault.SayOf(err), Typed: c.PostForm("email")}
		if kind == fault.Invalid {
			_, m.Field = complaint(err)
		}
		return e.drawMoving(c, page.Status(kind), m)
	case kind == fault.Unauthenticated:
		return onward(c, "/sign-in")
	}
	return err
}

// keepAddress keeps the old address: POST /sign-in/address/keep.
func (e *Entry) keepAddress(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	if err := e.Login.UndoMove(c.Request.Context(), at); err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/sign-in/address?kept=1")
	return nil
}
