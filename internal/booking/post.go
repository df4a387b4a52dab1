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

// toClients asks for a letter to each client who may know of the booking, to
// their own address and with their own link. Whoever said that mail is not safe
// for them gets none; the other one's goes out all the same.
func (s *Service) toClients(b Booking, kind string) []mail.Order {
	var orders []mail.Order
	for _, own := range b.Clients() {
		if own.SafeToEmail {
			orders = append(orders, s.order(own, kind, ByPerson))
		}
	}
	return orders
}

// strangers marks letters that somebody who has proven nothing can cause.
func strangers(orders []mail.Order) []mail.Order {
	for i := range orders {
		orders[i].Stranger = true
	}
	return orders
}

// post queues what follows an act: a letter to each client and one to the
// coach, whoever did it, and the reminders of a call that is promised.
func (s *Service) post(ctx context.Context, tx *pg.Tx, b Booking, now time.Time, toClients, toCoach string, reminders ...mail.Order) error {
	orders := append(s.toClients(b, toClients), s.order(b, toCoach, ByCoach))
	return mail.Post(ctx, tx, now, append(orders, reminders...)...)
}

// postMade queues what follows a booking that somebody made who has proven
// nothing.
func (s *Service) postMade(ctx context.Context, tx *pg.Tx, b Booking, reminders []time.Duration, now time.Time) error {
	if b.Status == Pending {
		return mail.Post(ctx, tx, now, append(strangers(s.toClients(b, letterRequested)), s.order(b, letterRequestedCoach, ByCoach))...)
	}
	orders := append(strangers(s.toClients(b, letterConfirmed)), s.order(b, letterConfirmedCoach, ByCoach))
	return mail.Post(ctx, tx, now, append(orders, s.reminders(b, reminders, now)...)...)
}

// postKnown queues what follows a booking made by somebody who is signed in: by
// the practice, or by a client. It falls under no stranger's limit.
func (s *Service) postKnown(ctx context.Context, tx *pg.Tx, b Booking, reminders []time.Duration, now time.Time) error {
	if b.Status == Pending {
		return s.post(ctx, tx, b, now, letterRequested, letterRequestedCoach)
	}
	return s.post(ctx, tx, b, now, letterConfirmed, letterConfirmedCoach, s.reminders(b, reminders, now)...)
}

// postAccepted queues what follows the coach's yes.
func (s *Service) postAccepted(ctx context.Context, tx *pg.Tx, b Booking, reminders []time.Duration, now time.Time) error {
	return s.post(ctx, tx, b, now, letterAccepted, letterAcceptedCoach, s.reminders(b, reminders, now)...)
}

// postMoved queues what follows a move.
func (s *Service) postMoved(ctx context.Context, tx *pg.Tx, b Booking, reminders []time.Duration, now time.Time) error {
	if b.Status == Pending {
		return s.post(ctx, tx, b, now, letterAsked, letterAskedCoach)
	}
	return s.post(ctx, tx, b, now, letterMoved, letterMovedCoach, s.reminders(b, reminders, now)...)
}

// postCancelled queues what follows calling off.
func (s *Service) postCancelled(ctx context.Context, tx *pg.Tx, b Booking, now time.Time) error {
	return s.post(ctx, tx, b, now, letterCancelled, letterCancelledCoach)
}

// reminders are the letters before the call, to each client. One whose moment
// has already passed when the hour is promised is not sent at all.
func (s *Service) reminders(b Booking, before []time.Duration, now time.Time) []mail.Order {
	var orders []mail.Order
	for i, lead := range before {
		at := b.Start.Add(-lead)
		if i >= len(reminderKinds) || !at.After(now) {
			continue
		}
		for _, o := range s.toClients(b, reminderKinds[i]) {
			o.NotBefore, o.Stranger = at, b.Engagement == ""
			orders = append(orders, o)
		}
	}
	return orders
}
