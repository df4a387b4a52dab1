package calendar_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/calendar"
	"kintsugi/internal/calendar/icaltest"
	"kintsugi/internal/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	practice = calendar.Party{Name: "Common Ground", Email: "hello@example.org"}
	ann      = calendar.Party{Name: "Ann Lee", Email: "ann@example.net"}
)

// call is an ordinary event; tests change what they are about.
func call() calendar.Event {
	return calendar.Event{
		UID:         "7f1c0a52-6a52-4c1b-9a2e-0f5b8f0c6f11@example.org",
		Stamp:       time.Date(2026, 11, 20, 8, 15, 30, 0, time.UTC),
		Created:     time.Date(2026, 11, 20, 8, 15, 30, 0, time.UTC),
		Start:       time.Date(2026, 12, 8, 14, 0, 0, 0, time.UTC),
		End:         time.Date(2026, 12, 8, 14, 30, 0, 0, time.UTC),
		Summary:     "Common Ground: call",
		Description: "Your call, as agreed.\nSee your mail to move or cancel it.",
		Location:    "https://meet.example.org/mara",
		URL:         "https://meet.example.org/mara",
		Status:      calendar.Confirmed,
		Alarm:       15 * time.Minute,
	}
}

func must(t testing.TB, ics []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatalf("the calendar was refused: %v", err)
	}
	return ics
}

func request(t testing.TB, e calendar.Event, to calendar.Party) []byte {
	t.Helper()
	ics, err := calendar.Request(e, practice, to)
	return must(t, ics, err)
}

func TestTheWrittenBytesAreTheGoldenOnes(t *testing.T) {
	moved := call()
	moved.Sequence = 1
	cancelled := moved
	cancelled.Sequence, cancelled.Status = 2, calendar.Cancelled
	download := call()
	download.Organizer = practice
	long := call()
	long.UID, long.Start, long.End = "b2@example.org", call().Start.Add(time.Hour), call().End.Add(time.Hour)
	long.Summary = strings.Repeat("é", 60) + ", 🧡; \\ end"

	write := map[string]func() ([]byte, error){
		"request.ics":    func() ([]byte, error) { return calendar.Request(moved, practice, ann) },
		"cancel.ics":     func() ([]byte, error) { return calendar.Cancel(cancelled, practice, ann) },
		"publish.ics":    func() ([]byte, error) { return calendar.Publish(download) },
		"feed.ics":       func() ([]byte, error) { return calendar.Feed("Common Ground", []calendar.Event{long, cancelled}) },
		"feed-empty.ics": func() ([]byte, error) { return calendar.Feed("Common Ground", nil) },
	}
	for name, act := range write {
		t.Run(name, func(t *testing.T) {
			ics, err := act()
			must(t, ics, err)
			icaltest.Read(t, ics)
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, ics, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(ics, want) {
				t.Errorf("got\n%s\nwant\n%s", ics, want)
			}
		})
	}
}

func TestEveryParserReadsWhatWasMeant(t *testing.T) {
	view, e := icaltest.One(t, request(t, call(), ann))
	meant := call()
	if view.Method != "REQUEST" || e.UID != meant.UID || e.Sequence != 0 || e.Status != "CONFIRMED" || e.Transparency != "OPAQUE" {
		t.Errorf("got %+v %+v", view, e)
	}
	if !e.Stamp.Equal(meant.Stamp) || !e.Start.Equal(meant.Start) || !e.End.Equal(meant.End) || !e.Created.Equal(meant.Created) {
		t.Errorf("the instants differ: %+v", e)
	}
	if e.Summary != meant.Summary || e.Description != meant.Description || e.Location != meant.Location || e.URL != meant.URL {
		t.Errorf("the words differ: %+v", e)
	}
	if e.Organizer == nil || e.Organizer.Address != "mailto:hello@example.org" || e.Organizer.Name != "Common Ground" {
		t.Errorf("organizer %+v", e.Organizer)
	}
	if len(e.Attendees) != 1 || e.Attendees[0].Address != "mailto:ann@example.net" || e.Attendees[0].Name != "Ann Lee" {
		t.Errorf("attendees %+v", e.Attendees)
	}
	if !slices.Equal(e.Triggers, []string{"-PT15M"}) {
		t.Errorf("triggers %v", e.Triggers)
	}
}

func TestTheInvitedHasAcceptedAndIsAskedNothing(t *testing.T) {
	_, e := icaltest.One(t, request(t, call(), ann))
	for name, want := range map[string]string{
		"PARTSTAT": "ACCEPTED", "RSVP": "FALSE", "ROLE": "REQ-PARTICIPANT", "CUTYPE": "INDIVIDUAL", "X-NUM-GUESTS": "0",
	} {
		if got := e.Attendees[0].Parameters[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestMethodStandsInTheHeadAndMatchesTheMailPart(t *testing.T) {
	cancelled := call()
	cancelled.Sequence = 1
	cancel, err := calendar.Cancel(cancelled, practice, ann)
	must(t, cancel, err)
	publish, err := calendar.Publish(call())
	must(t, publish, err)
	for method, ics := range map[string][]byte{"REQUEST": request(t, call(), ann), "CANCEL": cancel, "PUBLISH": publish} {
		head, _, _ := bytes.Cut(ics, []byte("BEGIN:VEVENT"))
		if !bytes.Contains(head, []byte("\r\nMETHOD:"+method+"\r\n")) || bytes.Count(ics, []byte("METHOD:")) != 1 {
			t.Errorf("METHOD:%s does not stand once in the head\n%s", method, ics)
		}
		if got, want := calendar.MIMEType(strings.ToLower(method)), "text/calendar; method="+method; got != want {
			t.Errorf("the mail part is %q, want %q", got, want)
		}
	}
}

func TestCancelTakesTheSameEventAway(t *testing.T) {
	e := call()
	e.Sequence = 3
	ics, err := calendar.Cancel(e, practice, ann)
	view, got := icaltest.One(t, must(t, ics, err))
	if view.Method != "CANCEL" || got.Status != "CANCELLED" || got.UID != e.UID || got.Sequence != 3 || got.Transparency != "TRANSPARENT" {
		t.Errorf("got %+v %+v", view, got)
	}
	if len(got.Triggers) != 0 || len(got.Attendees) != 1 || got.Organizer == nil {
		t.Errorf("a cancellation names both and rings for nobody: %+v", got)
	}
}

func TestPublishNamesNoAttendeeAndAsksNothing(t *testing.T) {
	ics, err := calendar.Publish(call())
	view, e := icaltest.One(t, must(t, ics, err))
	if view.Method != "PUBLISH" || e.UID != call().UID || len(e.Attendees) != 0 || e.Organizer != nil {
		t.Errorf("got %+v %+v", view, e)
	}
	named := call()
	named.Organizer = practice
	ics, err = calendar.Publish(named)
	if _, e := icaltest.One(t, must(t, ics, err)); e.Organizer == nil || e.Organizer.Name != "Common Ground" {
		t.Errorf("organizer %+v", e.Organizer)
	}
}

// Go names a zone that has no name "" and the server's own "Local"; go-ical
// writes either as TZID, and Europe/Berlin without a definition of it.
func TestEveryZoneIsWrittenInUTC(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	want := request(t, call(), ann)
	for name, zone := range map[string]*time.Location{
		"nameless": time.FixedZone("", 0), "GMT": time.FixedZone("GMT", 0), "the server's": time.Local, "Berlin": berlin,
		"half hours": time.FixedZone("NST", -12600),
	} {
		e := call()
		e.Start, e.End, e.Stamp, e.Created = e.Start.In(zone), e.End.In(zone), e.Stamp.In(zone), e.Created.In(zone)
		if got := request(t, e, ann); !bytes.Equal(got, want) {
			t.Errorf("%s: other bytes than in UTC\n%s", name, got)
		}
	}
	if bytes.Contains(want, []byte("TZID")) {
		t.Error("a zone is named")
	}
}

func TestAlarmsAreHoursAndMinutes(t *testing.T) {
	for before, want := range map[time.Duration]string{
		24 * time.Hour: "-PT24H", time.Hour: "-PT1H", 90 * time.Minute: "-PT1H30M", 5 * time.Minute: "-PT5M", 30 * time.Second: "-PT1M",
	} {
		e := call()
		e.Alarm = before
		if _, got := icaltest.One(t, request(t, e, ann)); !slices.Equal(got.Triggers, []string{want}) {
			t.Errorf("%v is written %v, want %s", before, got.Triggers, want)
		}
	}
}

func TestWhatNoCleaningCouldMendIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*calendar.Event){
		"no UID":                 func(e *calendar.Event) { e.UID = "" },
		"a UID with a line":      func(e *calendar.Event) { e.UID = "a\r\nATTENDEE:mailto:x@example.org" },
		"a UID with a space":     func(e *calendar.Event) { e.UID = "a b" },
		"a UID that never ends":  func(e *calendar.Event) { e.UID = strings.Repeat("a", 256) },
		"a sequence below zero":  func(e *calendar.Event) { e.Sequence = -1 },
		"no stamp":               func(e *calendar.Event) { e.Stamp = time.Time{} },
		"an end at the start":    func(e *calendar.Event) { e.End = e.Start.Add(time.Millisecond) },
		"a year of five digits":  func(e *calendar.Event) { e.End = e.End.AddDate(9000, 0, 0) },
		"no status":              func(e *calendar.Event) { e.Status = "" },
		"a status of its own":    func(e *calendar.Event) { e.Status = "REJECTED" },
		"an alarm after the end": func(e *calendar.Event) { e.Alarm = -time.Minute },
	} {
		e := call()
		spoil(&e)
		if ics, err := calendar.Publish(e); err == nil {
			t.Errorf("%s is published\n%s", name, ics)
		}
		if _, err := calendar.Request(e, practice, ann); err == nil {
			t.Errorf("%s is sent", name)
		}
		if _, err := calendar.Feed("x", []calendar.Event{call(), e}); err == nil {
			t.Errorf("%s is in a feed", name)
		}
	}
	for _, status := range []calendar.Status{calendar.Tentative, calendar.Cancelled} {
		e := call()
		e.Status = status
		if _, err := calendar.Request(e, practice, ann); err == nil {
			t.Errorf("an invitation to a %s event is sent", status)
		}
	}
	if _, err := calendar.Cancel(call(), practice, ann); err == nil {
		t.Error("a cancellation with the sequence of its invitation is sent")
	}
}

func TestAnAddressThatCouldInjectIsRefusedWithoutRepeatingIt(t *testing.T) {
	for _, address := range []string{
		"", "ann", "@example.net", "ann@", "ann@example..net", ".ann@example.net", "a@b@example.net",
		"ann@example.net\r\nATTENDEE:mailto:eve@example.net", "ann@example.net\nX:y", "ann lee@example.net",
		`"ann"@example.net`, "ann@[127.0.0.1]", "Ann <ann@example.net>", "ann@example.net,eve@example.net",
		"ann@example.net;CN=x", "ann\x00@example.net", "ann\xff@example.net", "ann\u2028@example.net", "ann\u202e@example.net",
		"mailto:ann@example.net", "ann@example.net?cc=eve@example.net", strings.Repeat("a", 250) + "@example.net",
	} {
		_, err := calendar.Request(call(), practice, calendar.Party{Name: "Ann", Email: address})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: got %v, want a fault that names the field", address, err)
		} else if len(address) > 3 && strings.Contains(err.Error(), address) {
			t.Errorf("the fault repeats %q", address)
		}
	}
}

func TestAnAddressIsWrittenAsAURI(t *testing.T) {
	for address, want := range map[string]string{
		" ann@example.net ":     "mailto:ann@example.net",
		"ann+call@example.net":  "mailto:ann+call@example.net",
		"o'hara@example.net":    "mailto:o'hara@example.net",
		"a&b=c?d%e@example.net": "mailto:a%26b%3Dc%3Fd%25e@example.net",
		"a/b#c{d}@example.net":  "mailto:a%2Fb%23c%7Bd%7D@example.net",
		"zoë@exämple.net":       "mailto:zo%C3%AB@ex%C3%A4mple.net",
	} {
		_, e := icaltest.One(t, request(t, call(), calendar.Party{Email: address}))
		if got := e.Attendees[0]; got.Address != want || got.Name != "" {
			t.Errorf("%q is written %q, want %q", address, got.Address, want)
		}
	}
}
