package slot

import (
	"cmp"
	"slices"
	"time"
)

// found is a start of the coach with that place in the order of slugs.
type found struct {
	start int64
	coach int
}

// look walks every coach and puts their starts together. A slug that comes
// twice is looked at once, as it was listed first.
func look(t Type, coaches []Coach, q Query, why bool) ([]Slot, []Refusal) {
	r := newRule(t, q)
	order := make([]*Coach, len(coaches))
	for i := range coaches {
		order[i] = &coaches[i]
	}
	slices.SortStableFunc(order, func(a, b *Coach) int { return cmp.Compare(a.Slug, b.Slug) })
	order = slices.CompactFunc(order, func(a, b *Coach) bool { return a.Slug == b.Slug })
	var free []found
	var refused []Refusal
	for i, c := range order {
		walk(r, c, why, func(start int64, reason Reason) {
			switch {
			case reason == Offered:
				free = append(free, found{start, i})
			case why:
				refused = append(refused, Refusal{time.Unix(start, 0).UTC(), c.Slug, reason})
			}
		})
	}
	if len(order) > 1 {
		slices.SortStableFunc(free, func(a, b found) int { return cmp.Compare(a.start, b.start) })
		slices.SortStableFunc(refused, func(a, b Refusal) int { return a.Start.Compare(b.Start) })
	}
	return together(t, order, free), refused
}

// together makes slots of starts that are sorted by time and then by coach.
func together(t Type, order []*Coach, free []found) []Slot {
	slots := make([]Slot, 0, len(free))
	var shared []string
	for len(free) > 0 {
		same := 1
		for same < len(free) && free[same].start == free[0].start {
			same++
		}
		if !slices.EqualFunc(shared, free[:same], func(slug string, f found) bool { return slug == order[f.coach].Slug }) {
			shared = make([]string, same)
			for i, f := range free[:same] {
				shared[i] = order[f.coach].Slug
			}
		}
		start := time.Unix(free[0].start, 0).UTC()
		slots = append(slots, Slot{start, start.Add(t.Duration), shared})
		free = free[same:]
	}
	return slots
}
