package payment

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Drop cancels an order that nothing was paid on, at its buyer's wish. Its page
// at Stripe is closed first; if it was paid at that very moment, the order
// stays. Dropping it again changes nothing.
func (s *Service) Drop(ctx context.Context, buyer people.ID, id OrderID) (Order, error) {
	o, err := Find(ctx, s.DB, buyer, id)
	if err != nil || o.Status == Cancelled {
		return o, err
	}
	if s.Ready() {
		if err := s.closePages(ctx, id); err != nil {
			return Order{}, err
		}
	}
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		var held string
		if err := tx.Get(ctx, &held, `select id from purchase where id = $1 for update`, id); err != nil {
			return err
		}
		o, err := findOrder(ctx, tx, id)
		if err != nil || o.Status == Cancelled {
			return err
		}
		if !o.Unpaid() {
			return errHasMoney
		}
		var live bool
		if err := tx.Get(ctx, &live, `select exists (select from checkout where purchase_id = $1 and state in ('asking', 'open', 'processing'))`, id); err != nil {
			return err
		}
		if live {
			return errHasMoney
		}
		now := s.Now()
		if _, err := tx.Exec(ctx, `update purchase_part set status = 'cancelled' where purchase_id = $1`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update purchase set status = 'cancelled', changed_at = $2 where id = $1`, id, now); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.Person, ID: string(buyer)}, Act: "order cancelled", About: string(id)})
	})
	if err != nil {
		return Order{}, fmt.Errorf("drop order: %w", err)
	}
	return Find(ctx, s.DB, buyer, id)
}

var errHasMoney = fault.New(fault.Conflict, "This order has been paid, or is being paid right now, so it cannot be cancelled here. Please write to us about money that should go back.")
