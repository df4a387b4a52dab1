package slot

import (
	"cmp"
	"slices"
)

// judge holds everything that can stand against the starts of one coach. It
// must be asked in the order of time, since it forgets what lies behind.
type judge struct {
	rule   *rule
	today  int64         // number of the coach's date now
	counts map[int64]int // live bookings of the type by the date of their start
	booked blocks
	buffer blocks
	busy   blocks
}

func newJudge(r *rule, c *Coach, today int64, segments []segment) *judge {
	j := &judge{rule: r, today: today}
	if r.MaxPerDay > 0 {
		j.counts = map[int64]int{}
	}
	for i := range c.Taken {
		b := &c.Taken[i]
		if !b.Live || r.moving != "" && b.ID == r.moving || !b.Start.Before(b.End) {
			continue
		}
		start, end := floorSecond(b.Start), ceilSecond(b.End)
		if r.MaxPerDay > 0 && b.Type == r.Slug {
			if date, ok := dateAt(segments, start); ok {
				j.counts[date]++
			}
		}
		gapBefore := max(r.before, seconds(b.BufferAfter)) // when the candidate comes after b
		gapAfter := max(r.after, seconds(b.BufferBefore))  // when it comes before b
		j.booked.add(r, start, end)
		j.buffer.add(r, start-gapAfter, end+gapBefore)
	}
	for i := range c.Busy {
		b := &c.Busy[i]
		if b.Start.Before(b.End) {
			j.busy.add(r, floorSecond(b.Start)-r.after, ceilSecond(b.End)+r.before)
		}
	}
	j.booked.settle()
	j.buffer.settle()
	j.busy.settle()
	return j
}

// against is the first reason that stands against a start on a local date.
func (j *judge) against(start, date int64) Reason {
	switch r := j.rule; {
	case start < r.now:
		return Past
	case start < r.earliest:
		return Notice
	case date-j.today > r.horizon:
		return Horizon
	case r.MaxPerDay > 0 && j.counts[date] >= r.MaxPerDay:
		return DayFull
	case j.booked.hold(start):
		return Booked
	case j.buffer.hold(start):
		return Buffer
	case j.busy.hold(start):
		return Busy
	}
	return Offered
}

// block is a half-open range of starts that something forbids.
type block struct {
	first, end int64
}

type blocks []block

// add forbids the starts whose appointment would overlap a range of seconds.
func (b *blocks) add(r *rule, start, end int64) {
	forbidden := block{start - r.duration + 1, end}
	if forbidden.first < r.to && r.from < forbidden.end {
		*b = append(*b, forbidden)
	}
}

// settle puts the blocks in order and joins those that meet.
func (b *blocks) settle() {
	all := *b
	slices.SortFunc(all, func(x, y block) int { return cmp.Compare(x.first, y.first) })
	kept := 0
	for i, x := range all {
		if i > 0 && x.first <= all[kept-1].end {
			all[kept-1].end = max(all[kept-1].end, x.end)
			continue
		}
		all[kept] = x
		kept++
	}
	*b = all[:kept]
}

// hold reports whether a start is forbidden, and drops the blocks before it.
func (b *blocks) hold(start int64) bool {
	for len(*b) > 0 && (*b)[0].end <= start {
		*b = (*b)[1:]
	}
	return len(*b) > 0 && (*b)[0].first <= start
}
