package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/once"
	"kintsugi/internal/pg"
)

// Reschedule moves a booking to another hour with the same coach; it does not
// stand in its own way. A booking that needs the coach's word needs it again,
// unless the coach is the one who moves it. Moving it to where it already is
// changes nothing and sends nothing.
//
// Errors: ErrNoBooking; slug booking-closed; *Refused.
func (s *Service) Reschedule(ctx context.Context, link string, start time.Time, key once.Key) (Booking, Party, error) {
	b, side, err := s.ByLink(ctx, link)
	if err != nil {
		return Booking{}, "", err
	}
	key.Fingerprint = s.Links.Fingerprint("reschedule", string(b.ID), start.UTC().Format(time.RFC3339Nano))
	var was made
	if done, err := once.Find(ctx, s.DB, key, &was); done || err != nil {
		return b, side, err
	}
	offer, err := s.typeOffer(ctx, b.TypeSlug, b.CoachSlug, true)
	if err != nil {
		return Booking{}, side, err
	}
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		if err := lockCoaches(ctx, tx, offer); err != nil {
			return err
		}
		now := s.Now()
		old, err := findForChange(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		if !old.Open(now) {
			return errClosed
		}
		b = old
		if old.Start.Equal(start) {
			return nil
		}
		if _, err := s.choose(ctx, tx, offer, start, now, b.ID); err != nil {
			return err
		}
		b.Start, b.End = start.UTC(), start.UTC().Add(offer.Type.Duration())
		b.MovedFrom = old.Start
		b.Change++
		b.ChangedAt = now
		if offer.Type.Approval() > 0 && side == ByPerson {
			b.Status, b.ExpiresAt = Pending, answerBy(now, offer.Type.Approval(), b.Start)
		} else {
			b.Status, b.ExpiresAt = Confirmed, time.Time{}
			if b.AcceptedAt.IsZero() {
				b.AcceptedAt = now
			}
		}
		if err := write(ctx, tx, b, b.actor(side), "booking moved", old); err != nil {
			return err
		}
		if err := s.postMoved(ctx, tx, b, offer.Practice.RemindBefore(), now); err != nil {
			return err
		}
		return once.Settle(ctx, tx, key, made{b.ID, b.Status, b.Start, b.End}, now)
	})
	if once.IsRepeat(err) {
		b, err = Find(ctx, s.DB, b.ID)
		return b, side, err
	}
	if err != nil {
		return b, side, s.refuse(ctx, offer, start, b.ID, fmt.Errorf("reschedule: %w", err))
	}
	s.wake()
	return b, side, nil
}
