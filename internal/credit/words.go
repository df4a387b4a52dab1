package credit

import (
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/civil"
)

// LeftSay says what is left of how many: "4 of 6 sessions left".
func (l Lot) LeftSay(now time.Time) string {
	left := l.Left(now)
	switch {
	case left >= l.Granted && left == 1:
		return "1 session left"
	case left >= l.Granted:
		return fmt.Sprintf("%d sessions left", left)
	case left == 0:
		return fmt.Sprintf("No session left of %d", l.Granted)
	}
	return fmt.Sprintf("%d of %d sessions left", left, l.Granted)
}

// ForSay names what they can be used for.
func (l Lot) ForSay() string { return strings.Join(l.Names, " or ") }

// UntilSay says in a sentence until when.
func (l Lot) UntilSay(now time.Time) string {
	switch {
	case l.ExpiresOn == "":
		return "They have no last day."
	case l.Over(now):
		return "The last day was " + SayDate(l.ExpiresOn) + "."
	}
	return "For sessions that begin on or before " + SayDate(l.ExpiresOn) + " (" + civil.City(l.Zone) + ")."
}

// Say is what a movement means, in words that whoever holds the sessions can
// read.
func (m Movement) Say(zone *time.Location, now time.Time) string {
	hour, of := "", ""
	if !m.StartsAt.IsZero() {
		hour = m.TypeName + ", " + civil.When(m.StartsAt, zone, now)
		hour, of = ": "+hour, " ("+hour+")"
	}
	because := ""
	if m.Reason != "" {
		because = ": " + m.Reason
	}
	first, _, _ := strings.Cut(m.By, " ")
	switch m.Kind {
	case Granted:
		if m.ActorKind == "coach" && first != "" {
			return "Given by " + first + because
		}
		return "Came in" + because
	case Used:
		return "Booked" + hour
	case Moved:
		return "Moved, now" + hour
	case Returned:
		return "Came back" + because + of
	case Forfeited:
		return "Counts as used" + because + of
	case Reinstate:
		return "Not lost after all" + of
	case Expired:
		return "Ended: the last day was over"
	case Revoked:
		return "Taken back"
	case Frozen:
		return "Put on hold"
	case Thawed:
		return "No longer on hold" + m.untilSay()
	case Adjusted:
		if first == "" {
			return "Changed" + because
		}
		return "Changed by " + first + because
	case Extended:
		return "Made to last longer" + m.untilSay() + because
	}
	return ""
}

func (m Movement) untilSay() string {
	if m.ExpiresOn == "" {
		return ""
	}
	return ", until " + SayDate(m.ExpiresOn)
}

// Signed says by how many a movement changed what is left: "+1", "−2"; nothing
// where it did not.
func (m Movement) Signed() string {
	switch {
	case m.Amount < 0:
		return fmt.Sprintf("−%d", -m.Amount)
	case m.Amount > 0:
		return fmt.Sprintf("+%d", m.Amount)
	}
	return ""
}
