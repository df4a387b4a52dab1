package slot_test

import (
	"slices"
	"testing"
	"time"

	"kintsugi/internal/slot"
)

func trip(from, to, zoneName string) slot.Travel {
	return slot.Travel{From: date(from), To: date(to), Zone: zone(zoneName)}
}

// travelling is a coach with trips.
func travelling(home, hours string, trips ...slot.Travel) slot.Coach {
	c := coach(home, hours)
	c.Hours.Travel = trips
	return c
}

func TestTripMovesTheHours(t *testing.T) {
	for _, c := range []struct {
		story    string
		coach    slot.Coach
		from, to string // dates in UTC
		want     string
	}{
		{"west and back",
			travelling("Europe/London", "daily 09:00-10:00", trip("2026-05-11", "2026-05-12", "America/New_York")),
			"2026-05-10", "2026-05-14", "2026-05-10 08:00 2026-05-11 13:00 2026-05-12 13:00 2026-05-13 08:00"},
		{"east over the date line: 10 June is had twice, 13 June loses its morning",
			travelling("Pacific/Auckland", "daily 09:00-10:00", trip("2026-06-10", "2026-06-12", "Pacific/Honolulu")),
			"2026-06-08", "2026-06-14",
			"2026-06-08 21:00 2026-06-09 21:00 2026-06-10 19:00 2026-06-11 19:00 2026-06-12 19:00 2026-06-13 21:00"},
		{"west over the date line: 9 June is cut short, 12 June is had twice",
			travelling("Pacific/Honolulu", "daily 09:00-10:00", trip("2026-06-10", "2026-06-12", "Pacific/Auckland")),
			"2026-06-08", "2026-06-14",
			"2026-06-08 19:00 2026-06-09 21:00 2026-06-10 21:00 2026-06-11 21:00 2026-06-12 19:00 2026-06-13 19:00"},
		{"a trip of one day",
			travelling("UTC", "daily 09:00-10:00", trip("2026-06-10", "2026-06-10", "Asia/Kolkata")),
			"2026-06-09", "2026-06-12", "2026-06-09 09:00 2026-06-10 03:30 2026-06-11 09:00"},
		{"a trip begins at 01:00 where that date has no midnight",
			travelling("UTC", "daily 02:00-03:00, sun 02:00-06:00", trip("2026-09-06", "2026-09-06", "America/Santiago")),
			"2026-09-05", "2026-09-08", "2026-09-05 02:00 2026-09-06 02:00 03:00 05:00 06:00 07:00 08:00"},
		{"a trip over a change of the clocks",
			travelling("Asia/Tokyo", "daily 09:00-10:00", trip("2026-03-28", "2026-03-29", "Europe/Berlin")),
			"2026-03-27", "2026-03-31", "2026-03-27 00:00 2026-03-28 08:00 2026-03-29 07:00 2026-03-30 00:00"},
		{"an empty trip and one without a zone are none",
			travelling("UTC", "daily 09:00-10:00", trip("2026-06-10", "2026-06-09", "Asia/Tokyo"),
				slot.Travel{From: date("2026-06-10"), To: date("2026-06-10")}),
			"2026-06-10", "2026-06-11", "2026-06-10 09:00"},
	} {
		t.Run(c.story, func(t *testing.T) {
			wantStarts(t, call(hour, hour), c.coach, days("UTC", c.from, c.to), c.want)
		})
	}
}

// At 04:00 in London on 11 May it is midnight in New York, where the coach now
// is: the labels from 00:00 to 05:00 of that date are had twice.
func TestTripSeamKeepsLabelsOnBothSides(t *testing.T) {
	c := travelling("Europe/London", "mon 00:00-06:00", trip("2026-05-11", "2026-05-15", "America/New_York"))
	wantStarts(t, call(2*hour, hour), c, days("UTC", "2026-05-10", "2026-05-12"),
		"2026-05-10 23:00 2026-05-11 00:00 01:00 02:00 03:00 04:00 05:00 06:00 07:00 08:00")
}

// The first day in Auckland begins before the last one in Honolulu is over. In
// whichever order the trips are listed, the coach has arrived.
func TestTripThatBeganLaterWins(t *testing.T) {
	trips := []slot.Travel{trip("2026-06-08", "2026-06-09", "Pacific/Honolulu"), trip("2026-06-10", "2026-06-11", "Pacific/Auckland")}
	for range 2 {
		c := travelling("UTC", "daily 09:00-10:00", trips...)
		wantStarts(t, call(hour, hour), c, days("UTC", "2026-06-08", "2026-06-13"), "2026-06-08 09:00 19:00 2026-06-09 21:00 2026-06-10 21:00 2026-06-12 09:00")
		slices.Reverse(trips)
	}
	inside := travelling("UTC", "daily 09:00-10:00", trip("2026-06-09", "2026-06-09", "Asia/Kolkata"), trip("2026-06-08", "2026-06-10", "Asia/Tokyo"))
	wantStarts(t, call(hour, hour), inside, days("UTC", "2026-06-08", "2026-06-11"), "2026-06-08 00:00 2026-06-09 03:30 2026-06-10 00:00")
	same := travelling("UTC", "daily 09:00-10:00", trip("2026-06-08", "2026-06-08", "Asia/Kolkata"), trip("2026-06-08", "2026-06-08", "Asia/Tokyo"))
	wantStarts(t, call(hour, hour), same, days("UTC", "2026-06-08", "2026-06-09"), "2026-06-08 00:00")
}

func TestTripDecidesTheCoachsDate(t *testing.T) {
	c := travelling("Pacific/Auckland", "daily 09:00-10:00", trip("2026-06-10", "2026-06-12", "Pacific/Honolulu"))
	for _, row := range []struct{ at, zone, date string }{
		{"2026-06-10T09:59:59Z", "Pacific/Auckland", "2026-06-10"},
		{"2026-06-10T10:00:00Z", "Pacific/Honolulu", "2026-06-10"},
		{"2026-06-13T09:59:59Z", "Pacific/Honolulu", "2026-06-12"},
		{"2026-06-13T10:00:00Z", "Pacific/Auckland", "2026-06-13"},
	} {
		if got := slot.Zone(c.Hours, at(row.at)).String(); got != row.zone {
			t.Errorf("at %s the coach is in %s, want %s", row.at, got, row.zone)
		}
		if got := slot.LocalDate(c.Hours, at(row.at)); got != date(row.date) {
			t.Errorf("at %s the coach has %v, want %s", row.at, got, row.date)
		}
	}
	east := travelling("Pacific/Honolulu", "", trip("2026-06-10", "2026-06-12", "Pacific/Auckland"))
	if got := slot.LocalDate(east.Hours, at("2026-06-09T12:00:00Z")); got != date("2026-06-10") {
		t.Errorf("arriving in Auckland the coach has %v", got)
	}
	spring := travelling("Asia/Tokyo", "", trip("2026-03-28", "2026-03-29", "Europe/Berlin"))
	if got := slot.Zone(spring.Hours, at("2026-03-29T22:00:00Z")).String(); got != "Asia/Tokyo" {
		t.Errorf("after a day of 23 hours the coach is still in %s", got)
	}
	if got := slot.Zone(slot.Hours{}, longAgo).String(); got != "UTC" {
		t.Errorf("a coach without a home is in %s", got)
	}
}

// 10 June is had in Auckland and again in Honolulu; it is one date, and a
// booking in the first half of it counts in the second.
func TestTripThatRepeatsADateKeepsItsCap(t *testing.T) {
	c := travelling("Pacific/Auckland", "daily 09:00-10:00", trip("2026-06-10", "2026-06-12", "Pacific/Honolulu"))
	c.Taken = []slot.Booking{{ID: "a", Type: "call", Live: true, Start: at("2026-06-09T21:00:00Z"), End: at("2026-06-09T22:00:00Z")}}
	kind := call(hour, hour)
	kind.MaxPerDay = 1
	wantStarts(t, kind, c, days("UTC", "2026-06-08", "2026-06-12"), "2026-06-08 21:00 2026-06-11 19:00")
	if got := slot.Check(kind, c, at("2026-06-10T19:00:00Z"), slot.Query{Now: longAgo}); got != slot.DayFull {
		t.Errorf("the second 10 June is %q, want %q", got, slot.DayFull)
	}
}

// A booking that starts as the coach arrives counts on the date there.
func TestTripSeamBelongsToTheNewZone(t *testing.T) {
	c := travelling("Pacific/Honolulu", "daily 00:00-24:00", trip("2026-06-10", "2026-06-12", "Pacific/Auckland"))
	arrival := at("2026-06-09T12:00:00Z")
	c.Taken = []slot.Booking{{Type: "call", Live: true, Start: arrival, End: arrival.Add(hour)}}
	kind := call(hour, hour)
	kind.MaxPerDay = 1
	for start, want := range map[string]slot.Reason{
		"2026-06-09T10:00:00Z": slot.Offered, // 9 June in Honolulu
		"2026-06-09T13:00:00Z": slot.DayFull, // 10 June in Auckland
		"2026-06-10T12:00:00Z": slot.Offered, // 11 June in Auckland
	} {
		if got := slot.Check(kind, c, at(start), slot.Query{Now: longAgo}); got != want {
			t.Errorf("%s is %q, want %q", start, got, want)
		}
	}
}

// From Kiritimati to Pago Pago one date lasts 49 hours, so a booking more than
// two days before a start can be one of the same date.
func TestTripCanStretchADateBeyondTwoDays(t *testing.T) {
	c := travelling("Pacific/Kiritimati", "daily 00:00-01:00 23:30-24:00", trip("2026-06-10", "2026-06-12", "Pacific/Pago_Pago"))
	first, last := at("2026-06-09T10:00:00Z"), at("2026-06-11T10:30:00Z")
	c.Taken = []slot.Booking{{Type: "call", Live: true, Start: first, End: first.Add(5 * minutes)}}
	kind := call(5*minutes, hour)
	kind.MaxPerDay = 1
	q := slot.Query{From: last, To: last.Add(time.Second), Now: longAgo}
	if got := slot.Check(kind, c, last, q); got != slot.DayFull {
		t.Errorf("23:30 of a full day is %q, want %q", got, slot.DayFull)
	}
	if from, _ := slot.Gather(kind, q); first.Before(from) {
		t.Errorf("gathers from %v and misses %v", from, first)
	}
}
