package entry

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/page"
)

var lettersView = page.Define[lettersPage]("entry-letters.html")

// lettersPage is which letters a client is sent about signing in, and where
// notices go as well.
type lettersPage struct {
	Notice  string
	Problem string // what is wrong with what was sent
	Field   string // and in which field; empty for the act as a whole
	Email   string // theirs
	Off     bool   // no codes are sent
	Alone   bool   // a passphrase or passkey is there that lets them in by itself
	Safe    string // the safe contact; empty without one
	Typed   string
}

// letters shows it: GET /sign-in/letters.
func (e *Entry) letters(c *gin.Context) error {
	notice := map[string]string{
		"off":     "Saved. No more codes are sent; sign in with your address and your passphrase or passkey.",
		"on":      "Saved. A code is sent again when you sign in.",
		"safe":    "Saved. Notices go there as well from now on.",
		"no-safe": "Forgotten. Notices no longer go there.",
	}[c.Query("done")]
	return e.drawLetters(c, http.StatusOK, lettersPage{Notice: notice})
}

func (e *Entry) drawLetters(c *gin.Context, status int, m lettersPage) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	ctx, person := c.Request.Context(), at.Session.Person
	if m.Off, err = login.CodeLettersOff(ctx, e.DB, person); err != nil {
		return err
	}
	if m.Alone, err = login.EntersAlone(ctx, e.DB, person); err != nil {
		return err
	}
	if m.Safe, err = e.Login.FindSafeContact(ctx, e.DB, person); err != nil {
		return err
	}
	m.Email = at.Session.Email
	return draw(e, c, lettersView, status, m)
}

// chooseCodes says whether codes are sent: POST /sign-in/letters/codes, with
// codes=yes or codes=no.
func (e *Entry) chooseCodes(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	off := c.PostForm("codes") == "no"
	proven, err := e.Login.ChooseCodeLetters(c.Request.Context(), at, off)
	if fault.KindOf(err) == fault.Conflict {
		return e.drawLetters(c, http.StatusConflict, lettersPage{Problem: fault.SayOf(err)})
	}
	if err != nil {
		return err
	}
	e.took(c, proven)
	done := "on"
	if off {
		done = "off"
	}
	c.Redirect(http.StatusSeeOther, "/sign-in/letters?done="+done)
	return nil
}

// safeContact names a safe contact, or takes it away: POST
// /sign-in/letters/safe-contact.
func (e *Entry) safeContact(c *gin.Context) error {
	at, here, err := e.at(c)
	if err != nil || !here {
		return err
	}
	ctx, done, person := c.Request.Context(), "safe", at.Session.Person
	err = e.DB.InTx(ctx, func(tx *pg.Tx) error {
		if c.PostForm("act") == "remove" {
			done = "no-safe"
			return login.RemoveSafeContact(ctx, tx, person, e.Now())
		}
		return e.Login.SetSafeContact(ctx, tx, person, c.PostForm("email"), e.Now())
	})
	if say, field := complaint(err); say != "" {
		return e.drawLetters(c, http.StatusUnprocessableEntity, lettersPage{Problem: say, Field: field, Typed: c.PostForm("email")})
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, "/sign-in/letters?done="+done)
	return nil
}
