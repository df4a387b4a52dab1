package credit

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/pg"
)

// Ahead is an hour that sessions are booked for and that has not begun: they are
// not used yet, and come back if it is called off in time or by the coach.
type Ahead struct {
	Booking  BookingID `db:"booking_id"`
	StartsAt time.Time `db:"starts_at"`
	TypeName string    `db:"type_name"`
	Sessions int       `db:"sessions"`
}

// AheadOf lists the hours ahead that sessions of a source are booked for, the next
// first. Those that were called off too late count as used, and are not in it.
func AheadOf(ctx context.Context, q pg.Conn, source string, now time.Time) ([]Ahead, error) {
	var found []Ahead
	if err := q.Select(ctx, &found, `
		select s.booking_id, s.starts_at, coalesce(t.name, s.type) as type_name, s.sessions
		from (
			select m.booking_id, -sum(m.amount) as sessions,
				(array_agg(m.starts_at order by m.id desc) filter (where m.starts_at is not null))[1] as starts_at,
				(array_agg(m.type order by m.id desc) filter (where m.type <> ''))[1] as type,
				coalesce((array_agg(m.kind order by m.id desc) filter (where m.kind in ('forfeit', 'reinstate')))[1] = 'forfeit', false) as lost
			from credit_lot l
			join credit_movement m on m.lot_id = l.id
			where l.source = $1 and m.booking_id is not null
			group by m.booking_id) s
		left join appointment_type t on t.slug = s.type
		where s.sessions > 0 and not s.lost and s.starts_at > $2
		order by s.starts_at, s.booking_id`, source, now.UTC()); err != nil {
		return nil, fmt.Errorf("list hours ahead: %w", err)
	}
	for i := range found {
		found[i].StartsAt = found[i].StartsAt.UTC()
	}
	return found, nil
}
