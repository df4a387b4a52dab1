package credit

import (
	"context"
	"fmt"

	"kintsugi/internal/engagement"
	"kintsugi/internal/pg"
)

// Follow takes the sessions that are left for both clients along to the work
// that another coach goes on with. Whoever comes in there sees what is left, and
// nothing of what was before. What it can be used for stays what it was.
func Follow(ctx context.Context, tx *pg.Tx, was, next engagement.ID) error {
	if _, err := tx.Exec(ctx, `select wallet_follow($1, $2)`, was, next); err != nil {
		return fmt.Errorf("take sessions along: %w", err)
	}
	return nil
}
