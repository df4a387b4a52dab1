package pgtest

import (
	"context"
	"testing"
	"time"

	"kintsugi/internal/pg"
)

// Cost is what an act asked of the database.
type Cost struct {
	Statements []Statement
	Tables     map[string]int // blocks read and written of each table with its indexes, cached or not
}

// Blocks is the sum over all tables.
func (c Cost) Blocks() (sum int) {
	for _, n := range c.Tables {
		sum += n
	}
	return sum
}

// CostOf counts what one act asks of the test's database, checks of foreign keys
// and triggers included. PostgreSQL keeps the count and tells it when a
// connection ends, so the act has one to itself, and everybody else's pool must be
// closed.
func CostOf(t testing.TB, act func(db *pg.DB) error) Cost {
	t.Helper()
	before := blocks(t)
	db, wire := Listened(t)
	wire.Reset()
	err := act(db)
	c := Cost{Statements: wire.Statements(), Tables: map[string]int{}}
	db.Close()
	if err != nil {
		t.Fatal(err)
	}
	for table, n := range blocks(t) {
		if n > before[table] {
			c.Tables[table] = n - before[table]
		}
	}
	return c
}

// blocks waits until nobody else is connected and reads the counts.
func blocks(t testing.TB) map[string]int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	owner := open(t, URL(t), pg.Options{MaxOpen: 1})
	defer owner.Close()
	for others := 1; others > 0; {
		if err := owner.Get(ctx, &others, `
			select count(*) from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`); err != nil {
			t.Fatalf("pgtest: wait until all have gone: %v", err)
		}
	}
	var rows []struct {
		Table  string `db:"relname"`
		Blocks int    `db:"blocks"`
	}
	if err := owner.Select(ctx, &rows, `
		select relname, coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0) + coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0)
			+ coalesce(toast_blks_read, 0) + coalesce(toast_blks_hit, 0) + coalesce(tidx_blks_read, 0) + coalesce(tidx_blks_hit, 0) as blocks
		from pg_statio_user_tables`); err != nil {
		t.Fatalf("pgtest: count blocks: %v", err)
	}
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.Table] = row.Blocks
	}
	return counts
}
