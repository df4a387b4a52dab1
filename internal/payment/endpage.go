package payment

import (
	"context"
	"fmt"

	"github.com/stripe/stripe-go/v76"

	"kintsugi/internal/pg"
)

// closePages closes every page to pay on of an order.
func (s *Service) closePages(ctx context.Context, id OrderID) error {
	c, found, err := findCheckout(ctx, s.DB, `c.purchase_id = $1 and c.state in ('asking', 'open')`, id)
	if err != nil || !found {
		return err
	}
	return s.endCheckout(ctx, c.ID)
}

// giveUp ends a try for which Stripe opened no page, and reports false where a page
// of it is known, or it was over already.
func (s *Service) giveUp(ctx context.Context, id string) (given bool, err error) {
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		rows, err := tx.Exec(ctx, `
			update checkout set state = 'failed', changed_at = $2 where id = $1 and state = 'asking' and session_id is null`, id, s.Now())
		given = rows > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("give checkout up: %w", err)
	}
	return given, nil
}

// writeOff ends a try whose page Stripe does not know any more.
func (s *Service) writeOff(ctx context.Context, id string) error {
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `update checkout set state = 'expired', changed_at = $2 where id = $1 and state in ('asking', 'open')`, id, s.Now())
		return err
	})
	if err != nil {
		return fmt.Errorf("end checkout: %w", err)
	}
	return nil
}

// endCheckout makes sure that a page is paid on no more. If it was paid at that
// very moment, the payment is written down instead.
func (s *Service) endCheckout(ctx context.Context, id string) error {
	c, found, err := findCheckout(ctx, s.DB, `c.id = $1`, id)
	if err != nil || !found || !c.State.live() || c.State == onItsWay {
		return err
	}
	if c.Session == "" {
		adopted, err := s.adopt(ctx, c)
		if err != nil {
			return away("end checkout", err)
		}
		if adopted.Session == "" { // nothing was opened; the key is not used again
			given, err := s.giveUp(ctx, c.ID)
			if err != nil || given {
				return err
			}
			return s.endCheckout(ctx, id) // its page came at this very moment
		}
		c = adopted
	}
	_, err = s.stripe().CheckoutSessions.Expire(c.Session, &stripe.CheckoutSessionExpireParams{Params: params(ctx)})
	switch {
	case isMissing(err):
		return s.writeOff(ctx, c.ID)
	case err != nil && !isRefused(err):
		return away("end checkout", err)
	}
	// Refused means that it was not open any more: paid, or ran out.
	if err := s.settle(ctx, c, nil); err != nil {
		return away("end checkout", err)
	}
	return nil
}
