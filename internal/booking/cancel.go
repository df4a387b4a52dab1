package booking

import (
	"context"
	"fmt"
	"unicode/utf8"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// maxReason bounds the words somebody gives for calling off, in characters.
const maxReason = 1000

// Cancel calls a booking off, with a reason or without. Doing it again changes
// nothing and sends nothing. The reason is sealed; the coach can read it.
//
// Errors: ErrNoBooking; slug booking-closed when the call is over; Invalid when
// the reason is too long.
func (s *Service) Cancel(ctx context.Context, link, reason string) (Booking, Party, error) {
	b, side, err := s.ByLink(ctx, link)
	if err != nil {
		return Booking{}, "", err
	}
	if reason, err = checkReason(reason); err != nil {
		return b, side, err
	}
	b, err = s.callOff(ctx, side, b.actor(side), taken(b, side), func(tx *pg.Tx, b Booking) error {
		return s.keepReason(ctx, tx, b, reason)
	})
	return b.alone(), side, err
}

// checkReason cleans the words that somebody gives for calling off.
func checkReason(reason string) (string, error) {
	if reason = cleanText(reason); utf8.RuneCountInString(reason) > maxReason {
		return "", &fault.Error{Kind: fault.Invalid, Slug: "invalid", Say: "The reason is longer than 1,000 characters. Shorten it, or leave it out.",
			Fields: []fault.Field{{Name: "reason", Say: "Shorten this to 1,000 characters, or leave it out."}}}
	}
	return reason, nil
}

// callOff is the one way a booking is cancelled, under a link or at the desk.
// Keep seals the words that were given with it.
func (s *Service) callOff(ctx context.Context, side Party, by audit.Actor, take func(context.Context, *pg.Tx) (Booking, error), keep func(*pg.Tx, Booking) error) (Booking, error) {
	var b Booking
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		old, err := take(ctx, tx)
		if err != nil {
			return err
		}
		b = old
		now := s.Now()
		if old.Status == Cancelled {
			return nil
		}
		if !old.Open(now) {
			return errClosed
		}
		b.Status, b.EndedBy, b.ChangedAt = Cancelled, side, now
		b.Change++
		if err := write(ctx, tx, b, by, "booking cancelled", old); err != nil {
			return err
		}
		if err := keep(tx, b); err != nil {
			return err
		}
		if err := settleCredits(ctx, tx, old, side, by, now); err != nil {
			return err
		}
		return s.postCancelled(ctx, tx, b, now)
	})
	if err != nil {
		return b, fmt.Errorf("cancel: %w", err)
	}
	s.wake()
	return b, nil
}

// keepReason seals the words given for calling off in the enquiry lane of the
// person who gave them: the coach reads them, the other client does not.
func (s *Service) keepReason(ctx context.Context, tx *pg.Tx, b Booking, reason string) error {
	if reason == "" {
		return nil
	}
	lane, err := engagement.EnquiryLane(ctx, tx, s.Keys, b.PersonID, b.ChangedAt)
	if err != nil {
		return err
	}
	sealed, err := lane.Seal([]byte(reason), b.table(), "reason", string(b.ID))
	if err != nil {
		return err
	}
	// What was sealed in a lane that has been erased since stays there.
	query := `
		update booking set reason = $2, lane_id = $3,
			words = case when lane_id = $3 then words end, note = case when lane_id = $3 then note end
		where id = $1`
	if b.second {
		query = `
			update booking_guest set reason = $2, lane_id = $3, note = case when lane_id = $3 then note end
			where booking_id = $1`
	}
	if _, err := tx.Exec(ctx, query, b.ID, sealed, lane.ID); err != nil {
		return fmt.Errorf("keep reason: %w", err)
	}
	return nil
}
