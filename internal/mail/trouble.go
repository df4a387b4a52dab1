package mail

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/pg"
)

// Failure is a letter that did not arrive and will not be tried again.
type Failure struct {
	ID        string    `db:"id"`
	Kind      string    `db:"kind"`
	About     string    `db:"about"`
	Recipient string    `db:"recipient"`
	Bounced   bool      `db:"bounced"` // the address itself was refused
	Class     string    `db:"class"`   // such as "smtp 550 at the recipient"
	MadeAt    time.Time `db:"made_at"`
}

// Failures lists the letters that could not be delivered, the latest first.
func Failures(ctx context.Context, q pg.Conn, limit int) ([]Failure, error) {
	var list []Failure
	err := q.Select(ctx, &list, `
		select id, kind, about, recipient, status = 'bounced' as bounced, coalesce(last_error, '') as class, made_at
		from letter
		where status in ('failed', 'bounced')
		order by made_at desc, id
		limit $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("list undelivered letters: %w", err)
	}
	return list, nil
}

// Waiting counts the letters whose time has come and that have not left, and
// since when the oldest waits, for the doctor and the metrics.
func Waiting(ctx context.Context, q pg.Conn, now time.Time) (n int, oldest time.Time, err error) {
	var row struct {
		N      int        `db:"n"`
		Oldest *time.Time `db:"oldest"`
	}
	err = q.Get(ctx, &row, `
		select count(*) as n, min(not_before) as oldest
		from letter
		where status = 'queued' and not_before <= $1`, now)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("count waiting letters: %w", err)
	}
	if row.Oldest != nil {
		oldest = *row.Oldest
	}
	return row.N, oldest, nil
}

// Fate is what became of one letter.
type Fate struct {
	Kind      string     `db:"kind"`
	Change    int        `db:"change"`
	Recipient string     `db:"recipient"`
	Status    string     `db:"status"` // queued, sent, skipped, held, capped, failed or bounced
	SentAt    *time.Time `db:"sent_at"`
	Class     string     `db:"class"`
}

// About lists what became of the letters about one thing, such as a booking.
func About(ctx context.Context, q pg.Conn, about string) ([]Fate, error) {
	var list []Fate
	err := q.Select(ctx, &list, `
		select kind, change, recipient, status, sent_at, coalesce(last_error, '') as class
		from letter
		where about = cast($1 as uuid)
		order by made_at, kind, id`, about)
	if err != nil {
		return nil, fmt.Errorf("list letters: %w", err)
	}
	return list, nil
}
