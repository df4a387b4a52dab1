package slot_test

import (
	"slices"
	"testing"
	"time"

	"kintsugi/internal/slot"
)

// FuzzOffer throws numbers at the engine that no form would let through, and
// holds what must be true of every answer.
func FuzzOffer(f *testing.F) {
	f.Add("America/New_York", int64(1772928000), int64(86400*3), int64(0), int64(3600), int64(1800), int64(600), 60, 2, 540, 1020, int64(1772983800), int64(3600), uint16(1))
	f.Add("America/Santiago", int64(1788652800), int64(86400), int64(-7200), int64(5400), int64(0), int64(0), 0, 0, 0, 1440, int64(1788670000), int64(10), uint16(9))
	f.Add("Pacific/Apia", int64(1325203200), int64(86400*9), int64(-86400), int64(90000), int64(60), int64(86400), 400, 1, 1380, 1440, int64(1325289600), int64(7200), uint16(300))
	f.Add("UTC", int64(-1<<62), int64(1<<62), int64(1<<61), int64(1<<33), int64(-1), int64(1<<34), -1, -1, -5, 9999, int64(1<<62), int64(-1), uint16(65535))
	f.Fuzz(func(t *testing.T, zoneName string, from, long, now, duration, step, buffer int64, horizon, limit, opens, closes int, taken, takes int64, travel uint16) {
		home, err := time.LoadLocation(zoneName)
		if err != nil || home == time.Local {
			home = time.UTC
		}
		start := time.Unix(from, 0)
		kind := slot.Type{
			Slug: "call", Duration: time.Duration(duration) * time.Second, Step: time.Duration(step) * time.Second,
			BufferBefore: time.Duration(buffer) * time.Second, BufferAfter: time.Duration(buffer/2) * time.Second,
			MinNotice: time.Duration(buffer), HorizonDays: horizon, MaxPerDay: limit,
		}
		on := slot.DateOf(start.UTC()).AddDays(int(travel%7) - 3)
		week := map[time.Weekday][]slot.Window{}
		for d := range time.Weekday(7) {
			week[d] = []slot.Window{{From: opens, To: closes}, {From: opens / 2, To: opens/2 + int(d)*30}}
		}
		c := slot.Coach{
			Slug: "mara",
			Hours: slot.Hours{
				Home: home, Weekly: week,
				Overrides: map[slot.Date][]slot.Window{on: {{From: closes / 2, To: closes}}},
				Travel:    []slot.Travel{{From: on, To: on.AddDays(int(travel % 5)), Zone: zone(seams[int(travel)%len(seams)].zone)}},
			},
			Taken: []slot.Booking{{ID: "a", Type: "call", Live: true, Start: time.Unix(taken, 0), End: time.Unix(taken, 0).Add(time.Duration(takes))}},
			Busy:  []slot.Span{{Start: time.Unix(taken-takes, 0), End: time.Unix(taken+7, 1)}},
		}
		q := slot.Query{From: start, To: start.Add(min(time.Duration(long)*time.Second, 5*24*hour)), Now: time.Unix(from+now, 0)}

		slots, refused := slot.Explain(kind, []slot.Coach{c}, q)
		if offered := slot.Offer(kind, []slot.Coach{c}, q); !same(slots, offered) {
			t.Fatalf("Explain offers %v, Offer %v", slots, offered)
		}
		var previous slot.Slot
		for i, s := range slots {
			if i > 0 && !previous.Start.Before(s.Start) {
				t.Fatalf("%v after %v", s.Start, previous.Start)
			}
			if s.Start.Before(q.From) || !s.Start.Before(q.To) || s.Start.Location() != time.UTC || !s.End.Equal(s.Start.Add(kind.Duration)) || !slices.Equal(s.Coaches, []string{"mara"}) {
				t.Fatalf("%v is no answer to %v", s, q)
			}
			if why := slot.Check(kind, c, s.Start, q); why != slot.Offered {
				t.Fatalf("%v is offered and refused as %q", s.Start, why)
			}
			previous = s
		}
		for _, r := range refused {
			if why := slot.Check(kind, c, r.Start, q); why != r.Reason || why == slot.Offered || why == slot.OffGrid {
				t.Fatalf("%v is refused as %q and then as %q", r.Start, r.Reason, why)
			}
		}
	})
}

// busyMonth is a coach with a full diary and the type most people book.
func busyMonth() (slot.Type, slot.Coach, slot.Query) {
	kind := call(30*minutes, 30*minutes)
	kind.BufferAfter, kind.MaxPerDay = 10*minutes, 4
	c := travelling("Europe/London", "daily 09:00-12:00 13:00-17:00", trip("2026-12-10", "2026-12-14", "America/New_York"))
	c.Hours.Overrides = map[slot.Date][]slot.Window{date("2026-12-24"): {}, date("2026-12-28"): windows("10:00-14:00")}
	for day := range 28 {
		start := at("2026-12-01T10:00:00Z").AddDate(0, 0, day)
		c.Taken = append(c.Taken, slot.Booking{Type: "call", Live: true, Start: start, End: start.Add(hour), BufferAfter: 10 * minutes})
		c.Busy = append(c.Busy, slot.Span{Start: start.Add(4 * hour), End: start.Add(5 * hour)})
	}
	q := days("Europe/London", "2026-12-01", "2027-01-01")
	q.Now = at("2026-11-30T00:00:00Z")
	return kind, c, q
}

func BenchmarkMonth(b *testing.B) {
	kind, c, q := busyMonth()
	b.ReportAllocs()
	for b.Loop() {
		slot.Offer(kind, []slot.Coach{c}, q)
	}
}

func BenchmarkCheck(b *testing.B) {
	kind, c, q := busyMonth()
	b.ReportAllocs()
	for b.Loop() {
		slot.Check(kind, c, at("2026-12-17T14:00:00Z"), q)
	}
}

// A caller who gathers too much pays a look at each booking and no more.
func BenchmarkMonthBesideALongDiary(b *testing.B) {
	kind, c, q := busyMonth()
	for day := range 10000 {
		start := at("2016-12-01T10:00:00Z").Add(time.Duration(day) * 9 * hour)
		c.Taken = append(c.Taken, slot.Booking{Type: "call", Live: true, Start: start, End: start.Add(hour)})
	}
	b.ReportAllocs()
	for b.Loop() {
		slot.Offer(kind, []slot.Coach{c}, q)
	}
}
