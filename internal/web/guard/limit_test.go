package guard_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/web/guard"
)

func three() guard.Limit { return guard.Limit{Name: "three", Burst: 3, Per: time.Minute} }

// pass lets time go by for every bucket, since the clock is the database's.
func pass(t *testing.T, db *pg.DB, d time.Duration) {
	t.Helper()
	ctx := context.Background()
	err := db.InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `update limit_bucket set tat = tat - cast($1 as double precision) * interval '1 second'`, d.Seconds())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestALimitLetsItsBurstThroughAndThenOneAnInterval(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	g := guard.New(db, []byte("key"), true)
	for i := range 3 {
		if err := g.Allow(ctx, three(), "192.0.2.1"); err != nil {
			t.Fatalf("act %d: %v", i+1, err)
		}
	}
	for range 2 { // a refused try is not counted, so it does not push the end away
		err := g.Allow(ctx, three(), "192.0.2.1")
		said := fault.As(err)
		if said == nil || said.Kind != fault.TooMany {
			t.Fatalf("the fourth act: %v", err)
		}
		if said.RetryAfter < 15 || said.RetryAfter > 20 {
			t.Errorf("told to wait %d s, the interval is 20", said.RetryAfter)
		}
	}
	if err := g.Allow(ctx, three(), "192.0.2.2"); err != nil {
		t.Errorf("another source: %v", err)
	}
	other := three()
	other.Name = "other"
	if err := g.Allow(ctx, other, "192.0.2.1"); err != nil {
		t.Errorf("another limit: %v", err)
	}
	pass(t, db, 20*time.Second)
	if err := g.Allow(ctx, three(), "192.0.2.1"); err != nil {
		t.Errorf("after one interval: %v", err)
	}
	if g.Allow(ctx, three(), "192.0.2.1") == nil {
		t.Error("one interval gave two acts")
	}
}

// Two processes that ask at the same instant must not both find room.
func TestARaceOverTwoProcessesLetsNoMoreThroughThanTheBurst(t *testing.T) {
	ctx := context.Background()
	key := []byte("key")
	houses := []*guard.Guard{guard.New(pgtest.New(t), key, true), guard.New(pgtest.New(t), key, true)}
	limit := guard.Limit{Name: "race", Burst: 10, Per: time.Hour}
	var through atomic.Int32
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			switch err := houses[i%2].Allow(ctx, limit, "one"); {
			case err == nil:
				through.Add(1)
			case fault.KindOf(err) != fault.TooMany:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if through.Load() != 10 {
		t.Errorf("%d came through, the limit is 10", through.Load())
	}
}

// A clock that was an hour ahead and set right left buckets in the future. They
// are full, and no more than that.
func TestAClockSetBackClosesNobodyOut(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	g := guard.New(db, []byte("key"), true)
	if err := g.Allow(ctx, three(), "one"); err != nil {
		t.Fatal(err)
	}
	pass(t, db, -time.Hour)
	said := fault.As(g.Allow(ctx, three(), "one"))
	if said == nil || said.RetryAfter > 20 {
		t.Fatalf("in the future: %+v", said)
	}
}

func TestWithLimitsOffNothingIsCounted(t *testing.T) {
	g := guard.New(nil, nil, false)
	for range 10 {
		if err := g.Allow(context.Background(), three(), "one"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheTableHoldsNoAddress(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	if err := guard.New(db, []byte("key"), true).Allow(ctx, three(), "192.0.2.77"); err != nil {
		t.Fatal(err)
	}
	var rows []string
	if err := db.Select(ctx, &rows, `select name || ' ' || encode(key_hash, 'escape') from limit_bucket`); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || strings.Contains(rows[0], "192.0.2.77") {
		t.Errorf("rows %q", rows)
	}
}

func TestSweepForgetsWhatIsOverAndKeepsTheRest(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	g := guard.New(db, []byte("key"), true)
	if err := g.Allow(ctx, three(), "old"); err != nil {
		t.Fatal(err)
	}
	pass(t, db, 3*time.Hour)
	if err := g.Allow(ctx, three(), "new"); err != nil {
		t.Fatal(err)
	}
	var swept int64
	err := db.InTx(ctx, func(tx *pg.Tx) (err error) {
		swept, err = guard.Sweep(ctx, tx)
		return err
	})
	if err != nil || swept != 1 {
		t.Errorf("swept %d, %v", swept, err)
	}
}

func TestADatabaseThatIsGoneIsToldAsUnavailable(t *testing.T) {
	db, err := pg.Open(context.Background(), pgtest.URL(t), pg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	late, cancel := context.WithTimeout(context.Background(), -time.Second)
	defer cancel()
	err = guard.New(db, []byte("key"), true).Allow(late, three(), "one")
	if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("told as %v", err)
	}
}

// What a count costs, beside the smallest transaction there is.
func BenchmarkAllow(b *testing.B) {
	ctx, db := context.Background(), pgtest.New(b)
	g := guard.New(db, []byte("key"), true)
	limit := guard.Limit{Name: "bench", Burst: 1 << 20, Per: time.Hour}
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			if err := g.Allow(ctx, limit, "one"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			err := db.InTx(ctx, func(tx *pg.Tx) error {
				var one int
				return tx.Get(ctx, &one, `select 1`)
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
