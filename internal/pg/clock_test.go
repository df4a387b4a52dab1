package pg_test

import (
	"context"
	"testing"
	"time"

	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// wrongClock puts a clock_timestamp of our own before PostgreSQL's, which is
// wrong by what the table says.
func wrongClock(t *testing.T, wrongBy string) *pg.DB {
	t.Helper()
	ctx := context.Background()
	owner := pgtest.Owner(t)
	err := owner.InTx(ctx, func(tx *pg.Tx) error {
		for _, statement := range []string{
			`create schema wrong`,
			`create table wrong.clock (by interval)`,
			`create function wrong.clock_timestamp() returns timestamptz language sql as
				$$ select pg_catalog.clock_timestamp() + by from wrong.clock $$`,
			`grant usage on schema wrong to public`,
			`grant select on wrong.clock to public`,
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `insert into wrong.clock (by) values (cast($1 as interval))`, wrongBy)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return open(t, pgtest.URL(t)+"&search_path=wrong,pg_catalog,public")
}

func TestTheClockFollowsTheDatabaseNotTheHost(t *testing.T) {
	t.Parallel()
	for _, wrongBy := range []time.Duration{time.Hour, -5 * time.Minute} {
		t.Run(wrongBy.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			db := wrongClock(t, wrongBy.String())
			one, two := pg.NewClock(ctx, db, 0), pg.NewClock(ctx, db, 36*time.Hour)
			want := time.Now().Add(wrongBy)
			near(t, "a replica", one.Now(), want)
			near(t, "a shifted one", two.Now(), want.Add(36*time.Hour))
			if one.Now().Location() != time.UTC {
				t.Error("not in UTC")
			}
		})
	}
}

func TestTheClockGoesOnWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := wrongClock(t, "1 hour")
	clock := pg.NewClock(ctx, db, 0)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before := clock.Now()
	time.Sleep(50 * time.Millisecond)
	if went := clock.Now().Sub(before); went < 45*time.Millisecond || went > time.Second {
		t.Errorf("it went %v", went)
	}
	near(t, "without a database", clock.Now(), time.Now().Add(time.Hour))
	near(t, "never had a database", pg.NewClock(ctx, db, 0).Now(), time.Now())
}

func near(t *testing.T, whose string, got, want time.Time) {
	t.Helper()
	if d := got.Sub(want).Abs(); d > 2*time.Second {
		t.Errorf("%s: %v instead of %v", whose, got, want)
	}
}
