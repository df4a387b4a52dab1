package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// times lists the times that can be chosen, as they are said.
func times(p sheet) []string {
	var said []string
	for _, n := range p.classed("time") {
		said = append(said, wordsOf(n))
	}
	return said
}

func TestTheMonthSaysWhichDaysHaveHowManyTimes(t *testing.T) {
	t.Parallel()
	h := build(t)
	p := h.get("/book/meet?timezone=Europe/London").page()
	// Tuesday: Mara 9-12 and 13-17, Noor 9-11; each start is offered once. Today
	// is Monday, 08:00, and two hours of notice are asked for.
	for said, n := range map[string]int{"Monday 7 December 2026, 4 times": 7, "Tuesday 8 December 2026, 14 times": 8, "Thursday 10 December 2026, 6 times": 10, "Friday 11 December 2026, 4 times": 11} {
		href := p.link(said)
		if want := fmt.Sprintf("/book/meet?date=2026-12-%02d&timezone=Europe%%2FLondon#times", n); href != want {
			t.Errorf("%s leads to %q, want %s", said, href, want)
		}
	}
	if p.link("Saturday 12 December") != "" || len(times(p)) != 0 {
		t.Error("a day without times is a link, or times show before a day is chosen")
	}
	day := h.get(p.link("Friday 11 December")).page()
	if got := strings.Join(times(day), " "); got != "18:00 18:30 19:00 19:30" {
		t.Errorf("times %s", got)
	}
	if got := wordsOf(day.id("times")); got != "Friday 11 December" {
		t.Errorf("headed %q", got)
	}
	labelled(t, "/book/meet", day)
}

// The same hours, read elsewhere: the day may be another one.
func TestTimesAreShownOnTheReadersClock(t *testing.T) {
	t.Parallel()
	h := build(t)
	for zone, want := range map[string]string{
		"Europe/London":    "2026-12-11: 18:00 18:30 19:00 19:30 London, GMT",
		"Pacific/Auckland": "2026-12-12: 07:00 07:30 08:00 08:30 Auckland, NZDT",
		"Asia/Kolkata":     "2026-12-11: 23:30 Kolkata, IST",
		"America/New_York": "2026-12-11: 13:00 13:30 14:00 14:30 New York, EST",
	} {
		date, _, _ := strings.Cut(want, ":")
		p := h.get("/book/meet?timezone=" + url.QueryEscape(zone) + "&date=" + date).page()
		got := date + ": " + strings.Join(times(p), " ") + " " + wordsOf(p.classed("zone-now")[0].FirstChild.NextSibling)
		if got != want {
			t.Errorf("in %s: %s, want %s", zone, got, want)
		}
		values := p.form("/book/meet").values
		if values.Get("timezone") != zone {
			t.Errorf("the form says %s", values.Get("timezone"))
		}
	}
}

// FT18: an unknown zone was read as UTC without a word.
func TestAnUnknownZoneFallsBackToTheCoachsAndSaysSo(t *testing.T) {
	t.Parallel()
	h := build(t)
	long := strings.Repeat("Europe/", 150)
	for _, zone := range []string{"Mars/Olympus", "Local", "localtime", "../../etc/passwd", "/etc/passwd", "Europe", "GMT+25", long, "<b>x</b>", "😀", " ", "posix/Europe/London"} {
		a := h.get("/book/meet?timezone=" + url.QueryEscape(zone)).shows(200)
		p := a.page()
		if !strings.Contains(p.words(), "We do not know a time zone called") || !strings.Contains(p.words(), "so times are shown for London.") {
			t.Errorf("%.40q: nothing is said", zone)
		}
		if len(a.body) > 100_000 || strings.Contains(a.body, "<b>x</b>") {
			t.Errorf("%.40q is repeated as it came", zone)
		}
		if strings.Contains(strings.Join(p.hrefs(), " "), "timezone=") {
			t.Errorf("%.40q: links carry a zone that nobody chose", zone)
		}
	}
	if strings.Contains(h.get("/book/meet?timezone=").page().words(), "We do not know") {
		t.Error("no zone is not an unknown one")
	}
	h.get("/book/meet?timezone=Europe%2FLondon%00").shows(400)
}

func TestTheMonthTurnsFromTodayToTheHorizonAndNoFurther(t *testing.T) {
	t.Parallel()
	h := build(t)
	p := h.get("/book/meet?timezone=Europe/Berlin").page()
	if p.link("Month before") != "" {
		t.Errorf("before this month lies %s", p.link("Month before"))
	}
	months := []string{wordsOf(p.id("month-name"))}
	for next := p.link("Month after"); next != "" && len(months) < 9; next = p.link("Month after") {
		p = h.get(next).shows(200).page()
		months = append(months, wordsOf(p.id("month-name")))
		if p.form("/book/meet").values.Get("timezone") != "Europe/Berlin" {
			t.Fatalf("the zone is lost at %s", next)
		}
	}
	// Sixty days from 7 December end on 5 February.
	if got := strings.Join(months, ", "); got != "December 2026, January 2027, February 2027" {
		t.Errorf("turned over %s", got)
	}
	for back := p.link("Month before"); back != ""; back = p.link("Month before") {
		p = h.get(back).page()
		months = months[:len(months)-1]
		if len(months) == 0 || wordsOf(p.id("month-name")) != months[len(months)-1] {
			t.Fatalf("back leads to %s", wordsOf(p.id("month-name")))
		}
	}
}

// FU4: an empty month was a blank table that nobody could make sense of.
func TestAnEmptyMonthSaysSoAndLeadsToTheNextFreeDay(t *testing.T) {
	t.Parallel()
	h := build(t)
	for _, month := range []string{"2026-11", "2027-03", "2199-12", "2000-01"} {
		p := h.get("/book/meet?month=" + month + "&timezone=Europe/London").shows(200).page()
		empty := wordsOf(p.id("empty"))
		if !strings.HasPrefix(empty, "There are no free times in ") || !strings.Contains(empty, "The next free day is Monday 7 December") {
			t.Errorf("%s: %q", month, empty)
		}
		if day := h.get(p.link("The next free day")).page(); len(times(day)) != 4 {
			t.Errorf("%s: the next free day has %v", month, times(day))
		}
	}
	p := h.get("/book/meet?date=2026-12-12&timezone=Europe/London").page()
	if got := wordsOf(p.id("empty")); !strings.Contains(got, "There are no free times on Saturday 12 December 2026.") || !strings.Contains(got, "The next free day") {
		t.Errorf("an empty day: %q", got)
	}
}

func TestWhenNothingIsFreeThePageSaysSoAndNothingMore(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.apply("coaches:\n  - {slug: mara, weekly_hours: {}}\n  - {slug: noor, weekly_hours: {}}\n")
	for _, query := range []string{"", "?month=2027-01", "?date=2026-12-08", "?coach=noor"} {
		p := h.get("/book/meet" + query).shows(200).page()
		if !strings.Contains(p.words(), "There are no free times at the moment.") || p.link("The next free day") != "" || len(p.forms()) != 1 {
			t.Errorf("%s: %s", query, p.words())
		}
	}
}

// Whatever stands in the address, a page is shown.
func TestNoAddressBreaksTheCalendar(t *testing.T) {
	t.Parallel()
	h := build(t)
	absurd := []string{"", "0", "-1", "x", "2026-13", "2026-02-30", "2026-13-01", "0000-00", "9999-12", "9999-12-31", "99999999999999-01", "-2026-12",
		"2026-12-08T10:00:00Z", "２０２６-12", "%25", "%F0%9F%98%80", "2026-12%0A", "' or 1=1--", "{{.}}", strings.Repeat("9", 3000)}
	for _, name := range []string{"month", "date", "after", "start", "timezone"} {
		for _, value := range absurd {
			if !strings.HasPrefix(value, "%") && !strings.HasSuffix(value, "%0A") {
				value = url.QueryEscape(value)
			}
			if a := h.get("/book/meet?" + name + "=" + value); a.status != 200 || len(a.page().classed("month")) == 0 {
				t.Errorf("%s=%.40s: %d", name, value, a.status)
			}
		}
	}
	for _, value := range absurd[1:] {
		if a := h.get("/book/meet?coach=" + url.QueryEscape(value)); a.status != 404 {
			t.Errorf("coach=%.40s: %d", value, a.status)
		}
		if a := h.get("/book/" + url.PathEscape(value)); a.status != 404 && a.status != 400 {
			t.Errorf("type %.40s: %d", value, a.status)
		}
	}
	for _, query := range []string{"month=%00", "date=%ff", "coach=%00", "%00=1", "timezone=%c3"} {
		h.get("/book/meet?" + query).shows(400)
	}
	h.get("/book/meet?date=2026-12-08&month=2027-01").shows(200)
	h.get("/book/meet?date=2026-12-08&date=2026-12-09&timezone=a&timezone=b").shows(200)
	h.get("/book/meet?" + strings.Repeat("a=1&", 2000)).shows(200)
}

func TestWithSeveralCoachesThePersonMayChoose(t *testing.T) {
	t.Parallel()
	h := build(t)
	p := h.get("/book/meet?timezone=Asia/Tokyo").page()
	if p.form("/book/meet").values.Has("coach") {
		t.Error("somebody is chosen already")
	}
	noor := p.link("Noor Haddad")
	if noor != "/book/meet?coach=noor&timezone=Asia%2FTokyo#day-heading" {
		t.Fatalf("Noor is behind %s", noor)
	}
	p = h.get(noor).page()
	if !strings.Contains(p.words(), "with Noor Haddad") || p.link("Monday 7 December") != "" || !strings.Contains(p.link("Tuesday 8 December"), "coach=noor") {
		t.Errorf("not Noor's calendar: %s", p.words())
	}
	day := h.get(p.link("Tuesday 8 December")).page()
	if got := day.form("/book/meet").values; got.Get("coach") != "noor" || got.Get("timezone") != "Asia/Tokyo" {
		t.Errorf("the form says %v", got)
	}
	if day.link("Whoever is free") != "/book/meet?timezone=Asia%2FTokyo#day-heading" {
		t.Errorf("back to all: %s", day.link("Whoever is free"))
	}
	if next := day.link("Month after"); !strings.Contains(next, "coach=noor") || !strings.Contains(next, "timezone=Asia%2FTokyo") {
		t.Errorf("the next month forgets: %s", next)
	}
	for _, n := range day.all("form") {
		if strings.EqualFold(attr(n, "method"), "get") && !strings.Contains(wordsOf(n), "Show times there") {
			t.Errorf("another form: %s", wordsOf(n))
		}
	}
	if kept := day.zoneForm(); kept.Get("coach") != "noor" || kept.Get("date") != "2026-12-08" || kept.Get("timezone") != "Asia/Tokyo" {
		t.Errorf("another zone forgets: %v", kept)
	}
	if got := h.get("/book/quiet").page(); len(got.classed("choices")) != 0 {
		t.Error("where there is one coach, one is asked to choose")
	}
}

// zoneForm is the form that changes the time zone, as it would be sent.
func (s sheet) zoneForm() url.Values {
	values := url.Values{}
	for _, n := range s.all("input") {
		if attr(n, "type") == "hidden" && strings.EqualFold(attr(n.Parent, "method"), "get") {
			values.Set(attr(n, "name"), attr(n, "value"))
		}
	}
	for _, n := range s.all("option") {
		if has(n, "selected") {
			values.Set("timezone", attr(n, "value"))
		}
	}
	return values
}

// A day that is over before its last hour, and a calendar that is looked at
// late in the evening.
func TestWhatHasPassedIsNotOffered(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.turnTo(time.Date(2026, 12, 8, 14, 59, 0, 0, time.UTC))
	day := h.get("/book/meet?date=2026-12-08&timezone=Europe/London").page()
	if got := times(day); len(got) != 0 {
		t.Errorf("offered %v two hours before 17:00", got)
	}
	h.turnTo(time.Date(2026, 12, 8, 13, 0, 0, 0, time.UTC))
	day = h.get("/book/meet?date=2026-12-08&timezone=Europe/London").page()
	if got := strings.Join(times(day), " "); got != "15:00 15:30 16:00 16:30" {
		t.Errorf("offered %s", got)
	}
}
