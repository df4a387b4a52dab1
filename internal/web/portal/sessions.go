package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
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
	lines, err := credit.LedgerOfClient(ctx, p.DB, who.ID, who.Strong)
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
	part := lotPart{Left: leftSay(l.Left(now), l.Granted), Covers: strings.Join(l.Names, " or "), Over: l.Left(now) == 0}
	switch {
	case l.ExpiresOn == "":
		part.Until = "They do not end."
	case l.Over(now):
		part.Until = "The last day was " + credit.SayDate(l.ExpiresOn) + "."
	default:
		part.Until = "For sessions that begin on or before " + credit.SayDate(l.ExpiresOn) + " (" + civil.City(l.Zone) + ")."
	}
	if l.Holds > 0 && l.Left(now) > 0 {
		part.Hold = "On hold for now: what is arranged stands, and nothing new can be booked with these. Your coach can say more."
	}
	if l.Usable(now) > 0 {
		part.BookAt = "/portal/bookings/new"
	}
	return part
}

// leftSay says what is left of how many: "4 of 6 sessions left".
func leftSay(left, of int) string {
	switch {
	case left >= of && left == 1:
		return "1 session left"
	case left >= of:
		return fmt.Sprintf("%d sessions left", left)
	case left == 0:
		return "No session left of " + fmt.Sprint(of)
	}
	return fmt.Sprintf("%d of %d sessions left", left, of)
}

// lineOfSession says in words what happened.
func lineOfSession(m credit.Movement, l credit.Lot, who booking.Client, zone *time.Location, now time.Time) lotLine {
	line := lotLine{When: civil.Day(m.At, zone, now), Say: movementSay(m, zone, now)}
	if m.Amount != 0 {
		line.Amount = signed(m.Amount)
	}
	if m.Booking != "" && (l.Joint() || who.Strong) {
		line.Href = "/portal/bookings/" + string(m.Booking)
	}
	return line
}

func signed(n int) string {
	if n < 0 {
		return fmt.Sprintf("−%d", -n)
	}
	return fmt.Sprintf("+%d", n)
}

// movementSay is what a movement means for whoever holds the sessions.
func movementSay(m credit.Movement, zone *time.Location, now time.Time) string {
	hour := ""
	if !m.StartsAt.IsZero() {
		hour = m.TypeName + ", " + civil.When(m.StartsAt, zone, now)
	}
	because := ""
	if m.Reason != "" {
		because = ": " + m.Reason
	}
	switch m.Kind {
	case credit.Granted:
		if m.ActorKind == "coach" {
			return "Given by " + firstName(m.By) + because
		}
		return "Came in" + because
	case credit.Used:
		return "Booked: " + hour
	case credit.Moved:
		return "Moved, now: " + hour
	case credit.Returned:
		return "Came back" + because + " (" + hour + ")"
	case credit.Forfeited:
		return "Counts as used" + because + " (" + hour + ")"
	case credit.Reinstate:
		return "Not lost after all (" + hour + ")"
	case credit.Expired:
		return "Ended: the last day was over"
	case credit.Revoked:
		return "Taken back"
	case credit.Frozen:
		return "Put on hold"
	case credit.Thawed:
		return "No longer on hold" + untilSay(m)
	case credit.Adjusted:
		return "Changed by " + firstName(m.By) + because
	case credit.Extended:
		return "Made to last longer" + untilSay(m) + because
	}
	return ""
}

func untilSay(m credit.Movement) string {
	if m.ExpiresOn == "" {
		return ""
	}
	return ", until " + credit.SayDate(m.ExpiresOn)
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
// there is none to say.
func (p *Portal) nudge(c *gin.Context, coming []booking.Booking) (*waitingPart, error) {
	who, now := p.client(c), p.Now()
	lots, err := credit.OfClient(c.Request.Context(), p.DB, who.ID, who.Strong)
	if err != nil {
		return nil, err
	}
	for _, r := range credit.Rest(lots, now) {
		joint := r.Lots[0].Joint()
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
