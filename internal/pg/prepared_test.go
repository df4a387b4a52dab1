package pg_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// Planning a statement anew each time took longer than carrying it out.
func TestAStatementThatComesAgainIsPreparedOnce(t *testing.T) {
	ctx := context.Background()
	db, wire := pgtest.Listened(t)
	wire.Reset()
	var trips []int
	for i := range 5 {
		before := wire.Trips()
		var n int
		if err := db.Get(ctx, &n, `select $1::int + 1`, i); err != nil || n != i+1 {
			t.Fatal(n, err)
		}
		trips = append(trips, wire.Trips()-before)
	}
	// Seen once; seen again and prepared; known.
	if trips[0] != 1 || trips[1] != 2 || trips[2] != 1 || trips[3] != 1 || trips[4] != 1 {
		t.Errorf("trips %v", trips)
	}
}

func TestInsideATransactionAStatementIsPreparedOnceToo(t *testing.T) {
	ctx := context.Background()
	db, wire := pgtest.Listened(t)
	act := func() {
		err := db.InTx(ctx, func(tx *pg.Tx) error {
			_, err := tx.Exec(ctx, `delete from operation where scope = $1`, "none")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	act()
	act()
	wire.Reset()
	act()
	if wire.Trips() != 3 {
		t.Errorf("%d trips for BEGIN, the statement and COMMIT", wire.Trips())
	}
}

// A replica brought the tables up to date while this one had its statements
// prepared for the old ones.
func TestAStatementThatTheTablesHaveOutgrownIsPreparedAnew(t *testing.T) {
	ctx := context.Background()
	db, owner := pgtest.New(t), pgtest.Owner(t)
	change := func(statement string) {
		t.Helper()
		err := owner.InTx(ctx, func(tx *pg.Tx) error {
			_, err := tx.Exec(ctx, statement)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change(`create table box (n integer); insert into box values (7); grant select on box to kintsugi_app`)
	read := func(q pg.Conn) error {
		var n string
		err := q.Get(ctx, &n, `select n from box where $1`, true)
		if err == nil && n != "7" {
			return errors.New("read " + n)
		}
		return err
	}
	for range 3 {
		if err := read(db); err != nil {
			t.Fatal(err)
		}
	}
	change(`alter table box alter n type text`)
	for range 3 {
		if err := read(db); err != nil {
			t.Fatal(err)
		}
	}
	change(`alter table box alter n type bigint using cast(n as bigint)`)
	act := func() error { return db.InTx(ctx, func(tx *pg.Tx) error { return read(tx) }) }
	_ = act() // whose snapshot of the tables was in the way fails once
	for range 3 {
		if err := act(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTextsThatNeverComeAgainAreNotKept(t *testing.T) {
	ctx := context.Background()
	db, wire := pgtest.Listened(t)
	for i := range 500 {
		var n int
		if err := db.Get(ctx, &n, `select $1::int + `+strconv.Itoa(i), 1); err != nil || n != i+1 {
			t.Fatal(n, err)
		}
	}
	wire.Reset()
	for range 3 {
		var n int
		if err := db.Get(ctx, &n, `select $1::int + 499`, 1); err != nil {
			t.Fatal(err)
		}
	}
	if wire.Trips() != 3 {
		t.Errorf("%d trips", wire.Trips())
	}
	var kept int
	if err := db.Get(ctx, &kept, `select count(*) from pg_prepared_statements`); err != nil || kept != 0 {
		t.Errorf("%d are kept, %v", kept, err)
	}
}

func TestAWrongStatementSaysWhatIsWrongHoweverOftenItComes(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	for range 4 {
		var n int
		err := db.Get(ctx, &n, `select colour from operation where scope = $1`, "x")
		if err == nil || !strings.Contains(err.Error(), "colour") {
			t.Fatalf("told as %v", err)
		}
		if err := db.Get(ctx, &n, `select 1 / $1::int`, 0); err == nil || !strings.Contains(err.Error(), "division") {
			t.Fatalf("told as %v", err)
		}
	}
}
