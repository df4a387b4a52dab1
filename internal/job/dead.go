package job

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/pg"
)

// DeadJob is a job that nobody will try again unless a person says so.
type DeadJob struct {
	ID        string    `db:"id"`
	Kind      string    `db:"kind"`
	Tries     int       `db:"tries"`
	LastError string    `db:"last_error"` // its class
	MadeAt    time.Time `db:"made_at"`
	DeadAt    time.Time `db:"dead_at"`
}

// Dead lists the jobs that were given up, the latest first.
func Dead(ctx context.Context, q pg.Conn, limit int) ([]DeadJob, error) {
	var list []DeadJob
	err := q.Select(ctx, &list, `
		select id, kind, tries, coalesce(last_error, '') as last_error, made_at, dead_at
		from job
		where dead_at is not null
		order by dead_at desc, id
		limit $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list dead jobs: %w", err)
	}
	return list, nil
}

// Revive gives a dead job a new life at now and tells whether there was one.
// A dead job whose unique key has been taken by a newer one stays dead.
func Revive(ctx context.Context, tx *pg.Tx, id string, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `
		update job set dead_at = null, tries = 0, leased_until = null, run_at = $2
		where id = cast($1 as uuid) and dead_at is not null
			and not exists (
				select 1 from job other
				where other.unique_key = job.unique_key and other.done_at is null and other.dead_at is null)`,
		id, now)
	if err != nil {
		return false, fmt.Errorf("revive job: %w", err)
	}
	return n > 0, nil
}

// Backlog tells how the queue stands, for the metrics and the doctor.
type Backlog struct {
	Due    int        `db:"due"`    // should have been done by now
	Later  int        `db:"later"`  // their time has not come
	Dead   int        `db:"dead"`   // given up
	Oldest *time.Time `db:"oldest"` // since when the oldest due job has waited; nil when none is due
}

// Queue counts what waits at now.
func Queue(ctx context.Context, q pg.Conn, now time.Time) (Backlog, error) {
	var b Backlog
	err := q.Get(ctx, &b, `
		select
			(select count(*) from job where done_at is null and dead_at is null and run_at <= $1) as due,
			(select count(*) from job where done_at is null and dead_at is null and run_at > $1) as later,
			(select count(*) from job where dead_at is not null) as dead,
			(select min(run_at) from job where done_at is null and dead_at is null and run_at <= $1) as oldest`, now)
	if err != nil {
		return Backlog{}, fmt.Errorf("count jobs: %w", err)
	}
	return b, nil
}
