package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/pg"
)

// expire writes off requests that nobody answered in time. One that was
// answered meanwhile stays as it is.
func (s *Service) expire(ctx context.Context, tx *pg.Tx, now time.Time, ids ...ID) error {
	for _, id := range ids {
		old, err := findForChange(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("expire: %w", err)
		}
		if !old.Due(now) {
			continue
		}
		b := old
		b.Status, b.EndedBy, b.ChangedAt = Expired, BySystem, now
		if !old.AcceptedAt.IsZero() {
			b.Change++ // it stands in their calendar and has to leave it
		}
		if err := write(ctx, tx, b, audit.Actor{Kind: audit.System}, "booking expired", old); err != nil {
			return err
		}
		if err := returnCredits(ctx, tx, b, credit.Unanswered, audit.Actor{Kind: audit.System}, now); err != nil {
			return err
		}
		if err := s.post(ctx, tx, b, now, letterExpired, letterExpiredCoach); err != nil {
			return err
		}
	}
	return nil
}

// ExpireDue writes off every request whose time has run out. It runs every
// minute; until then such a request already counts as expired wherever it is
// looked at.
func (s *Service) ExpireDue(ctx context.Context) error {
	now := s.Now()
	var due []ID
	err := s.DB.Select(ctx, &due, `
		select id from booking
		where status = 'pending' and expires_at <= $1
		order by expires_at, id
		limit 100`, now)
	if err != nil {
		return fmt.Errorf("expire: %w", err)
	}
	for _, id := range due {
		if err := s.DB.InTx(ctx, func(tx *pg.Tx) error { return s.expire(ctx, tx, now, id) }); err != nil {
			return err
		}
	}
	if len(due) > 0 {
		s.wake()
	}
	return nil
}
