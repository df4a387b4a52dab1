package calendar_test

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/calendar"
	"kintsugi/internal/calendar/icaltest"
)

// schedule makes n calls, one an hour.
func schedule(n int) []calendar.Event {
	var events []calendar.Event
	for i := range n {
		e := call()
		e.UID = fmt.Sprintf("booking-%04d@example.org", i)
		e.Start, e.End = e.Start.Add(time.Duration(i)*time.Hour), e.End.Add(time.Duration(i)*time.Hour)
		events = append(events, e)
	}
	return events
}

func TestAFeedWithoutEventsIsAWholeCalendar(t *testing.T) {
	for _, name := range []string{"Common Ground", "", "a, b; c\\\r\nEND:VCALENDAR"} {
		ics, err := calendar.Feed(name, nil)
		view := icaltest.Read(t, must(t, ics, err))[0]
		if len(view.Events) != 0 || view.Method != "" {
			t.Errorf("got %+v", view)
		}
		if want := strings.ReplaceAll(name, "\r\n", " "); view.Name != want {
			t.Errorf("the name is %q, want %q", view.Name, want)
		}
	}
}

func TestAFeedSaysHowOftenToComeAndNamesNobody(t *testing.T) {
	events := schedule(3)
	events[1].Organizer = practice
	ics, err := calendar.Feed("Common Ground", events)
	view := icaltest.Read(t, must(t, ics, err))[0]
	if len(view.Events) != 3 || view.Method != "" {
		t.Fatalf("got %+v", view)
	}
	for _, name := range []string{"NAME", "X-WR-CALNAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"} {
		if !slices.Contains(view.Shape, "VCALENDAR."+name) {
			t.Errorf("%s is missing", name)
		}
	}
	for _, e := range view.Events {
		if e.Organizer != nil || len(e.Attendees) != 0 {
			t.Errorf("somebody is named: %+v", e)
		}
	}
}

func TestAFeedHasTheSameBytesWhateverTheOrder(t *testing.T) {
	events := schedule(20)
	events[3].Start, events[3].End = events[4].Start, events[4].End
	first, err := calendar.Feed("Common Ground", events)
	must(t, first, err)
	slices.Reverse(events)
	second, err := calendar.Feed("Common Ground", events)
	if must(t, second, err); !bytes.Equal(first, second) || calendar.ETag(first) != calendar.ETag(second) {
		t.Error("the order of the events changes the feed")
	}
	if events[0].UID != "booking-0019@example.org" {
		t.Error("the caller's events were put in another order")
	}
	events[0].Sequence++
	third, err := calendar.Feed("Common Ground", events)
	if must(t, third, err); calendar.ETag(third) == calendar.ETag(first) {
		t.Error("another feed has the same tag")
	}
	if tag := calendar.ETag(first); len(tag) != 34 || tag[0] != '"' || tag[33] != '"' {
		t.Errorf("the tag is %s", tag)
	}
}

func TestACancelledEventStaysInTheFeedAndKeepsNobodyBusy(t *testing.T) {
	events := schedule(2)
	events[0].Status, events[0].Sequence = calendar.Cancelled, 1
	events[1].Transparent = true
	ics, err := calendar.Feed("Common Ground", events)
	view := icaltest.Read(t, must(t, ics, err))[0]
	if e := view.Events[0]; e.Status != "CANCELLED" || e.Transparency != "TRANSPARENT" || len(e.Triggers) != 0 {
		t.Errorf("got %+v", e)
	}
	if e := view.Events[1]; e.Status != "CONFIRMED" || e.Transparency != "TRANSPARENT" {
		t.Errorf("got %+v", e)
	}
}

func TestALargeFeedIsReadByEveryParser(t *testing.T) {
	ics, err := calendar.Feed("Common Ground", schedule(500))
	for _, view := range icaltest.Read(t, must(t, ics, err)) {
		if len(view.Events) != 500 {
			t.Errorf("%s sees %d events", view.Parser, len(view.Events))
		}
	}
}

func TestLinksHoldTheEventsWordsAndTimesInUTC(t *testing.T) {
	e := call()
	e.Summary, e.Description = "Call & \"tea\" + 50%\r\nx", "One\r\ntwo #3"
	e.Location = "12 High Street\nLondon"
	e.Start, e.End = e.Start.In(time.FixedZone("", 7200)), e.End.In(time.FixedZone("", 7200))
	details := "One\ntwo #3\n\nhttps://meet.example.org/mara"
	for _, row := range []struct {
		link, host, path string
		fields           map[string]string
	}{
		{calendar.GoogleLink(e), "calendar.google.com", "/calendar/render", map[string]string{
			"action": "TEMPLATE", "text": `Call & "tea" + 50% x`, "dates": "20261208T140000Z/20261208T143000Z",
			"details": details, "location": "12 High Street, London",
		}},
		{calendar.OutlookLink(e), "outlook.live.com", "/calendar/0/action/compose", map[string]string{
			"rru": "addevent", "allday": "false", "subject": `Call & "tea" + 50% x`, "startdt": "2026-12-08T14:00:00Z",
			"enddt": "2026-12-08T14:30:00Z", "body": details, "location": "12 High Street, London",
		}},
	} {
		u, err := url.Parse(row.link)
		if err != nil {
			t.Fatal(err)
		}
		if u.Scheme != "https" || u.Host != row.host || u.Path != row.path || strings.Contains(row.link, "+") {
			t.Errorf("got %s", row.link)
		}
		if len(u.Query()) != len(row.fields) {
			t.Errorf("other fields than meant: %v", u.Query())
		}
		for name, want := range row.fields {
			if got := u.Query().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", row.host, name, got, want)
			}
		}
		if strings.Contains(row.link, "booking") || strings.Contains(row.link, e.UID) {
			t.Errorf("the link holds the UID: %s", row.link)
		}
	}
}

func TestALinkNamesTheMeetingOnceAndStaysShort(t *testing.T) {
	e := call()
	if got := calendar.GoogleLink(e); strings.Count(got, url.QueryEscape(e.URL)) != 1 {
		t.Errorf("got %s", got)
	}
	e.Description = strings.Repeat("漢", 5000)
	if got := calendar.OutlookLink(e); len(got) > 6000 {
		t.Errorf("a link of %d characters", len(got))
	}
}

func BenchmarkFeedOf500Events(b *testing.B) {
	events := schedule(500)
	ics, err := calendar.Feed("Common Ground", events)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(ics)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := calendar.Feed("Common Ground", events); err != nil {
			b.Fatal(err)
		}
	}
}
