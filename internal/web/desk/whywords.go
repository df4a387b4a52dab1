package desk

import (
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
)

// whyAnswer says whether a time can be booked and what stands in its way.
type whyAnswer struct {
	Yes     bool
	Heading string
	Hours   string // the hours of that day
	Reasons []string
	Free    string // what can be booked on that day
}

// answerWhy puts what the engine found into words.
func answerWhy(w booking.Why, q booking.WhyQuery, now time.Time) *whyAnswer {
	a := &whyAnswer{Hours: hoursOfDay(w, q.Date)}
	clock := fmt.Sprintf("%02d:%02d", q.Minutes/60, q.Minutes%60)
	day := wholeDay(q.Date)
	for i, j := range w.Starts {
		if j.First == slot.Offered && !w.Withdrawn {
			a.Yes = true
		}
		reasons := reasonsOf(w, j, now)
		if len(w.Starts) > 1 {
			which := "The first time the clock shows it: "
			if i > 0 {
				which = "The second time: "
			}
			for n := range reasons {
				reasons[n] = which + reasons[n]
			}
			if len(reasons) == 0 {
				reasons = []string{which + "nothing stands in the way."}
			}
		}
		a.Reasons = append(a.Reasons, reasons...)
	}
	switch {
	case len(w.Starts) == 0:
		a.Reasons = append(a.Reasons, fmt.Sprintf("There is no %s on this day: the clock jumps over it in %s.", clock, civil.Place(w.Zone)))
	case len(w.Starts) > 1:
		a.Reasons = append([]string{"The clocks go back on this day, so " + clock + " is there twice."}, a.Reasons...)
	}
	if w.Withdrawn {
		a.Reasons = append(a.Reasons, w.Offer.Type.Name+" has been withdrawn: nobody is offered it.")
	}
	if !w.Offer.Type.Public {
		a.Reasons = append(a.Reasons, w.Offer.Type.Name+" is offered only to people with an account.")
	}
	if w.Travelling {
		a.Reasons = append(a.Reasons, fmt.Sprintf("%s is travelling: on this day the hours count on the clock of %s.", w.Coach.Name, civil.Place(w.Zone)))
	}
	a.Heading = fmt.Sprintf("%s, %s can be booked", day, clock)
	if !a.Yes {
		a.Heading = fmt.Sprintf("%s, %s cannot be booked", day, clock)
	}
	var free []string
	for _, s := range w.Free {
		free = append(free, civil.Clock(s.Start, w.Zone))
	}
	if a.Free = strings.Join(free, ", "); a.Free == "" {
		a.Free = "nothing"
	}
	return a
}

// hoursOfDay says the hours that count on a date and where they come from.
func hoursOfDay(w booking.Why, date slot.Date) string {
	from := "the week’s hours"
	switch {
	case w.Exception:
		from = "an exception for this day"
	case w.Offer.Type.Hours != nil:
		from = "the hours of " + w.Offer.Type.Name + " itself"
	}
	if len(w.Windows) == 0 {
		return "closed, by " + from
	}
	return windowsSay(w.Windows) + ", by " + from
}

// reasonsOf names everything that stands in the way of one moment.
func reasonsOf(w booking.Why, j booking.Judged, now time.Time) []string {
	t := w.Offer.Type
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	switch j.Fit {
	case booking.DayOff:
		say("The day is closed: it is entered as a day off or holiday.")
	case booking.NoHours:
		say("There are no hours on a %s.", j.Start.In(w.Zone).Weekday())
	case booking.Outside:
		say("It lies outside the hours of that day.")
	case booking.TooLong:
		say("It takes %s and would end at %s, after the hours do.", civil.Duration(t.Duration()), civil.Clock(j.End, w.Zone))
	case booking.BesideGrid:
		say("It lies inside the hours, between two times that are offered: one is offered every %s, counted from when the hours begin.", civil.Duration(step(t)))
	}
	switch j.Rule {
	case slot.Past:
		say("It has passed.")
	case slot.Notice:
		say("It is too soon: %s has to be booked at least %s ahead.", t.Name, practice.Span(t.NoticeMinutes))
	case slot.Horizon:
		say("It is too far ahead: %s opens %s before.", t.Name, practice.Days(t.HorizonDays))
	}
	if j.Full {
		say("The day is full: it takes at most %d of %s.", w.FullOf, t.Name)
	}
	if j.Unread {
		say("An outside calendar could not be read for longer than %s allows, so nothing is offered. It is named under Calendars.", w.Coach.Name)
	}
	for _, b := range j.Bookings {
		said = append(said, bookingInTheWay(b, w.Zone, now))
	}
	for _, o := range j.Busy {
		said = append(said, busyInTheWay(o, w.Zone, now))
	}
	return said
}

func step(t practice.Type) time.Duration {
	if t.StepMinutes > 0 {
		return time.Duration(t.StepMinutes) * time.Minute
	}
	return t.Duration()
}

// bookingInTheWay says what the schedule shows of a booking: the hour, the name
// and how it stands.
func bookingInTheWay(in booking.InTheWay, zone *time.Location, now time.Time) string {
	b := in.Booking
	whose := "A call"
	if b.Names() != "" {
		whose = "The call with " + b.Names()
	}
	state := ""
	switch b.Status {
	case booking.Pending:
		state = ", which waits for an answer,"
	case booking.Held:
		state = ", which is kept for later,"
	}
	hours := civil.Clock(b.Start, zone) + "–" + civil.Clock(b.End, zone)
	if civil.Day(b.Start, zone, now) != civil.Day(b.End, zone, now) {
		hours = civil.Day(b.Start, zone, now) + ", " + hours
	}
	if in.Gap {
		return fmt.Sprintf("%s at %s%s is too near: a break belongs between the two.", whose, hours, state)
	}
	return fmt.Sprintf("%s at %s%s takes this time.", whose, hours, state)
}

// busyInTheWay says that the coach has something else, and for whom the label
// is, what.
func busyInTheWay(o booking.Occupied, zone *time.Location, now time.Time) string {
	what := "A blocked time"
	if o.Outside || o.ID == "" {
		what = "An entry in another calendar"
	}
	if o.Label != "" {
		what += " (" + o.Label + ")"
	}
	from, to := civil.Day(o.Start, zone, now)+", "+civil.Clock(o.Start, zone), civil.Clock(o.End, zone)
	if civil.Day(o.Start, zone, now) != civil.Day(o.End, zone, now) {
		to = civil.Day(o.End, zone, now) + ", " + to
	}
	return fmt.Sprintf("%s takes this time: %s until %s. The break before and after counts too.", what, from, to)
}
