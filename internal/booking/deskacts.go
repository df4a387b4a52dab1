package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
)

// AcceptFor is Accept by somebody who is signed in.
func (s *Service) AcceptFor(ctx context.Context, v Viewer, id ID) (Booking, error) {
	return s.settle(ctx, Confirmed, v.actor(), "", takenFor(v, id))
}

// DeclineFor is Decline by somebody who is signed in, with words to the person
// or without.
func (s *Service) DeclineFor(ctx context.Context, v Viewer, id ID, words string) (Booking, error) {
	words, err := checkNote(words)
	if err != nil {
		return Booking{}, err
	}
	return s.settle(ctx, Declined, v.actor(), words, takenFor(v, id))
}

// CancelFor calls a booking off for the coach, with words to the person or
// without. Doing it again changes nothing and sends nothing.
func (s *Service) CancelFor(ctx context.Context, v Viewer, id ID, words string) (Booking, error) {
	words, err := checkNote(words)
	if err != nil {
		return Booking{}, err
	}
	return s.callOff(ctx, ByCoach, v.actor(), takenFor(v, id), func(tx *pg.Tx, b Booking) error {
		return s.keepNote(ctx, tx, b, words)
	})
}

// Move is what somebody at the desk asks for when they move a booking.
type Move struct {
	ID      ID
	Start   time.Time
	Words   string // to the person; may be empty
	Against []Rule // the rules that they were warned of and pass over
	Key     once.Key
}

// MoveFor moves a booking for its coach. It may go against the rules that the
// move names, never onto another booking or into the past.
//
// Errors: ErrNotHere; slug booking-closed; *AgainstRules; *Refused.
func (s *Service) MoveFor(ctx context.Context, v Viewer, m Move) (Booking, error) {
	words, err := checkNote(m.Words)
	if err != nil {
		return Booking{}, err
	}
	b, err := s.FindFor(ctx, v, m.ID)
	if err != nil {
		return Booking{}, err
	}
	return s.move(ctx, b, shift{
		start: m.Start, side: ByCoach, by: v.actor(), key: m.Key, words: words,
		take: takenFor(v, m.ID), desk: true, against: m.Against,
	})
}

// Complete notes that a call took place. It can be said from its start on.
func (s *Service) Complete(ctx context.Context, v Viewer, id ID) (Booking, error) {
	return s.mark(ctx, v, id, Completed, "booking completed")
}

// NoShow notes that the person did not come. It can be said from the start of
// the call on, and nobody is written to.
func (s *Service) NoShow(ctx context.Context, v Viewer, id ID) (Booking, error) {
	return s.mark(ctx, v, id, NoShow, "booking missed")
}

// mark says of a call that has begun how it went. Saying it again changes
// nothing; the other can be said instead for a day.
func (s *Service) mark(ctx context.Context, v Viewer, id ID, as Status, act string) (Booking, error) {
	var b Booking
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		old, err := takeFor(ctx, tx, v, id)
		if err != nil {
			return err
		}
		b = old
		now := s.Now()
		switch {
		case old.Status == as:
			return nil
		case old.Status != Confirmed && !old.Unmarkable(now):
			return fault.Named(fault.Conflict, BookingClosed, "This call stands differently by now, so this cannot be said of it.")
		case now.Before(old.Start):
			return fault.Named(fault.Conflict, BookingClosed, "This call has not begun yet. How it went can be said from its start on.")
		}
		b.Status, b.ChangedAt = as, now
		if err := write(ctx, tx, b, v.actor(), act, old); err != nil {
			return err
		}
		return markCredits(ctx, tx, b, v.actor(), now)
	})
	if err != nil {
		return v.shown(b), fmt.Errorf("%s: %w", act, err)
	}
	return v.shown(b), nil
}

// unmarkWithin is how long it can be taken back how a call went.
const unmarkWithin = 24 * time.Hour

// Unmarkable reports whether it can still be taken back how the call went.
func (b Booking) Unmarkable(now time.Time) bool {
	return (b.Status == Completed || b.Status == NoShow) && now.Before(b.ChangedAt.Add(unmarkWithin))
}

// Unmark takes back how a call went, within a day.
func (s *Service) Unmark(ctx context.Context, v Viewer, id ID) (Booking, error) {
	var b Booking
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		old, err := takeFor(ctx, tx, v, id)
		if err != nil {
			return err
		}
		b = old
		now := s.Now()
		if old.Status == Confirmed {
			return nil
		}
		if !old.Unmarkable(now) {
			return fault.Named(fault.Conflict, BookingClosed, "This was said more than a day ago, so it stays as it is.")
		}
		b.Status, b.ChangedAt = Confirmed, now
		if err := write(ctx, tx, b, v.actor(), "booking unmarked", old); err != nil {
			return err
		}
		return markCredits(ctx, tx, b, v.actor(), now)
	})
	if err != nil {
		return v.shown(b), fmt.Errorf("unmark: %w", err)
	}
	return v.shown(b), nil
}

// takenFor reads a booking for a change by a viewer.
func takenFor(v Viewer, id ID) func(context.Context, *pg.Tx) (Booking, error) {
	return func(ctx context.Context, tx *pg.Tx) (Booking, error) { return takeFor(ctx, tx, v, id) }
}
