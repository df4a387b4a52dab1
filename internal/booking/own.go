package booking

import (
	"context"
	"fmt"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// OwnUIDs picks from the UIDs of an outside calendar those of the coach's own
// bookings. They come back when that calendar has taken our entries in, and
// are taken already.
func OwnUIDs(ctx context.Context, q pg.Conn, coach people.ID, uids []string) ([]string, error) {
	var own []string
	err := q.Select(ctx, &own, `
		select calendar_uid::text
		from booking
		where coach_id = $1 and calendar_uid::text = any ($2)
		order by calendar_uid`, coach, pg.Array(uids))
	if err != nil {
		return nil, fmt.Errorf("find own entries: %w", err)
	}
	return own, nil
}
