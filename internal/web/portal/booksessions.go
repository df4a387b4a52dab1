package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/pick"
)

var seriesView = page.Define[seriesPage]("portal-series.html")

// weekChoice is how often the same hour is booked.
type weekChoice struct {
	Value  int
	Say    string
	Chosen bool
}

// seriesPage is what became of a series: what is booked, and of each other date
// why not.
type seriesPage struct {
	Booked []weekLine
	Not    []weekLine
	Again  string
}

type weekLine struct{ Href, When, Say string }

// addSessions says what a call uses of the client's sessions and until when it
// is free to change, before anything is pressed.
func (p *Portal) addSessions(c *gin.Context, m *newCallPage, offer availability.TypeOffer, r booking.Session) error {
	if r.Engagement != "" && len(offer.Coaches) == 1 {
		m.Weeks = weekChoices(weeksOf(c))
	}
	if offer.Type.Credits == 0 {
		return nil
	}
	who, now := p.client(c), p.Now()
	lots, err := credit.OfClient(c.Request.Context(), p.DB, who.ID, who.Strong)
	if err != nil {
		return err
	}
	m.Packages = packagesAt
	left, until := usable(lots, offer.Type, r.Engagement, now)
	if left < offer.Type.Credits {
		m.Short = shortSay(offer.Type.Credits, left)
		return nil
	}
	m.Uses = usesSay(offer.Type.Credits, left) + lastDaySay(until) + "."
	m.Notice = pick.FreeRule(m.Picker, offer.Practice, now)
	return nil
}

// shortSay says why a kind of call cannot be booked now.
func shortSay(needed, left int) string {
	switch {
	case left == 0:
		return "There is no session left that can be used for this."
	case left == 1:
		return fmt.Sprintf("This takes %d sessions, and 1 is left.", needed)
	}
	return fmt.Sprintf("This takes %d sessions, and %d are left.", needed, left)
}

func lastDaySay(until string) string {
	if until == "" {
		return ""
	}
	return ", for calls that begin on or before " + credit.SayDate(until)
}

// freeNotice says on a call's page until when exactly it is free to change.
func freeNotice(b booking.Booking, loc *time.Location, now time.Time) string {
	until := civil.When(b.FreeUntil, loc, now)
	switch {
	case b.Status == booking.Pending && b.AcceptedAt.IsZero():
		return "Until it is accepted you can take it back at any time. Once it is, it is free to move or cancel until " + until + "; later the session counts as used."
	case !now.After(b.FreeUntil):
		return "Free to move or cancel until " + until + "; later the session counts as used."
	}
	return "It was free to move or cancel until " + until + ". That has passed: it cannot be moved here any more, and when you cancel it the session counts as used. If something has come up, write to your coach."
}

// addUse says what a call uses of the sessions, or what became of them.
func (p *Portal) addUse(c *gin.Context, m *bookingPage, b booking.Booking) error {
	switch {
	case b.Credits == 0:
		return nil
	case b.Status == booking.Pending, b.Status == booking.Confirmed:
		m.Use = "It uses " + booking.Sessions(b.Credits) + "."
		return nil
	}
	id := credit.BookingID(b.ID)
	all, err := credit.Standings(c.Request.Context(), p.DB, []credit.BookingID{id})
	if err != nil {
		return err
	}
	m.Use = b.StandingSay(all[id])
	return nil
}

// weeksOf reads how often the hour is wanted; once, where nothing is said.
func weeksOf(c *gin.Context) int {
	n, err := strconv.Atoi(c.PostForm("weeks"))
	if err != nil || n < 1 || n > 1000 {
		return 1
	}
	return n
}

func weekChoices(chosen int) []weekChoice {
	list := []weekChoice{{Value: 1, Say: "Once", Chosen: chosen <= 1}}
	for n := booking.ShortestSeries; n <= booking.LongestSeries; n++ {
		list = append(list, weekChoice{Value: n, Say: fmt.Sprintf("Weekly, %d times", n), Chosen: chosen == n})
	}
	return list
}

// bookSeries books the same hour on several weeks, as POST /portal/bookings
// does with more than one.
func (p *Portal) bookSeries(c *gin.Context, offer availability.TypeOffer, r booking.Session, weeks int) error {
	ctx, me := c.Request.Context(), p.who(c)
	op := c.PostForm("op")
	if r.Key.Text == "" { // a form without a key: what could not be booked is still to be found
		op = p.Guard.NewOp(p.Now())
		r.Key.Text = p.Guard.OpOf(op, string(me.Person))
	}
	r.Key.Scope = seriesScope(offer.Type.Lane == practice.Joint)
	zone := p.look(c, r, offer).Zone
	hours, err := p.Booking.BookSeries(ctx, p.client(c), r, zone, weeks)
	if err != nil && !fault.Is(err, once.Mismatch) {
		problems, status, is := refused(err)
		if !is {
			return err
		}
		return p.drawNewCall(c, status, r, problems, nil)
	}
	booked := 0
	var problems page.Problems
	for _, h := range hours {
		if h.Booking != "" {
			booked++
			if err := p.Guard.Allow(ctx, guard.BookingsMade(), asClient(me.Person)); err != nil && fault.KindOf(err) != fault.TooMany {
				p.Log.WarnContext(ctx, "count of bookings", "error", err) // the booking stands; only the count is missing
			}
			continue
		}
		problems = append(problems, fault.Field{Name: "start", Say: civil.When(h.Start, practice.Zone(zone), p.Now()) + ": " + h.Refused})
	}
	if booked == 0 {
		return p.drawNewCall(c, http.StatusConflict, r, problems, nil)
	}
	c.Redirect(http.StatusSeeOther, "/portal/bookings/series?"+url.Values{"of": {op}, "done": {"series"}}.Encode())
	return nil
}

// seriesScope keeps what was booked for both apart from what is one's own and
// opens with the second proof alone.
func seriesScope(joint bool) string {
	if joint {
		return "portal series"
	}
	return "portal own series"
}

// series shows what became of one: GET /portal/bookings/series?of=. It is found
// by whoever sent it, for as long as an operation is remembered.
func (p *Portal) series(c *gin.Context) error {
	ctx, who, now := c.Request.Context(), p.client(c), p.Now()
	key := once.Key{Scope: seriesScope(true), Text: p.Guard.OpOf(c.Query("of"), string(who.ID))}
	hours, err := p.Booking.FindSeries(ctx, p.DB, key)
	if fault.KindOf(err) == fault.NotFound && who.Strong {
		key.Scope = seriesScope(false)
		hours, err = p.Booking.FindSeries(ctx, p.DB, key)
	}
	if err != nil {
		return err
	}
	coming, err := p.Booking.Coming(ctx, p.DB, who)
	if err != nil {
		return err
	}
	m := seriesPage{Again: "/portal/bookings/new"}
	zone := p.zone(c)
	for _, h := range hours {
		l := weekLine{When: civil.When(h.Start, zone, now), Say: h.Refused}
		if h.Booking == "" {
			m.Not = append(m.Not, l)
			continue
		}
		l.Say = "No longer as it was booked; its page shows how it stands."
		l.Href = "/portal/bookings/" + string(h.Booking)
		for _, b := range coming {
			if b.ID == h.Booking && b.Start.Equal(h.Start) {
				l.Say, _ = stateWords(b, now)
				if b.Credits > 0 {
					l.Say += ". Free to move or cancel until " + civil.When(b.FreeUntil, zone, now) + "."
				}
			}
		}
		m.Booked = append(m.Booked, l)
	}
	return draw(p, c, seriesView, http.StatusOK, "bookings", m)
}
