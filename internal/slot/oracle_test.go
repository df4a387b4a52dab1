package slot_test

import (
	"cmp"
	"slices"
	"time"

	"kintsugi/internal/slot"
)

// oracle judges starts the slow way: it looks at the clock on the wall of every
// single minute and knows no segments, runs or blocks.
type oracle struct {
	kind   slot.Type
	coach  slot.Coach
	q      slot.Query
	travel []stay
}

// stay is a trip from its first to its last instant.
type stay struct {
	trip       slot.Travel
	start, end time.Time
}

func newOracle(kind slot.Type, c slot.Coach, q slot.Query) *oracle {
	o := &oracle{kind: kind, coach: c, q: q}
	for _, trip := range c.Hours.Travel {
		o.travel = append(o.travel, stay{trip, firstMinute(trip.From, trip.Zone), firstMinute(trip.To.AddDays(1), trip.Zone)})
	}
	return o
}

// firstMinute tries every minute until the zone has the date.
func firstMinute(d slot.Date, zone *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day-1, 0, 0, 0, 0, time.UTC)
	for slot.DateOf(t.In(zone)).Before(d) {
		t = t.Add(time.Minute)
	}
	return t
}

// wall is the clock on the coach's wall.
func (o *oracle) wall(t time.Time) time.Time {
	zone := o.coach.Hours.Home
	var since slot.Date
	for _, s := range o.travel {
		if !t.Before(s.start) && t.Before(s.end) && !s.trip.From.Before(since) {
			zone, since = s.trip.Zone, s.trip.From
		}
	}
	return t.In(zone)
}

// windows are those of a date, as they were written.
func (o *oracle) windows(d slot.Date) []slot.Window {
	if hours, ok := o.coach.Hours.Overrides[d]; ok {
		return hours
	}
	if o.kind.Weekly != nil {
		return o.kind.Weekly[d.Weekday()]
	}
	return o.coach.Hours.Weekly[d.Weekday()]
}

// open reports whether a minute of a date lies in one of its windows.
func (o *oracle) open(d slot.Date, minute int) bool {
	return slices.ContainsFunc(o.windows(d), func(w slot.Window) bool { return w.From <= minute && minute < w.To })
}

// label is the date and the minute on the wall.
func (o *oracle) label(t time.Time) (slot.Date, int) {
	wall := o.wall(t)
	return slot.DateOf(wall), wall.Hour()*60 + wall.Minute()
}

// fits reports whether a start is one of the grid with every minute open.
func (o *oracle) fits(start time.Time) bool {
	d, minute := o.label(start)
	if !o.open(d, minute) {
		return false
	}
	opens := minute
	for opens > 0 && o.open(d, opens-1) {
		opens--
	}
	step := cmp.Or(o.kind.Step, o.kind.Duration)
	if time.Duration(minute-opens)*time.Minute%step != 0 {
		return false
	}
	for t := start; t.Before(start.Add(o.kind.Duration)); t = t.Add(time.Minute) {
		if !o.open(o.label(t)) {
			return false
		}
	}
	return true
}

// judge is the contract's list of reasons, read aloud.
func (o *oracle) judge(start time.Time) slot.Reason {
	if !o.fits(start) {
		return slot.OffGrid
	}
	end := start.Add(o.kind.Duration)
	d, _ := o.label(start)
	today, _ := o.label(o.q.Now)
	var count int
	var booked, near, busy bool
	for _, b := range o.coach.Taken {
		if !b.Live || b.ID == o.q.Moving {
			continue
		}
		if on, _ := o.label(b.Start); on == d && b.Type == o.kind.Slug {
			count++
		}
		switch {
		case !b.End.After(start):
			near = near || start.Sub(b.End) < max(b.BufferAfter, o.kind.BufferBefore)
		case !b.Start.Before(end):
			near = near || b.Start.Sub(end) < max(o.kind.BufferAfter, b.BufferBefore)
		default:
			booked = true
		}
	}
	for _, b := range o.coach.Busy {
		busy = busy || start.Add(-o.kind.BufferBefore).Before(b.End) && end.Add(o.kind.BufferAfter).After(b.Start)
	}
	switch {
	case start.Before(o.q.Now):
		return slot.Past
	case start.Before(o.q.Now.Add(o.kind.MinNotice)):
		return slot.Notice
	case today.AddDays(o.kind.HorizonDays).Before(d):
		return slot.Horizon
	case o.kind.MaxPerDay > 0 && count >= o.kind.MaxPerDay:
		return slot.DayFull
	case booked:
		return slot.Booked
	case near:
		return slot.Buffer
	case busy:
		return slot.Busy
	}
	return slot.Offered
}
