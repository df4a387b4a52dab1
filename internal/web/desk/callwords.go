package desk

import (
	"strings"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
)

// callLine is a booking in one line of a list.
type callLine struct {
	Href     string
	Start    string // RFC 3339
	Day      string // said where the list has several days
	Hours    string // "14:00 to 14:30"
	Who      string
	What     string
	With     string // the coach, where the page shows several
	Where    string
	JoinHref string
	State    booking.Status
	StateSay string
	Note     string // one thing to be known about it
	Op       string // for a form on the line
	By       string // until when it waits for an answer
}

// line puts a booking into one line of a list, on the clock of the page.
func (w whose) line(b booking.Booking, v booking.Viewer, now time.Time) callLine {
	l := callLine{
		Href: "/desk/bookings/" + string(b.ID), Start: b.Start.In(w.loc).Format(time.RFC3339),
		Day: civil.Day(b.Start, w.loc, now), Hours: hoursSay(b.Start, b.End, w.loc),
		Who: b.Names(), What: b.TypeName, With: w.name(b.CoachID), Where: placeSay(b, v),
		State: standing(b, now), StateSay: stateSay(b, now),
	}
	if b.CoachID == v.ID && now.Before(b.End) {
		l.JoinHref = b.JoinURL()
	}
	if b.Status == booking.Pending {
		l.By = civil.When(b.ExpiresAt, w.loc, now)
	}
	l.Note = unsafeSay(b)
	return l
}

// unsafeSay says to whom of a call nothing may be written.
func unsafeSay(b booking.Booking) string {
	names := b.Unsafe()
	switch {
	case len(names) == 0:
		return ""
	case b.Guest.ID != "" && len(names) == 1:
		return "Mail is not safe for " + names[0] + "."
	}
	return "Mail is not safe for them."
}

// departedSay says who has left a call that still stands.
func departedSay(b booking.Booking) string {
	names := b.Departed()
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0] + " has left since this was arranged."
	}
	return "Both have left since this was arranged."
}

// hoursSay says from when to when: "14:00 to 14:30".
func hoursSay(start, end time.Time, loc *time.Location) string {
	return civil.Clock(start, loc) + " to " + civil.Clock(end, loc)
}

// placeSay says where a call is held. A number is not shown to an assistant.
func placeSay(b booking.Booking, v booking.Viewer) string {
	switch {
	case b.Place == practice.Video:
		return "By video"
	case b.Place == practice.Phone && b.Phone != "" && v.Role != people.Assistant:
		return "By phone, " + b.Phone
	case b.Place == practice.Phone:
		return "By phone"
	}
	return b.Place
}

// standing is where a booking stands as people should see it: a request that
// ran out a second ago has run out.
func standing(b booking.Booking, now time.Time) booking.Status {
	if b.Due(now) {
		return booking.Expired
	}
	return b.Status
}

// stateSay says where a booking stands.
func stateSay(b booking.Booking, now time.Time) string {
	switch standing(b, now) {
	case booking.Pending:
		return "Asked for"
	case booking.Held:
		return "Reserved"
	case booking.Confirmed:
		switch {
		case now.Before(b.Start):
			return "Booked"
		case now.Before(b.End):
			return "Now"
		}
		return "Over"
	case booking.Completed:
		return "Took place"
	case booking.NoShow:
		return "They did not come"
	case booking.Cancelled:
		return "Cancelled"
	case booking.Declined:
		return "Declined"
	}
	return "Ran out"
}

// newsSay says what happened to a booking last.
func newsSay(b booking.Booking) string {
	switch {
	case b.Status == booking.Cancelled && b.EndedBy == booking.ByPerson:
		return "They cancelled"
	case b.Status == booking.Cancelled:
		return "Cancelled"
	case b.Status == booking.Expired:
		return "Ran out unanswered"
	case !b.MovedFrom.IsZero():
		return "Moved"
	}
	return "Booked"
}

// firstWord is how somebody is called in the middle of a sentence.
func firstWord(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

// quietly marks an act of which a person got no letter, since mail is not safe
// for them or they have left, so that the page does not claim that they have
// been told.
func quietly(done string, b booking.Booking) string {
	untold := len(b.Unsafe()) + len(b.Departed())
	if untold == 0 || b.ID == "" {
		return done
	}
	switch done {
	case "accepted", "declined", "moved", "cancelled", "booked":
		if b.Guest.ID != "" && untold == 1 {
			return done + "-to-one"
		}
		return done + "-quietly"
	}
	return done
}

// daySay is what a page says after an act that led to it. Only these sentences
// can be asked for.
func daySay(done string) string {
	const unwritten = " Mail is not safe for them, so nothing was sent to them; they see it when they open their page."
	if act, only := strings.CutSuffix(done, "-to-one"); only {
		switch act {
		case "accepted", "declined", "moved", "cancelled", "booked":
			return strings.ToUpper(act[:1]) + act[1:] + ". One of the two has been told; to the other nothing is sent, as the call’s page says."
		}
		return ""
	}
	switch done {
	case "given-back":
		return "Given back. They can use it again."
	case "kept":
		return "Kept for one. Nothing changes for them, and nobody is written to."
	case "accepted-quietly":
		return "Accepted." + unwritten
	case "declined-quietly":
		return "Declined, and the hour is free again." + unwritten
	case "moved-quietly":
		return "Moved." + unwritten
	case "cancelled-quietly":
		return "Cancelled." + unwritten
	case "booked-quietly":
		return "Booked. Mail is not safe for them, so nothing was sent: tell them the time yourself."
	case "accepted":
		return "Accepted. They have been told."
	case "declined":
		return "Declined. They have been told, and the hour is free again."
	case "moved":
		return "Moved. Both of you have been told."
	case "cancelled":
		return "Cancelled. Both of you have been told."
	case "held":
		return "Noted: the call took place."
	case "missed":
		return "Noted: they did not come. Nobody has been written to."
	case "undone":
		return "Taken back."
	case "booked":
		return "Booked. Both of you have been told."
	case "blocked":
		return "Blocked. Nobody can book in this time."
	case "opened":
		return "Opened again."
	case "again":
		return "It is being tried again."
	}
	return ""
}
