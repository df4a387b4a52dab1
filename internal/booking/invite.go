package booking

import (
	"fmt"

	"kintsugi/internal/calendar"
	"kintsugi/internal/mail"
	"kintsugi/internal/practice"
)

// event is the booking as a calendar may show it, on either side: the
// practice's discreet name, the hour, and where to go. It names neither the
// kind of call nor who it is with, and holds no link that could change it.
func (b Booking) event() calendar.Event {
	e := calendar.Event{
		UID: b.CalendarUID, Sequence: b.Change, Stamp: b.ChangedAt, Created: b.MadeAt,
		Start: b.Start, End: b.End, Summary: b.Discreet,
		Location: b.where(),
		Status:   calendar.Cancelled,
	}
	if b.SafeToEmail { // whom we do not write to has no letter, and nobody is to look for one
		e.Description = "To move or cancel it, open the link in our letter."
	}
	switch {
	case b.Status == Pending || b.Status == Held:
		e.Status = calendar.Tentative
	case b.Status.Live():
		e.Status = calendar.Confirmed
	}
	if b.JoinURL() != "" {
		e.URL = b.JoinURL()
	}
	return e
}

// where says the place in a line that anyone may read.
func (b Booking) where() string {
	switch b.Place {
	case practice.Video:
		if url := b.JoinURL(); url != "" {
			return url
		}
		return "Video call"
	case practice.Phone:
		return "Phone call"
	}
	return b.Place
}

// File is the booking as a download for any calendar program.
func (b Booking) File() ([]byte, error) {
	return calendar.Publish(b.event())
}

// GoogleLink and OutlookLink open the reader's web calendar with the call
// filled in.
func (b Booking) GoogleLink() string { return calendar.GoogleLink(b.event()) }

// OutlookLink is GoogleLink for Outlook on the web.
func (b Booking) OutlookLink() string { return calendar.OutlookLink(b.event()) }

// invitation is the calendar part of a letter to one side: a request while the
// call is promised, a cancellation once it is not.
func (b Booking) invitation(side Party) (*mail.Calendar, error) {
	organizer := calendar.Party{Name: b.Discreet, Email: b.ReplyTo}
	attendee := calendar.Party{Email: b.Email}
	if side == ByCoach {
		attendee = calendar.Party{Name: b.CoachName, Email: b.CoachEmail}
	}
	method, write := "REQUEST", calendar.Request
	if !b.Status.Live() {
		method, write = "CANCEL", calendar.Cancel
	}
	body, err := write(b.event(), organizer, attendee)
	if err != nil {
		return nil, fmt.Errorf("write invitation: %w", err)
	}
	return &mail.Calendar{Method: method, Body: body}, nil
}
