package credit_test

import (
	"testing"
	"time"

	"kintsugi/internal/credit"
)

// Notice in whole days is counted on the calendar, so that "a day before at ten"
// is true on the nights when the clocks change; any other notice is time that passes.
func TestTheDeadlineIsCountedOnTheClockOfThePractice(t *testing.T) {
	for _, c := range []struct {
		zone, start string
		notice      time.Duration
		want        string
	}{
		{"Europe/London", "2026-12-08T10:00:00Z", 24 * time.Hour, "2026-12-07T10:00:00Z"},
		{"Europe/London", "2026-03-29T10:00:00+01:00", 24 * time.Hour, "2026-03-28T10:00:00Z"},      // the night is 23 hours short
		{"Europe/London", "2026-10-25T10:00:00Z", 24 * time.Hour, "2026-10-24T10:00:00+01:00"},      // and 25 hours long
		{"Europe/London", "2026-10-26T01:30:00Z", 24 * time.Hour, "2026-10-25T01:30:00Z"},           // 01:30 is there twice: the later
		{"Europe/London", "2026-03-30T01:30:00+01:00", 24 * time.Hour, "2026-03-29T02:00:00+01:00"}, // 01:30 is not there: the end of the gap
		{"Europe/London", "2026-03-29T10:00:00+01:00", 36 * time.Hour, "2026-03-27T21:00:00Z"},      // not whole days
		{"Europe/London", "2026-03-29T10:00:00+01:00", 90 * time.Minute, "2026-03-29T08:30:00+01:00"},
		{"Europe/London", "2026-12-08T10:00:00Z", 0, "2026-12-08T10:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-05T02:15:00+11:00", 24 * time.Hour, "2026-10-04T02:30:00+11:00"}, // a gap of half an hour
		{"Australia/Lord_Howe", "2026-04-06T01:45:00+10:30", 48 * time.Hour, "2026-04-04T01:45:00+11:00"},
		{"Pacific/Apia", "2011-12-31T10:00:00+14:00", 24 * time.Hour, "2011-12-31T00:00:00+14:00"}, // a day that was skipped
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		start, _ := time.Parse(time.RFC3339, c.start)
		want, _ := time.Parse(time.RFC3339, c.want)
		if got := credit.FreeUntil(start, c.notice, zone); !got.Equal(want) {
			t.Errorf("%s, %s before %s: %s, want %s", c.zone, c.notice, c.start, got.In(zone).Format(time.RFC3339), c.want)
		}
	}
}
