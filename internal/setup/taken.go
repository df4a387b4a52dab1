package setup

import (
	"slices"
	"time"

	"kintsugi/internal/slot"
)

// mostTaken bounds each list of a file of taken time.
const mostTaken = 20_000

// takenBooking is a booking as a file of taken time gives it.
type takenBooking struct {
	id, coach, kind, status string
	start, end              time.Time
	before, after           int
}

// takenBusy is busy time as a file of taken time gives it.
type takenBusy struct {
	coach      string
	start, end time.Time
}

// readTaken reads a file of taken time and hands each coach theirs. Time of
// coaches who were not asked for is checked and left alone.
func (s state) readTaken(file string, data []byte, coaches []slot.Coach) error {
	r, tree := readTree(file, data, takenLimits())
	if tree == nil {
		return r.mistakes.orNil()
	}
	fields, _ := r.at(tree, "").group("bookings", "busy")
	if v, given := fields["bookings"]; given && !v.null() {
		bookings, _ := s.bookings().read(v)
		for _, b := range bookings {
			if c := coachOf(coaches, b.coach); c != nil {
				c.Taken = append(c.Taken, slot.Booking{
					ID: b.id, Type: b.kind, Start: b.start, End: b.end,
					BufferBefore: time.Duration(b.before) * time.Minute, BufferAfter: time.Duration(b.after) * time.Minute,
					Live: slices.Contains(liveStatuses(), b.status),
				})
			}
		}
	}
	if v, given := fields["busy"]; given && !v.null() {
		busy, _ := s.busy().read(v)
		for _, b := range busy {
			if c := coachOf(coaches, b.coach); c != nil {
				c.Busy = append(c.Busy, slot.Span{Start: b.start, End: b.end})
			}
		}
	}
	return r.mistakes.orNil()
}

func coachOf(coaches []slot.Coach, slug string) *slot.Coach {
	for i := range coaches {
		if coaches[i].Slug == slug {
			return &coaches[i]
		}
	}
	return nil
}

// liveStatuses are those in which a booking stands in the way of others.
func liveStatuses() []string {
	return []string{"held", "pending", "confirmed", "completed", "no_show"}
}

func (s state) bookings() kind[[]takenBooking] {
	type b = takenBooking
	return listOf([]setting[b]{
		may("id", line(longLine), "", func(b *b) *string { return &b.id }),
		must("coach", knownSlug("coach", s.coachSlugs()), func(b *b) *string { return &b.coach }),
		must("type", knownSlug("appointment type", s.typeSlugs()), func(b *b) *string { return &b.kind }),
		must("start", instant(), func(b *b) *time.Time { return &b.start }),
		must("end", instant(), func(b *b) *time.Time { return &b.end }),
		may("buffer_before", span(0, dayMinutes), 0, func(b *b) *int { return &b.before }),
		may("buffer_after", span(0, dayMinutes), 0, func(b *b) *int { return &b.after }),
		may("status", oneOf(append(liveStatuses(), "cancelled", "declined", "expired")...), "confirmed", func(b *b) *string { return &b.status }),
	}, mostTaken, `[{"coach": "mara", …}]`, 0, func(bookings []b, at []item[b]) {
		for i, b := range bookings {
			checkEnd(b.start, b.end, at[i].field("end"))
		}
	})
}

func (s state) busy() kind[[]takenBusy] {
	type b = takenBusy
	return listOf([]setting[b]{
		must("coach", knownSlug("coach", s.coachSlugs()), func(b *b) *string { return &b.coach }),
		must("start", instant(), func(b *b) *time.Time { return &b.start }),
		must("end", instant(), func(b *b) *time.Time { return &b.end }),
	}, mostTaken, `[{"coach": "mara", …}]`, 0, func(busy []b, at []item[b]) {
		for i, b := range busy {
			checkEnd(b.start, b.end, at[i].field("end"))
		}
	})
}

func checkEnd(start, end time.Time, at value) {
	if !start.Before(end) {
		at.wrong("must be later than the start")
	}
}

// knownSlug is a slug that the practice file defines.
func knownSlug(noun string, known []string) kind[string] {
	return scalarOf(noun, func(v value, s string) (string, bool) {
		if !slices.Contains(known, s) {
			v.wrong("there is no %s %s%s", noun, quoted(s), didYouMean(s, known))
			return "", false
		}
		return s, true
	}, asIs)
}

// instant is a moment as RFC 3339 writes it.
func instant() kind[time.Time] {
	return scalarOf("2026-12-01T10:00:00Z", func(v value, s string) (time.Time, bool) {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			v.wrong("%s is not a moment; write it like 2026-12-01T10:00:00Z or 2026-12-01T11:00:00+01:00", quoted(s))
			return time.Time{}, false
		}
		return t, true
	}, func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	})
}
