package payment

import (
	"context"
	"time"

	"kintsugi/internal/people"
)

// returnPatience bounds how long the order's page waits for Stripe. After that
// it says what is known.
const returnPatience = 7 * time.Second

// Returned gives an order to a buyer who comes back from Stripe, and makes it
// right first, without waiting for Stripe's own word. Opening the page without
// having paid changes nothing. When Stripe does not answer, the order is given
// as it is known. An empty session is a plain look at the page.
//
// Errors: ErrNoOrder, also for the session of another order.
func (s *Service) Returned(ctx context.Context, buyer people.ID, id OrderID, session string) (Order, error) {
	o, err := Find(ctx, s.DB, buyer, id)
	if err != nil || session == "" {
		return o, err
	}
	c, found, err := findCheckout(ctx, s.DB, `c.purchase_id = $1 and c.session_id = $2`, id, session)
	switch {
	case err != nil:
		return Order{}, err
	case !found:
		return Order{}, ErrNoOrder
	case !s.Ready():
		return o, nil
	case !c.State.live(): // also when Stripe's own word was heard since the order was read
		return Find(ctx, s.DB, buyer, id)
	}
	short, cancel := context.WithTimeout(ctx, returnPatience)
	defer cancel()
	if err := s.settle(short, c, nil); err != nil {
		s.log().Warn("the order's page could not ask Stripe", "order", string(id), "error", err.Error())
		return o, nil
	}
	return Find(ctx, s.DB, buyer, id)
}
