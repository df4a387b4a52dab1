package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/availability"
	"kintsugi/internal/credit"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
)

// Reschedule moves a booking to another hour with the same coach; it does not
// stand in its own way. A booking that needs the coach's word needs it again,
// unless the coach is the one who moves it. Moving it to where it already is
// changes nothing and sends nothing.
//
// One that uses sessions is moved by its client until FreeUntil, judged by the
// hour that it had.
//
// Errors: ErrNoBooking; slugs booking-closed, too-late; *Refused; those of credit.Move.
func (s *Service) Reschedule(ctx context.Context, link string, start time.Time, key once.Key) (Booking, Party, error) {
	b, side, err := s.ByLink(ctx, link)
	if err != nil {
		return Booking{}, "", err
	}
	b, err = s.move(ctx, b, shift{start: start, side: side, by: b.actor(side), key: key, take: taken(b, side)})
	return b.alone(), side, err
}

// shift is one move: whereto, by whom, and how the booking is taken hold of.
type shift struct {
	start time.Time
	side  Party
	by    audit.Actor
	key   once.Key
	words string // of the coach, to the person
	take  func(context.Context, *pg.Tx) (Booking, error)

	desk    bool   // somebody of the practice moves it and may go against rules
	against []Rule // those that they agreed to pass over
}

// move is the one way a booking is moved, under a link or at the desk.
func (s *Service) move(ctx context.Context, b Booking, to shift) (Booking, error) {
	to.key.Fingerprint = s.Links.Fingerprint("reschedule", string(b.ID), to.start.UTC().Format(time.RFC3339Nano))
	var was made
	if done, err := once.Find(ctx, s.DB, to.key, &was); done || err != nil {
		return b, err
	}
	offer, err := s.bookedOffer(ctx, b)
	if err != nil {
		return Booking{}, err
	}
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		b, err = s.moveIn(ctx, tx, b, offer, to)
		return err
	})
	var against *AgainstRules
	switch {
	case once.IsRepeat(err):
		return s.again(ctx, b)
	case errors.As(err, &against):
		return b, against
	case err != nil:
		return b, s.refuse(ctx, offer, to.start, b.ID, fmt.Errorf("reschedule: %w", err))
	}
	s.wake()
	return b, nil
}

// moveIn is the transaction of a move: lock, look, write.
func (s *Service) moveIn(ctx context.Context, tx *pg.Tx, b Booking, offer availability.TypeOffer, to shift) (Booking, error) {
	if err := lockCoaches(ctx, tx, offer); err != nil {
		return b, err
	}
	now := s.Now()
	old, err := to.take(ctx, tx)
	if err != nil {
		return b, err
	}
	if !old.Open(now) {
		return b, errClosed
	}
	b = old
	if old.Start.Equal(to.start) {
		return b, nil
	}
	if to.side == ByPerson && old.late(now) {
		return b, lateMove(old)
	}
	var passed []Rule
	if to.desk {
		passed, err = s.admit(ctx, tx, offer, to.start, now, b.ID, to.against)
	} else {
		_, err = s.choose(ctx, tx, offer, to.start, now, b.ID)
	}
	if err != nil {
		return b, err
	}
	b.Start, b.End = to.start.UTC(), to.start.UTC().Add(offer.Type.Duration())
	b.MovedFrom, b.Against = old.Start, JoinRules(passed)
	b.Change++
	b.ChangedAt = now
	if offer.Type.Approval() > 0 && to.side == ByPerson {
		b.Status, b.ExpiresAt = Pending, answerBy(now, offer.Type.Approval(), b.Start)
	} else {
		b.Status, b.ExpiresAt = Confirmed, time.Time{}
		if b.AcceptedAt.IsZero() {
			b.AcceptedAt = now
		}
	}
	if b.Credits > 0 {
		b.FreeUntil = credit.FreeUntil(b.Start, offer.Practice.CancelNotice(), offer.Practice.Zone())
	}
	if err := write(ctx, tx, b, to.by, "booking moved", old); err != nil {
		return b, err
	}
	if err := moveCredits(ctx, tx, b, to, now); err != nil {
		return b, err
	}
	if err := s.keepNote(ctx, tx, b, to.words); err != nil {
		return b, err
	}
	if err := s.postMoved(ctx, tx, b, offer.Practice.RemindBefore(), now); err != nil {
		return b, err
	}
	return b, once.Settle(ctx, tx, to.key, made{b.ID, b.Status, b.Start, b.End}, now)
}
