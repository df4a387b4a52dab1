package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Forget takes somebody out of invitations that led to nothing, and reports
// whether they are known here for more: who was a client is kept until they are
// erased. Before is since when an invitation counts as old.
func Forget(ctx context.Context, tx *pg.Tx, person people.ID, before time.Time) (known bool, err error) {
	if err := tx.Get(ctx, &known, `
		select exists (select from participant
			where person_id = $1 and (state in ('accepted', 'left') or state = 'invited' and invite_ends_at >= $2 or state_at >= $2))`,
		person, before.UTC()); err != nil || known {
		return known, err
	}
	if _, err := tx.Exec(ctx, `delete from participant where person_id = $1`, person); err != nil {
		return false, fmt.Errorf("forget invitations: %w", err)
	}
	return false, nil
}
