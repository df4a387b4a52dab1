package slot_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kintsugi/internal/slot"
)

// booking is a live one of the type "call" on 10 June 2026, in UTC.
func booking(id, from, to string, before, after time.Duration) slot.Booking {
	return slot.Booking{
		ID: id, Type: "call", Live: true, BufferBefore: before, BufferAfter: after,
		Start: at("2026-06-10T" + from + ":00Z"), End: at("2026-06-10T" + to + ":00Z"),
	}
}

func span(from, to string) slot.Span {
	return slot.Span{Start: at("2026-06-10T" + from + ":00Z"), End: at("2026-06-10T" + to + ":00Z")}
}

// june10 is that date in UTC.
var june10 = days("UTC", "2026-06-10", "2026-06-11")

func TestRuleGapIsTheLargerOfTwoBuffers(t *testing.T) {
	for _, c := range []struct {
		story         string
		before, after time.Duration // of the candidate
		taken         slot.Booking
		want          string
	}{
		{"none", 0, 0, booking("a", "10:00", "11:00", 0, 0), "09:00 09:30 11:00 11:30 12:00"},
		{"the earlier one's is larger", 10 * minutes, 0, booking("a", "10:00", "11:00", 0, 30*minutes), "09:00 09:30 11:30 12:00"},
		{"the later one's is larger", 60 * minutes, 0, booking("a", "10:00", "11:00", 0, 30*minutes), "09:00 09:30 12:00"},
		{"the same before the booking", 0, 20 * minutes, booking("a", "10:00", "11:00", 30*minutes, 0), "09:00 11:00 11:30 12:00"},
		{"exactly enough", 0, 30 * minutes, booking("a", "10:00", "11:00", 20*minutes, 0), "09:00 11:00 11:30 12:00"},
		{"a minute too little", 0, 31 * minutes, booking("a", "10:00", "11:00", 0, 0), "11:00 11:30 12:00"},
		{"a second too little", 0, 0, booking("a", "10:00", "11:00", 0, 30*minutes+time.Second), "09:00 09:30 12:00"},
		{"wide ones from outside the hours", 0, 0, booking("a", "00:00", "01:00", 0, 10*hour), "11:00 11:30 12:00"},
	} {
		t.Run(c.story, func(t *testing.T) {
			kind := call(30*minutes, 30*minutes)
			kind.BufferBefore, kind.BufferAfter = c.before, c.after
			who := coach("UTC", "daily 09:00-12:30")
			who.Taken = []slot.Booking{c.taken}
			wantStarts(t, kind, who, june10, "2026-06-10 "+c.want)
		})
	}
}

func TestRuleBusyTimeKeepsTheCandidatesOwnBuffers(t *testing.T) {
	kind := call(30*minutes, 30*minutes)
	kind.BufferBefore, kind.BufferAfter = 15*minutes, 30*minutes
	c := coach("UTC", "daily 09:00-13:00")
	c.Busy = []slot.Span{span("10:15", "10:45"), span("10:30", "10:31"), span("12:00", "12:00")}
	wantStarts(t, kind, c, june10, "2026-06-10 09:00 11:00 11:30 12:00 12:30")
}

func TestRuleBuffersReachOverMidnight(t *testing.T) {
	kind := call(30*minutes, 30*minutes)
	c := coach("UTC", "daily 00:00-01:00")
	c.Taken = []slot.Booking{{Type: "other", Live: true, Start: at("2026-06-09T23:00:00Z"), End: at("2026-06-09T23:50:00Z"), BufferAfter: 40 * minutes}}
	wantStarts(t, kind, c, june10, "2026-06-10 00:30")
}

// A cap was counted on the days of UTC, and cancelled bookings filled it.
func TestRuleCapCountsLiveBookingsOfTheTypeOnTheCoachsDate(t *testing.T) {
	kind := call(hour, hour)
	kind.MaxPerDay = 2
	c := coach("Pacific/Auckland", "daily 09:00-10:00")
	live := func(kind, start string, is bool) slot.Booking {
		return slot.Booking{Type: kind, Live: is, Start: at(start), End: at(start).Add(30 * minutes)}
	}
	c.Taken = []slot.Booking{
		live("call", "2026-06-09T11:55:00Z", true),  // 9 June, 23:55 there
		live("call", "2026-06-09T12:00:00Z", true),  // 10 June, 00:00 there
		live("call", "2026-06-10T11:45:00Z", true),  // 10 June, 23:45 there
		live("call", "2026-06-10T12:00:00Z", true),  // 11 June
		live("call", "2026-06-10T23:00:00Z", false), // 11 June, cancelled
		live("other", "2026-06-11T04:00:00Z", true), // 11 June, of another type
	}
	q := days("Pacific/Auckland", "2026-06-09", "2026-06-12")
	wantStarts(t, kind, c, q, "2026-06-08 21:00 2026-06-10 21:00")
	_, refused := slot.Explain(kind, []slot.Coach{c}, q)
	if len(refused) != 1 || refused[0].Reason != slot.DayFull || !refused[0].Start.Equal(at("2026-06-09T21:00:00Z")) {
		t.Errorf("refused %v", refused)
	}
}

// The coach moved from New York to Berlin after the booking was made; its
// instant stays, and it can still be moved.
func TestRuleMovedBookingDoesNotStandInItsOwnWay(t *testing.T) {
	kind := call(hour, 30*minutes)
	kind.MaxPerDay, kind.BufferAfter = 1, 30*minutes
	c := coach("Europe/Berlin", "daily 15:00-17:30")
	c.Taken = []slot.Booking{booking("a", "13:00", "14:00", 0, 30*minutes)}
	wantStarts(t, kind, c, june10, "")
	q := june10
	q.Moving = "a"
	wantStarts(t, kind, c, q, "2026-06-10 13:00 13:30 14:00 14:30")
	c.Taken[0].ID, q.Moving = "", ""
	wantStarts(t, kind, c, q, "")
}

func TestRuleHorizonAndTodayAreTheCoachsDates(t *testing.T) {
	kind := call(hour, hour)
	kind.HorizonDays = 1
	q := slot.Query{From: at("2026-06-09T00:00:00Z"), To: at("2026-06-14T00:00:00Z"), Now: at("2026-06-10T11:30:00Z")} // 23:30 on 10 June there
	c := coach("Pacific/Auckland", "daily 00:00-01:00 23:00-24:00")
	wantStarts(t, kind, c, q, "2026-06-10 12:00 2026-06-11 11:00")
	q.Now = at("2026-06-10T12:00:00Z") // 00:00 on 11 June there
	wantStarts(t, kind, c, q, "2026-06-10 12:00 2026-06-11 11:00 12:00 2026-06-12 11:00")
	kind.HorizonDays = 0
	wantStarts(t, kind, c, q, "2026-06-10 12:00 2026-06-11 11:00")
}

func TestRuleTheGridIsTheHoursNotTheClock(t *testing.T) {
	q := june10
	q.Now = at("2026-06-10T10:17:23Z")
	wantStarts(t, call(30*minutes, 30*minutes), coach("UTC", "daily 09:00-12:00"), q, "2026-06-10 10:30 11:00 11:30")
	q.Now = at("2026-06-10T10:30:00.5Z")
	wantStarts(t, call(30*minutes, 30*minutes), coach("UTC", "daily 09:00-12:00"), q, "2026-06-10 11:00 11:30")
}

func TestRuleOwnHoursAreTheOnlyWeeklyHours(t *testing.T) {
	kind := call(hour, hour)
	kind.Weekly = weekly("mon 10:00-11:00")
	c := coach("UTC", "daily 09:00-17:00")
	c.Hours.Overrides = map[slot.Date][]slot.Window{date("2026-06-15"): {}, date("2026-06-16"): windows("20:00-21:00")}
	wantStarts(t, kind, c, days("UTC", "2026-06-08", "2026-06-24"), "2026-06-08 10:00 2026-06-16 20:00 2026-06-22 10:00")
	kind.Weekly = map[time.Weekday][]slot.Window{}
	wantStarts(t, kind, c, days("UTC", "2026-06-08", "2026-06-15"), "")
}

func TestRuleOverrideStandsOnItsOwnDate(t *testing.T) {
	late := coach("America/New_York", "daily 08:00-09:00")
	late.Hours.Overrides = map[slot.Date][]slot.Window{date("2026-06-16"): windows("22:00-23:00")}
	wantStarts(t, call(hour, hour), late, days("UTC", "2026-06-15", "2026-06-19"), "2026-06-15 12:00 2026-06-17 02:00 12:00 2026-06-18 12:00")

	night := coach("Europe/London", "tue 21:00-24:00, wed 00:00-03:00")
	night.Hours.Overrides = map[slot.Date][]slot.Window{date("2026-01-07"): {}}
	wantStarts(t, call(90*minutes, 30*minutes), night, days("UTC", "2026-01-06", "2026-01-08"), "2026-01-06 21:00 21:30 22:00 22:30")

	merged := coach("UTC", "")
	merged.Hours.Overrides = map[slot.Date][]slot.Window{date("2026-06-10"): windows("11:00-12:00 09:00-10:30 10:00-11:00")}
	wantStarts(t, call(50*minutes, 50*minutes), merged, june10, "2026-06-10 09:00 09:50 10:40")
}

func TestRuleWindowThatEndsInTheEveningEnds(t *testing.T) {
	wantStarts(t, call(hour, hour), coach("UTC", "daily 21:00-23:00"), june10, "2026-06-10 21:00 22:00")
}

func TestRuleEachStartOnceWithAllFreeCoaches(t *testing.T) {
	zoe, ann, mara := coach("UTC", "daily 09:00-11:00"), coach("Europe/Paris", "daily 11:00-14:00"), coach("UTC", "")
	zoe.Slug, ann.Slug = "zoe", "ann"
	zoe.Taken = []slot.Booking{booking("a", "10:00", "11:00", 0, 0)}
	slots, refused := slot.Explain(call(hour, hour), []slot.Coach{zoe, mara, ann, zoe}, june10)
	got := fmt.Sprint(utc(slots))
	if want := "2026-06-10 09:00 10:00 11:00"; got != want {
		t.Errorf("offered %s, want %s", got, want)
	}
	for i, want := range [][]string{{"ann", "zoe"}, {"ann"}, {"ann"}} {
		if !slices.Equal(slots[i].Coaches, want) {
			t.Errorf("slot %d has %v, want %v", i, slots[i].Coaches, want)
		}
	}
	if len(refused) != 1 || refused[0].Coach != "zoe" || refused[0].Reason != slot.Booked {
		t.Errorf("refused %v", refused)
	}
}

func TestRuleTheCoachWithFewestBookingsIsChosen(t *testing.T) {
	load := map[string]int{"ann": 2, "mara": 1, "zoe": 1}
	for want, free := range map[string][]string{"": nil, "ann": {"ann"}, "mara": {"zoe", "mara", "ann"}, "zoe": {"ann", "zoe"}, "new": {"mara", "new"}} {
		if got := slot.Choose(free, load); got != want {
			t.Errorf("of %v %q is chosen, want %q", free, got, want)
		}
	}
}
