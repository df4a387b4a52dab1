package calendar_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"kintsugi/internal/calendar"
	"kintsugi/internal/calendar/icaltest"
)

// hostile words, and what is left of them in a text of several lines, on one
// line, and in a name.
var hostile = []struct{ what, typed, text, line, name string }{
	{"a text area", "First line\r\nsecond\rthird\nfourth", "First line\nsecond\nthird\nfourth", "First line second third fourth", "First line second third fourth"},
	{"quotes", `Ann "Annie" Lee`, `Ann "Annie" Lee`, `Ann "Annie" Lee`, "Ann 'Annie' Lee"},
	{"an attendee", "Ann\r\nATTENDEE:mailto:eve@example.net", "Ann\nATTENDEE:mailto:eve@example.net", "Ann ATTENDEE:mailto:eve@example.net", "Ann ATTENDEE:mailto:eve@example.net"},
	{"an attendee behind a quote", "Ann\":mailto:eve@example.net\r\nX-A:\"", "Ann\":mailto:eve@example.net\nX-A:\"", `Ann":mailto:eve@example.net X-A:"`, "Ann':mailto:eve@example.net X-A:'"},
	{"an alarm", "x\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT1M\nEND:VALARM", "x\nBEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT1M\nEND:VALARM", "x BEGIN:VALARM ACTION:AUDIO TRIGGER:-PT1M END:VALARM", "x BEGIN:VALARM ACTION:AUDIO TRIGGER:-PT1M END:VALARM"},
	{"an end", "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:y", "x\nEND:VEVENT\nBEGIN:VEVENT\nUID:y", "x END:VEVENT BEGIN:VEVENT UID:y", "x END:VEVENT BEGIN:VEVENT UID:y"},
	{"attachments", "x\rATTACH:https://evil.example/\rX-ALT-DESC;FMTTYPE=text/html:<b>", "x\nATTACH:https://evil.example/\nX-ALT-DESC;FMTTYPE=text/html:<b>", "x ATTACH:https://evil.example/ X-ALT-DESC;FMTTYPE=text/html:<b>", "x ATTACH:https://evil.example/ X-ALT-DESC;FMTTYPE=text/html:<b>"},
	{"a folded line", "x\r\n ATTENDEE:mailto:eve@example.net", "x\n ATTENDEE:mailto:eve@example.net", "x ATTENDEE:mailto:eve@example.net", "x ATTENDEE:mailto:eve@example.net"},
	{"punctuation", `a, b; c\d: e = f\n\,\;`, `a, b; c\d: e = f\n\,\;`, `a, b; c\d: e = f\n\,\;`, "a, b; c/d: e = f/n/,/;"},
	{"a last backslash", `x\`, `x\`, `x\`, "x/"},
	{"carets", `^n ^^ ^' ^"`, `^n ^^ ^' ^"`, `^n ^^ ^' ^"`, "^n ^^ ^' ^'"},
	{"controls", "a\x00b\x07c\x1b[0m\x7fd\u0080e", "abc[0mde", "abc[0mde", "abc[0mde"},
	{"line breaks of Unicode", "a\u2028b\u2029c\u0085d", "a\nb\nc\nd", "a b c d", "a b c d"},
	{"tabs", "a\tb", "a b", "a b", "a b"},
	{"broken UTF-8", "a\xff\xfeb\xc3", "a\uFFFDb\uFFFD", "a\uFFFDb\uFFFD", "a\uFFFDb\uFFFD"},
	{"a byte order mark", "\uFEFFAnn", "Ann", "Ann", "Ann"},
	{"turned direction", "Ann \u202Egro.elpmaxe\u202C \u2066x\u2069", "Ann \u202Egro.elpmaxe\u202C \u2066x\u2069", "Ann gro.elpmaxe x", "Ann gro.elpmaxe x"},
	{"right to left", "שלום לאה, مرحبا ليلى\u200F", "שלום לאה, مرحبا ليلى\u200F", "שלום לאה, مرحبا ليلى\u200F", "שלום לאה, مرحبا ليلى\u200F"},
	{"a family", "👩‍👩‍👧‍👦 x", "👩‍👩‍👧‍👦 x", "👩‍👩‍👧‍👦 x", "👩‍👩‍👧‍👦 x"},
	{"a formula", "=1+1;@x", "=1+1;@x", "=1+1;@x", "=1+1;@x"},
	{"nothing but space", " \r\n\t ", "", "", ""},
}

func TestHostileTextStaysText(t *testing.T) {
	harmless := call()
	harmless.URL = ""
	want := icaltest.Read(t, request(t, harmless, ann))[0].Shape
	for _, row := range hostile {
		t.Run(row.what, func(t *testing.T) {
			e := harmless
			e.Summary, e.Description, e.Location = "s "+row.typed, "d "+row.typed, "l"
			ics, err := calendar.Request(e, calendar.Party{Name: "o " + row.typed, Email: practice.Email}, calendar.Party{Name: "a " + row.typed, Email: ann.Email})
			view, got := icaltest.One(t, must(t, ics, err))
			if !slices.Equal(view.Shape, want) {
				t.Errorf("other components and properties than in a harmless one: %v", view.Shape)
			}
			text := strings.TrimSpace("d " + row.text)
			if row.text == "" {
				text = "d"
			}
			if got.Description != text {
				t.Errorf("description %q, want %q", got.Description, text)
			}
			if line := strings.TrimSpace("s " + row.line); got.Summary != line {
				t.Errorf("summary %q, want %q", got.Summary, line)
			}
			if name := strings.TrimSpace("a " + row.name); got.Attendees[0].Name != name {
				t.Errorf("attendee %q, want %q", got.Attendees[0].Name, name)
			}
			if name := strings.TrimSpace("o " + row.name); got.Organizer.Name != name {
				t.Errorf("organizer %q, want %q", got.Organizer.Name, name)
			}
		})
	}
}

func TestFoldingNeverBreaksACharacter(t *testing.T) {
	for _, letter := range []string{"x", "é", "漢", "🧡", "\\", ",", "a\n"} {
		for shift := range 5 {
			e := call()
			e.Summary = strings.Repeat("x", shift) + "s"
			e.Description = strings.Repeat("x", shift) + strings.Repeat(letter, 200) + "."
			ics, err := calendar.Publish(e)
			view, err := icaltest.Strict(must(t, ics, err))
			if err != nil {
				t.Fatalf("%q shifted by %d: %v\n%s", letter, shift, err, ics)
			}
			if got := view.Events[0].Description; got != e.Description {
				t.Errorf("%q shifted by %d came back as %q", letter, shift, got)
			}
			if shift == 3 {
				icaltest.Read(t, ics)
			}
		}
	}
}

// Hundreds of random texts in one feed cost one start of each parser. The
// letters are those that mean something to iCalendar or break a careless fold.
func TestRandomTextIsReadTheSameByEveryParser(t *testing.T) {
	letters := []string{"\\", ",", ";", ":", "\"", "^", "\r\n", "\n", "\r", " ", "\t", "n", "N", "x", "é", "漢", "🧡", "👩‍👧", "ש", "e\u0301", "=", "BEGIN:VEVENT", "END:VCALENDAR", "\x00", "\xff"}
	source := rand.New(rand.NewPCG(7, 11))
	words := func(most int) string {
		var out strings.Builder
		for range source.IntN(most) {
			out.WriteString(letters[source.IntN(len(letters))])
		}
		return out.String()
	}
	events := schedule(300)
	for i := range events {
		events[i].Summary, events[i].Description, events[i].Location = "s"+words(120), "d"+words(300), "l"+words(60)
	}
	ics, err := calendar.Feed("a, "+words(40), events)
	for _, view := range icaltest.Read(t, must(t, ics, err)) {
		for i, e := range view.Events {
			if want := calendar.CleanText(events[i].Description, 4000); e.Description != want {
				t.Errorf("%s: description %q, want %q", view.Parser, e.Description, want)
			}
			if want := calendar.CleanLine(events[i].Summary, 200); e.Summary != want {
				t.Errorf("%s: summary %q, want %q", view.Parser, e.Summary, want)
			}
		}
	}
}

func TestALongNameIsCutAndTheInvitationLeaves(t *testing.T) {
	for _, letter := range []string{"x", "é", "🧡", `"`, "^", "שלום ", "\r\n"} {
		long := "Ann " + strings.Repeat(letter, 300)
		e := call()
		e.Summary, e.Location, e.Description = long, strings.Repeat(long, 2), strings.Repeat(long, 20)
		_, got := icaltest.One(t, request(t, e, calendar.Party{Name: long, Email: ann.Email}))
		name := got.Attendees[0].Name
		if n := utf8.RuneCountInString(name); n > 120 || !strings.HasPrefix(name, "Ann") {
			t.Errorf("%q: a name of %d characters: %q", letter, n, name)
		}
		if n := utf8.RuneCountInString(got.Summary); n > 200 {
			t.Errorf("%q: a summary of %d characters", letter, n)
		}
	}
}

func TestAnAddressOnSeveralLinesBecomesOne(t *testing.T) {
	e := call()
	e.Location = "2nd floor,\r\n12 High Street\n\nLondon"
	if _, got := icaltest.One(t, request(t, e, ann)); got.Location != "2nd floor, 12 High Street, London" {
		t.Errorf("got %q", got.Location)
	}
}

func TestOnlyAWholeWebAddressIsWrittenAsURL(t *testing.T) {
	for typed, want := range map[string]string{
		"https://meet.example.org/a,b;c?x=1&y=2#z":         "https://meet.example.org/a,b;c?x=1&y=2#z",
		"https://exämple.org/é?q=a b|c\"d":                 "https://ex%C3%A4mple.org/%C3%A9?q=a%20b%7Cc%22d",
		"javascript:alert(1)":                              "",
		"data:text/html,x":                                 "",
		"meet.example.org":                                 "",
		"https://":                                         "",
		"https://user:pass@example.org/":                   "",
		"https://example.org/\r\nATTENDEE:x":               "",
		"https://example.org/" + strings.Repeat("x", 2000): "",
	} {
		e := call()
		e.URL = typed
		if _, got := icaltest.One(t, request(t, e, ann)); got.URL != want {
			t.Errorf("%q is written %q, want %q", typed, got.URL, want)
		}
	}
}

// FuzzCleaningAndFolding writes any text and reads it back with a reader that
// shares no code with the writer: endings, lengths and UTF-8 are its own rules.
func FuzzCleaningAndFolding(f *testing.F) {
	for _, row := range hostile {
		f.Add(row.typed, row.typed)
		f.Add(strings.Repeat(row.typed+"é", 40), row.typed)
	}
	harmless := call()
	harmless.URL = ""
	shape, err := icaltest.Strict(request(f, harmless, ann))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		e := harmless
		e.Summary, e.Description, e.Location, e.URL = "s"+text, "d"+text, "l"+text, ""
		ics := request(t, e, calendar.Party{Name: "n" + name, Email: ann.Email})
		view, err := icaltest.Strict(ics)
		if err != nil {
			t.Fatalf("%v\n%q", err, ics)
		}
		if !slices.Equal(view.Shape, shape.Shape) {
			t.Fatalf("injected: %v", view.Shape)
		}
		got := view.Events[0]
		if want := calendar.CleanText("d"+text, 4000); got.Description != want {
			t.Errorf("description %q, want %q", got.Description, want)
		}
		if want := calendar.CleanLine("s"+text, 200); got.Summary != want {
			t.Errorf("summary %q, want %q", got.Summary, want)
		}
		if want := strings.NewReplacer(`"`, "'", `\`, "/").Replace(calendar.CleanLine("n"+name, 120)); got.Attendees[0].Name != want {
			t.Errorf("name %q, want %q", got.Attendees[0].Name, want)
		}
		if again := calendar.CleanText(got.Description, 4000); again != got.Description {
			t.Errorf("cleaning twice changes %q to %q", got.Description, again)
		}
	})
}
