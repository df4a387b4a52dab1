package slot

import "time"

const (
	reach           = 3 * day    // how far from a start a booking can matter
	longestRange    = 1096 * day // three years
	longestDuration = 31 * day
	firstSecond     = -62135596800 // year 1
	lastSecond      = 253402300800 // year 10000
)

// rule is a type and a query in whole seconds.
type rule struct {
	Type
	from, to       int64 // starts asked for
	now, earliest  int64 // earliest is now and the notice
	duration, step int64
	before, after  int64
	horizon        int64
	moving         string
}

func newRule(t Type, q Query) rule {
	r := rule{
		Type: t, moving: q.Moving,
		from: ceilSecond(q.From), to: ceilSecond(q.To), now: ceilSecond(q.Now),
		duration: seconds(t.Duration), step: seconds(t.Step),
		before: seconds(t.BufferBefore), after: seconds(t.BufferAfter),
		horizon: min(max(int64(t.HorizonDays), -lastSecond/day), lastSecond/day),
	}
	r.earliest = max(r.now, ceilSecond(q.Now.Add(max(t.MinNotice, 0))))
	if r.step == 0 {
		r.step = r.duration
	}
	r.step = max(r.step, minute)
	r.to = min(r.to, r.from+longestRange)
	return r
}

// empty reports whether there is nothing to look for.
func (r *rule) empty() bool {
	return r.from >= r.to || r.duration == 0 || r.duration > longestDuration
}

// piece is the part of one window that lies in one segment.
type piece struct {
	first int64 // the first start of the grid in it, at or after the range's start
	end   int64
	date  int64 // number of the local date
	run   int   // which unbroken run of open time it belongs to
}

// walk visits, in order, every start of the range that fits the coach's hours,
// with what stands against it. Unless all are wanted it may leave out refused
// ones.
func walk(r rule, c *Coach, all bool, visit func(start int64, why Reason)) {
	if r.empty() {
		return
	}
	today := LocalDate(c.Hours, time.Unix(r.now, 0)).number()
	if !all {
		r.from = max(r.from, r.earliest)
		r.to = min(r.to, (today+r.horizon+3)*day) // three, because zones differ by more than a day
		if r.from >= r.to {
			return
		}
	}
	until := r.to + r.duration
	margin := int64(0)
	if r.MaxPerDay > 0 {
		margin = reach
	}
	segments := c.Hours.segments(r.from-margin, until+margin)
	pieces, ends := openTime(&r, &c.Hours, segments, until)
	j := newJudge(&r, c, today, segments)
	for _, p := range pieces {
		last := min(p.end-1, ends[p.run]-r.duration, r.to-1)
		for start := p.first; start <= last; start += r.step {
			visit(start, j.against(start, p.date))
		}
	}
}

// openTime lays the windows of each local date into each segment, from the
// range's start until a second. It gives the pieces in order and the end of
// each run of pieces that follow one another without a break.
func openTime(r *rule, h *Hours, segments []segment, until int64) (pieces []piece, ends []int64) {
	weekly := h.Weekly
	if r.Weekly != nil {
		weekly = r.Weekly
	}
	hours := newWeek(weekly)
	pieces = make([]piece, 0, 2*(until-r.from)/day+4)
	for _, s := range segments {
		start, end := max(s.start, r.from), min(s.end, until)
		if start >= end {
			continue
		}
		for n := dateOn(start + s.offset); n <= dateOn(end-1+s.offset); n++ {
			for _, w := range windowsOn(n, &hours, h.Overrides) {
				opens, closes := n*day+int64(w.From)*minute-s.offset, n*day+int64(w.To)*minute-s.offset
				from, to := max(opens, start), min(closes, end)
				if from >= to {
					continue
				}
				if len(pieces) == 0 || ends[len(ends)-1] != from {
					ends = append(ends, to)
				}
				ends[len(ends)-1] = to
				first := opens + (from-opens+r.step-1)/r.step*r.step
				pieces = append(pieces, piece{first, to, n, len(ends) - 1})
			}
		}
	}
	return pieces, ends
}

// windowsOn is the override of a date if it has one, else its weekly hours.
func windowsOn(number int64, hours *week, overrides map[Date][]Window) []Window {
	if len(overrides) > 0 {
		if windows, ok := overrides[numbered(number)]; ok {
			return merged(windows)
		}
	}
	return hours[((number+4)%7+7)%7] // 1 January 1970 was a Thursday
}

// ceilSecond is the first whole second that is not before t, kept within the
// years that can be counted.
func ceilSecond(t time.Time) int64 {
	second := floorSecond(t)
	if t.Nanosecond() > 0 {
		second++
	}
	return second
}

// floorSecond is the second that t lies in, kept within the same years.
func floorSecond(t time.Time) int64 {
	return min(max(t.Unix(), firstSecond), lastSecond)
}

// seconds rounds up; a negative duration is none.
func seconds(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return int64((d-1)/time.Second) + 1
}
