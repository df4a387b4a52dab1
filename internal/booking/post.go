package booking

import (
	"context"
	"time"

	"kintsugi/internal/mail"
	"kintsugi/internal/pg"
)

// The kinds of letters of this room. The ones to the coach end in "-coach".
const (
	letterConfirmed      = "call-confirmed"
	letterConfirmedCoach = "call-confirmed-coach"
	letterRequested      = "call-requested"
	letterRequestedCoach = "call-requested-coach"
	letterAccepted       = "call-accepted"
	letterAcceptedCoach  = "call-accepted-coach"
	letterDeclined       = "call-declined"
	letterDeclinedCoach  = "call-declined-coach"
	letterExpired        = "call-expired"
	letterExpiredCoach   = "call-expired-coach"
	letterMoved          = "call-moved"
	letterMovedCoach     = "call-moved-coach"
	letterAsked          = "call-move-requested"
	letterAskedCoach     = "call-move-requested-coach"
	letterCancelled      = "call-cancelled"
	letterCancelledCoach = "call-cancelled-coach"
	letterUnreached      = "call-unreached-coach"
)

// reminderKinds are the reminders of a practice in the order of its file; more
// than these would be nagging.
var reminderKinds = []string{"call-reminder-1", "call-reminder-2", "call-reminder-3", "call-reminder-4"}

// order asks for one letter about the booking as it stands now.
func (s *Service) order(b Booking, kind string, side Party) mail.Order {
	return mail.Order{Kind: kind, About: string(b.ID), Change: b.Change, Recipient: string(b.recipient(side))}
}

// stranger marks a letter that somebody who has proven nothing can cause.
func stranger(o mail.Order) mail.Order {
	o.Stranger = true
	return o
}

// postMade queues what follows a new booking: a word to both sides, and the
// reminders of a call that is promised.
func (s *Service) postMade(ctx context.Context, tx *pg.Tx, b Booking, reminders []time.Duration, now time.Time) error {
	if b.Status == Pending {
		return s.post(ctx, tx, b, now, stranger(s.order(b, letterRequested, ByPerson)), s.order(b, letterRequestedCoach, ByCoach))
	}
	orders := []mail.Order{stranger(s.order(b, letterConfirmed, ByPerson)), s.order(b, letterConfirmedCoach, ByCoach)}
	return s.post(ctx, tx, b, now, append(orders, s.reminders(b, reminders, now)...)...)
}

// postBookedFor queues what follows a booking made by the practice. Somebody
// who is known to it caused the letter, so it falls under no stranger's limit.
func (s *Service) postBookedFor(ctx context.Context, tx *pg.Tx, b Booking, reminders []time.Duration, now time.Time) error {
	orders := []mail.Order{s.order(b, letterConfirmed, ByPerson), s.order(b, letterConfirmedCoach, ByCoach)}
	return s.post(ctx, tx, b, now, append(orders, s.reminders(b, reminders, now)...)...)
}

// postAccepted queues what follows the coach's yes.
func (s *Service) postAccepted(ctx context.Context, tx *pg.Tx, b Booking, reminders []time.Duration, now time.Time) error {
	orders := []mail.Order{s.order(b, letterAccepted, ByPerson), s.order(b, letterAcceptedCoach, ByCoach)}
	return s.post(ctx, tx, b, now, append(orders, s.reminders(b, reminders, now)...)...)
}

// postMoved queues what follows a move, to both sides whoever moved it.
func (s *Service) postMoved(ctx context.Context, tx *pg.Tx, b Booking, reminders []time.Duration, now time.Time) error {
	if b.Status == Pending {
		return s.post(ctx, tx, b, now, s.order(b, letterAsked, ByPerson), s.order(b, letterAskedCoach, ByCoach))
	}
	orders := []mail.Order{s.order(b, letterMoved, ByPerson), s.order(b, letterMovedCoach, ByCoach)}
	return s.post(ctx, tx, b, now, append(orders, s.reminders(b, reminders, now)...)...)
}

// postCancelled queues what follows calling off, to both sides whoever did it.
func (s *Service) postCancelled(ctx context.Context, tx *pg.Tx, b Booking, now time.Time) error {
	return s.post(ctx, tx, b, now, s.order(b, letterCancelled, ByPerson), s.order(b, letterCancelledCoach, ByCoach))
}

// reminders are the letters before the call. One whose moment has already
// passed when the hour is promised is not sent at all.
func (s *Service) reminders(b Booking, before []time.Duration, now time.Time) []mail.Order {
	var orders []mail.Order
	for i, lead := range before {
		at := b.Start.Add(-lead)
		if i >= len(reminderKinds) || !at.After(now) {
			continue
		}
		o := stranger(s.order(b, reminderKinds[i], ByPerson))
		o.NotBefore = at
		orders = append(orders, o)
	}
	return orders
}

// post queues letters, leaving out those to a person who said that mail is not
// safe for them.
func (s *Service) post(ctx context.Context, tx *pg.Tx, b Booking, now time.Time, orders ...mail.Order) error {
	kept := orders[:0]
	for _, o := range orders {
		if b.SafeToEmail || o.Recipient != string(b.PersonID) {
			kept = append(kept, o)
		}
	}
	return mail.Post(ctx, tx, now, kept...)
}
