package calendar

import (
	"errors"
	"strings"

	"github.com/emersion/go-ical"
)

// Request writes the invitation that a mail carries when an event is confirmed
// or moved. It holds one event and one attendee, the reader of that mail alone.
//
// The attendee is written as PARTSTAT=ACCEPTED;RSVP=FALSE. They asked for this
// hour themselves, and nobody here reads the answers that mail programs send:
// a question would be a false one, and a "No" pressed in it would look like a
// cancellation and be none. Gmail shows such an event as accepted; Outlook
// ignores the acceptance and asks, without wanting an answer sent. Both take
// the event into the calendar. CUTYPE and X-NUM-GUESTS are what Gmail's own
// invitations carry; without them some were not recognised.
//
// Organizer and attendee should have different addresses: Gmail does not show
// an invitation from yourself as one. Send that reader Publish instead.
func Request(e Event, organizer, attendee Party) ([]byte, error) {
	if e.Status != Confirmed && e.check() == nil {
		return nil, errors.New("calendar: only a confirmed event is an invitation")
	}
	return message("REQUEST", e, organizer, attendee, map[string]string{
		ical.ParamCalendarUserType:    "INDIVIDUAL",
		ical.ParamRole:                "REQ-PARTICIPANT",
		ical.ParamParticipationStatus: "ACCEPTED",
		ical.ParamRSVP:                "FALSE",
		"X-NUM-GUESTS":                "0",
	})
}

// Cancel writes what takes an event out of the calendar again: METHOD:CANCEL
// and STATUS:CANCELLED, whatever status the event has, without its alarm. The
// sequence must be greater than the last one sent, and so at least 1.
func Cancel(e Event, organizer, attendee Party) ([]byte, error) {
	e.Status = Cancelled
	if e.Sequence == 0 {
		return nil, errors.New("calendar: a cancellation needs a greater sequence than its invitation")
	}
	return message("CANCEL", e, organizer, attendee, map[string]string{
		ical.ParamCalendarUserType: "INDIVIDUAL",
		ical.ParamRole:             "REQ-PARTICIPANT",
	})
}

// Publish writes the file behind a download button: the same event under the
// same UID, with no attendee and no question. Programs add it and do not
// update it from a second download; the mails and the feed do that.
func Publish(e Event) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	vevent := component(e)
	if e.Organizer.Email != "" {
		organizer, err := named(ical.PropOrganizer, e.Organizer)
		if err != nil {
			return nil, err
		}
		vevent.Props.Set(organizer)
	}
	return write([]string{"METHOD:PUBLISH"}, vevent)
}

// MIMEType gives the type of a mail's calendar part, whose method must be the
// one inside (RFC 6047), such as MIMEType("REQUEST"). It names no charset,
// because the mail library appends its own: a part that says charset twice is
// not shown as an invitation. Over HTTP use ContentType.
func MIMEType(method string) string {
	return "text/calendar; method=" + strings.ToUpper(method)
}

// message writes one event under a method to one attendee.
func message(method string, e Event, organizer, attendee Party, about map[string]string) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	from, err := named(ical.PropOrganizer, organizer)
	if err != nil {
		return nil, err
	}
	to, err := named(ical.PropAttendee, attendee)
	if err != nil {
		return nil, err
	}
	for name, value := range about {
		to.Params.Set(name, value)
	}
	vevent := component(e)
	vevent.Props.Set(from)
	vevent.Props.Set(to)
	return write([]string{"METHOD:" + method}, vevent)
}
