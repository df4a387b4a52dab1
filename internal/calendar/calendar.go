// Package calendar turns our events into iCalendar text (RFC 5545, 5546, 6047,
// 6868, 7986): invitations and their cancellations, downloads, feeds, and the
// links that open somebody's web calendar; and it reads when the owner of an
// outside calendar is busy (busy.go). It is pure: no SQL, no clock, no HTTP;
// equal input gives equal bytes.
//
// It trusts no text. Every word is cleaned before it is written and every line
// is folded after, so that a name can never become a property (clean.go,
// write.go). Every time is written in UTC with a Z, so no time zone definition
// is ever needed and nothing depends on where the server stands.
//
// It refuses to decide what may be said. The caller hands over words that are
// already discreet, and never a manage token: an event lands on shared
// calendars, and whoever sees it there could cancel.
package calendar

import (
	"errors"
	"strings"
	"time"
)

// ContentType is what an .ics answers with over HTTP. Mails use MIMEType.
const ContentType = "text/calendar; charset=utf-8"

// Status is the state of an event, in the only three words RFC 5545 knows.
type Status string

// The states of an event. The zero value is none of them and is refused, so
// that nothing is called confirmed because somebody forgot to say.
const (
	Confirmed Status = "CONFIRMED"
	Tentative Status = "TENTATIVE"
	Cancelled Status = "CANCELLED"
)

// Event is one promised hour as a calendar may show it.
type Event struct {
	// UID names the event for life, in mail, feed and download alike. It is
	// random and public: letters, digits and @ . _ - only, at most 255.
	UID string
	// Sequence grows by one with every reschedule or cancellation.
	Sequence int
	// Stamp is the instant of the last change, written as DTSTAMP and
	// LAST-MODIFIED. Never the time of writing: a feed would change with
	// every look and its ETag would be worth nothing.
	Stamp      time.Time
	Start, End time.Time

	// The words. Summary and Location become one line each. URL is left out
	// unless it is a whole http or https address; a bad one does not hold up
	// the invitation.
	Summary, Description, Location, URL string

	Status  Status
	Created time.Time // optional
	// Transparent events do not make their owner busy. A cancelled event is
	// written as transparent whatever stands here.
	Transparent bool
	// Alarm is a display alarm this long before the start, rounded up to a
	// minute; 0 is none. A cancelled event has none.
	Alarm time.Duration
	// Organizer is optional and used by Publish alone, where RFC 5546 wants
	// one. Feeds name nobody.
	Organizer Party
}

// Party is somebody named in an invitation.
type Party struct {
	Name  string // may be empty
	Email string
}

// check refuses what no cleaning could mend: the mistakes of a programmer.
// None of its sentences repeats a word of the event.
func (e Event) check() error {
	if !soundUID(e.UID) {
		return errors.New("calendar: the UID is empty, too long or has a character other than letters, digits and @ . _ -")
	}
	if e.Sequence < 0 {
		return errors.New("calendar: the sequence is below zero")
	}
	if e.Stamp.IsZero() {
		return errors.New("calendar: the event has no stamp")
	}
	if !e.Start.Truncate(time.Second).Before(e.End.Truncate(time.Second)) {
		return errors.New("calendar: the event does not end after its start")
	}
	for _, at := range []time.Time{e.Stamp, e.Start, e.End, e.Created} {
		if year := at.UTC().Year(); year < 1 || year > 9999 {
			return errors.New("calendar: a year that four digits cannot hold")
		}
	}
	switch e.Status {
	case Confirmed, Tentative, Cancelled:
	default:
		return errors.New("calendar: the status is none of confirmed, tentative, cancelled")
	}
	if e.Alarm < 0 {
		return errors.New("calendar: the alarm would ring after the start")
	}
	return nil
}

// soundUID reports whether a UID can be written anywhere without escaping.
func soundUID(uid string) bool {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@._-"
	return uid != "" && len(uid) <= 255 && strings.Trim(uid, allowed) == ""
}
