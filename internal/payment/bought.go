package payment

import (
	"context"
	"encoding/json"
	"fmt"

	"kintsugi/internal/job"
	"kintsugi/internal/pg"
)

// boughtJob is the kind of job that does what follows from a payment.
const boughtJob = "order-bought"

type boughtArgs struct {
	Order OrderID `json:"order"`
}

// Register adds this room's jobs to those of a runner.
func (s *Service) Register(handlers map[string]job.Handler) {
	handlers[boughtJob] = func(ctx context.Context, raw json.RawMessage) error {
		var args boughtArgs
		if err := json.Unmarshal(raw, &args); err != nil {
			return job.Permanent(fmt.Errorf("read job: %w", err))
		}
		return s.FollowUp(ctx, args.Order)
	}
}

// FollowUp tells whoever wants to hear that an order was paid. It may be told
// more than once.
func (s *Service) FollowUp(ctx context.Context, id OrderID) error {
	if s.Bought == nil {
		return nil
	}
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		o, err := findOrder(ctx, tx, id)
		if err != nil || !o.Status.HasMoney() {
			return err
		}
		return s.Bought(ctx, tx, o, s.Now())
	})
	if err != nil {
		return fmt.Errorf("follow up on order: %w", err)
	}
	s.wake()
	return nil
}
