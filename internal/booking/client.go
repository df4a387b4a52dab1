package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/availability"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// Client is somebody signed in to the portal. A code from the inbox opens what
// both clients of an engagement know of; what is a client's own opens with their
// second proof, since the partner may hold the inbox.
type Client struct {
	ID     people.ID
	Strong bool // both proofs were given
}

// sees gives a booking as the client has it, if it is theirs to see now.
func (c Client) sees(b Booking) (Booking, bool) {
	own, known := b.As(c.ID)
	return own, known && (own.Joint || c.Strong)
}

func (c Client) actor() audit.Actor { return audit.Actor{Kind: audit.Person, ID: string(c.ID)} }

// FindAs gives a booking to one of its clients; for everybody else, and for
// what a session without the second proof must not open, there is none.
func (s *Service) FindAs(ctx context.Context, c Client, id ID) (Booking, error) {
	if !isUUID(string(id)) {
		return Booking{}, ErrNotHere
	}
	b, err := Find(ctx, s.DB, id)
	if err == ErrNoBooking {
		return Booking{}, ErrNotHere
	}
	own, seen := c.sees(b)
	if err == nil && !seen {
		err = ErrNotHere
	}
	return own.alone(), err
}

// Coming lists what a client has before them, the next hour first.
func (s *Service) Coming(ctx context.Context, q pg.Conn, c Client) ([]Booking, error) {
	now := s.Now()
	found, err := c.list(ctx, q, `
		  and b.ends_at > $2 and b.status in ('held', 'pending', 'confirmed') and (b.status <> 'pending' or b.expires_at > $2)
		order by b.starts_at, b.id
		limit 200`, now)
	return found, err
}

// Past lists what is over or was called off, the latest hour first, at most so
// many.
func (s *Service) Past(ctx context.Context, q pg.Conn, c Client, limit int) ([]Booking, error) {
	return c.list(ctx, q, `
		  and not (b.ends_at > $2 and b.status in ('held', 'pending', 'confirmed') and (b.status <> 'pending' or b.expires_at > $2))
		order by b.starts_at desc, b.id
		limit $3`, s.Now(), limit)
}

// OfClient lists every booking that a person may know of, as they have it, the
// latest hour first, for a copy of what is theirs.
func OfClient(ctx context.Context, q pg.Conn, person people.ID) ([]Booking, error) {
	return Client{ID: person, Strong: true}.list(ctx, q, ` order by b.starts_at desc, b.id`)
}

func (c Client) list(ctx context.Context, q pg.Conn, rest string, args ...any) ([]Booking, error) {
	where := ` where ` + ofPersons
	if !c.Strong {
		// Before anything is counted: how many there are of the others must not show.
		where += ` and exists (select from lane j where j.id = b.known_lane_id and j.kind = 'joint')`
	}
	found, err := list(ctx, q, where+rest, append([]any{people.IDs([]people.ID{c.ID})}, args...)...)
	var seen []Booking
	for _, b := range found {
		if own, may := c.sees(b); may {
			seen = append(seen, own.alone())
		}
	}
	return seen, err
}

// RescheduleAs is Reschedule by a client who is signed in.
func (s *Service) RescheduleAs(ctx context.Context, c Client, id ID, start time.Time, key once.Key) (Booking, error) {
	b, err := s.FindAs(ctx, c, id)
	if err != nil {
		return Booking{}, err
	}
	b, err = s.move(ctx, b, shift{start: start, side: ByPerson, by: c.actor(), key: key, take: takenAs(c, id)})
	return b.alone(), err
}

// CancelAs is Cancel by a client who is signed in.
func (s *Service) CancelAs(ctx context.Context, c Client, id ID, reason string) (Booking, error) {
	b, err := s.FindAs(ctx, c, id)
	if err != nil {
		return Booking{}, err
	}
	if reason, err = checkReason(reason); err != nil {
		return b, err
	}
	b, err = s.callOff(ctx, ByPerson, c.actor(), takenAs(c, id), func(tx *pg.Tx, b Booking) error {
		return s.keepReason(ctx, tx, b, reason)
	})
	return b.alone(), err
}

// takenAs reads a booking for a change by a client, who must still see it.
func takenAs(c Client, id ID) func(context.Context, *pg.Tx) (Booking, error) {
	return func(ctx context.Context, tx *pg.Tx) (Booking, error) {
		b, err := findForChange(ctx, tx, id)
		if err == nil {
			if own, seen := c.sees(b); seen {
				return own, nil
			}
			err = ErrNotHere
		}
		return Booking{}, err
	}
}

// The refusals to a client who books for themselves.
var (
	// ErrAlready is said to somebody who has proven who they are, and to nobody else.
	ErrAlready = fault.Named(fault.Conflict, "already-booked",
		"You have had or booked such a call already. It is meant to be had once; you find it among your calls.")
)

// OfferTo reads a type that a client may book by themselves: one that is open
// to everybody, for themselves; or one of the coach whose client they are, for
// whoever its lane says. A session that only they may know of needs both
// proofs. What is paid for in advance is booked with the own coach alone.
//
// Errors: ErrNoType, ErrNoCoach; engagement.ErrNothing.
func (s *Service) OfferTo(ctx context.Context, c Client, r Session) (availability.TypeOffer, error) {
	coach := r.Coach
	if r.Engagement != "" {
		e, err := engagement.FindForClient(ctx, s.DB, c.ID, r.Engagement)
		if err != nil {
			return availability.TypeOffer{}, err
		}
		if in, _ := e.Client(c.ID); in.Place != engagement.Accepted {
			return availability.TypeOffer{}, engagement.ErrNothing
		}
		coach = e.CoachSlug
	}
	offer, err := s.typeOffer(ctx, r.Type, coach, r.Engagement != "")
	switch {
	case err != nil:
		return availability.TypeOffer{}, err
	case offer.Type.Withdrawn, !c.Strong && !(r.Engagement != "" && offer.Type.Lane == practice.Joint), offer.Type.Credits > 0 && r.Engagement == "":
		return availability.TypeOffer{}, ErrNoType
	}
	return offer, nil
}

// BookAs promises an hour to a client who is signed in: by the rules that hold
// for everybody, and with the coach's word where the type needs it.
//
// Errors: those of OfferTo; ErrAlready; engagement.ErrEnded, ErrPaused; Invalid
// with fields start, phone, timezone; *Refused; those of credit.Spend, and then the
// hour stays free.
func (s *Service) BookAs(ctx context.Context, c Client, r Session, timezone string) (Booking, error) {
	offer, err := s.OfferTo(ctx, c, r)
	if err != nil {
		return Booking{}, err
	}
	r.For = c.ID
	if err := r.check(offer); err != nil {
		return Booking{}, err
	}
	if _, err := Zone(timezone); err != nil {
		return Booking{}, fault.InvalidField("timezone", fault.SayOf(err))
	}
	r.Key.Fingerprint = s.Links.Fingerprint("book as", string(c.ID), r.fingerprint())
	b, err := s.promise(ctx, offer, r.Key, r.Start, func(tx *pg.Tx) (Booking, error) {
		b, err := s.bookAsIn(ctx, tx, c, offer, r, timezone)
		if err != nil {
			return Booking{}, err
		}
		return b, s.insertSession(ctx, tx, b, offer, r, c.actor(), b.MadeAt)
	})
	b, _ = b.seat(c.ID)
	return b.alone(), err
}

// bookAsIn is the look of BookAs: lock, look, choose, seat.
func (s *Service) bookAsIn(ctx context.Context, tx *pg.Tx, c Client, offer availability.TypeOffer, r Session, timezone string) (Booking, error) {
	if err := lockCoaches(ctx, tx, offer); err != nil {
		return Booking{}, err
	}
	now := s.Now()
	if offer.Type.OncePerPerson {
		had, err := hasHad(ctx, tx, c.ID, string(offer.Type.ID))
		if err != nil {
			return Booking{}, err
		}
		if had {
			return Booking{}, ErrAlready
		}
	}
	coach, err := s.choose(ctx, tx, offer, r.Start, now, "")
	if err != nil {
		return Booking{}, err
	}
	if r.Engagement == "" {
		seat, err := seatOf(ctx, tx, c.ID, timezone)
		seat.Timezone = timezone
		return newBooking(offer, coach, c.ID, seat.request(r), now), err
	}
	b, err := s.seatSession(ctx, tx, offer, r, now)
	if err != nil {
		return Booking{}, err
	}
	own, is := b.seat(c.ID)
	if !is {
		return Booking{}, engagement.ErrNothing // they left while this waited
	}
	// Whoever books reads the hour on the clock that they chose it on, and sits
	// on the first seat, since the number is theirs.
	own.Timezone, own.Phone, own.second = timezone, r.Phone, false
	return own.paid(offer), nil
}

func hasHad(ctx context.Context, q pg.Conn, person people.ID, typeID string) (bool, error) {
	var had bool
	err := q.Get(ctx, &had, `
		select exists (
			select from booking b
			where `+ofPersons+` and b.type_id = $2 and b.status in ('held', 'pending', 'confirmed', 'completed', 'no_show'))`,
		people.IDs([]people.ID{person}), typeID)
	if err != nil {
		return false, fmt.Errorf("look for an earlier call: %w", err)
	}
	return had, nil
}
