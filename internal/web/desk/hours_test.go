package desk_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

func week(rows ...string) url.Values {
	form := url.Values{}
	for i := 0; i+2 < len(rows); i += 3 {
		form.Add(rows[i]+"_from", rows[i+1])
		form.Add(rows[i]+"_to", rows[i+2])
	}
	return form
}

func TestACoachSetsTheWeekAsPeopleTypeTimes(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.slug = "noor"
	o.get("/desk/hours").is(303)
	form := week("mon", "9", "12.30", "mon", "1 pm", "1700", "mon", "", "", "sun", "20:00", "24:00")
	answer := o.post("/desk/hours/noor", form).is(303)
	if answer.header.Get("Location") != "/desk/hours/noor?done=saved" {
		t.Error(answer.header)
	}
	got := o.hours("noor").Weekly
	if fmt.Sprint(got[time.Monday], got[time.Sunday], len(got[time.Thursday])) != "[09:00-12:30 13:00-17:00] [20:00-24:00] 0" {
		t.Error(got)
	}
	lines := o.lines(string(o.coach("noor").ID))
	last := lines[len(lines)-1]
	if last.Act != "weekly hours changed" || last.Actor != string(o.coach("noor").ID) ||
		!strings.Contains(last.Detail, "thu: [09:00-12:00]") || !strings.Contains(last.Detail, "13:00-17:00") {
		t.Errorf("%+v", last)
	}
	o.get("/desk/hours/noor?done=saved").is(200).says("Saved.").holds(`value="13:00"`)
}

func TestAWeekThatCannotBeIsShownAgainAsTyped(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	answer := o.post("/desk/hours/mara", week("mon", "12:00", "09:00", "tue", "nine", "ten", "wed", "09:00", "")).is(422)
	answer.says("Monday", "ends before it starts", "Tuesday: write times like 09:00", "Wednesday: write both", "Everything you typed is still here")
	answer.holds(`value="nine"`, `href="#tue-0"`, `aria-describedby="tue-0-problem"`)
	if got := o.hours("mara").Weekly; len(got[time.Tuesday]) != 2 {
		t.Error(got)
	}
}

func TestOneDayIsCopiedToOthersBeforeAnythingIsSaved(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	form := week("mon", "10:00", "11:00")
	form["act"], form["copy_from"], form["copy_to"] = []string{"copy"}, []string{"mon"}, []string{"wed", "fri"}
	answer := o.post("/desk/hours/mara", form).is(200).says("Copied Monday to Wednesday and Friday. Look it over, then save.")
	if n := strings.Count(answer.body, `value="10:00"`); n != 3 {
		t.Errorf("copied %d times", n)
	}
	if got := o.hours("mara").Weekly; fmt.Sprint(got[time.Monday]) != "[09:00-12:00]" {
		t.Error(got)
	}
}

func TestThePreviewShowsWhatPeopleWouldSee(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.get("/desk/hours/mara").is(200).says("What people see", "First call, the coming two weeks", "Monday 7 December", "10:00, 10:30, 11:00, 11:30")
	form := week("wed", "15:00", "16:00")
	form.Set("act", "preview")
	o.post("/desk/hours/mara", form).is(200).says("Nothing has been saved yet", "Wednesday 9 December 15:00, 15:30").hides("Monday 7 December")
	if got := o.hours("mara").Weekly; len(got[time.Wednesday]) != 0 {
		t.Error("the preview saved")
	}
	form.Set("type", "couple")
	o.post("/desk/hours/mara", form).is(200).says("Couple session, the coming two weeks", "nothing can be booked")
}

func TestHolidaysCloseARangeAndAreTakenAwayAgain(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.post("/desk/hours/mara/dates", url.Values{"from": {"2026-12-23"}, "to": {"2027-01-02"}, "hours": {"closed"}}).is(303)
	o.get("/desk/hours/mara/dates").is(200).says("Wednesday 23 December 2026 to Saturday 2 January 2027 days off")
	o.post("/desk/hours/mara/dates", url.Values{"from": {"2026-12-28"}, "hours": {"open"}, "date_from": {"10", ""}, "date_to": {"14", ""}}).is(303)
	o.get("/desk/hours/mara/dates").is(200).says("Monday 28 December 2026 10:00–14:00", "Wednesday 23 December 2026 to Sunday 27 December 2026")
	if n := len(o.hours("mara").Overrides); n != 11 {
		t.Errorf("%d dates", n)
	}
	o.post("/desk/hours/mara/dates", url.Values{"from": {"2026-12-29"}, "to": {"2027-01-02"}, "act": {"remove"}}).is(303)
	if n := len(o.hours("mara").Overrides); n != 6 {
		t.Errorf("%d dates", n)
	}
	for _, row := range []struct{ from, to, hours, says string }{
		{"", "", "closed", "Choose the first day"},
		{"2026-12-24", "2026-12-20", "closed", "lies before the first one"},
		{"2026-01-01", "2028-01-01", "closed", "more than a year"},
		{"2026-12-24", "", "open", "Write the hours of these days"},
		{"1800-12-24", "", "closed", "too far away"},
	} {
		o.post("/desk/hours/mara/dates", url.Values{"from": {row.from}, "to": {row.to}, "hours": {row.hours}}).is(422).says(row.says)
	}
}

func TestTripsDoNotOverlap(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	trip := func(from, to, zone string) url.Values {
		return url.Values{"from": {from}, "to": {to}, "timezone": {zone}}
	}
	o.get("/desk/hours/noor/travel").is(200).says("Monday 14 December 2026 to Friday 18 December 2026", "on the clock of New York")
	o.post("/desk/hours/noor/travel", trip("2026-12-18", "2026-12-20", "Asia/Tokyo")).is(422).says("The trip overlaps another one; a date can belong to one trip only.").holds(`value="Asia/Tokyo"`).hides("in line")
	o.post("/desk/hours/noor/travel", trip("2026-12-19", "2026-12-20", "Mars/Phobos")).is(422).says("such as New York")
	o.post("/desk/hours/noor/travel", trip("2026-12-19", "2026-12-20", "Asia/Tokyo")).is(303)
	o.post("/desk/hours/noor/travel", trip("2027-01-11", "2027-01-12", "new york")).is(303)
	remove := trip("2026-12-14", "2026-12-18", "America/New_York")
	remove.Set("act", "remove")
	o.post("/desk/hours/noor/travel", remove).is(303)
	if got := o.hours("noor").Travel; len(got) != 2 || got[0].Timezone != "Asia/Tokyo" || got[1].Timezone != "America/New_York" {
		t.Error(got)
	}
}

func TestCalendarAddressesAreSeenByTheirCoachAndTheOwnerAlone(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	o.get("/desk/hours/mara/calendars").is(200).holds("secret-of-mara").says("Your schedule in your own calendar")
	o.get("/desk/hours/noor/calendars").is(200).hides("/feeds/")
	form := url.Values{"calendar-a": {"webcal://calendar.example.org/other.ics"}, "calendar-b": {"http://plain.example.org/x.ics"}}
	o.post("/desk/hours/mara/calendars", form).is(422).says("is not an address on the web").holds(`id="calendar-b-problem"`)
	form.Del("calendar-b")
	o.post("/desk/hours/mara/calendars", form).is(303)
	if got := o.hours("mara").BusyCalendars; len(got) != 1 || got[0] != "https://calendar.example.org/other.ics" {
		t.Error(got)
	}
	for _, line := range o.lines(string(o.coach("mara").ID)) {
		if strings.Contains(line.Detail, "example.org/") {
			t.Errorf("an address is on record: %s", line.Detail)
		}
	}
	for _, slug := range []string{"ash", "noor"} {
		o.slug = slug
		o.get("/desk/hours/mara/calendars").is(404).hides("secret-of-mara")
		o.post("/desk/hours/mara/calendars", url.Values{}).is(404)
	}
}

func TestACoachStopsOfferingWhenACalendarIsNotRead(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	form := url.Values{"calendar-a": {"https://calendar.example.org/mara.ics"}, "stop_offering_after_hours": {"6"}, "ignore_all_day": {"yes"}}
	o.post("/desk/hours/mara/calendars", form).is(303)
	o.get("/desk/hours/mara/calendars?done=kept").is(200).says("Saved.", "calendar.example.org It has not been read yet.").holds(`value="6"`)
	o.get("/desk/hours/mara").is(200).says("Tuesday 8 December")
	o.clock = o.clock.Add(7 * time.Hour)
	o.get("/desk/hours/mara").is(200).says("In the coming 14 days nothing can be booked.")
	o.get("/desk/hours/mara/calendars").is(200).says("Nothing is offered until it can be read again, as you decided.")
	o.get("/desk/hours/mara/why?type=meet&date=2026-12-08&time=10:00").is(200).says("An outside calendar could not be read for longer than Mara Lind allows").hides("Friday 4 December")
	form.Set("stop_offering_after_hours", "0")
	o.post("/desk/hours/mara/calendars", form).is(422).says("from 1 to 10000").holds(`id="stop_offering_after_hours-problem"`)
	form.Del("stop_offering_after_hours")
	o.post("/desk/hours/mara/calendars", form).is(303)
	o.get("/desk/hours/mara").is(200).says("Tuesday 8 December")
	if n := o.count(`select count(*) from audit where act = 'choices about calendars changed'`); n != 2 {
		t.Errorf("%d lines", n)
	}
}

func TestANewFeedAddressRevokesTheOldOne(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	old := o.booking.CoachFeedURL(o.who())
	token := strings.TrimSuffix(old[strings.LastIndex(old, "/")+1:], ".ics")
	if _, err := o.booking.Feed(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"op": {"a-click"}}
	o.post("/desk/hours/mara/feed", form).is(303)
	o.post("/desk/hours/mara/feed", form).is(303) // the same click, sent twice
	if got := o.who().FeedGeneration; got != 2 {
		t.Errorf("generation %d", got)
	}
	if _, err := o.booking.Feed(context.Background(), token); err == nil {
		t.Error("the old address still opens")
	}
	o.get("/desk/hours/mara/calendars").is(200).hides(old)
	o.slug = "noor"
	o.post("/desk/hours/mara/feed", url.Values{}).is(404)
}

func TestAnothersHoursAreNotFound(t *testing.T) {
	t.Parallel()
	o := newBackroom(t)
	for _, path := range []string{"", "/dates", "/travel", "/why", "/calendars"} {
		o.slug = "noor"
		not, never := o.get("/desk/hours/mara"+path), o.get("/desk/hours/nobody"+path)
		if not.status != 404 || strings.ReplaceAll(not.body, "mara", "nobody") != never.body {
			t.Errorf("%s: %d", path, not.status)
		}
		if path != "/why" {
			o.post("/desk/hours/mara"+path, week("mon", "09:00", "10:00")).is(404)
		}
		o.slug = "ash"
		if path != "/calendars" {
			o.get("/desk/hours/mara" + path).is(200)
		}
		o.get("/desk/hours/ash" + path).is(404)
	}
	o.slug = "ash"
	o.post("/desk/hours/mara", week("mon", "09:00", "10:00")).is(303)
	if got := o.hours("mara").Weekly; fmt.Sprint(got) != fmt.Sprint(practice.Week{time.Monday: got[time.Monday]}) {
		t.Error(got)
	}
}

func TestAPageAsksTheSameOfAGrownPractice(t *testing.T) {
	t.Parallel()
	db, wire := pgtest.Listened(t)
	o := newBackroomOn(t, db)
	paths := []string{"/desk/hours/mara", "/desk/hours/mara/dates", "/desk/hours/mara/travel", "/desk/hours/mara/calendars",
		"/desk/hours/mara/why?type=meet&date=2026-12-08&time=10:00", "/desk/types", "/desk/types/meet/edit", "/desk/settings", "/desk/settings/letters", "/desk/team", "/desk/team/noor/edit"}
	asked := func() map[string]int {
		counts := map[string]int{}
		for range 2 { // the first time statements are prepared
			for _, path := range paths {
				wire.Reset()
				o.get(path).is(200)
				counts[path] = len(wire.Statements())
			}
		}
		return counts
	}
	o.booked("mara", "Sam", time.Date(2026, 12, 8, 10, 0, 0, 0, time.UTC))
	before := asked()
	var more strings.Builder
	more.WriteString("coaches:\n")
	for i := range 30 {
		fmt.Fprintf(&more, "  - {slug: c%d, name: C%d, email: c%d@example.org, timezone: Europe/London, weekly_hours: {mon: [\"09:00-10:00\"]}}\n", i, i, i)
	}
	more.WriteString("appointment_types:\n")
	for i := range 30 {
		fmt.Fprintf(&more, "  - {slug: t%d, name: T%d, duration: 30m, coaches: [mara, c%d]}\n", i, i, i)
	}
	o.apply(more.String())
	for path, n := range asked() {
		if n != before[path] || n > 16 {
			t.Errorf("%s: %d statements, then %d", path, before[path], n)
		}
	}
}
