package slot_test

import (
	"time"

	"pgregory.net/rapid"

	"kintsugi/internal/slot"
)

// seams are zones with a date near which something happens to their clocks.
var seams = []struct{ zone, date string }{
	{"UTC", "2026-06-10"},
	{"America/New_York", "2026-03-08"}, {"America/New_York", "2026-11-01"}, {"America/New_York", "2040-12-31"},
	{"Europe/Berlin", "2026-03-29"}, {"Europe/London", "2026-10-25"},
	{"Australia/Sydney", "2026-10-04"}, {"Australia/Lord_Howe", "2026-04-05"}, {"Australia/Lord_Howe", "2026-10-04"},
	{"America/Santiago", "2026-09-06"}, {"America/Santiago", "2026-04-05"}, {"Africa/Cairo", "2026-04-24"},
	{"America/Havana", "2026-11-01"}, {"America/St_Johns", "2010-11-07"}, {"Asia/Kathmandu", "2026-01-01"},
	{"Pacific/Apia", "2011-12-30"}, {"Pacific/Kiritimati", "2026-06-10"}, {"Pacific/Pago_Pago", "2026-06-10"},
}

// draw makes random practices. Everything lies within a few days of a seam.
type draw struct {
	t    *rapid.T
	base slot.Date
}

func newDraw(t *rapid.T) draw {
	return draw{t, date(rapid.SampledFrom(seams).Draw(t, "seam").date)}
}

func (d draw) number(from, to int, what string) int { return rapid.IntRange(from, to).Draw(d.t, what) }

func (d draw) zone() *time.Location { return zone(rapid.SampledFrom(seams).Draw(d.t, "zone").zone) }

func (d draw) duration(what string, of ...time.Duration) time.Duration {
	return rapid.SampledFrom(of).Draw(d.t, what)
}

// instant lies within so many days of the seam, on a multiple of the unit.
func (d draw) instant(days int, unit time.Duration, what string) time.Time {
	span := int(time.Duration(days) * 24 * hour / unit)
	return d.base.Start(time.UTC).Add(time.Duration(d.number(-span, span, what)) * unit)
}

func (d draw) windows() []slot.Window {
	out := []slot.Window{}
	for range d.number(0, 3, "windows") {
		grain := rapid.SampledFrom([]int{1, 15, 60, 720}).Draw(d.t, "grain")
		from := d.number(0, 1440/grain-1, "from") * grain
		out = append(out, slot.Window{From: from, To: from + d.number(1, (1440-from)/grain, "long")*grain})
	}
	return out
}

func (d draw) week() map[time.Weekday][]slot.Window {
	week := map[time.Weekday][]slot.Window{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		week[day] = d.windows()
	}
	return week
}

func (d draw) kind() slot.Type {
	kind := slot.Type{
		Slug:         "call",
		Duration:     d.duration("duration", 15*minutes, 30*minutes, 50*minutes, hour, 90*minutes, 25*hour),
		Step:         d.duration("step", 0, 7*minutes, 15*minutes, 30*minutes, hour),
		BufferBefore: d.duration("before", 0, 5*minutes, hour, 5*hour),
		BufferAfter:  d.duration("after", 0, 10*minutes, hour, 24*hour),
		MinNotice:    d.duration("notice", 0, 17*time.Second, hour, 24*hour),
		HorizonDays:  d.number(0, 6, "horizon"),
		MaxPerDay:    d.number(0, 2, "cap"),
	}
	if d.number(0, 4, "own hours") == 0 {
		kind.Weekly = d.week()
	}
	return kind
}

func (d draw) coach(slug string) slot.Coach {
	c := slot.Coach{Slug: slug, Hours: slot.Hours{Home: d.zone(), Weekly: d.week(), Overrides: map[slot.Date][]slot.Window{}}}
	for range d.number(0, 2, "overrides") {
		c.Hours.Overrides[d.base.AddDays(d.number(-2, 2, "override on"))] = d.windows()
	}
	for range d.number(0, 2, "trips") {
		from := d.base.AddDays(d.number(-3, 3, "leaves"))
		c.Hours.Travel = append(c.Hours.Travel, slot.Travel{From: from, To: from.AddDays(d.number(0, 3, "stays")), Zone: d.zone()})
	}
	for range d.number(0, 4, "bookings") {
		start := d.instant(3, d.duration("booking unit", time.Second, 15*minutes), "booking")
		c.Taken = append(c.Taken, slot.Booking{
			ID: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(d.t, "id"), Type: rapid.SampledFrom([]string{"call", "other"}).Draw(d.t, "type"),
			Start: start, End: start.Add(d.duration("booked for", time.Second, 30*minutes, hour, 10*hour)),
			BufferBefore: d.duration("booked before", 0, 20*minutes, 24*hour), BufferAfter: d.duration("booked after", 0, 25*minutes, 7*hour),
			Live: d.number(0, 3, "live") > 0,
		})
	}
	for range d.number(0, 2, "busy") {
		start := d.instant(2, d.duration("busy unit", time.Second, 15*minutes), "busy from")
		c.Busy = append(c.Busy, slot.Span{Start: start, End: start.Add(d.duration("busy for", time.Second, 45*minutes, 3*hour))})
	}
	return c
}

func (d draw) query() slot.Query {
	from := d.instant(1, minutes, "from")
	return slot.Query{
		From: from, To: from.Add(time.Duration(d.number(1, 36*60, "range")) * minutes),
		Now:    d.instant(3, d.duration("now unit", time.Second, 15*minutes), "now"),
		Moving: rapid.SampledFrom([]string{"", "", "a"}).Draw(d.t, "moving"),
	}
}
