package availability

import (
	"context"
	"encoding/json"
	"fmt"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Of gives what is stored for one coach; nothing stored is a coach without
// hours.
func Of(ctx context.Context, q pg.Conn, coach people.ID) (Stored, error) {
	s := Stored{CoachID: coach}
	var text string
	err := q.Get(ctx, &text, `
		select json_build_object('weekly_hours', weekly, 'overrides', overrides,
			'travel', travel, 'busy_calendars', busy_calendars)
		from coach_hours
		where coach_id = $1`, coach)
	if pg.NoRows(err) {
		return s, nil
	}
	if err != nil {
		return Stored{}, fmt.Errorf("load hours: %w", err)
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Stored{}, fmt.Errorf("load hours: %w", err)
	}
	return s, nil
}
