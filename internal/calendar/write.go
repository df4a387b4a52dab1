package calendar

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
)

const productID = "-//Kintsugi//Booking//EN"

// escapes never changes; making it anew for every word is slow.
var escapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// write puts events into a VCALENDAR with the given extra lines in its head.
//
// The frame is written by hand and only the events by go-ical, for two
// reasons: go-ical refuses a calendar without events, and it sorts VERSION
// behind METHOD, where it is legal but unusual. go-ical writes a line break
// inside a parameter as it is and never folds; so what reaches it is clean,
// and what it wrote is folded here.
func write(head []string, events ...*ical.Component) ([]byte, error) {
	var raw bytes.Buffer
	for _, line := range append([]string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:" + productID, "CALSCALE:GREGORIAN"}, head...) {
		raw.WriteString(line + "\r\n")
	}
	encoder := ical.NewEncoder(&raw)
	for _, event := range events {
		if err := encoder.Encode(&ical.Calendar{Component: event}); err != nil {
			return nil, fmt.Errorf("calendar: write event: %w", err)
		}
	}
	raw.WriteString("END:VCALENDAR\r\n")

	var folded bytes.Buffer
	folded.Grow(raw.Len() + raw.Len()/16)
	for line := range bytes.SplitSeq(bytes.TrimSuffix(raw.Bytes(), []byte("\r\n")), []byte("\r\n")) {
		fold(&folded, line)
	}
	return folded.Bytes(), nil
}

// fold writes one content line as lines of at most 75 octets, never breaking
// inside a character. The space that opens a continuation counts.
func fold(out *bytes.Buffer, line []byte) {
	const most = 75
	room := most
	for len(line) > room {
		end := room
		for !utf8.RuneStart(line[end]) {
			end--
		}
		out.Write(line[:end])
		out.WriteString("\r\n ")
		line, room = line[end:], most-1
	}
	out.Write(line)
	out.WriteString("\r\n")
}

// component makes the VEVENT of a checked event, without its people.
func component(e Event) *ical.Component {
	vevent := ical.NewComponent(ical.CompEvent)
	vevent.Props.Set(valued(ical.PropUID, e.UID))
	vevent.Props.Set(valued(ical.PropSequence, strconv.Itoa(e.Sequence)))
	vevent.Props.Set(instant(ical.PropDateTimeStamp, e.Stamp))
	vevent.Props.Set(instant(ical.PropLastModified, e.Stamp))
	vevent.Props.Set(instant(ical.PropDateTimeStart, e.Start))
	vevent.Props.Set(instant(ical.PropDateTimeEnd, e.End))
	vevent.Props.Set(valued(ical.PropStatus, string(e.Status)))
	vevent.Props.Set(valued(ical.PropTransparency, transparency(e)))
	if !e.Created.IsZero() {
		vevent.Props.Set(instant(ical.PropCreated, e.Created))
	}

	summary := cleanLine(e.Summary, maxSummary)
	for _, word := range []struct{ name, value string }{
		{ical.PropSummary, escape(summary)},
		{ical.PropDescription, escape(cleanText(e.Description, maxDescription))},
		{ical.PropLocation, escape(cleanPlace(e.Location))},
		{ical.PropURL, cleanURL(e.URL)},
	} {
		if word.value != "" {
			vevent.Props.Set(valued(word.name, word.value))
		}
	}
	if e.Alarm > 0 && e.Status != Cancelled {
		vevent.Children = append(vevent.Children, alarm(e.Alarm, summary))
	}
	return vevent
}

// alarm makes a VALARM that shows the summary. A display alarm must have a
// description, so an event without words gets a neutral one.
func alarm(before time.Duration, summary string) *ical.Component {
	if summary == "" {
		summary = "Reminder"
	}
	valarm := ical.NewComponent(ical.CompAlarm)
	valarm.Props.Set(valued(ical.PropAction, "DISPLAY"))
	valarm.Props.Set(valued(ical.PropDescription, escape(summary)))
	valarm.Props.Set(valued(ical.PropTrigger, "-"+duration(before)))
	return valarm
}

func transparency(e Event) string {
	if e.Transparent || e.Status == Cancelled {
		return "TRANSPARENT"
	}
	return "OPAQUE"
}

// valued makes a property with a value that is already in its written form.
// go-ical's own SetText is not used: it refuses a CR and adds VALUE=TEXT to
// names it does not know.
func valued(name, value string) *ical.Prop {
	prop := ical.NewProp(name)
	prop.Value = value
	return prop
}

// instant makes a property in UTC. Without UTC() go-ical would write the name
// of the server's zone, or an empty one, and no definition of it.
func instant(name string, at time.Time) *ical.Prop {
	prop := ical.NewProp(name)
	prop.SetDateTime(at.UTC())
	return prop
}

// escape writes cleaned text as RFC 5545 wants it in a TEXT value.
func escape(text string) string {
	return escapes.Replace(text)
}

// duration writes whole minutes as hours and minutes. A day is PT24H and not
// P1D, which would be 23 or 25 hours where the clocks change.
func duration(d time.Duration) string {
	minutes := int64((d + time.Minute - 1) / time.Minute)
	text := "PT"
	if hours := minutes / 60; hours > 0 {
		text += strconv.FormatInt(hours, 10) + "H"
	}
	if rest := minutes % 60; rest > 0 {
		text += strconv.FormatInt(rest, 10) + "M"
	}
	return text
}
