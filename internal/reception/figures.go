package reception

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
)

// Figures are what the practice counts of its work, as far as the viewer looks
// after it: numbers of hours and people, and nothing of what was said.
type Figures struct {
	Since  time.Time
	Held   int // people whose free call was held since then
	Became int // of these, who work with the viewer; for the owner and the assistant, with anybody, or who have bought something
	Hours  []HoursOf
}

// HoursOf is how much of a coach's open time was taken.
type HoursOf struct {
	Name  string
	Open  time.Duration // by their hours
	Taken time.Duration // by calls and sessions
}

// figuresOver is the time that figures look back.
const (
	callsOver = 90 * 24 * time.Hour
	hoursOver = 28 // days
)

// Count counts them up. That somebody works with another coach, or has bought
// from one, must not show in a number: a coach may have had a single free call.
func Count(ctx context.Context, q pg.Conn, v booking.Viewer, now time.Time) (Figures, error) {
	f := Figures{Since: now.Add(-callsOver)}
	var calls struct {
		Held   int `db:"held"`
		Became int `db:"became"`
	}
	err := q.Get(ctx, &calls, `
		with met as (
			select distinct coalesce(p.merged_into, p.id) as id
			from booking b
			join appointment_type t on t.id = b.type_id
			join person p on p.id = b.person_id
			where t.public and t.credits = 0 and b.engagement_id is null and b.starts_at >= $3 and b.ends_at <= $4
			  and b.status in ('confirmed', 'completed') and (cast($1 as boolean) or b.coach_id = $2))
		select count(*) as held, count(*) filter (where exists (
			select from person r
			where coalesce(r.merged_into, r.id) = met.id and (
				exists (
					select from participant m
					join engagement e on e.id = m.engagement_id
					where m.person_id = r.id and m.state in ('accepted', 'left') and (cast($1 as boolean) or e.coach_id = $2))
				or cast($1 as boolean) and exists (
					select from purchase o where o.buyer_id = r.id and o.status in ('paid', 'part_refunded', 'refunded'))))) as became
		from met`, everyone(v), v.ID, f.Since.UTC(), now.UTC())
	if err != nil {
		return Figures{}, fmt.Errorf("count calls: %w", err)
	}
	f.Held, f.Became = calls.Held, calls.Became
	return f, f.addHours(ctx, q, v, now)
}

// addHours compares the open hours of the last four weeks with what was taken.
func (f *Figures) addHours(ctx context.Context, q pg.Conn, v booking.Viewer, now time.Time) error {
	coaches, err := people.Coaches(ctx, q)
	if err != nil {
		return err
	}
	stored, err := availability.All(ctx, q)
	if err != nil {
		return err
	}
	var taken []struct {
		Coach   people.ID `db:"coach_id"`
		Seconds int64     `db:"seconds"`
	}
	err = q.Select(ctx, &taken, `
		select b.coach_id, sum(extract(epoch from b.ends_at - b.starts_at))::bigint as seconds
		from booking b
		where b.starts_at >= $1 and b.starts_at < $2 and b.status in ('confirmed', 'completed', 'no_show')
		group by b.coach_id
		order by b.coach_id`, now.AddDate(0, 0, -hoursOver).UTC(), now.UTC())
	if err != nil {
		return fmt.Errorf("count hours: %w", err)
	}
	for _, c := range coaches {
		if !c.Bookable() || v.Role == people.Member && c.ID != v.ID {
			continue
		}
		h := HoursOf{Name: c.Name}
		for _, s := range stored {
			if s.CoachID == c.ID {
				h.Open = openOf(s, c.Timezone, now)
			}
		}
		for _, t := range taken {
			if t.Coach == c.ID {
				h.Taken = time.Duration(t.Seconds) * time.Second
			}
		}
		f.Hours = append(f.Hours, h)
	}
	return nil
}

// openOf sums up a coach's own hours of the days before today.
func openOf(s availability.Stored, timezone string, now time.Time) (open time.Duration) {
	hours, err := availability.ParseHours(s.Weekly, s.Overrides, s.Travel, timezone)
	if err != nil {
		return 0 // they were checked when they were stored
	}
	today := slot.DateOf(now.In(practice.Zone(timezone)))
	for n := 1; n <= hoursOver; n++ {
		windows, _ := slot.WindowsOn(slot.Type{}, hours, today.AddDays(-n))
		for _, w := range windows {
			open += time.Duration(w.To-w.From) * time.Minute
		}
	}
	return open
}
