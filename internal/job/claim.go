package job

import (
	"context"
	"strings"
	"time"

	"kintsugi/internal/pg"
)

// claim is a job that this process may do until its lease passes. The number
// of takes rises with every claim and never falls, so it tells two claims of
// one job apart: whoever lost the lease changes nothing any more.
type claim struct {
	ID    string `db:"id"`
	Kind  string `db:"kind"`
	Args  string `db:"args"`
	Takes int    `db:"takes"`
	Tries int    `db:"tries"`
	Every bool   `db:"every"`
}

// due is what may be taken: live, its time has come, nobody holds it.
const due = `
	done_at is null and dead_at is null and run_at <= $1
	and (leased_until is null or leased_until <= $1)
	and kind = any(string_to_array($2, ' '))`

// take leases up to n due jobs. An idle queue costs one small read and no
// transaction.
func take(ctx context.Context, db *pg.DB, now time.Time, lease time.Duration, kinds []string, n int) ([]claim, error) {
	names := strings.Join(kinds, " ")
	var any bool
	if err := db.Get(ctx, &any, `select exists (select 1 from job where `+due+`)`, now, names); err != nil || !any {
		return nil, err
	}
	var claims []claim
	err := db.InTx(ctx, func(tx *pg.Tx) error {
		return tx.Select(ctx, &claims, `
			with mine as materialized (
				select id from job where `+due+`
				order by run_at, id
				limit $3
				for update skip locked
			)
			update job set leased_until = $4, tries = tries + 1, takes = takes + 1
			from mine
			where job.id = mine.id
			returning job.id, job.kind, job.args, job.takes, job.tries, job.every is not null as every`,
			now, names, n, now.Add(lease))
	})
	return claims, err
}

// renew prolongs a lease and tells whether it was still ours.
func renew(ctx context.Context, db *pg.DB, c claim, until time.Time) (bool, error) {
	return settle(ctx, db, `update job set leased_until = $3 where `+mine, c.ID, c.Takes, until)
}

// finish records that a job is done; a recurring one moves on to its next turn.
func finish(ctx context.Context, db *pg.DB, c claim, now time.Time) (bool, error) {
	if c.Every {
		return settle(ctx, db, `
			update job set leased_until = null, tries = 0, last_error = null,
				run_at = case when run_at + every > cast($3 as timestamptz) then run_at + every else cast($3 as timestamptz) + every end
			where `+mine, c.ID, c.Takes, now)
	}
	return settle(ctx, db, `update job set leased_until = null, last_error = null, done_at = $3 where `+mine,
		c.ID, c.Takes, now)
}

// postpone records a failure and when to try again.
func postpone(ctx context.Context, db *pg.DB, c claim, class string, at time.Time) (bool, error) {
	return settle(ctx, db, `update job set leased_until = null, last_error = $4, run_at = $3 where `+mine,
		c.ID, c.Takes, at, class)
}

// bury records that nobody will try again. A recurring job is never buried: it
// waits for its next turn.
func bury(ctx context.Context, db *pg.DB, c claim, class string, now time.Time) (bool, error) {
	if c.Every {
		return settle(ctx, db, `
			update job set leased_until = null, tries = 0, last_error = $4, run_at = cast($3 as timestamptz) + every where `+mine,
			c.ID, c.Takes, now, class)
	}
	return settle(ctx, db, `update job set leased_until = null, last_error = $4, dead_at = $3 where `+mine,
		c.ID, c.Takes, now, class)
}

// mine holds while the claim is still ours and the job still open.
const mine = `id = cast($1 as uuid) and takes = $2 and done_at is null and dead_at is null`

// settle runs one statement about a claim and tells whether it was still ours.
func settle(ctx context.Context, db *pg.DB, query string, args ...any) (bool, error) {
	var n int64
	err := db.InTx(ctx, func(tx *pg.Tx) (err error) {
		n, err = tx.Exec(ctx, query, args...)
		return err
	})
	return n > 0, err
}

// sweep deletes what was done before the given instant.
func sweep(ctx context.Context, db *pg.DB, before time.Time) error {
	_, err := settle(ctx, db, `delete from job where done_at < $1`, before)
	return err
}
