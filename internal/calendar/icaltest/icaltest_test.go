package icaltest_test

import (
	"strings"
	"testing"

	"kintsugi/internal/calendar/icaltest"
)

const sound = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:a\r\nSEQUENCE:1\r\nSTATUS:CONFIRMED\r\n" +
	"DTSTAMP:20261120T081530Z\r\nDTSTART:20261208T140000Z\r\nDTEND:20261208T143000Z\r\n" +
	"ATTENDEE;CN=\"Lee, ^'Ann^'\":mailto:ann@example.net\r\nSUMMARY:one\\, t\r\n wo\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

func TestEveryParserSeesTheSame(t *testing.T) {
	view, e := icaltest.One(t, []byte(sound))
	if e.Summary != "one, two" || e.Attendees[0].Name != `Lee, "Ann"` || e.Sequence != 1 || len(view.Shape) != 12 {
		t.Errorf("got %+v %+v", view, e)
	}
}

func TestTheStrictReaderForgivesNothing(t *testing.T) {
	if _, err := icaltest.Strict([]byte(sound)); err != nil {
		t.Fatalf("a sound calendar is refused: %v", err)
	}
	for what, broken := range map[string]string{
		"nothing":                  "",
		"bare line feeds":          strings.ReplaceAll(sound, "\r\n", "\n"),
		"one bare line feed":       strings.Replace(sound, "UID:a\r\n", "UID:a\n", 1),
		"a bare carriage return":   strings.Replace(sound, "UID:a", "UID:a\rb", 1),
		"a line of 76 octets":      strings.Replace(sound, "UID:a", "UID:"+strings.Repeat("a", 72), 1),
		"a character broken":       strings.Replace(sound, "wo\r\n", "\xc3\r\n \xa9\r\n", 1),
		"a control character":      strings.Replace(sound, "wo\r\n", "w\x07o\r\n", 1),
		"a bare comma":             strings.Replace(sound, `one\,`, `one,`, 1),
		"an unknown escape":        strings.Replace(sound, `one\,`, `one\:`, 1),
		"a quotation without end":  strings.Replace(sound, `^'":`, `^':`, 1),
		"a comma outside quotes":   strings.Replace(sound, `"Lee, ^'Ann^'"`, `Lee, Ann`, 1),
		"a line without name":      strings.Replace(sound, "UID:a", "UID:a\r\nlower case", 1),
		"an empty line":            strings.Replace(sound, "UID:a\r\n", "UID:a\r\n\r\n", 1),
		"no UID":                   strings.Replace(sound, "UID:a\r\n", "", 1),
		"two UIDs":                 strings.Replace(sound, "UID:a\r\n", "UID:a\r\nUID:b\r\n", 1),
		"no DTSTAMP":               strings.Replace(sound, "DTSTAMP:20261120T081530Z\r\n", "", 1),
		"a time outside UTC":       strings.Replace(sound, "140000Z", "140000", 1),
		"a component left open":    strings.Replace(sound, "END:VEVENT\r\n", "", 1),
		"components crossed":       strings.Replace(sound, "END:VEVENT\r\nEND:VCALENDAR", "END:VCALENDAR\r\nEND:VEVENT", 1),
		"words behind the end":     sound + "X:y\r\n",
		"METHOD behind the events": strings.Replace(sound, "END:VCALENDAR", "METHOD:REQUEST\r\nEND:VCALENDAR", 1),
		"two calendars":            sound + sound,
	} {
		if _, err := icaltest.Strict([]byte(broken)); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}
