package credit

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// Expire writes off what is left of lots whose last day is over in the
// practice's zone. Those on hold wait until the hold ends. It runs round and
// round; until then such sessions can already not be used, and are shown as
// over.
func Expire(ctx context.Context, db *pg.DB, now time.Time) error {
	basics, err := practice.LoadBasics(ctx, db)
	if err != nil {
		return err
	}
	today := dateOf(now, basics.Zone())
	for {
		var due []WalletID
		if err := db.Select(ctx, &due, `
			select distinct wallet_id
			from credit_lot
			where remaining > 0 and expires_on < cast($1 as date) and holds = 0
			order by wallet_id
			limit 100`, today); err != nil {
			return fmt.Errorf("expire sessions: %w", err)
		}
		for _, w := range due {
			if err := db.InTx(ctx, func(tx *pg.Tx) error { return expire(ctx, tx, w, today, now) }); err != nil {
				return err
			}
		}
		if len(due) < 100 {
			return nil
		}
	}
}

func expire(ctx context.Context, tx *pg.Tx, w WalletID, today string, now time.Time) error {
	if _, err := tx.Exec(ctx, `update wallet set touched_at = $2 where id = $1`, w, now.UTC()); err != nil {
		return fmt.Errorf("take wallet: %w", err)
	}
	var over []struct {
		usable
		Lines int `db:"lines"`
	}
	if err := tx.Select(ctx, &over, `
		select l.id, l.remaining, (select count(*) from credit_movement m where m.lot_id = l.id) as lines
		from credit_lot l
		where l.wallet_id = $1 and l.remaining > 0 and l.expires_on < cast($2 as date) and l.holds = 0
		order by l.id`, w, today); err != nil {
		return fmt.Errorf("expire sessions: %w", err)
	}
	for _, l := range over {
		if _, err := write(ctx, tx, movement{lot: l.ID, kind: Expired, amount: -l.Remaining, key: fmt.Sprintf("expire %d", l.Lines),
			by: audit.Actor{Kind: audit.System}}, now); err != nil {
			return err
		}
	}
	return nil
}
