package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// OfPerson lists the bookings on some records of a person that the viewer may
// see, the latest hour first, at most so many.
func OfPerson(ctx context.Context, q pg.Conn, v Viewer, records []people.ID, limit int) ([]Booking, error) {
	found, err := list(ctx, q, `
		where b.person_id = any ($1) and (cast($2 as boolean) or b.coach_id = $3)
		order by b.starts_at desc, b.id
		limit $4`, people.IDs(records), v.everyone(), v.ID, limit)
	for i := range found {
		found[i] = v.shown(found[i])
	}
	return found, err
}

// OpenIn opens what the person wrote with a booking, inside a transaction of
// the caller's. Only the coach of the booking may, and the look is on record in
// the same transaction; for everybody else there is nothing.
func (s *Service) OpenIn(ctx context.Context, tx *pg.Tx, v Viewer, b Booking, now time.Time) (Words, error) {
	if b.LaneID == "" || b.CoachID != v.ID || v.Role == people.Assistant {
		return Words{}, nil
	}
	if err := recordLook(ctx, tx, b, v.actor(), now); err != nil {
		return Words{}, err
	}
	return s.openWords(ctx, tx, b)
}

// Withdraw calls off what somebody who is nobody has booked on a record. No
// letter goes to them; the coach gets one, which takes the entry out of the
// coach's calendar. It gives how many hours are free again.
func (s *Service) Withdraw(ctx context.Context, tx *pg.Tx, v Viewer, record people.ID, now time.Time) (int, error) {
	open, err := list(ctx, tx, `
		where b.person_id = $1 and b.starts_at > $2 and b.status in ('held', 'pending', 'confirmed')
		order by b.id
		for update of b`, record, now)
	if err != nil {
		return 0, err
	}
	for _, was := range open {
		b := was
		b.Status, b.EndedBy, b.ChangedAt = Cancelled, ByCoach, now
		b.Change++
		if err := write(ctx, tx, b, v.actor(), "booking cancelled", was); err != nil {
			return 0, err
		}
		if err := s.post(ctx, tx, b, now, s.order(b, letterCancelledCoach, ByCoach)); err != nil {
			return 0, err
		}
	}
	return len(open), nil
}

// ErrComing is the refusal to erase somebody whom a coach still expects.
var ErrComing = fault.New(fault.Conflict, "There is a call to come. Cancel it first, so that both sides know; then erase.")

// EraseOf deletes every booking on some records of a person, with their letters
// and what was written. It refuses while a call is to come.
func EraseOf(ctx context.Context, tx *pg.Tx, records []people.ID, now time.Time) (int, error) {
	var coming int
	if err := tx.Get(ctx, &coming, `
		select count(*) from booking
		where person_id = any ($1) and ends_at > $2
		  and (status in ('held', 'confirmed') or status = 'pending' and expires_at > $2)`, people.IDs(records), now); err != nil {
		return 0, fmt.Errorf("erase bookings: %w", err)
	}
	if coming > 0 {
		return 0, ErrComing
	}
	var gone []string
	if err := tx.Select(ctx, &gone, `delete from booking where person_id = any ($1) returning id`, people.IDs(records)); err != nil {
		return 0, fmt.Errorf("erase bookings: %w", err)
	}
	for _, id := range gone {
		if err := mail.Forget(ctx, tx, id); err != nil {
			return 0, err
		}
	}
	return len(gone), nil
}
