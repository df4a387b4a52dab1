package payment_test

import (
	"testing"

	"kintsugi/internal/fault"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
)

// Sam ordered sessions for two, left, and paid: for what only the other could use.
func TestNobodyPaysForSessionsThatAreNotTheirsAnyMore(t *testing.T) {
	for name, end := range map[string]func(h *house) func(tx *pg.Tx) error{
		"left": func(h *house) func(tx *pg.Tx) error {
			return func(tx *pg.Tx) error { return h.work.Leave(h.ctx, tx, h.sam, h.id, h.now) }
		},
		"ended": func(h *house) func(tx *pg.Tx) error {
			return func(tx *pg.Tx) error { return h.work.End(h.ctx, tx, h.mara.ID, h.id, h.now) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			whole, parts := h.place(h.sam, "rebuild-six"), payment.Order{}
			open := h.page(whole)
			parts, _ = h.bought(h.sam, "in-parts")
			h.in(end(h))
			for _, o := range []payment.Order{whole, parts} {
				if _, err := h.s.Pay(h.ctx, h.sam, o.ID, 0); fault.KindOf(err) != fault.Conflict {
					t.Errorf("answered %v", err)
				}
			}
			if _, err := h.fake.Pay(open, atStripe); err == nil {
				t.Error("the page that was open can still be paid on")
			}
			h.is(parts, payment.Paid, 3)
			if _, err := h.s.Drop(h.ctx, h.sam, whole.ID); err != nil {
				t.Errorf("it cannot be dropped: %v", err)
			}
		})
	}
}

// The page was open in another tab when Sam left, and stayed so for a day.
func TestAComparisonClosesThePageOfWhoHasLeft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	open := h.page(h.place(h.sam, "rebuild-six"))
	own := h.page(h.place(h.sam, "solo-three"))
	h.in(func(tx *pg.Tx) error { return h.work.Leave(h.ctx, tx, h.sam, h.id, h.now) })
	if _, err := h.s.Reconcile(h.ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := h.fake.Pay(open, atStripe); err == nil {
		t.Error("the page can still be paid on")
	}
	if _, err := h.fake.Pay(own, atStripe); err != nil {
		t.Errorf("the page of Sam's own sessions was closed as well: %v", err)
	}
}
