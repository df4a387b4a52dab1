package once_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

var at = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

func TestOfManyCopiesOfOneActOneIsSettled(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	key := once.Key{Scope: "form book", Text: "op-1", Fingerprint: []byte("a")}
	var settled, repeats atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			err := db.InTx(ctx, func(tx *pg.Tx) error { return once.Settle(ctx, tx, key, i, at) })
			switch {
			case err == nil:
				settled.Add(1)
			case once.IsRepeat(err):
				repeats.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if settled.Load() != 1 || repeats.Load() != 7 {
		t.Errorf("%d settled, %d repeats", settled.Load(), repeats.Load())
	}
	var outcome int
	if found, err := once.Find(ctx, db, key, &outcome); !found || err != nil {
		t.Errorf("%v, %v", found, err)
	}
}

func TestAKeyBelongsToOneScopeAndOneBody(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	key := once.Key{Scope: "api book", Text: "k", Fingerprint: []byte("a")}
	if err := db.InTx(ctx, func(tx *pg.Tx) error { return once.Settle(ctx, tx, key, "done", at) }); err != nil {
		t.Fatal(err)
	}
	var outcome string
	other := key
	other.Fingerprint = []byte("b")
	if found, err := once.Find(ctx, db, other, &outcome); !found || !fault.Is(err, once.Mismatch) {
		t.Errorf("another body: %v, %v", found, err)
	}
	elsewhere := key
	elsewhere.Scope = "form book"
	if found, err := once.Find(ctx, db, elsewhere, &outcome); found || err != nil {
		t.Errorf("another scope: %v, %v", found, err)
	}
	if found, _ := once.Find(ctx, db, once.Key{Scope: "api book"}, &outcome); found {
		t.Error("an act without a key was found")
	}
}

func TestKeysAreForgottenAfterTwoWeeks(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	key := once.Key{Scope: "s", Text: "k", Fingerprint: []byte("a")}
	in := func(act func(tx *pg.Tx) error) {
		t.Helper()
		if err := db.InTx(ctx, act); err != nil {
			t.Fatal(err)
		}
	}
	in(func(tx *pg.Tx) error { return once.Settle(ctx, tx, key, 1, at) })
	for _, step := range []struct {
		after time.Duration
		known bool
	}{{14 * 24 * time.Hour, true}, {14*24*time.Hour + time.Second, false}} {
		in(func(tx *pg.Tx) error { return once.Forget(ctx, tx, at.Add(step.after)) })
		var outcome int
		if found, err := once.Find(ctx, db, key, &outcome); found != step.known || err != nil {
			t.Errorf("after %s: %v, %v", step.after, found, err)
		}
	}
}
