package guard_test

import (
	"context"
	"testing"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/web/guard"
)

// A limit on bookings that was counted at every try closed out an office whose
// people had found every hour taken.
func TestPeekSaysWhatAllowWouldAndCountsNothing(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	g := guard.New(db, []byte("key"), true)
	for range 3 {
		for range 5 {
			if err := g.Peek(ctx, three(), "one"); err != nil {
				t.Fatalf("looking counted: %v", err)
			}
		}
		if err := g.Allow(ctx, three(), "one"); err != nil {
			t.Fatal(err)
		}
	}
	peeked, refused := fault.As(g.Peek(ctx, three(), "one")), fault.As(g.Allow(ctx, three(), "one"))
	if peeked == nil || refused == nil || peeked.Kind != refused.Kind || peeked.Slug != refused.Slug || peeked.Say != refused.Say ||
		peeked.RetryAfter < 15 || peeked.RetryAfter > 20 {
		t.Fatalf("when full, Peek says %+v and Allow %+v", peeked, refused)
	}
	if err := g.Peek(ctx, three(), "two"); err != nil {
		t.Errorf("another source: %v", err)
	}
	pass(t, db, 20*time.Second)
	if err := g.Peek(ctx, three(), "one"); err != nil {
		t.Errorf("after one interval: %v", err)
	}
}

func TestPeekWithLimitsOffAsksNobody(t *testing.T) {
	if err := guard.New(nil, nil, false).Peek(context.Background(), three(), "one"); err != nil {
		t.Fatal(err)
	}
}
