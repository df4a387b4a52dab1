package booking

import (
	"context"
	"fmt"
	"strings"
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

// Session is what somebody asks for who books an hour of an engagement. The
// lane of the type says for whom it is: a joint one for both clients, any other
// for one of them, of whose hour the partner finds nothing anywhere, except that
// it is not offered.
type Session struct {
	Type, Coach string // slugs
	Start       time.Time
	Engagement  engagement.ID
	For         people.ID // whose hour it is; not looked at for a joint type
	Phone       string    // where the place asks for a number
	Use         bool      // of whoever books for them: with sessions that they have

	Key once.Key // its fingerprint is set here
}

// BookSession promises an hour of an engagement on behalf of the practice, with
// the engagement's own coach: confirmed at once, and against the rules that the
// viewer agrees to pass over.
//
// Errors: engagement.ErrNothing, ErrEnded, ErrPaused; ErrNoType, ErrNoCoach;
// Invalid with fields for, start, phone; *AgainstRules; *Refused; those of credit.Spend.
func (s *Service) BookSession(ctx context.Context, v Viewer, r Session, agreed []Rule) (Booking, error) {
	e, err := engagement.Find(ctx, s.DB, people.Coach{ID: v.ID, Role: v.Role}, r.Engagement)
	if err != nil {
		return Booking{}, err
	}
	offer, err := s.OfferFor(ctx, v, r.Type, r.Coach)
	if err != nil {
		return Booking{}, err
	}
	if offer.Coaches[0].ID != e.CoachID {
		return Booking{}, ErrNoCoach
	}
	if err := r.check(offer); err != nil {
		return Booking{}, err
	}
	// The coach who books decides; there is nobody to ask.
	offer.Type.ApprovalMinutes, offer.Type.OncePerPerson = 0, false
	r.Key.Fingerprint = s.Links.Fingerprint("book session", string(v.ID), r.fingerprint())
	b, err := s.promise(ctx, offer, r.Key, r.Start, func(tx *pg.Tx) (Booking, error) {
		if err := lockCoaches(ctx, tx, offer); err != nil {
			return Booking{}, err
		}
		now := s.Now()
		b, err := s.seatSession(ctx, tx, offer, r, now)
		if err != nil {
			return Booking{}, err
		}
		against, err := s.admit(ctx, tx, offer, r.Start, now, "", agreed)
		if err != nil {
			return Booking{}, err
		}
		b.Against = JoinRules(against)
		if r.Use {
			b = b.paid(offer)
		}
		return b, s.insertSession(ctx, tx, b, offer, r, v.actor(), now)
	})
	return v.shown(b), err
}

// check complains about what was asked for, whoever asks.
func (r *Session) check(offer availability.TypeOffer) error {
	var bad []fault.Field
	if r.Start.IsZero() {
		bad = append(bad, fault.Field{Name: "start", Say: "Choose a time."})
	} else if r.Start.Second() != 0 || r.Start.Nanosecond() != 0 {
		bad = append(bad, fault.Field{Name: "start", Say: "Choose a time in whole minutes."})
	}
	if r.Phone = strings.TrimSpace(r.Phone); offer.Type.Place != practice.Phone {
		r.Phone = ""
	} else if !isPhone(r.Phone) {
		bad = append(bad, fault.Field{Name: "phone", Say: "Write the number to call, with its country code, like +44 20 7946 0000."})
	}
	if offer.Type.Lane == practice.Joint {
		r.For = ""
	} else if r.Engagement != "" && !isUUID(string(r.For)) {
		bad = append(bad, fault.Field{Name: "for", Say: "Choose for whom the hour is."})
	}
	if len(bad) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Slug: "invalid", Say: "Some answers need a change. Nothing you typed is lost.", Fields: bad}
}

// fingerprint is what two copies of one request have in common.
func (r Session) fingerprint() string {
	return strings.Join([]string{r.Type, r.Coach, r.Start.UTC().Format(time.RFC3339), string(r.Engagement), string(r.For), r.Phone, fmt.Sprint(r.Use)}, "\n")
}

// seatSession makes the booking of a session for the clients it is for, each
// with their own clock and their own contact safety as it stands now.
func (s *Service) seatSession(ctx context.Context, tx *pg.Tx, offer availability.TypeOffer, r Session, now time.Time) (Booking, error) {
	coach := offer.Coaches[0]
	hour, err := engagement.Hold(ctx, tx, coach.ID, r.Engagement, r.For)
	if err != nil {
		return Booking{}, err
	}
	var seats []Guest
	for _, c := range hour.Clients {
		seat, err := seatOf(ctx, tx, c.Person, coach.Timezone)
		if err != nil {
			return Booking{}, err
		}
		seats = append(seats, seat)
	}
	b := newBooking(offer, coach, seats[0].ID, seats[0].request(r), now)
	b.Engagement, b.KnownLane, b.Joint = hour.Engagement, hour.Lane, len(seats) == 2
	if b.Joint {
		b.Guest = seats[1]
	}
	return b, nil
}

// seatOf is what a booking keeps of a client: their name and clock, and whether
// they may be written to, as the latest word on it says.
func seatOf(ctx context.Context, q pg.Conn, id people.ID, otherwise string) (Guest, error) {
	p, err := people.Find(ctx, q, id)
	if err != nil {
		return Guest{}, err
	}
	history, err := people.ContactHistory(ctx, q, p)
	if err != nil {
		return Guest{}, err
	}
	zone := p.Timezone
	if _, err := Zone(zone); err != nil {
		zone = otherwise
	}
	return Guest{ID: p.ID, Name: p.Name, Email: p.Email, Timezone: zone, SafeToEmail: history[0].MayEmail == people.Yes && p.Email != "", Generation: 1}, nil
}

// request is a session asked for by this client, as newBooking takes it.
func (g Guest) request(r Session) Request {
	return Request{Start: r.Start, Timezone: g.Timezone, Name: g.Name, Email: g.Email, Phone: r.Phone, SafeToEmail: g.SafeToEmail}
}

func (s *Service) insertSession(ctx context.Context, tx *pg.Tx, b Booking, offer availability.TypeOffer, r Session, by audit.Actor, now time.Time) error {
	// First what can be refused without anything having been written.
	if err := spend(ctx, tx, b, offer, by, now); err != nil {
		return err
	}
	if err := s.insert(ctx, tx, b, offer, Request{Key: r.Key}, by, now); err != nil {
		return err
	}
	if err := s.promised(ctx, tx, b, now); err != nil {
		return err
	}
	return s.postKnown(ctx, tx, b, offer.Practice.RemindBefore(), now)
}

// OfEngagement lists the bookings of an engagement as far as the viewer may see
// them, the latest hour first, at most so many.
func OfEngagement(ctx context.Context, q pg.Conn, v Viewer, id engagement.ID, limit int) ([]Booking, error) {
	if !isUUID(string(id)) {
		return nil, engagement.ErrNothing
	}
	found, err := list(ctx, q, `
		where b.engagement_id = $1 and (cast($2 as boolean) or b.coach_id = $3)
		order by b.starts_at desc, b.id
		limit $4`, id, v.everyone(), v.ID, limit)
	for i := range found {
		found[i] = v.shown(found[i])
	}
	return found, err
}

// KeepFor makes a joint booking that one of two clients has left the other
// one's own. Nothing changes for that client, who is told nothing; whoever left
// does not come back to it, and is told nothing either.
//
// Errors: ErrNotHere; slug booking-closed when nobody has left it or it is over.
func (s *Service) KeepFor(ctx context.Context, v Viewer, id ID) (Booking, error) {
	var kept Booking
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		b, err := takeFor(ctx, tx, v, id)
		if err != nil {
			return err
		}
		stays := b.Clients()
		now := s.Now()
		if !b.Joint || b.Guest.ID == "" && !b.Gone {
			kept = b
			return nil // it is one client's already
		}
		if len(b.Departed()) != 1 || len(stays) != 1 || !b.Open(now) {
			return errClosed
		}
		kept = stays[0]
		note, err := s.Note(ctx, tx, kept)
		if err != nil {
			return err
		}
		if err := tx.Get(ctx, &kept.KnownLane, `
			select id from lane
			where engagement_id = $1 and kind = 'individual' and person_id = $2
			order by closed_at desc nulls first, id
			limit 1`, kept.Engagement, kept.PersonID); err != nil {
			return fmt.Errorf("keep for one: %w", err)
		}
		if err := leaveToGuest(ctx, tx, []people.ID{kept.Guest.ID}, []ID{id}); err != nil {
			return fmt.Errorf("keep for one: %w", err)
		}
		if _, err := tx.Exec(ctx, `update booking set known_lane_id = $2 where id = $1`, id, kept.KnownLane); err != nil {
			return fmt.Errorf("keep for one: %w", err)
		}
		kept.second, kept.Joint, kept.Guest = false, false, Guest{}
		if err := s.keepNote(ctx, tx, kept, note); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: v.actor(), Act: "booking kept for one", About: string(id)})
	})
	return v.shown(kept), err
}
