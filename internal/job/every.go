package job

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/pg"
)

// Recurring is work that comes round again, such as sweeping old rows.
type Recurring struct {
	Kind   string
	Period time.Duration
}

// Every says that jobs of a kind are done once a period, by one replica. The
// first turn is at the first start ever; its handler gets null as arguments.
func Every(kind string, period time.Duration) Recurring {
	return Recurring{Kind: kind, Period: period}
}

// plant makes sure that each recurring job has its one row. The row is never
// done: after its turn it moves on to the next period, so that replicas cannot
// do the same period twice. A shortened period takes effect at once.
func plant(ctx context.Context, db *pg.DB, now time.Time, recurring []Recurring) error {
	if len(recurring) == 0 {
		return nil
	}
	return db.InTx(ctx, func(tx *pg.Tx) error {
		for _, r := range recurring {
			_, err := tx.Exec(ctx, `
				insert into job (kind, args, run_at, every, unique_key)
				values ($1, 'null', $2, make_interval(secs => $3), 'every ' || $1)
				on conflict (unique_key) where unique_key is not null and done_at is null and dead_at is null
				do update set every = excluded.every, run_at = least(job.run_at, excluded.run_at + excluded.every)
				where job.every is distinct from excluded.every`,
				r.Kind, now, r.Period.Seconds())
			if err != nil {
				return fmt.Errorf("recurring job %s: %w", r.Kind, err)
			}
		}
		return nil
	})
}
