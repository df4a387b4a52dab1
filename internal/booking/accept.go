package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// Accept is the coach's yes to a request. Saying it again changes nothing.
func (s *Service) Accept(ctx context.Context, link string) (Booking, error) {
	return s.answer(ctx, link, Confirmed)
}

// Decline is the coach's no to a request. Saying it again changes nothing.
func (s *Service) Decline(ctx context.Context, link string) (Booking, error) {
	return s.answer(ctx, link, Declined)
}

// answer settles a request once: of a yes and a no sent together, one holds and
// the other is told so.
func (s *Service) answer(ctx context.Context, link string, with Status) (Booking, error) {
	b, side, err := s.ByLink(ctx, link)
	if err != nil {
		return Booking{}, err
	}
	if side != ByCoach {
		return Booking{}, ErrNoBooking
	}
	return s.settle(ctx, with, b.actor(side), "", taken(b, ByCoach))
}

// settle is the one way a request is answered, under a link or at the desk,
// with words to the person or without.
func (s *Service) settle(ctx context.Context, with Status, by audit.Actor, words string, take func(context.Context, *pg.Tx) (Booking, error)) (Booking, error) {
	var b Booking
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		old, err := take(ctx, tx)
		if err != nil {
			return err
		}
		b = old
		now := s.Now()
		if old.Status == with {
			return nil
		}
		if old.Status != Pending || old.Due(now) {
			return fault.Named(fault.Conflict, BookingClosed, "This request has been answered or has run out already. The page shows how it stands.")
		}
		b.Status, b.ChangedAt, b.ExpiresAt = with, now, time.Time{}
		if with == Confirmed {
			b.AcceptedAt = now
			if err := write(ctx, tx, b, by, "booking accepted", old); err != nil {
				return err
			}
			p, err := practice.Load(ctx, tx)
			if err != nil {
				return err
			}
			if err := s.promised(ctx, tx, b, now); err != nil {
				return err
			}
			return s.postAccepted(ctx, tx, b, p.RemindBefore(), now)
		}
		b.EndedBy = ByCoach
		if !old.AcceptedAt.IsZero() {
			b.Change++ // it stands in their calendar and has to leave it
		}
		if err := write(ctx, tx, b, by, "booking declined", old); err != nil {
			return err
		}
		if err := s.keepNote(ctx, tx, b, words); err != nil {
			return err
		}
		if err := returnCredits(ctx, tx, b, credit.ByDecline, by, now); err != nil {
			return err
		}
		return s.post(ctx, tx, b, now, letterDeclined, letterDeclinedCoach)
	})
	if err != nil {
		return b, fmt.Errorf("answer request: %w", err)
	}
	s.wake()
	return b, nil
}
