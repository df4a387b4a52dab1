package portal

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var contactView = page.Define[contactPage]("portal-contact.html")

// contactPage is how a client may be reached, and what held before.
type contactPage struct {
	Email    string
	Contact  people.Contact
	Before   []contactBefore
	Closed   string // where the second proof is given before it is shown what was said; a no is taken without
	Problems page.Problems
}

type contactBefore struct{ Say, By, When string }

// contact shows it: GET /portal/contact.
func (p *Portal) contact(c *gin.Context) error {
	return p.drawContact(c, http.StatusOK, nil, nil)
}

func (p *Portal) drawContact(c *gin.Context, status int, said *people.Contact, problems page.Problems) error {
	ctx, me := c.Request.Context(), p.who(c)
	weak, err := p.inboxAlone(c)
	if err != nil {
		return err
	}
	if weak {
		return draw(p, c, contactView, status, "more", contactPage{Email: me.Email, Closed: setUpAt("/portal/contact"), Problems: problems})
	}
	person, err := people.Find(ctx, p.DB, me.Person)
	if err != nil {
		return err
	}
	history, err := people.ContactHistory(ctx, p.DB, person)
	if err != nil {
		return err
	}
	m := contactPage{Email: person.Email, Contact: history[0], Problems: problems}
	if said != nil {
		m.Contact.MayEmail, m.Contact.MayCall, m.Contact.MayLeave = said.MayEmail, said.MayCall, said.MayLeave
	}
	loc, now := p.zone(c), p.Now()
	for _, k := range history {
		by := k.By
		if k.Version == 0 || k.ChangedBy == me.Person {
			by = "you"
		}
		m.Before = append(m.Before, contactBefore{Say: contactSay(k), By: by, When: civil.When(k.ChangedAt, loc, now)})
	}
	return draw(p, c, contactView, status, "more", m)
}

// contactSay puts one word on being reached into a sentence.
func contactSay(k people.Contact) string {
	answer := func(c people.Consent) string {
		switch c {
		case people.Yes:
			return "yes"
		case people.No:
			return "no"
		}
		return "not said"
	}
	return "mail " + answer(k.MayEmail) + ", call " + answer(k.MayCall) + ", message " + answer(k.MayLeave)
}

// saveContact keeps what the client says: POST /portal/contact.
func (p *Portal) saveContact(c *gin.Context) error {
	said := people.Contact{MayEmail: people.Consent(c.PostForm("may_email")), MayCall: people.Consent(c.PostForm("may_call")), MayLeave: people.Consent(c.PostForm("may_leave_message"))}
	if may, err := p.mayLoosen(c, &said); err != nil || !may {
		return err
	}
	seen, err := strconv.Atoi(c.PostForm("version"))
	if err != nil {
		seen = reception.Unseen
	}
	err = p.reception().SayContact(c.Request.Context(), p.who(c).Person, said, seen)
	if errors.Is(err, reception.ErrContactMoved) {
		return p.drawContact(c, http.StatusConflict, nil, page.Problems{{Name: "may_email", Say: fault.SayOf(err)}})
	}
	if problems, status, is := refused(err); is {
		return p.drawContact(c, status, &said, problems)
	}
	if err != nil {
		return err
	}
	return doneAt(c, "/portal/contact", "contact")
}

// mayLoosen lets a session without a second proof say no to anything, at once,
// and a yes only where there was no no: whoever holds the inbox alone must not
// switch on what was held. It leads to the proof and answers itself otherwise. Of
// somebody who has a second proof such a session is told nothing of what holds: a
// no is taken, what is not said stays, and anything else asks for the proof.
func (p *Portal) mayLoosen(c *gin.Context, said *people.Contact) (bool, error) {
	me := p.who(c)
	if me.Strong {
		return true, nil
	}
	person, err := people.Find(c.Request.Context(), p.DB, me.Person)
	if err != nil {
		return false, err
	}
	history, err := people.ContactHistory(c.Request.Context(), p.DB, person)
	if err != nil {
		return false, err
	}
	weak, err := p.inboxAlone(c)
	if err != nil {
		return false, err
	}
	loosens := func(was people.Consent, now *people.Consent) bool {
		if weak && *now == "" {
			*now = was
			return false
		}
		return *now != people.No && (weak || was == people.No)
	}
	holds := history[0]
	for _, one := range []struct {
		was people.Consent
		now *people.Consent
	}{{holds.MayEmail, &said.MayEmail}, {holds.MayCall, &said.MayCall}, {holds.MayLeave, &said.MayLeave}} {
		if loosens(one.was, one.now) {
			c.Redirect(http.StatusSeeOther, setUpAt("/portal/contact"))
			return false, nil
		}
	}
	return true, nil
}
