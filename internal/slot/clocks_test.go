package slot_test

import (
	"testing"
	"time"

	"kintsugi/internal/slot"
)

// Each row is a failure that happened to a booking system: what the change of
// the clocks did to the hours of a day.
func TestClocksThatChange(t *testing.T) {
	for _, c := range []struct {
		story          string
		zone, hours    string
		duration, step time.Duration
		from, to       string // dates in the zone
		want           string
	}{
		{"the afternoon of the spring day was an hour late",
			"America/New_York", "daily 13:00-18:00", hour, hour, "2026-03-08", "2026-03-09",
			"2026-03-08 17:00 18:00 19:00 20:00 21:00"},
		{"nine o'clock stayed an hour off for the rest of the month",
			"America/New_York", "daily 09:00-10:00", hour, hour, "2023-11-04", "2023-11-08",
			"2023-11-04 13:00 2023-11-05 14:00 2023-11-06 14:00 2023-11-07 14:00"},
		{"the one slot of the week vanished in spring",
			"America/New_York", "sun 12:30-13:00", 30 * minutes, 30 * minutes, "2023-03-12", "2023-03-13", "2023-03-12 16:30"},
		{"and moved in autumn",
			"America/New_York", "sun 12:30-13:00", 30 * minutes, 30 * minutes, "2023-11-05", "2023-11-06", "2023-11-05 17:30"},
		{"Tuesdays moved when the clocks did",
			"Europe/Berlin", "tue 13:00-14:00", hour, hour, "2022-10-18", "2022-11-09",
			"2022-10-18 11:00 2022-10-25 11:00 2022-11-01 12:00 2022-11-08 12:00"},
		{"hourly starts of a half-hour zone were laid on the hours of UTC",
			"Asia/Kolkata", "daily 09:00-12:00", hour, hour, "2026-07-13", "2026-07-14", "2026-07-13 03:30 04:30 05:30"},
		{"an hour that is skipped is not offered, and an appointment runs across it",
			"America/New_York", "sun 01:00-04:00", hour, 30 * minutes, "2026-03-08", "2026-03-09", "2026-03-08 06:00 06:30 07:00"},
		{"a window that lies in the skipped hour is no window",
			"America/New_York", "daily 02:00-03:00", 30 * minutes, 30 * minutes, "2026-03-07", "2026-03-10",
			"2026-03-07 07:00 07:30 2026-03-09 06:00 06:30"},
		{"a window that begins in the skipped hour keeps its grid",
			"America/New_York", "sun 02:15-04:15", 30 * minutes, 30 * minutes, "2026-03-08", "2026-03-09", "2026-03-08 07:15 07:45"},
		{"an hour that comes twice is offered twice",
			"America/New_York", "sun 01:00-02:00", hour, hour, "2026-11-01", "2026-11-02", "2026-11-01 05:00 06:00"},
		{"an appointment may fill both of them",
			"America/New_York", "sun 01:00-02:00", 2 * hour, hour, "2026-11-01", "2026-11-02", "2026-11-01 05:00"},
		{"a window that ends in the repeated hour closes and opens again",
			"America/New_York", "sun 00:00-01:30", 30 * minutes, 30 * minutes, "2026-11-01", "2026-11-02",
			"2026-11-01 04:00 04:30 05:00 06:00"},
		{"half an hour is skipped on Lord Howe",
			"Australia/Lord_Howe", "sun 01:00-04:00", 30 * minutes, 30 * minutes, "2026-10-04", "2026-10-05",
			"2026-10-03 14:30 15:00 15:30 16:00 16:30"},
		{"half an hour comes twice on Lord Howe",
			"Australia/Lord_Howe", "sun 01:00-03:00", 30 * minutes, 30 * minutes, "2026-04-05", "2026-04-06",
			"2026-04-04 14:00 14:30 15:00 15:30 16:00"},
		{"Santiago has no midnight that Sunday, time.Date says Saturday 23:00",
			"America/Santiago", "daily 00:00-03:00", hour, hour, "2026-09-06", "2026-09-07", "2026-09-06 04:00 05:00"},
		{"Cairo has none that Friday",
			"Africa/Cairo", "daily 00:00-02:00", hour, hour, "2026-04-24", "2026-04-25", "2026-04-23 22:00"},
		{"Saturday evening runs into a Sunday that begins at one",
			"America/Santiago", "sat 23:00-24:00, sun 00:00-03:00", 90 * minutes, 90 * minutes, "2026-09-05", "2026-09-07", "2026-09-06 03:00 04:30"},
		{"Havana has midnight twice, and both are that Sunday",
			"America/Havana", "daily 00:00-01:00", hour, hour, "2026-11-01", "2026-11-02", "2026-11-01 04:00 05:00"},
		{"Samoa had no 30 December 2011",
			"Pacific/Apia", "daily 09:00-10:00", hour, hour, "2011-12-29", "2012-01-01", "2011-12-29 19:00 2011-12-30 19:00"},
		{"Go cannot say how long the clock of a leap year's last day holds",
			"America/New_York", "daily 09:00-10:00", hour, hour, "2040-12-30", "2041-01-02",
			"2040-12-30 14:00 2040-12-31 14:00 2041-01-01 14:00"},
		{"the last day of the month was empty in Sydney",
			"Australia/Sydney", "daily 09:00-10:00", hour, hour, "2026-10-31", "2026-11-01", "2026-10-30 22:00"},
		{"a quarter past midnight was Friday instead of Saturday",
			"Europe/Amsterdam", "sat 00:00-00:15", 15 * minutes, 15 * minutes, "2026-06-06", "2026-06-07", "2026-06-05 22:00"},
		{"Tuesday night runs into Wednesday",
			"Europe/London", "tue 21:00-24:00, wed 00:00-03:00", 2 * hour, hour, "2026-01-06", "2026-01-08",
			"2026-01-06 21:00 22:00 23:00 2026-01-07 00:00 01:00"},
		{"each date of a night has a grid of its own",
			"Europe/London", "tue 21:10-24:00, wed 00:00-01:00", 30 * minutes, 30 * minutes, "2026-01-06", "2026-01-08",
			"2026-01-06 21:10 21:40 22:10 22:40 23:10 23:40 2026-01-07 00:00 00:30"},
		{"an appointment longer than a day needs every minute of it open",
			"Europe/Berlin", "sat 00:00-24:00, sun 00:00-24:00, mon 00:00-01:00", 49 * hour, hour, "2026-10-24", "2026-10-26",
			"2026-10-23 22:00 23:00"},
	} {
		t.Run(c.story, func(t *testing.T) {
			q := days(c.zone, c.from, c.to)
			q.Now = at("2000-01-01T00:00:00Z")
			kind := call(c.duration, c.step)
			kind.HorizonDays = 20000
			wantStarts(t, kind, coach(c.zone, c.hours), q, c.want)
		})
	}
}

// The clocks go back on the day on which the notice ends; a system lost the
// days around it.
func TestClocksDoNotStretchTheNotice(t *testing.T) {
	kind := call(hour, hour)
	kind.MinNotice = 7 * 24 * hour
	q := days("America/New_York", "2023-11-04", "2023-11-07")
	q.Now = at("2023-10-29T14:00:00Z") // a Sunday, 10:00 there; seven days later it is 09:00
	wantStarts(t, kind, coach("America/New_York", "daily 09:00-11:00"), q, "2023-11-05 14:00 15:00 2023-11-06 14:00 15:00")
}

func TestClocksOfTheLastDayOfEachMonthInSydney(t *testing.T) {
	c := coach("Australia/Sydney", "daily 09:00-10:00")
	for month := date("2026-10-01"); month.Before(date("2027-04-01")); {
		next := month.AddDays(31)
		next.Day = 1
		last := next.AddDays(-1)
		q := days("Australia/Sydney", last.String(), next.String())
		got := slot.Offer(call(hour, hour), []slot.Coach{c}, q)
		if len(got) != 1 || slot.DateOf(got[0].Start.In(zone("Australia/Sydney"))) != last {
			t.Errorf("%v offers %q", last, utc(got))
		}
		month = next
	}
}

func TestDateBeginsWhereItsZoneBeginsIt(t *testing.T) {
	for _, c := range []struct{ zone, date, want string }{
		{"Europe/London", "2026-07-01", "2026-06-30T23:00:00Z"},
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"}, // 00:00 is skipped
		{"America/Santiago", "2026-04-05", "2026-04-05T04:00:00Z"}, // at 24:00 it was 23:00 again
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"},     // 00:00 is skipped
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},   // 00:00 comes twice
		{"America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"}, // the clock went back at 00:01
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"},     // the whole date is skipped
		{"Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00Z"},
		{"America/New_York", "2041-01-01", "2041-01-01T05:00:00Z"},
	} {
		if got := date(c.date).Start(zone(c.zone)); !got.Equal(at(c.want)) {
			t.Errorf("%s begins in %s at %v, want %s", c.date, c.zone, got, c.want)
		}
	}
}
