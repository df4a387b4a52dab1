package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Reading says how a calendar is to be read.
type Reading struct {
	// From and To bound what is answered; spans are cut off there.
	From, To time.Time
	// Home gives the zone that the coach lives by on the date of a label. All-day
	// events and times without a zone are read on its clock.
	Home func(label time.Time) *time.Location
	// IgnoreAllDay leaves events without a time of day out.
	IgnoreAllDay bool
}

// Busy is what somebody else's calendar says about when its owner is not free.
type Busy struct {
	// Spans are sorted by start. They may overlap, but no two of one UID begin at
	// the same instant.
	Spans []BusySpan
	// Events counts what was found in the file, whether it makes busy or not.
	Events int
	// Notes are whole sentences about what could not be read. They count, and
	// repeat no word of the calendar.
	Notes []string
}

// BusySpan is a time in which somebody is busy, never why.
type BusySpan struct {
	UID        string // at most 255 characters; not unique
	Start, End time.Time
}

// Why a file cannot be read at all. The copy that was read before is then
// worth more than nothing.
var (
	ErrNotCalendar = errors.New("calendar: this is no iCalendar text")
	ErrCutShort    = errors.New("calendar: the text ends before the calendar does")
	ErrTooLarge    = errors.New("calendar: the text is too large")
	ErrTooMuch     = errors.New("calendar: the calendar repeats too much")
)

// What a file may cost. Rules cost one unit for every day they look at; all of
// it is about a second.
const (
	maxText   = 2 << 20
	maxSpans  = 20_000
	maxEffort = 8_000_000
)

// ReadBusy reads when the owner of a calendar is busy. It takes calendars as
// programs really write them: a line or an event that makes no sense is left
// out and counted in the notes, and costs none of the others. What is left
// unclear blocks rather than frees, since an hour too few is easier to mend
// than a promise too many.
//
// The text may come from anybody. Lines are read here and not by go-ical,
// which panics on some and takes quadratic time on others; times are compared
// as labels on a wall and turned into instants by the rules of RFC 5545, so
// that a day with a skipped or repeated hour is right in every zone; and all
// work is counted against a fixed budget.
func ReadBusy(ics []byte, r Reading) (Busy, error) {
	if len(ics) > maxText {
		return Busy{}, ErrTooLarge
	}
	parts, bad, err := readParts(ics)
	if err != nil {
		return Busy{}, err
	}
	// Calendars know whole seconds.
	r.From, r.To = r.From.Add(time.Second-1).Truncate(time.Second), r.To.Truncate(time.Second)
	f := &file{Reading: r, effort: maxEffort, zones: map[string]zone{}, defined: map[string]*part{}}
	f.trouble.lines = bad
	var events []event
	for _, p := range parts {
		switch p.kind {
		case "VTIMEZONE":
			if name, ok := p.first("TZID"); ok {
				f.defined[zoneName(name.value)] = p
			}
		case "VEVENT", "VFREEBUSY":
			f.events++
		}
	}
	for i, p := range parts {
		f.guard(func() {
			switch p.kind {
			case "VEVENT":
				if e, ok := f.readEvent(p, i); ok {
					events = append(events, e)
				}
			case "VFREEBUSY":
				f.readFreeBusy(p)
			}
		})
	}
	f.series(events)
	if f.effort < 0 || len(f.spans) > maxSpans {
		return Busy{}, ErrTooMuch
	}
	return Busy{Spans: f.sorted(), Events: f.events, Notes: f.trouble.notes()}, nil
}

// file is a calendar while it is being read.
type file struct {
	Reading
	effort  int
	events  int
	zones   map[string]zone // by TZID, as far as they were asked for
	defined map[string]*part
	spans   map[spanKey]time.Time
	trouble trouble
}

type spanKey struct {
	uid   string
	start int64
}

// guard keeps whatever a strange event may break from breaking more than that
// event.
func (f *file) guard(act func()) {
	defer func() {
		if recover() != nil {
			f.trouble.events++
		}
	}()
	if f.effort >= 0 && len(f.spans) <= maxSpans {
		act()
	}
}

// block notes a busy time, as far as it lies within what was asked for.
func (f *file) block(uid string, start, end time.Time) {
	if start.Before(f.From) {
		start = f.From
	}
	if end.After(f.To) {
		end = f.To
	}
	if !start.Before(end) {
		return
	}
	if f.spans == nil {
		f.spans = map[spanKey]time.Time{}
	}
	key := spanKey{uid, start.Unix()}
	if end.After(f.spans[key]) {
		f.spans[key] = end.UTC()
	}
}

func (f *file) sorted() []BusySpan {
	spans := make([]BusySpan, 0, len(f.spans))
	for key, end := range f.spans {
		spans = append(spans, BusySpan{UID: key.uid, Start: time.Unix(key.start, 0).UTC(), End: end})
	}
	slices.SortFunc(spans, func(a, b BusySpan) int {
		return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End), cmp.Compare(a.UID, b.UID))
	})
	return spans
}

// trouble counts what was left out.
type trouble struct {
	lines, events, rules, zones int
}

func (t trouble) notes() []string {
	var notes []string
	for _, row := range []struct {
		n         int
		one, many string
	}{
		{t.events, "1 event could not be read and blocks nothing.", "%d events could not be read and block nothing."},
		{t.rules, "1 event repeats in a way that could not be read; only the dates that are certain are blocked.", "%d events repeat in ways that could not be read; only the dates that are certain are blocked."},
		{t.zones, "1 time zone is unknown; your own was taken instead.", "%d time zones are unknown; your own was taken instead."},
		{t.lines, "1 line made no sense.", "%d lines made no sense."},
	} {
		switch {
		case row.n == 1:
			notes = append(notes, row.one)
		case row.n > 1:
			notes = append(notes, fmt.Sprintf(row.many, row.n))
		}
	}
	return notes
}
