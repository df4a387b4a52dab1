package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// offer is a list of slots as programs read it.
type offer struct {
	Type, Timezone string
	Days           []struct {
		Date  string
		Slots []slotSaid
	}
}

// starts lists the starts in order, and checks that days hold their own.
func (o offer) starts(t *testing.T) []string {
	t.Helper()
	var all []string
	for i, day := range o.Days {
		if len(day.Slots) == 0 || i > 0 && day.Date <= o.Days[i-1].Date {
			t.Errorf("day %s is empty or out of order", day.Date)
		}
		for _, s := range day.Slots {
			if !strings.HasPrefix(s.Start, day.Date+"T") {
				t.Errorf("%s stands under %s", s.Start, day.Date)
			}
			start, err := time.Parse(time.RFC3339, s.Start)
			if err != nil {
				t.Fatal(err)
			}
			if end, err := time.Parse(time.RFC3339, s.End); err != nil || end.Sub(start) != 30*time.Minute {
				t.Errorf("from %s to %s", s.Start, s.End)
			}
			all = append(all, s.Start)
		}
	}
	return all
}

// slots asks for slots; pairs replace parameters, and "-" leaves one out.
func (h *house) slots(pairs ...string) said {
	h.t.Helper()
	q := url.Values{"type": {"call"}, "from": {"2026-12-08"}, "to": {"2026-12-09"}, "timezone": {"Europe/London"}}
	for i := 0; i < len(pairs); i += 2 {
		if q.Set(pairs[i], pairs[i+1]); pairs[i+1] == "-" {
			q.Del(pairs[i])
		}
	}
	return h.get("/api/v1/slots?" + q.Encode())
}

func (h *house) offered(pairs ...string) offer {
	h.t.Helper()
	var o offer
	h.slots(pairs...).wants(200).read(&o)
	return o
}

func TestTypesListWhatIsPublicInTheOrderOfThePractice(t *testing.T) {
	h := open(t)
	var all struct {
		Types []struct {
			Slug, Name string
			Minutes    int `json:"duration_minutes"`
			Coaches    []string
		} `json:"appointment_types"`
	}
	h.get("/api/v1/appointment-types").wants(200).read(&all)
	for _, kind := range all.Types {
		if kind.Slug == "private" || kind.Slug == "nobodys" || kind.Minutes != 30 || kind.Name == "" {
			t.Errorf("lists %+v", kind)
		}
		if kind.Slug == "either" && fmt.Sprint(kind.Coaches) != "[mara noor]" {
			t.Errorf("coaches %v", kind.Coaches)
		}
	}
	if len(all.Types) != 8 {
		t.Errorf("%d types", len(all.Types))
	}
}

func TestSlotsOfADayAreInTheAskersZoneAndInOrder(t *testing.T) {
	h := open(t)
	o := h.offered("timezone", "Europe/Berlin")
	starts := o.starts(t)
	if o.Type != "call" || o.Timezone != "Europe/Berlin" || len(starts) != 16 ||
		starts[0] != "2026-12-08T10:00:00+01:00" || starts[15] != "2026-12-08T17:30:00+01:00" {
		t.Errorf("%+v", o)
	}
	h.books()
	if again := h.offered("timezone", "Europe/Berlin").starts(t); len(again) != 15 {
		t.Errorf("%d are offered after one was booked", len(again))
	}
}

// The dates asked for are the asker's own: in Auckland a London day is two.
func TestTheRangeIsOfTheAskersDatesFromInclusiveToExclusive(t *testing.T) {
	h := open(t)
	o := h.offered("timezone", "Pacific/Auckland", "from", "2026-12-09", "to", "2026-12-10")
	starts := o.starts(t)
	if len(o.Days) != 1 || o.Days[0].Date != "2026-12-09" || starts[0] != "2026-12-09T00:00:00+13:00" || starts[len(starts)-1] != "2026-12-09T23:30:00+13:00" {
		t.Errorf("%v", starts)
	}
}

func TestDaysWithoutSlotsAreLeftOut(t *testing.T) {
	h := open(t)
	o := h.offered("from", "2026-12-11", "to", "2026-12-15")
	o.starts(t)
	if len(o.Days) != 2 || o.Days[0].Date != "2026-12-11" || o.Days[1].Date != "2026-12-14" {
		t.Errorf("a weekend: %+v", o.Days)
	}
	if body := h.slots("from", "2026-12-12", "to", "2026-12-14").wants(200).body; body != `{"type":"call","timezone":"Europe/London","days":[]}` {
		t.Errorf("a weekend alone: %s", body)
	}
	if got := h.offered("type", "nobodys").Days; len(got) != 0 {
		t.Errorf("nobody offers %v", got)
	}
}

// FT2: hours that slid by one after the clocks had changed.
func TestHoursStayWhereTheyAreWhenClocksChange(t *testing.T) {
	h := open(t)
	h.now = time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)
	for _, row := range []struct{ zone, date, first string }{
		{"Europe/London", "2027-03-26", "2027-03-26T09:00:00Z"},
		{"Europe/London", "2027-03-29", "2027-03-29T09:00:00+01:00"},
		{"Europe/Berlin", "2027-03-26", "2027-03-26T10:00:00+01:00"},
		{"Europe/Berlin", "2027-03-29", "2027-03-29T10:00:00+02:00"},
		{"America/New_York", "2027-03-12", "2027-03-12T04:00:00-05:00"},
		{"America/New_York", "2027-03-15", "2027-03-15T05:00:00-04:00"}, // New York has changed, London not yet
		{"Asia/Kolkata", "2027-03-29", "2027-03-29T13:30:00+05:30"},
		{"Africa/Casablanca", "2027-03-12", "2027-03-12T09:00:00Z"},
	} {
		day, err := time.Parse(time.DateOnly, row.date)
		h.must(err)
		starts := h.offered("timezone", row.zone, "from", row.date, "to", day.AddDate(0, 0, 1).Format(time.DateOnly)).starts(t)
		if len(starts) != 16 || starts[0] != row.first {
			t.Errorf("%s on %s: %v", row.zone, row.date, starts)
		}
	}
	// A day of 23 hours and one of 24 meet without a gap or a double.
	both := h.offered("timezone", "Europe/Berlin", "from", "2027-03-26", "to", "2027-03-30").starts(t)
	if len(both) != 32 {
		t.Errorf("%d over the change", len(both))
	}
}

func TestACoachCanBeNamed(t *testing.T) {
	h := open(t)
	if got := h.offered("type", "either").Days[0].Slots[0].Coaches; fmt.Sprint(got) != "[mara noor]" {
		t.Errorf("together %v", got)
	}
	if got := h.offered("type", "either", "coach", "noor").Days[0].Slots[0].Coaches; fmt.Sprint(got) != "[noor]" {
		t.Errorf("alone %v", got)
	}
}

func TestWhatIsNotThereOrNotForEveryoneIsNotFound(t *testing.T) {
	h := open(t)
	unknown := h.slots("type", "nothing")
	unknown.refused(404, "not-found")
	if private := h.slots("type", "private"); private.body != unknown.body {
		t.Errorf("a private type is told apart from none: %s", private.body)
	}
	h.slots("coach", "nobody").refused(404, "not-found")
	h.slots("coach", "noor").refused(404, "not-found") // she does not offer it
}

func TestAQueryThatCannotBeUsedNamesItsParameters(t *testing.T) {
	h := open(t)
	for _, row := range []struct {
		pairs  []string
		fields string
	}{
		{[]string{"from", "-", "to", "-", "timezone", "-"}, "timezone from to"},
		{[]string{"from", "2026-02-30"}, "from"},
		{[]string{"from", "2026-2-3"}, "from"},
		{[]string{"from", "tomorrow", "to", "9 Dec"}, "from to"},
		{[]string{"to", "2026-12-08T00:00:00Z"}, "to"},
		{[]string{"from", "-0001-12-01"}, "from"},
		{[]string{"to", "99999-01-01"}, "to"},
		{[]string{"to", "2026-12-08"}, "to"},
		{[]string{"to", "2026-12-07"}, "to"},
		{[]string{"to", "2027-02-09"}, "to"}, // 63 days
		{[]string{"to", "9999-12-31"}, "to"},
		{[]string{"timezone", ""}, "timezone"},
		{[]string{"timezone", "Local"}, "timezone"},
		{[]string{"timezone", "localtime"}, "timezone"},
		{[]string{"timezone", "Europe/Atlantis"}, "timezone"},
		{[]string{"timezone", "../../etc/passwd"}, "timezone"},
		{[]string{"timezone", "/etc/localtime"}, "timezone"},
		{[]string{"timezone", "+01:00"}, "timezone"},
		{[]string{"timezone", "right/Europe/London"}, "timezone"},
	} {
		if got := h.slots(row.pairs...).refused(422, "invalid").fields(); got != row.fields {
			t.Errorf("%v names %q", row.pairs, got)
		}
	}
	h.slots("to", "2027-02-08").wants(200) // 62 days
	for _, edge := range [][]string{{"from", "0001-01-01", "to", "0001-02-01"}, {"from", "9999-12-01", "to", "9999-12-31"}} {
		if got := h.offered(edge...).Days; len(got) != 0 {
			t.Errorf("%v offers %v", edge, got)
		}
	}
}

func TestReadingIsOpenToPagesOfAnySiteAndActingIsNot(t *testing.T) {
	h := open(t)
	link := h.books().under()
	elsewhere := header("Origin", "https://elsewhere.example")
	for _, target := range []string{"/api/v1/openapi.json", "/api/v1/appointment-types",
		"/api/v1/slots?type=call&from=2026-12-08&to=2026-12-09&timezone=UTC", "/api/v1/slots?type=nothing&from=2026-12-08&to=2026-12-09&timezone=UTC"} {
		a := h.ask("GET", target, "", elsewhere)
		if a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s is closed: %v", target, a.header)
		}
		if a.header.Get("Access-Control-Allow-Credentials") != "" || len(a.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s: %v", target, a.header)
		}
	}
	closed := []said{h.ask("GET", link, "", elsewhere)}
	for _, target := range []string{bookings, link + "/reschedule", link + "/cancel"} {
		a := h.post(target, `{}`, elsewhere)
		a.refused(403, "cross-origin")
		closed = append(closed, a, h.post(target, `{"start":1}`))
	}
	for _, a := range closed {
		for name := range a.header {
			if strings.HasPrefix(http.CanonicalHeaderKey(name), "Access-Control-") {
				t.Errorf("%s on %d %s", name, a.status, a.body)
			}
		}
		if a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("Cache-Control %q on %d", a.header.Get("Cache-Control"), a.status)
		}
	}
}
