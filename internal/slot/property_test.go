package slot_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kintsugi/internal/slot"
)

// In a random practice the engine says of every minute what a reader of the
// rules would say who looks at the clock on the wall.
func TestOfferIsWhatTheRulesSayMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDraw(t)
		kind, q := d.kind(), d.query()
		coaches := []slot.Coach{d.coach("mara"), d.coach("ann")}[:d.number(1, 2, "coaches")]

		free := map[int64][]string{}
		refused := map[slot.Refusal]bool{}
		for _, c := range coaches {
			o := newOracle(kind, c, q)
			for start := q.From; start.Before(q.To); start = start.Add(time.Minute) {
				reason := o.judge(start)
				if got := slot.Check(kind, c, start, q); got != reason {
					t.Fatalf("Check says %q of %v with %s, the rules say %q", got, start, c.Slug, reason)
				}
				switch reason {
				case slot.OffGrid:
				case slot.Offered:
					free[start.Unix()] = append(free[start.Unix()], c.Slug)
				default:
					refused[slot.Refusal{Start: start, Coach: c.Slug, Reason: reason}] = true
				}
			}
		}

		slots, why := slot.Explain(kind, coaches, q)
		for i, start := range slices.Sorted(maps.Keys(free)) {
			slices.Sort(free[start])
			if i >= len(slots) || slots[i].Start.Unix() != start || !slices.Equal(slots[i].Coaches, free[start]) {
				t.Fatalf("slot %d should be %v with %v, offered are %v", i, time.Unix(start, 0).UTC(), free[start], slots)
			}
		}
		if len(slots) != len(free) {
			t.Fatalf("%d offered, want %d: %v", len(slots), len(free), slots)
		}
		for _, r := range why {
			if !refused[r] {
				t.Fatalf("%v is refused as %q, and should not be", r.Start, r.Reason)
			}
		}
		if len(why) != len(refused) {
			t.Fatalf("%d refused, want %d", len(why), len(refused))
		}
		if offered := slot.Offer(kind, coaches, q); !same(offered, slots) {
			t.Fatalf("Offer gives %v, Explain %v", offered, slots)
		}
	})
}

func same(a, b []slot.Slot) bool {
	return slices.EqualFunc(a, b, func(a, b slot.Slot) bool {
		return a.Start.Equal(b.Start) && a.End.Equal(b.End) && slices.Equal(a.Coaches, b.Coaches)
	})
}

// Whoever asks for one range or for its halves is offered the same.
func TestOfferOfARangeIsTheOfferOfItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDraw(t)
		kind, q, coaches := d.kind(), d.query(), []slot.Coach{d.coach("mara"), d.coach("ann")}
		middle := q.From.Add(time.Duration(rapid.Int64Range(0, int64(q.To.Sub(q.From))).Draw(t, "middle")))
		first, second := q, q
		first.To, second.From = middle, middle
		parts := append(slot.Offer(kind, coaches, first), slot.Offer(kind, coaches, second)...)
		if whole := slot.Offer(kind, coaches, q); !same(whole, parts) {
			t.Fatalf("offered %v, in parts %v", whole, parts)
		}
	})
}

// Bookings outside the bounds of Gather can be left away.
func TestGatherMissesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDraw(t)
		kind, q, c := d.kind(), d.query(), d.coach("mara")
		for i := range c.Taken {
			c.Taken[i].Start = c.Taken[i].Start.AddDate(0, 0, d.number(-3, 3, "days off"))
			c.Taken[i].End = c.Taken[i].Start.Add(hour)
		}
		whole := slot.Offer(kind, []slot.Coach{c}, q)
		from, to := slot.Gather(kind, q)
		c.Taken = slices.DeleteFunc(slices.Clone(c.Taken), func(b slot.Booking) bool { return !b.End.After(from) || !b.Start.Before(to) })
		if gathered := slot.Offer(kind, []slot.Coach{c}, q); !same(whole, gathered) {
			t.Fatalf("with all bookings %v, with those gathered %v", whole, gathered)
		}
	})
}

// Offers accepted one after the other keep the gap between each two bookings
// of the same coach, whatever types they are of.
func TestAcceptedOffersKeepTheirDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDraw(t)
		c, q := d.coach("mara"), d.query()
		c.Taken, q.Moving = nil, ""
		for range 4 {
			kind := d.kind()
			slots := slot.Offer(kind, []slot.Coach{c}, q)
			if len(slots) == 0 {
				continue
			}
			s := rapid.SampledFrom(slots).Draw(t, "accepted")
			c.Taken = append(c.Taken, slot.Booking{
				Type: kind.Slug, Start: s.Start, End: s.End, Live: true,
				BufferBefore: kind.BufferBefore, BufferAfter: kind.BufferAfter,
			})
		}
		slices.SortFunc(c.Taken, func(a, b slot.Booking) int { return a.Start.Compare(b.Start) })
		for i, later := range c.Taken {
			for _, earlier := range c.Taken[:i] {
				if gap := later.Start.Sub(earlier.End); gap < max(earlier.BufferAfter, later.BufferBefore) {
					t.Fatalf("%v between %v and %v", gap, earlier, later)
				}
			}
		}
	})
}
