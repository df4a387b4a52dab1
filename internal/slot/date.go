package slot

import (
	"cmp"
	"fmt"
	"time"
)

const (
	minute  = 60
	quarter = 15 * minute
	day     = 24 * 60 * minute
)

// Date is a day of the calendar, in no zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads a date written as 2026-12-01.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date; write year, month and day as 2026-12-01", s)
	}
	return DateOf(t), nil
}

// DateOf is the date that t carries in its own location.
func DateOf(t time.Time) Date {
	year, month, d := t.Date()
	return Date{year, month, d}
}

// String writes the date as ParseDate reads it.
func (d Date) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// AddDays is the date n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// Before reports whether d is an earlier date than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// Compare is negative when d is earlier than e, positive when it is later.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Start is the first instant of the date in a zone, in UTC. That is 00:00
// there, the first of two where the clock repeats it, and the instant after the
// gap where the clock skips it. time.Date would give an hour of the day before.
func (d Date) Start(zone *time.Location) time.Time {
	return time.Unix(firstInstant(d.number(), zone), 0).UTC()
}

// number counts days from 1 January 1970.
func (d Date) number() int64 {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / day
}

// numbered is the date with that number.
func numbered(n int64) Date { return DateOf(time.Unix(n*day, 0).UTC()) }

// firstInstant finds the first second whose label in the zone is at or after
// the start of the date with this number.
func firstInstant(n int64, zone *time.Location) int64 {
	label := n * day
	at := label - 2*day // no zone is two days away from UTC, so this is before the date
	for {
		end, offset := constant(at, zone)
		if first := max(at, label-offset); first < end {
			return first
		}
		at = end
	}
}

// constant gives the offset of a zone at a second, and a second after it until
// which the offset is sure to hold.
//
// On 31 December of a leap year, far enough ahead to be reckoned by rule and not
// by table, ZoneBounds gives an end that is not after the instant it was asked
// about (seen with go 1.26 for New York in 2040); following it would never end.
// Zones change on a quarter of an hour, so the next quarter is safe there.
func constant(at int64, zone *time.Location) (end, offset int64) {
	t := time.Unix(at, 0).In(zone)
	_, seconds := t.Zone()
	_, until := t.ZoneBounds()
	switch {
	case until.IsZero():
		end = forever
	case until.Unix() > at:
		end = until.Unix()
	default:
		end = floorTo(at, quarter) + quarter
	}
	return end, int64(seconds)
}

// floorTo rounds down to a multiple of unit.
func floorTo(n, unit int64) int64 {
	if n%unit < 0 {
		return n - n%unit - unit
	}
	return n - n%unit
}
