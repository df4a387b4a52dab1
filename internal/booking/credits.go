package booking

import (
	"context"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/availability"
	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// TooLate is the slug of the refusal to move a booking after FreeUntil.
const TooLate = "too-late"

// paid makes the booking one that uses sessions, where its type asks for some,
// and fixes until when it is free to change.
func (b Booking) paid(offer availability.TypeOffer) Booking {
	if b.Credits = offer.Type.Credits; b.Credits > 0 {
		b.FreeUntil = credit.FreeUntil(b.Start, offer.Practice.CancelNotice(), offer.Practice.Zone())
	}
	return b
}

// late reports whether the client would lose the sessions by calling off now.
// What was only asked for can always be taken back.
func (b Booking) late(now time.Time) bool {
	return b.Credits > 0 && !b.AcceptedAt.IsZero() && now.After(b.FreeUntil)
}

// lateMove is the refusal of a move after the time for it.
func lateMove(b Booking) error {
	return fault.Named(fault.Conflict, TooLate, "It could be moved until "+civil.WhenExact(b.FreeUntil, practice.Zone(b.Timezone))+
		", and that has passed. It stands as it is. If something has come up, write to your coach, who can still move it.")
}

// spend uses the sessions of a booking in its own transaction: those of the
// engagement for a joint one, those of the client for any other.
func spend(ctx context.Context, tx *pg.Tx, b Booking, offer availability.TypeOffer, by audit.Actor, now time.Time) error {
	if b.Credits == 0 {
		return nil
	}
	return credit.Spend(ctx, tx, credit.SpendOf{Holder: credit.HolderFor(offer.Type.Lane, b.Engagement, b.PersonID), Type: offer.Type.Slug,
		StartsAt: b.Start, Credits: b.Credits, Booking: credit.BookingID(b.ID), By: by}, now)
}

// settleCredits does with the sessions of a booking that was called off what
// was said when it was booked.
func settleCredits(ctx context.Context, tx *pg.Tx, was Booking, side Party, by audit.Actor, now time.Time) error {
	switch {
	case was.Credits == 0:
		return nil
	case side != ByPerson:
		return returnCredits(ctx, tx, was, credit.ByCoach, by, now)
	case was.late(now):
		return credit.Forfeit(ctx, tx, credit.BookingID(was.ID), credit.Late, by, now)
	}
	_, err := credit.GiveBack(ctx, tx, credit.BookingID(was.ID), credit.InTime, by, now)
	return err
}

// returnCredits gives the sessions back where it was not the client who called
// off, to last for a while yet.
func returnCredits(ctx context.Context, tx *pg.Tx, b Booking, reason string, by audit.Actor, now time.Time) error {
	if b.Credits == 0 {
		return nil
	}
	_, err := credit.GiveBackLasting(ctx, tx, credit.BookingID(b.ID), reason, by, now)
	return err
}

func moveCredits(ctx context.Context, tx *pg.Tx, b Booking, to shift, now time.Time) error {
	if b.Credits == 0 {
		return nil
	}
	return credit.Move(ctx, tx, credit.MoveOf{Booking: credit.BookingID(b.ID), Type: b.TypeSlug, StartsAt: b.Start, By: to.by, Prolong: to.side == ByCoach}, now)
}

// markCredits says of the sessions what was said of the call: they are lost
// when nobody came, and not lost when that was an error.
func markCredits(ctx context.Context, tx *pg.Tx, b Booking, by audit.Actor, now time.Time) error {
	switch {
	case b.Credits == 0:
		return nil
	case b.Status == NoShow:
		return credit.Forfeit(ctx, tx, credit.BookingID(b.ID), credit.Missed, by, now)
	}
	return credit.TakeBackForfeit(ctx, tx, credit.BookingID(b.ID), by, now)
}

// ReturnCredits gives the sessions of a call that is over or was called off
// back by the word of its coach, whatever the rule said.
//
// Errors: ErrNotHere; Invalid with field reason; Conflict when there is nothing
// to give back.
func (s *Service) ReturnCredits(ctx context.Context, v Viewer, id ID, reason string) error {
	return s.DB.InTx(ctx, func(tx *pg.Tx) error {
		b, err := takeFor(ctx, tx, v, id)
		if err != nil {
			return err
		}
		now := s.Now()
		if b.CoachID != v.ID || v.Role == people.Assistant {
			return ErrNotHere
		}
		if b.Credits == 0 || b.Open(now) || b.Status == Confirmed {
			return errNothingBack
		}
		n, err := credit.GiveBackBy(ctx, tx, s.Keys, credit.BookingID(b.ID), reason, v.actor(), now)
		if err == nil && n == 0 {
			err = errNothingBack
		}
		return err
	})
}

var errNothingBack = fault.New(fault.Conflict, "There is no session to give back for this call. The page shows how it stands.")
