package portal

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var sessionsView = page.Define[sessionsPage]("portal-sessions.html")

// packagesAt is where a client sees what can be bought.
const packagesAt = "/portal/packages"

// sessionsPage is what a client has left: what is for both, and apart from it
// what is theirs alone.
type sessionsPage struct {
	Private          bool
	ProofHref        string
	Packages         string
	Ours             []lotPart
	Mine             []lotPart
	OursTag, MineTag laneTag
}

// lotPart is sessions that came together.
type lotPart struct {
	Left    string // "4 of 6 sessions left"
	Covers  string
	Until   string
	Hold    string
	Over    bool
	BookAt  string // empty when nothing can be booked with it now
	History []lotLine
}

// lotLine is one thing that happened to them.
type lotLine struct{ When, Say, Amount, Href string }

// sessions shows them: GET /portal/sessions. It takes two statements.
func (p *Portal) sessions(c *gin.Context) error {
	ctx, who, now := c.Request.Context(), p.client(c), p.Now()
	lots, err := credit.OfClient(ctx, p.DB, who.ID, who.Strong)
	if err != nil {
		return err
	}
	lines, err := credit.LedgerOfClient(ctx, p.DB, p.Booking.Keys, who.ID, who.Strong)
	if err != nil {
		return err
	}
	m := sessionsPage{Private: who.Strong, ProofHref: setUpAt("/portal/sessions"), Packages: packagesAt,
		OursTag: laneTag{string(engagement.JointLane), "both of us and our coach"}, MineTag: laneTag{string(engagement.IndividualLane), "me and my coach"}}
	zone := p.zone(c)
	for _, l := range lots {
		part := partOf(l, now)
		for _, line := range lines {
			if line.Lot == l.ID {
				part.History = append(part.History, lineOfSession(line, l, who, zone, now))
			}
		}
		if l.Joint() {
			m.Ours = append(m.Ours, part)
		} else {
			m.Mine = append(m.Mine, part)
		}
	}
	return draw(p, c, sessionsView, http.StatusOK, "bookings", m)
}

// partOf words what is left of a lot.
func partOf(l credit.Lot, now time.Time) lotPart {
	part := lotPart{Left: l.LeftSay(now), Covers: l.ForSay(), Until: l.UntilSay(now), Over: l.Left(now) == 0}
	if l.Holds > 0 && l.Left(now) > 0 {
		part.Hold = "On hold for now: what is arranged stands, and nothing new can be booked with these. Your coach can say more."
	}
	if l.Usable(now) > 0 {
		part.BookAt = "/portal/bookings/new"
	}
	return part
}

// lineOfSession says in words what happened.
func lineOfSession(m credit.Movement, l credit.Lot, who booking.Client, zone *time.Location, now time.Time) lotLine {
	line := lotLine{When: civil.Day(m.At, zone, now), Say: m.Say(zone, now), Amount: m.Signed()}
	if m.Booking != "" && (l.Joint() || who.Strong) {
		line.Href = "/portal/bookings/" + string(m.Booking)
	}
	return line
}

// usable picks what a session of a type can come from now, of the right wallet.
func usable(lots []credit.Lot, t practice.Type, in engagement.ID, now time.Time) (left int, until string) {
	for _, l := range lots {
		if l.Joint() != (t.Lane == practice.Joint) || l.Joint() && l.Engagement != in || !slices.Contains(l.Types, t.Slug) {
			continue
		}
		if n := l.Usable(now); n > 0 {
			left += n
			if until == "" {
				until = l.ExpiresOn
			}
		}
	}
	return left, until
}

// usesSay is what a kind of call costs in sessions: "Uses 1 of 4 sessions".
func usesSay(credits, left int) string {
	if left == 1 {
		return "Uses your last session"
	}
	return fmt.Sprintf("Uses %d of %s", credits, booking.Sessions(left))
}

// nudge is a calm word on the first page about sessions that rest; nil where
// there is none to say. Of sessions for two it is said only while two are in what
// goes on.
func (p *Portal) nudge(c *gin.Context, coming []booking.Booking, in []engagement.Engagement) (*waitingPart, error) {
	who, now := p.client(c), p.Now()
	lots, err := credit.OfClient(c.Request.Context(), p.DB, who.ID, who.Strong)
	if err != nil {
		return nil, err
	}
	for _, r := range credit.Rest(lots, now) {
		joint := r.Lots[0].Joint()
		if joint && !slices.ContainsFunc(in, func(e engagement.Engagement) bool {
			return e.ID == r.Lots[0].Engagement && e.State == engagement.Open && len(e.Accepted()) == 2
		}) {
			continue
		}
		if slices.ContainsFunc(coming, func(b booking.Booking) bool { return b.Joint == joint }) {
			continue
		}
		w := &waitingPart{Href: "/portal/bookings/new", Say: "You have " + booking.Sessions(r.Left) + " left, and nothing is arranged",
			Why: "There is no hurry."}
		if joint {
			w.Say = "The two of you have " + booking.Sessions(r.Left) + " left, and nothing is arranged"
		}
		if r.Until != "" {
			w.Why += " They can be used until " + credit.SayDate(r.Until) + "."
		}
		return w, nil
	}
	return nil, nil
}
