package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var (
	invitationView = page.Define[invitationPage]("portal-invitation.html")
	wordView       = page.Define[wordPage]("portal-word.html")
)

// invitationPage asks whether a client wants to come in.
type invitationPage struct {
	Action   string
	Coach    string
	Other    string // who else was invited; empty for one alone
	Word     bool   // a word is asked for
	Typed    string
	Until    string
	Email    string
	Contact  people.Contact
	Problems page.Problems
}

// wordPage asks for the word of the coach once more, before the first second
// proof.
type wordPage struct {
	Next     string
	Typed    string
	Problems page.Problems
}

// invitation shows an invitation: GET /portal/invitations/ID.
func (p *Portal) invitation(c *gin.Context) error {
	m, here, err := p.invitationModel(c)
	if err != nil || !here {
		return err
	}
	return draw(p, c, invitationView, http.StatusOK, "", m)
}

// gone is what is said of an invitation that was taken back, and in the same
// words of one that never was.
func gone(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.NotFound, "There is no invitation here, or not any more. If you expected one, ask your coach.")
	}
	return err
}

// invitationModel puts an invitation into words. Who has accepted already is
// led on, and the answer is given; who has a second proof gives it first, whether
// or not there is an invitation.
func (p *Portal) invitationModel(c *gin.Context) (m invitationPage, here bool, err error) {
	me := p.who(c)
	if led, err := p.proofFirst(c, c.Request.URL.Path); led || err != nil {
		return m, false, err
	}
	e, err := engagement.FindForClient(c.Request.Context(), p.DB, me.Person, engagement.ID(c.Param("engagement")))
	if err != nil {
		return m, false, gone(err)
	}
	own, _ := e.Client(me.Person)
	switch {
	case own.Place != engagement.Invited:
		c.Redirect(http.StatusSeeOther, "/portal/engagements/"+string(e.ID))
		return m, false, nil
	case !p.Now().Before(own.InviteEndsAt):
		return m, false, engagement.ErrTooLate
	}
	if led, err := p.wordBefore(c, own); led || err != nil {
		return m, false, err
	}
	person, err := people.Find(c.Request.Context(), p.DB, me.Person)
	if err != nil {
		return m, false, err
	}
	history, err := people.ContactHistory(c.Request.Context(), p.DB, person)
	if err != nil {
		return m, false, err
	}
	m = invitationPage{Action: "/portal/invitations/" + string(e.ID), Coach: e.CoachName, Word: own.NeedsWord, Email: me.Email, Contact: history[0],
		Until: civil.Day(own.InviteEndsAt, p.zone(c), p.Now())}
	m.Other = namedTo(e, me.Person)
	return m, true, nil
}

// namedTo is the other client whom an invitation names: who is in it or asked to
// be; where nobody is, whoever was asked last and said no, which is theirs to tell.
// Who said no before another was asked in their place is named to nobody.
func namedTo(e engagement.Engagement, me people.ID) (name string) {
	for _, other := range e.Clients {
		if other.Person == me {
			continue
		}
		if other.Seated() {
			return other.Name
		}
		if other.Place == engagement.Declined {
			name = other.Name
		}
	}
	return name
}

// wordBefore leads somebody whose invitation asks for no word, since they have proven
// themselves here before, to do so in this session too.
func (p *Portal) wordBefore(c *gin.Context, own engagement.Client) (led bool, err error) {
	if own.NeedsWord {
		return false, nil
	}
	to, err := p.signFirst(c, c.Request.URL.Path)
	if to != "" && err == nil {
		c.Redirect(http.StatusSeeOther, to)
	}
	return to != "", err
}

// answer takes the answer to an invitation: POST /portal/invitations/ID.
func (p *Portal) answer(c *gin.Context) error {
	ctx, me, id := c.Request.Context(), p.who(c), engagement.ID(c.Param("engagement"))
	if led, err := p.proofFirst(c, c.Request.URL.Path); led || err != nil {
		return err
	}
	e, err := engagement.FindForClient(ctx, p.DB, me.Person, id)
	if err != nil {
		return gone(err)
	}
	if own, _ := e.Client(me.Person); own.Place == engagement.Invited {
		if led, err := p.wordBefore(c, own); led || err != nil {
			return err
		}
	}
	if c.PostForm("answer") == "no" {
		err := p.reception().DeclineInvitation(ctx, me.Person, id)
		if err != nil {
			return gone(err)
		}
		return doneAt(c, "/portal", "declined")
	}
	said := people.Contact{MayEmail: people.Consent(c.PostForm("may_email")), MayCall: people.Consent(c.PostForm("may_call")), MayLeave: people.Consent(c.PostForm("may_leave_message"))}
	err = p.reception().AcceptInvitation(ctx, me.Person, me.Session, id, c.PostForm("word"), said)
	if problems, status, is := refused(err); is {
		m, here, err := p.invitationModel(c)
		if err != nil || !here {
			return err
		}
		m.Typed, m.Problems = c.PostForm("word"), problems
		m.Contact.MayEmail, m.Contact.MayCall, m.Contact.MayLeave = said.MayEmail, said.MayCall, said.MayLeave
		return draw(p, c, invitationView, status, "", m)
	}
	if err != nil {
		return gone(err)
	}
	if me.Strong {
		return doneAt(c, "/portal/engagements/"+string(id)+"/policy", "accepted")
	}
	c.Redirect(http.StatusSeeOther, setUpAt("/portal/engagements/"+string(id)+"/policy?done=accepted"))
	return nil
}

// word asks for the word once more: GET /portal/word.
func (p *Portal) word(c *gin.Context) error {
	return draw(p, c, wordView, http.StatusOK, "", wordPage{Next: guard.LocalPath(c.Query("next"), "/portal")})
}

// recall takes it: POST /portal/word. Then a second proof can be set up.
func (p *Portal) recall(c *gin.Context) error {
	me, next := p.who(c), guard.LocalPath(c.PostForm("next"), "/portal")
	err := p.reception().RecallWord(c.Request.Context(), me.Person, me.Session, c.PostForm("word"))
	if problems, status, is := refused(err); is {
		return draw(p, c, wordView, status, "", wordPage{Next: next, Typed: c.PostForm("word"), Problems: problems})
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusSeeOther, setUpAt(next))
	return nil
}
