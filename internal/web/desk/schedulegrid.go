package desk

import (
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/slot"
)

// scheduleEntry is one piece of a day: a call, blocked time, or busy time from
// an outside calendar. Class places it in the grid; a style attribute could not,
// because the pages' policy allows none.
type scheduleEntry struct {
	callLine
	Kind  string // call, block or busy
	Class string
	Move  string // address of the form that moves it; empty when it cannot be moved
	from  time.Time
}

// entries are what stands on a date, in the order of time. What lasts over
// midnight stands on both dates, each with its part.
func (w whose) entries(v booking.Viewer, calls []booking.Booking, taken []booking.Occupied, date slot.Date, hours *hourSpan, now time.Time) []scheduleEntry {
	start, end := date.Start(w.loc), date.AddDays(1).Start(w.loc)
	var all []scheduleEntry
	for _, b := range calls {
		if !b.Start.Before(end) || !b.End.After(start) {
			continue
		}
		e := scheduleEntry{callLine: w.line(b, v, now), Kind: "call", from: b.Start, Class: hours.place(b.Start, b.End, start, end, w.loc)}
		if b.Open(now) {
			e.Move = e.Href + "?do=move"
		}
		all = append(all, e)
	}
	for _, o := range taken {
		if !o.Start.Before(end) || !o.End.After(start) {
			continue
		}
		e := scheduleEntry{Kind: "block", from: o.Start, Class: hours.place(o.Start, o.End, start, end, w.loc)}
		e.Who, e.With, e.Start = "Blocked", w.name(o.CoachID), o.Start.In(w.loc).Format(time.RFC3339)
		e.Hours = partSay(o.Start, o.End, start, end, w.loc)
		switch {
		case o.Outside:
			e.Kind, e.Who = "busy", "Busy elsewhere"
		default:
			e.Href, e.What = "/desk/blocks/"+string(o.ID), o.Label
		}
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b scheduleEntry) int { return a.from.Compare(b.from) })
	return all
}

// partSay says which part of a date something takes.
func partSay(from, to, start, end time.Time, loc *time.Location) string {
	switch {
	case !from.After(start) && !to.Before(end):
		return "All day"
	case !from.After(start):
		return "until " + civil.Clock(to, loc)
	case !to.Before(end):
		return "from " + civil.Clock(from, loc)
	}
	return hoursSay(from, to, loc)
}

// hourSpan is the range of hours that a grid shows: the usual ones, and as many
// more as what stands in it needs. What takes a whole day needs none.
type hourSpan struct{ first, last int }

func newHourSpan() hourSpan { return hourSpan{8, 18} }

// place gives the classes that lay a piece of time into its day's column: where
// it begins and ends, in hours and five minutes. It follows the
// labels of the clock, so that in the nights when clocks change it stands where
// the clock says.
func (h *hourSpan) place(from, to, start, end time.Time, loc *time.Location) string {
	first, last := 0, 24*60
	if from.After(start) {
		t := from.In(loc)
		first = t.Hour()*60 + t.Minute()
	}
	if to.Before(end) {
		t := to.In(loc)
		last = t.Hour()*60 + t.Minute()
	}
	if last <= first { // a repeated hour
		last = min(first+int(to.Sub(from)/time.Minute), 24*60)
	}
	first, last = first/5*5, (last+4)/5*5
	if last <= first {
		last = first + 5
	}
	if first > 0 {
		h.first = min(h.first, first/60)
		h.last = max(h.last, min((first+59)/60+1, 24))
	}
	if last < 24*60 {
		h.last = max(h.last, (last+59)/60)
		h.first = min(h.first, max((last-1)/60, 0))
	} else if first > 0 {
		h.last = 24
	}
	return fmt.Sprintf("from-h%d from-m%d to-h%d to-m%d", first/60, first%60, last/60, last%60)
}

// drawn are the hours beside the grid and the class that says which is first.
func (h *hourSpan) drawn() (hours []scheduleHour, first string) {
	for hour := h.first; hour < h.last; hour++ {
		hours = append(hours, scheduleHour{Class: fmt.Sprintf("from-h%d from-m0 to-h%d to-m0", hour, hour+1), Say: fmt.Sprintf("%02d:00", hour)})
	}
	return hours, fmt.Sprintf("first-h%d last-h%d", h.first, h.last)
}
