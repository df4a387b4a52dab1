package pgtest_test

import (
	"context"
	"testing"

	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

func TestLendsAMigratedDatabaseAsTheProgramsRole(t *testing.T) {
	db := pgtest.New(t)
	ctx := context.Background()
	var role string
	if err := db.Get(ctx, &role, `select current_user`); err != nil || role != pg.AppRole {
		t.Fatalf("works as %q, %v", role, err)
	}
	if done, err := pg.Migrated(ctx, db); err != nil || !done {
		t.Fatalf("migrated: %v, %v", done, err)
	}
}
