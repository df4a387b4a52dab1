// Package slot decides which starts can be booked, and says why the others
// cannot. It is one pure function behind the page, the API, the submit and
// `kintsugi slots`: hours, travel, taken and busy time, a type and a moment go
// in, starts come out. It has no clock, context, log or SQL, and it never reads
// the server's own time zone.
//
// Hours are wall-clock labels in the coach's zone, which is the zone of a trip
// from 00:00 there on its first date until 00:00 there on the day after its
// last, and home otherwise. Time is cut into segments of one constant offset
// (trips and changes of clocks end a segment) and the windows of each local
// date are laid into each segment. A skipped label therefore never appears, a
// repeated one appears twice, and an appointment may cross a seam as long as
// every minute of it carries a label inside a window of that label's own date.
//
// What the rules leave open is decided like this:
//
//   - A type with hours of its own uses them instead of the coach's weekly
//     hours, on every weekday, without falling back. An override of the coach
//     still replaces the hours of its date, so that a day off closes the day
//     for every type.
//   - Where two trips claim the same instant (the first day in Auckland begins
//     before the last one in Honolulu is over), the trip that began on the
//     later date wins; of two that began on the same date, the one listed later.
//   - Where a clock repeats midnight a date begins at the first of the two;
//     where it skips midnight, or the whole date, at the first instant after.
//   - An empty range stands in nobody's way.
//   - The engine counts whole seconds. Anything finer is rounded away from the
//     candidate, never towards it.
//
// Work is bounded whatever comes in: a range is cut after three years, a step
// shorter than a minute counts as a minute, and a type that lasts no time or
// more than 31 days offers nothing.
package slot

import "time"

// Type is what the engine needs to know of an appointment type.
type Type struct {
	Slug         string
	Duration     time.Duration
	Step         time.Duration // between two starts of one window; zero means Duration
	BufferBefore time.Duration
	BufferAfter  time.Duration
	MinNotice    time.Duration
	HorizonDays  int                       // today + HorizonDays is the last date offered; zero means today alone
	MaxPerDay    int                       // live bookings of this type on one coach-local date; zero means no limit
	Weekly       map[time.Weekday][]Window // the type's own hours; nil means the coach's
}

// Coach is one person's hours and everything that stands in the way of them.
type Coach struct {
	Slug  string
	Hours Hours
	Taken []Booking // in any order; Gather says how far around a range they matter
	Busy  []Span    // busy time from outside calendars, in any order
}

// Booking is a promised hour of the coach. It keeps the buffers that it was
// made with, and only a live one stands in the way.
type Booking struct {
	ID, Type                  string
	Start, End                time.Time
	BufferBefore, BufferAfter time.Duration
	Live                      bool
}

// Span is a half-open range of time.
type Span struct {
	Start, End time.Time
}

// Query asks for the starts in the half-open range from From to To.
type Query struct {
	From, To time.Time
	Now      time.Time
	Moving   string // the booking that is being moved, which does not stand in its own way
}

// Slot is a start that can be booked now, in UTC, with the slugs of the coaches
// who are free then, sorted. Slots may share one Coaches slice: read it only.
type Slot struct {
	Start, End time.Time
	Coaches    []string
}

// Reason is the first thing that stands against a start.
type Reason string

// The reasons in the order in which they are given.
const (
	Offered Reason = ""         // nothing stands against it
	OffGrid Reason = "off_grid" // no start of these hours; only Check says so
	Past    Reason = "past"     // before now
	Notice  Reason = "notice"   // sooner than the notice that the type asks for
	Horizon Reason = "horizon"  // on a later date than the type opens
	DayFull Reason = "day_full" // the date has its number of bookings of this type
	Booked  Reason = "booked"   // overlaps another live booking
	Buffer  Reason = "buffer"   // too near to another live booking
	Busy    Reason = "busy"     // meets, buffers included, busy time from outside
)

// Refusal is a start that fits a coach's hours and yet cannot be booked.
type Refusal struct {
	Start  time.Time
	Coach  string
	Reason Reason
}

// Offer lists what can be booked with any of the coaches, each start once,
// earliest first.
func Offer(t Type, coaches []Coach, q Query) []Slot {
	slots, _ := look(t, coaches, q, false)
	return slots
}

// Explain is Offer with the starts that fit the hours and were refused, ordered
// by start and then by coach. A start may be offered by one coach and refused
// by another.
func Explain(t Type, coaches []Coach, q Query) ([]Slot, []Refusal) {
	return look(t, coaches, q, true)
}

// Check judges a single start with one coach, exactly as Offer would in a range
// that holds it. The range of the query is not looked at.
func Check(t Type, c Coach, start time.Time, q Query) Reason {
	q.From, q.To = start, start.Add(time.Second)
	answer := OffGrid
	if start.Nanosecond() != 0 {
		return answer
	}
	walk(newRule(t, q), &c, true, func(_ int64, why Reason) { answer = why })
	return answer
}

// Gather bounds the bookings and busy times that can matter to a query: those
// that overlap the half-open range from `from` to `to`. It reaches three days
// to either side, because one local date of a travelling coach can last 50
// hours and because a booking's own buffers may be a day long.
func Gather(t Type, q Query) (from, to time.Time) {
	const around = reach * time.Second
	return q.From.Add(-around - t.BufferBefore), q.To.Add(around + t.Duration + t.BufferAfter)
}

// Choose names the coach who gets a booking that asked for nobody: of those
// free, the one with the fewest live bookings in the coming 30 days, and of
// equals the first by slug. With nobody free it is empty.
func Choose(coaches []string, load map[string]int) string {
	if len(coaches) == 0 {
		return ""
	}
	best := coaches[0]
	for _, slug := range coaches[1:] {
		if load[slug] < load[best] || load[slug] == load[best] && slug < best {
			best = slug
		}
	}
	return best
}
