package portal

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var bookingsView = page.Define[bookingsPage]("portal-bookings.html")

// bookingsPage is what a client has before them and what is over: what both
// partners know of, and apart from it what is theirs alone.
type bookingsPage struct {
	Private    bool   // the second proof was given: what is theirs alone is shown too
	ProofHref  string // where it is given
	Couple     bool   // somebody else is in one of their engagements too
	Ours, Mine []bookingLine
	Past       []bookingLine
	BookHref   string
}

// bookingLine is a call in one line.
type bookingLine struct {
	Href, Start string
	When, What  string
	With        string
	Length      string
	JoinHref    string
	Tag         laneTag
	State       booking.Status
	StateSay    string
}

// laneTag says who knows of a call, with the shape and the word of its lane.
type laneTag struct{ Kind, Tag string }

// client is who asks, as the booking room knows them.
func (p *Portal) client(c *gin.Context) booking.Client {
	me := p.who(c)
	return booking.Client{ID: me.Person, Strong: me.Strong}
}

// orProve leads a client who has not given the second proof to do so, where a
// handler finds nothing: both to what is behind it and to what there is not.
func (p *Portal) orProve(handle func(*gin.Context) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		err := handle(c)
		if fault.KindOf(err) == fault.NotFound && !p.who(c).Strong {
			p.Sessions.RequireStrongClient()(c)
			return nil
		}
		return err
	}
}

// mostPast bounds how many calls that are over a page lists.
const mostPast = 50

// bookings lists them: GET /portal/bookings. What is a client's own stands
// behind their second proof; the door to it is there whether or not anything
// lies behind.
func (p *Portal) bookings(c *gin.Context) error {
	ctx, who, now := c.Request.Context(), p.client(c), p.Now()
	coming, err := p.Booking.Coming(ctx, p.DB, who)
	if err != nil {
		return err
	}
	past, err := p.Booking.Past(ctx, p.DB, who, mostPast)
	if err != nil {
		return err
	}
	work, err := engagement.ListForClient(ctx, p.DB, who.ID)
	if err != nil {
		return err
	}
	m := bookingsPage{Private: who.Strong, ProofHref: setUpAt("/portal/bookings"), BookHref: "/portal/bookings/new"}
	for _, e := range work {
		own, _ := e.Client(who.ID)
		m.Couple = m.Couple || withSay(e, own) != ""
	}
	for _, b := range coming {
		m.Couple = m.Couple || b.Joint
		if l := lineOf(b, now); b.Joint {
			m.Ours = append(m.Ours, l)
		} else {
			m.Mine = append(m.Mine, l)
		}
	}
	for _, b := range past {
		m.Past = append(m.Past, lineOf(b, now))
	}
	return draw(p, c, bookingsView, http.StatusOK, "bookings", m)
}

// lineOf words a call on the clock that its client reads it on.
func lineOf(b booking.Booking, now time.Time) bookingLine {
	loc := practice.Zone(b.Timezone)
	l := bookingLine{Href: "/portal/bookings/" + string(b.ID), Start: b.Start.In(loc).Format(time.RFC3339), When: civil.When(b.Start, loc, now),
		What: b.TypeName, With: b.CoachName, Length: civil.Duration(b.End.Sub(b.Start)), Tag: tagOf(b), State: stateNow(b, now)}
	if now.Before(b.End) {
		l.JoinHref = b.JoinURL()
	}
	l.StateSay, _ = stateWords(b, now)
	return l
}

// tagOf says who knows of a call.
func tagOf(b booking.Booking) laneTag {
	if b.Joint {
		return laneTag{string(engagement.JointLane), "both of us and our coach"}
	}
	return laneTag{string(engagement.IndividualLane), "me and my coach"}
}

// stateNow is where a call stands as people should see it: a request that ran
// out a second ago has run out.
func stateNow(b booking.Booking, now time.Time) booking.Status {
	if b.Due(now) {
		return booking.Expired
	}
	return b.Status
}

// stateWords say where a call stands, and in a sentence what that means.
func stateWords(b booking.Booking, now time.Time) (state, next string) {
	coach := firstName(b.CoachName)
	switch stateNow(b, now) {
	case booking.Pending:
		return "Waiting for an answer", "The time is kept until " + civil.When(b.ExpiresAt, practice.Zone(b.Timezone), now) + ". The answer stands here as soon as there is one."
	case booking.Confirmed, booking.Held:
		switch {
		case now.Before(b.Start):
			return "Confirmed", ""
		case now.Before(b.End):
			return "Now", "This call has begun. It is not too late to join."
		}
		return "Over", ""
	case booking.Completed:
		return "Over", ""
	case booking.NoShow:
		return "Over", "This call did not take place."
	case booking.Cancelled:
		switch {
		case b.Joint: // who of the three did is theirs to say to each other
			return "Cancelled", "The time is free for someone else."
		case b.EndedBy == booking.ByPerson:
			return "Cancelled", "You cancelled it."
		}
		return "Cancelled", coach + " cancelled it. You are welcome to choose another time."
	case booking.Declined:
		return "Not possible", "This hour could not be given. You are welcome to choose another one."
	}
	return "Ran out", "It was not answered in time, so the hour is no longer kept. You are welcome to choose another one."
}

// firstName is how a coach is called in the middle of a sentence.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}
