package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/pg"
	"kintsugi/internal/slot"
)

// diary is what stands in the way of some coaches around a range of time:
// the same facts for the page, the API, the submit and the move.
type diary struct {
	coaches []slot.Coach
	due     []ID // requests whose time to be answered has run out
}

// loadAhead is how far ahead bookings count when the least busy coach is looked for.
const loadAhead = 30 * 24 * time.Hour

// gather reads, in one statement, everything that can stand in the way of
// starts in the range of the query. Its cost depends on the range, not on how
// many bookings there have ever been.
func gather(ctx context.Context, q pg.Conn, offer availability.TypeOffer, sq slot.Query) (diary, error) {
	from, to := slot.Gather(offer.Type.Rules(), sq)
	ids := make([]string, len(offer.Coaches))
	index := make(map[string]int, len(offer.Coaches))
	for i, c := range offer.Coaches {
		ids[i] = string(c.ID)
		index[string(c.ID)] = i
	}
	var rows []struct {
		What    string    `db:"what"`
		CoachID string    `db:"coach_id"`
		ID      string    `db:"id"`
		TypeID  string    `db:"type_id"`
		Start   time.Time `db:"starts_at"`
		End     time.Time `db:"ends_at"`
		Before  int       `db:"buffer_before_minutes"`
		After   int       `db:"buffer_after_minutes"`
	}
	err := q.Select(ctx, &rows, `
		select case when t.status = 'pending' and t.expires_at <= $4 then 'due' else 'taken' end as what,
		       t.coach_id, t.id::text as id, t.type_id::text as type_id, t.starts_at, t.ends_at,
		       t.buffer_before_minutes, t.buffer_after_minutes
		from booking_taken($1, $2, $3) t
		union all
		select 'busy', b.coach_id, '', '', b.starts_at, b.ends_at, 0, 0
		from busy_time($1, $2, $3, $4) b
		union all
		select 'busy', k.coach_id, '', '', k.starts_at, k.ends_at, 0, 0
		from block k
		where k.coach_id = any ($1) and k.starts_at < $3 and k.ends_at > $2`,
		pg.Array(ids), from, to, sq.Now)
	if err != nil {
		return diary{}, fmt.Errorf("gather what is taken: %w", err)
	}
	cal := diary{coaches: make([]slot.Coach, len(offer.Coaches))}
	for i, c := range offer.Coaches {
		cal.coaches[i] = slot.Coach{Slug: c.Slug, Hours: c.Hours}
	}
	for _, r := range rows {
		c := &cal.coaches[index[r.CoachID]]
		switch r.What {
		case "busy":
			c.Busy = append(c.Busy, slot.Span{Start: r.Start, End: r.End})
		case "due":
			cal.due = append(cal.due, ID(r.ID))
		default:
			c.Taken = append(c.Taken, slot.Booking{
				ID: r.ID, Type: typeName(offer, r.TypeID), Start: r.Start, End: r.End, Live: true,
				BufferBefore: time.Duration(r.Before) * time.Minute,
				BufferAfter:  time.Duration(r.After) * time.Minute,
			})
		}
	}
	return cal, nil
}

// typeName is what slot compares types by. Only "this type or another" matters
// to it, so other types keep their id.
func typeName(offer availability.TypeOffer, id string) string {
	if id == string(offer.Type.ID) {
		return offer.Type.Slug
	}
	return id
}

// readLoad counts the live bookings of each coach in the coming 30 days.
func readLoad(ctx context.Context, q pg.Conn, offer availability.TypeOffer, now time.Time) (map[string]int, error) {
	ids := make([]string, len(offer.Coaches))
	for i, c := range offer.Coaches {
		ids[i] = string(c.ID)
	}
	var rows []struct {
		CoachID string `db:"coach_id"`
		N       int    `db:"n"`
	}
	err := q.Select(ctx, &rows, `
		select coach_id, count(*) as n
		from booking_taken($1, $2, $3)
		where starts_at >= $2 and (status <> 'pending' or expires_at > $2)
		group by coach_id`, pg.Array(ids), now, now.Add(loadAhead))
	if err != nil {
		return nil, fmt.Errorf("count bookings ahead: %w", err)
	}
	load := make(map[string]int, len(rows))
	for _, r := range rows {
		for _, c := range offer.Coaches {
			if string(c.ID) == r.CoachID {
				load[c.Slug] = r.N
			}
		}
	}
	return load, nil
}
