package booking

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kintsugi/internal/availability"
	"kintsugi/internal/fault"
	"kintsugi/internal/slot"
)

// OfferQuery asks what can be booked.
type OfferQuery struct {
	Type     string // slug
	Coach    string // slug; empty for all coaches of the type
	From, To time.Time
	Private  bool // also types that cannot be booked without an account
}

// Offered is what can be booked, and of what.
type Offered struct {
	availability.TypeOffer
	Slots []slot.Slot
}

// ErrNoType is the answer for a type that does not exist or is not for everyone.
var ErrNoType = fault.New(fault.NotFound, "There is no such kind of appointment here.")

// ErrNoCoach is the answer for a coach who does not offer the type.
var ErrNoCoach = fault.New(fault.NotFound, "There is no such coach for this kind of appointment.")

// Offer lists the starts from From until To that can be booked now. What it
// lists can be booked, and nothing else can: Book asks the same function.
func (s *Service) Offer(ctx context.Context, q OfferQuery) (Offered, error) {
	offer, err := s.typeOffer(ctx, q.Type, q.Coach, q.Private)
	if err != nil {
		return Offered{}, err
	}
	slots, err := s.OfferOf(ctx, offer, q.From, q.To)
	return Offered{TypeOffer: offer, Slots: slots}, err
}

// OfferOf lists starts of a type that has been read before, in one statement.
func (s *Service) OfferOf(ctx context.Context, offer availability.TypeOffer, from, to time.Time) ([]slot.Slot, error) {
	return s.offerMoving(ctx, offer, from, to, "")
}

func (s *Service) offerMoving(ctx context.Context, offer availability.TypeOffer, from, to time.Time, moving ID) ([]slot.Slot, error) {
	sq := slot.Query{From: from, To: to, Now: s.Now(), Moving: string(moving)}
	cal, err := gather(ctx, s.DB, offer, sq)
	if err != nil {
		return nil, err
	}
	return slot.Offer(offer.Type.Rules(), cal.coaches, sq), nil
}

// OfferMove lists the starts that a booking can be moved to: with its own
// coach, and it does not stand in its own way.
func (s *Service) OfferMove(ctx context.Context, b Booking, from, to time.Time) (Offered, error) {
	offer, err := s.MoveOffer(ctx, b)
	if err != nil {
		return Offered{}, err
	}
	slots, err := s.OfferMoveOf(ctx, offer, b, from, to)
	return Offered{TypeOffer: offer, Slots: slots}, err
}

// MoveOffer reads the type of a booking with its own coach and their hours.
func (s *Service) MoveOffer(ctx context.Context, b Booking) (availability.TypeOffer, error) {
	return s.bookedOffer(ctx, b)
}

// OfferMoveOf is OfferMove of an offer that has been read before, in one
// statement.
func (s *Service) OfferMoveOf(ctx context.Context, offer availability.TypeOffer, b Booking, from, to time.Time) ([]slot.Slot, error) {
	return s.offerMoving(ctx, offer, from, to, b.ID)
}

// TypeOffer reads a public type with its coaches and hours, narrowed to one
// coach when one is named.
func (s *Service) TypeOffer(ctx context.Context, typeSlug, coach string) (availability.TypeOffer, error) {
	return s.typeOffer(ctx, typeSlug, coach, false)
}

// typeOffer reads a type with its coaches and hours, narrowed to one coach when
// one is named.
func (s *Service) typeOffer(ctx context.Context, typeSlug, coach string, private bool) (availability.TypeOffer, error) {
	if !utf8.ValidString(typeSlug) || strings.ContainsRune(typeSlug, 0) {
		return availability.TypeOffer{}, ErrNoType // the database takes neither
	}
	// A call that was booked can still be moved after its type was withdrawn.
	read := availability.ForType
	if private {
		read = availability.ForBooked
	}
	offer, err := read(ctx, s.DB, typeSlug)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return availability.TypeOffer{}, ErrNoType
		}
		return availability.TypeOffer{}, err
	}
	if !offer.Type.Public && !private {
		return availability.TypeOffer{}, ErrNoType
	}
	if coach == "" {
		return offer, nil
	}
	c, ok := offer.Coach(coach)
	if !ok {
		return availability.TypeOffer{}, ErrNoCoach
	}
	offer.Coaches = []availability.Bookable{c}
	return offer, nil
}

// bookedOffer reads the type of a booking, also one that is not offered any
// more, narrowed to the booking's coach.
func (s *Service) bookedOffer(ctx context.Context, b Booking) (availability.TypeOffer, error) {
	offer, err := availability.ForBooked(ctx, s.DB, b.TypeSlug)
	if err != nil {
		return availability.TypeOffer{}, err
	}
	c, ok := offer.Coach(b.CoachSlug)
	if !ok {
		return availability.TypeOffer{}, ErrNoCoach
	}
	offer.Coaches = []availability.Bookable{c}
	return offer, nil
}

// alternatives are how many other times are named when one was just taken.
const alternatives = 3

// nearest lists up to three starts that can be booked, nearest in time to the
// one that could not.
func (s *Service) nearest(ctx context.Context, offer availability.TypeOffer, wanted time.Time, moving ID) ([]slot.Slot, error) {
	week := 7 * 24 * time.Hour
	slots, err := s.offerMoving(ctx, offer, wanted.Add(-week), wanted.Add(week), moving)
	if err != nil {
		return nil, err
	}
	if len(slots) < alternatives {
		now := s.Now()
		if slots, err = s.offerMoving(ctx, offer, now, now.Add(horizonOf(offer)), moving); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(slots, func(a, b slot.Slot) int {
		return int(a.Start.Sub(wanted).Abs()/time.Second) - int(b.Start.Sub(wanted).Abs()/time.Second)
	})
	return slots[:min(len(slots), alternatives)], nil
}

// horizonOf is how far ahead the type opens, with a day to spare for zones.
func horizonOf(offer availability.TypeOffer) time.Duration {
	return time.Duration(offer.Type.Rules().HorizonDays+2) * 24 * time.Hour
}

// NextFree finds the first start at or after from, or the zero time. It looks
// to the end of what the type opens.
func (s *Service) NextFree(ctx context.Context, offer availability.TypeOffer, from time.Time) (time.Time, error) {
	now := s.Now()
	end := now.Add(horizonOf(offer))
	if from.Before(now) {
		from = now
	}
	if !from.Before(end) {
		return time.Time{}, nil
	}
	slots, err := s.OfferOf(ctx, offer, from, end)
	if err != nil || len(slots) == 0 {
		return time.Time{}, err
	}
	return slots[0].Start, nil
}
