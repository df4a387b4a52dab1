package slot

import (
	"cmp"
	"slices"
	"time"
)

// forever lies after every instant the engine looks at.
const forever = 1 << 60

// Hours says when a coach works, as labels of the clock where they are.
type Hours struct {
	Weekly    map[time.Weekday][]Window
	Overrides map[Date][]Window // instead of the weekly hours; empty means a day off
	Travel    []Travel
	Home      *time.Location // nil means UTC
}

// Travel is a trip: from its first date to its last, both included, the coach's
// hours are read on the clocks of Zone.
type Travel struct {
	From, To Date
	Zone     *time.Location
}

// Zone is where the coach's clock is at an instant, travel included.
func Zone(h Hours, at time.Time) *time.Location {
	second := at.Unix()
	return zoneAt(h.trips(second, second+1), h.home(), second)
}

// LocalDate is the coach's date at an instant, travel included.
func LocalDate(h Hours, at time.Time) Date {
	return DateOf(at.In(Zone(h, at)))
}

func (h Hours) home() *time.Location {
	if h.Home == nil {
		return time.UTC
	}
	return h.Home
}

// trip is a Travel as seconds.
type trip struct {
	start, end int64
	first      int64 // number of the first date
	zone       *time.Location
}

// trips gives those that touch a range of seconds, ordered so that of two that
// claim the same instant the later one in the list wins.
func (h Hours) trips(from, to int64) []trip {
	var trips []trip
	for _, t := range h.Travel {
		first, last := t.From.number(), t.To.number()
		if t.Zone == nil || last < first || first*day > to+2*day || (last+1)*day < from-2*day {
			continue
		}
		start, end := firstInstant(first, t.Zone), firstInstant(last+1, t.Zone)
		if start < to && from < end {
			trips = append(trips, trip{start, end, first, t.Zone})
		}
	}
	slices.SortStableFunc(trips, func(a, b trip) int { return cmp.Compare(a.first, b.first) })
	return trips
}

// zoneAt is the zone of the winning trip at a second, or home.
func zoneAt(trips []trip, home *time.Location, at int64) *time.Location {
	for _, t := range slices.Backward(trips) {
		if t.start <= at && at < t.end {
			return t.zone
		}
	}
	return home
}

// segment is a range of seconds in which the coach's clock keeps one offset.
type segment struct {
	start, end, offset int64
}

// segments cuts a range of seconds wherever the coach changes zone or the zone
// changes its offset.
func (h Hours) segments(from, to int64) []segment {
	trips := h.trips(from, to)
	seams := make([]int64, 0, 2*len(trips)+1)
	for _, t := range trips {
		seams = append(seams, t.start, t.end)
	}
	seams = append(seams, to)
	slices.Sort(seams)

	var segments []segment
	at := from
	for _, seam := range seams {
		seam = min(seam, to)
		if seam <= at {
			continue
		}
		zone := zoneAt(trips, h.home(), at)
		for at < seam {
			end, offset := constant(at, zone)
			end = min(end, seam)
			if n := len(segments); n > 0 && segments[n-1].offset == offset {
				segments[n-1].end = end
			} else {
				segments = append(segments, segment{at, end, offset})
			}
			at = end
		}
	}
	return segments
}

// dateAt is the number of the coach's date at a second that the segments hold.
func dateAt(segments []segment, at int64) (number int64, ok bool) {
	i, _ := slices.BinarySearchFunc(segments, at, func(s segment, at int64) int {
		if s.end <= at {
			return -1
		}
		return 1
	})
	if i == len(segments) || at < segments[i].start {
		return 0, false
	}
	return dateOn(at + segments[i].offset), true
}

// dateOn is the number of the date that a label in seconds belongs to.
func dateOn(label int64) int64 { return floorTo(label, day) / day }
