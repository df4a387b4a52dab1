package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// The acts on record: a sealed value did not open where it lies, and somebody
// looked and found that all of them do.
const (
	Refused = "sealed value refused"
	checked = "sealed values checked"
)

// RecordRefused puts it on record that a sealed value did not open where it lies:
// it was changed, or moved there from elsewhere. The line names the place and is
// about nobody, so it tells nothing of whose it is.
func RecordRefused(ctx context.Context, db *pg.DB, at seal.Place, now time.Time) error {
	return db.InTx(ctx, func(tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.System}, Act: Refused,
			Detail: map[string]string{"table": at.Table, "column": at.Column, "row": at.Row}})
	})
}

// RecordChecked puts it on record that all sealed values opened.
func RecordChecked(ctx context.Context, db *pg.DB, looked int, now time.Time) error {
	return db.InTx(ctx, func(tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.Operator}, Act: checked, Detail: map[string]int{"values": looked}})
	})
}

// Refusals lists the places whose values did not open since a moment, and since
// all of them were found to open, at most a hundred.
func Refusals(ctx context.Context, q pg.Conn, since time.Time) ([]seal.Place, error) {
	var rows []struct {
		Table  string `db:"in_table"`
		Column string `db:"in_column"`
		Row    string `db:"in_row"`
	}
	if err := q.Select(ctx, &rows, `
		select distinct detail->>'table' as in_table, detail->>'column' as in_column, detail->>'row' as in_row
		from audit
		where act = $1 and at >= $2 and at > coalesce((select max(at) from audit where act = $3), $2)
		order by 1, 2, 3
		limit 100`, Refused, since.UTC(), checked); err != nil {
		return nil, fmt.Errorf("list refusals: %w", err)
	}
	places := make([]seal.Place, len(rows))
	for i, row := range rows {
		places[i] = seal.Place{Table: row.Table, Column: row.Column, Row: row.Row}
	}
	return places, nil
}
