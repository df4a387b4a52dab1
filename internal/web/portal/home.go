package portal

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/engagement"
	"kintsugi/internal/money"
	"kintsugi/internal/payment"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var (
	homeView = page.Define[homePage]("portal-home.html")
	moreView = page.Define[morePage]("portal-more.html")
)

// homePage is what a client sees first: what is waiting, and what goes on.
type homePage struct {
	Name        string
	Private     bool // the second proof was given: what is theirs alone is shown too
	Closed      bool // with whom they work is not shown before it
	Waiting     []waitingPart
	Next        *bookingLine // the next call that may be shown here; nil where there is none
	Engagements []engagementPart
	Resting     *waitingPart // sessions that are left while nothing is arranged; nil where there is nothing to say
}

// waitingPart is one thing that waits for the client.
type waitingPart struct{ Href, Say, Why string }

// engagementPart is one coach's work with the client, in a few words.
type engagementPart struct {
	Href, Coach, State, With string
	Neutral                  string // one sentence about the other client, where there is one to say
}

// morePage leads to everything that is not needed every day.
type morePage struct{}

// home is the first page: GET /portal.
func (p *Portal) home(c *gin.Context) error {
	ctx, me := c.Request.Context(), p.who(c)
	found, closed, err := p.work(c)
	if err != nil {
		return err
	}
	ids := make([]engagement.ID, len(found))
	for i, e := range found {
		ids[i] = e.ID
	}
	unsigned, err := engagement.Unsigned(ctx, p.DB, ids...)
	if err != nil {
		return err
	}
	parted, err := engagement.Parted(ctx, p.DB, me.Person)
	if err != nil {
		return err
	}
	m := homePage{Name: me.Name, Private: me.Strong, Closed: closed}
	if me.Strong && me.Anew {
		m.Waiting = append(m.Waiting, waitingPart{Href: "/sign-in/restore", Say: "A start over with your second proof is under way", Why: "If you did not ask your coach for it, call it off."})
	}
	if me.Strong && me.Moving {
		m.Waiting = append(m.Waiting, waitingPart{Href: "/sign-in/address", Say: "The change of your email address", Why: "See where it stands. If it was not you, keep the one you have."})
	}
	coming, err := p.Booking.Coming(ctx, p.DB, p.client(c))
	if err != nil {
		return err
	}
	if len(coming) > 0 {
		next := lineOf(coming[0], p.Now())
		m.Next = &next
	}
	for _, e := range found {
		own, _ := e.Client(me.Person)
		at := "/portal/engagements/" + string(e.ID)
		if own.Place == engagement.Invited {
			if p.Now().Before(own.InviteEndsAt) {
				m.Waiting = append(m.Waiting, waitingPart{Href: "/portal/invitations/" + string(e.ID), Say: "An invitation from " + e.CoachName,
					Why: "Have the word at hand that you were told in the call."})
			}
			continue
		}
		m.Engagements = append(m.Engagements, engagementPart{Href: at, Coach: e.CoachName, State: stateSay(e, own), With: withSay(e, own), Neutral: neutralSay(e, parted[e.ID])})
		if e.State != engagement.Ended && slices.Contains(unsigned[e.ID], me.Person) {
			m.Waiting = append(m.Waiting, waitingPart{Href: at + "/policy", Say: "How secrets are kept",
				Why: "Read it and sign it. What you write to your coach alone opens once everybody has."})
		}
	}
	unread, err := p.unread(c)
	if err != nil {
		return err
	}
	m.Waiting = append(m.Waiting, unread...)
	forms, err := p.waitingForms(c)
	if err != nil {
		return err
	}
	m.Waiting = append(m.Waiting, forms...)
	toBuy, err := p.waitingMoney(c, len(found) == 0)
	if err != nil {
		return err
	}
	m.Waiting = append(m.Waiting, toBuy...)
	resting, err := p.nudge(c, coming, found)
	if err != nil {
		return err
	}
	m.Resting = resting
	return draw(p, c, homeView, http.StatusOK, "", m)
}

// work lists what a client works on. Of somebody who has a second proof it stands
// behind that: with whom else they work is nothing for whoever holds their inbox.
func (p *Portal) work(c *gin.Context) (found []engagement.Engagement, closed bool, err error) {
	if closed, err = p.inboxAlone(c); closed || err != nil {
		return nil, closed, err
	}
	found, err = engagement.ListForClient(c.Request.Context(), p.DB, p.who(c).Person)
	return found, false, err
}

// waitingMoney is what was offered to a client and not taken up, and what is to be
// paid by now. Alone says that they work with nobody.
func (p *Portal) waitingMoney(c *gin.Context, alone bool) ([]waitingPart, error) {
	ctx, me := c.Request.Context(), p.who(c)
	offers, err := practice.OffersTo(ctx, p.DB, me.Person)
	if err != nil {
		return nil, err
	}
	bought, err := p.Payment.OrdersOf(ctx, nil, me.Person)
	if err != nil || len(offers)+len(bought) == 0 {
		return nil, err
	}
	if !me.Strong {
		if weak, err := p.inboxAlone(c); weak || err != nil {
			return nil, err
		}
	}
	own := me.Strong || alone
	var waiting []waitingPart
	for _, o := range offers {
		if (own || o.Lane == practice.Joint) && !taken(o, bought) {
			waiting = append(waiting, waitingPart{Href: "/portal/packages/" + string(o.ID), Say: "An offer to you: " + o.Name, Why: "Look at it when it suits you. Nobody else finds it."})
		}
	}
	basics, err := practice.LoadBasics(ctx, p.DB)
	if err != nil {
		return nil, err
	}
	today := p.Now().In(basics.Zone()).Format(time.DateOnly)
	for _, o := range bought {
		if next, can := o.Next(); can && next.Number > 1 && next.DueOn <= today && o.Status != payment.Cancelled && shows(o, own) {
			waiting = append(waiting, waitingPart{Href: "/portal/orders/" + string(o.ID), Say: "A part to be paid: " + money.Format(next.PriceMinor, o.Currency),
				Why: "It gives " + sessionsSay(next.Sessions) + " when it is paid."})
		}
	}
	return waiting, nil
}

// unread is what was shared with a client and not opened yet: of what both read,
// and behind the second proof of what is theirs too.
func (p *Portal) unread(c *gin.Context) ([]waitingPart, error) {
	me := p.who(c)
	n, err := p.Note.Waiting(c.Request.Context(), me.Person, readKinds(me.Strong)...)
	switch {
	case err != nil || n == 0:
		return nil, err
	case n == 1:
		return []waitingPart{{Href: "/portal/notes", Say: "A note that you have not read yet", Why: "It can wait until you want to read it."}}, nil
	}
	return []waitingPart{{Href: "/portal/notes", Say: strconv.Itoa(n) + " notes that you have not read yet", Why: "They can wait until you want to read them."}}, nil
}

// more leads to the rest: GET /portal/more.
func (p *Portal) more(c *gin.Context) error {
	return draw(p, c, moreView, http.StatusOK, "more", morePage{})
}

// stateSay is where an engagement stands, as its client reads it.
func stateSay(e engagement.Engagement, own engagement.Client) string {
	switch {
	case own.Place == engagement.Left:
		return "You have left. What you could read before stays readable."
	case e.State == engagement.Ended:
		return "This has ended. What was written stays readable."
	case e.State == engagement.Paused:
		return "Paused: no hours for now. What was written stays, and you can go on writing."
	}
	return ""
}

// withSay names the other client, where both have accepted and are in it still. To
// whoever has left, nobody is named: who is in it now is not theirs to learn.
func withSay(e engagement.Engagement, own engagement.Client) string {
	if own.Place != engagement.Accepted {
		return ""
	}
	for _, other := range e.Accepted() {
		if other.Person != own.Person {
			return other.Name
		}
	}
	return ""
}

// neutralSay is the one sentence that a client finds after the other has left:
// that the shared part is over, and nothing of why or when.
func neutralSay(e engagement.Engagement, parted bool) string {
	if !parted {
		return ""
	}
	return "The part that you shared has been closed. Your own part goes on with " + e.CoachName + "."
}
