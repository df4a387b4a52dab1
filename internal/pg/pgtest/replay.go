package pgtest

import (
	"context"
	"database/sql"
	"testing"

	"kintsugi/internal/pg"
)

// Replay gives a function that says statements again that were heard, prepared, on
// one connection, and reads the answers: the floor of whatever asked them.
func Replay(t testing.TB, heard []Statement) func() {
	t.Helper()
	ctx := context.Background()
	pool, err := sql.Open("postgres", URL(t)+"&timezone=UTC&role="+pg.AppRole)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	conn, err := pool.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	said := make([]*sql.Stmt, len(heard))
	for i, s := range heard {
		if said[i], err = conn.PrepareContext(ctx, s.Query); err != nil {
			t.Fatalf("pgtest: %v in\n%s", err, s.Query)
		}
	}
	return func() {
		for i, stmt := range said {
			rows, err := stmt.QueryContext(ctx, heard[i].Args...)
			if err == nil {
				for rows.Next() {
				}
				err = rows.Err()
				rows.Close()
			}
			if err != nil {
				t.Fatalf("pgtest: %v in\n%s", err, heard[i].Query)
			}
		}
	}
}
