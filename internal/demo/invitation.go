package demo

import (
	"strings"
	"time"
)

// Invitation is what a mail program reads from the calendar part of a letter.
type Invitation struct {
	Method      string // of the part's header, which programs go by
	Inside      string // METHOD in the text; another one is a mistake
	UID         string
	Sequence    string
	Status      string
	Summary     string
	Location    string
	Description string
	When        string // from when to when, on the clock of UTC
	Raw         []byte
}

// readInvitation finds the few lines of an iCalendar text that a mail program
// shows. It reads our own letters, not those of others, so it is short: lines
// are unfolded, parameters passed over, the alarm left out.
func readInvitation(raw []byte, method string) *Invitation {
	in := &Invitation{Method: strings.ToUpper(method), Raw: raw}
	text := strings.NewReplacer("\r\n ", "", "\r\n\t", "").Replace(string(raw))
	block, start, end := "", "", ""
	for line := range strings.SplitSeq(text, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		name, _, _ = strings.Cut(name, ";")
		switch {
		case name == "BEGIN":
			block = value
		case name == "END" && value == "VALARM":
			block = "VEVENT"
		case name == "END":
			block = "VCALENDAR"
		case block == "VCALENDAR" && name == "METHOD":
			in.Inside = value
		case block == "VEVENT" && name == "DTSTART":
			start = value
		case block == "VEVENT" && name == "DTEND":
			end = value
		case block == "VEVENT":
			in.note(name, value)
		}
	}
	in.When = span(start, end)
	return in
}

// note keeps a line of the event.
func (in *Invitation) note(name, value string) {
	switch name {
	case "UID":
		in.UID = value
	case "SEQUENCE":
		in.Sequence = value
	case "STATUS":
		in.Status = value
	case "SUMMARY":
		in.Summary = plain(value)
	case "LOCATION":
		in.Location = plain(value)
	case "DESCRIPTION":
		in.Description = plain(value)
	}
}

// plain takes the escapes out of a text (RFC 5545, 3.3.11).
func plain(value string) string {
	return strings.NewReplacer(`\\`, `\`, `\;`, `;`, `\,`, `,`, `\n`, "\n", `\N`, "\n").Replace(value)
}

// span says from when to when in words, and anything but UTC times as it stands.
func span(start, end string) string {
	from, err1 := time.Parse("20060102T150405Z", start)
	to, err2 := time.Parse("20060102T150405Z", end)
	switch {
	case err1 != nil || err2 != nil:
		return start + " to " + end
	case from.YearDay() == to.YearDay():
		return from.Format("Monday 2 January 2006, 15:04") + " to " + to.Format("15:04 UTC")
	}
	return from.Format("Monday 2 January 2006, 15:04") + " to " + to.Format("Monday 2 January, 15:04 UTC")
}
