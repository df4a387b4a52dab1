package intake

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// Bought sends what goes out with somebody's first purchase in a lane: it hears
// of each payment. Whoever works with no coach yet is sent it when they begin.
func (s *Service) Bought(ctx context.Context, tx *pg.Tx, o payment.Order, now time.Time) error {
	work := []engagement.ID{o.Engagement}
	if o.Engagement == "" {
		work = nil
		if err := tx.Select(ctx, &work, `
			select m.engagement_id
			from participant m
			join engagement e on e.id = m.engagement_id
			where m.person_id::text = $1 and m.state = 'accepted' and e.state <> 'ended'
			order by m.engagement_id`, string(o.Buyer)); err != nil {
			return fmt.Errorf("find work of buyer: %w", err)
		}
	}
	for _, in := range work {
		if err := s.SendBought(ctx, tx, in, now); err != nil {
			return err
		}
	}
	return nil
}

// SendBought sends what goes out with the first purchases that are for an
// engagement. A second call sends nothing.
func (s *Service) SendBought(ctx context.Context, tx *pg.Tx, in engagement.ID, now time.Time) error {
	list, err := payment.BoughtFor(ctx, tx, in)
	if err != nil {
		return err
	}
	for _, b := range list {
		kind := engagement.IndividualLane
		if b.Lane == practice.Joint {
			kind = engagement.JointLane
		}
		if err := s.SendOn(ctx, tx, practice.FirstPurchase, b.Buyer, in, kind, now); err != nil {
			return err
		}
	}
	return nil
}
