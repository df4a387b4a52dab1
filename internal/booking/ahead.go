package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Ahead counts the live bookings that each coach still has before them; who has
// none is left out.
func Ahead(ctx context.Context, q pg.Conn, now time.Time) (map[people.ID]int, error) {
	var rows []struct {
		Coach people.ID `db:"coach_id"`
		N     int       `db:"n"`
	}
	err := q.Select(ctx, &rows, `
		select b.coach_id, count(*) as n
		from coach c
		join booking b on b.coach_id = c.person_id and b.starts_at > $1
		where b.status in ('held', 'confirmed') or (b.status = 'pending' and b.expires_at > $1)
		group by b.coach_id
		order by b.coach_id`, now)
	if err != nil {
		return nil, fmt.Errorf("count bookings ahead: %w", err)
	}
	ahead := make(map[people.ID]int, len(rows))
	for _, r := range rows {
		ahead[r.Coach] = r.N
	}
	return ahead, nil
}
