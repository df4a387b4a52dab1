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
// see, as that person has them, the latest hour first, at most so many.
func OfPerson(ctx context.Context, q pg.Conn, v Viewer, records []people.ID, limit int) ([]Booking, error) {
	found, err := list(ctx, q, `
		where `+ofPersons+` and (cast($2 as boolean) or b.coach_id = $3)
		order by b.starts_at desc, b.id
		limit $4`, people.IDs(records), v.everyone(), v.ID, limit)
	for i, b := range found {
		for _, id := range records {
			if own, is := b.seat(id); is {
				found[i] = v.shown(own)
			}
		}
	}
	return found, err
}

// OpenIn opens what the person wrote with a booking that is seen as theirs,
// inside a transaction of the caller's; nothing of the other client's. Only the
// coach of the booking may, and the look is on record in the same transaction;
// for everybody else there is nothing.
func (s *Service) OpenIn(ctx context.Context, tx *pg.Tx, v Viewer, b Booking, now time.Time) (Words, error) {
	if b.LaneID == "" || b.CoachID != v.ID || v.Role == people.Assistant {
		return Words{}, nil
	}
	if err := recordLook(ctx, tx, b, v.actor(), now); err != nil {
		return Words{}, err
	}
	var out Words
	err := s.openOwn(ctx, tx, b, &out)
	return out, err
}

// Withdraw calls off what somebody who is nobody has booked on a record. No
// letter goes to them; the coach gets one, which takes the entry out of the
// coach's calendar. It gives how many hours are free again.
func (s *Service) Withdraw(ctx context.Context, tx *pg.Tx, v Viewer, record people.ID, now time.Time) (int, error) {
	open, err := list(ctx, tx, `
		where b.person_id = $1 and b.engagement_id is null and b.starts_at > $2 and b.status in ('held', 'pending', 'confirmed')
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
		if err := mail.Post(ctx, tx, now, s.order(b, letterCancelledCoach, ByCoach)); err != nil {
			return 0, err
		}
	}
	return len(open), nil
}

// ErrComing is the refusal to erase somebody whom a coach still expects.
var ErrComing = fault.New(fault.Conflict, "There is a call to come. Cancel it first, so that both sides know; then erase.")

// EraseOf deletes every booking on some records of a person, with their letters,
// what was written, and their calendar feed. Of a booking that the other client of an engagement
// knows of, what is of the person goes and the rest stays the other's. It
// refuses while a call is to come, unless the person has left it.
func EraseOf(ctx context.Context, tx *pg.Tx, records []people.ID, now time.Time) (int, error) {
	found, err := list(ctx, tx, ` where `+ofPersons+` order by b.id for update of b`, people.IDs(records))
	if err != nil {
		return 0, fmt.Errorf("erase bookings: %w", err)
	}
	var theirs, shared []ID
	for _, b := range found {
		for _, id := range records {
			own, is := b.seat(id)
			switch {
			case !is:
				continue
			case own.takesTime(now) && !own.Gone:
				return 0, ErrComing
			case own.Guest.ID != "":
				shared = append(shared, b.ID)
			default:
				theirs = append(theirs, b.ID)
			}
			break
		}
	}
	if err := leaveToGuest(ctx, tx, records, shared); err != nil {
		return 0, fmt.Errorf("erase bookings: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from client_feed where person_id = any ($1)`, people.IDs(records)); err != nil {
		return 0, fmt.Errorf("erase bookings: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from booking where id = any ($1)`, texts(theirs)); err != nil {
		return 0, fmt.Errorf("erase bookings: %w", err)
	}
	for _, id := range theirs {
		if err := mail.Forget(ctx, tx, string(id)); err != nil {
			return 0, err
		}
	}
	for _, id := range shared {
		for _, record := range records {
			if err := mail.ForgetTo(ctx, tx, string(id), string(record)); err != nil {
				return 0, err
			}
		}
	}
	return len(found), nil
}

// takesTime reports whether somebody still counts on the hour.
func (b Booking) takesTime(now time.Time) bool {
	return (b.Status == Held || b.Status == Confirmed || b.Status == Pending && !b.Due(now)) && now.Before(b.End)
}

// leaveToGuest takes a client out of bookings that the other one knows of too.
// The words between that client and the coach go with them; so do the coach's
// words to the one who moves to the first seat, which were about how it stood.
func leaveToGuest(ctx context.Context, tx *pg.Tx, records []people.ID, shared []ID) error {
	if len(shared) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `
		update booking b
		set person_id = g.person_id, name = g.name, timezone = g.timezone, safe_to_email = g.safe_to_email, generation = g.generation,
			phone = '', lane_id = null, words = null, reason = null, note = null, note_change = null
		from booking_guest g
		where g.booking_id = b.id and b.id = any ($1) and b.person_id = any ($2)`, texts(shared), people.IDs(records)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from booking_guest where booking_id = any ($1)`, texts(shared))
	return err
}

// texts are ids as the database takes them.
func texts(ids []ID) any {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return pg.Array(list)
}
