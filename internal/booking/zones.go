package booking

import (
	"context"
	"fmt"

	"kintsugi/internal/pg"
)

// Zones lists the names of all time zones that are stored and still matter: of
// the practice, the coaches and their travel, and of calls to come. One that
// has left the zone database since would be read as UTC.
func Zones(ctx context.Context, q pg.Conn) ([]string, error) {
	var names []string
	err := q.Select(ctx, &names, `
		select timezone from practice
		union select timezone from coach where active
		union select trip ->> 'timezone' from coach_hours, jsonb_array_elements(travel) trip
		union select timezone from booking where ends_at > now()
		union select g.timezone from booking_guest g join booking b on b.id = g.booking_id where b.ends_at > now()
		order by 1`)
	if err != nil {
		return nil, fmt.Errorf("list time zones: %w", err)
	}
	return names, nil
}
