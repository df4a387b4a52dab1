package booking

import (
	"context"
	"errors"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// BookFor promises an hour to somebody on behalf of the practice: of any type,
// also one that is not public, confirmed at once, and against the rules that
// the viewer agrees to pass over. Where the person said earlier that mail is
// not safe for them, that holds here too.
//
// Errors: Invalid with fields; ErrNoType, ErrNoCoach; *AgainstRules; *Refused;
// slug idempotency-mismatch.
func (s *Service) BookFor(ctx context.Context, v Viewer, r Request, agreed []Rule) (Booking, error) {
	offer, err := s.OfferFor(ctx, v, r.Type, r.Coach)
	if err != nil {
		return Booking{}, err
	}
	r.PartnerName, r.PartnerEmail, r.Message = "", "", ""
	if err := r.check(offer); err != nil {
		return Booking{}, err
	}
	if r.Start.Second() != 0 || r.Start.Nanosecond() != 0 {
		return Booking{}, fault.InvalidField("start", "Choose a time in whole minutes.")
	}
	r.Key.Fingerprint = s.Links.Fingerprint("book for", string(v.ID), r.fingerprint())
	b, err := s.promise(ctx, offer, r.Key, r.Start, func(tx *pg.Tx) (Booking, error) {
		return s.bookForIn(ctx, tx, v, offer, r, agreed)
	})
	return v.shown(b), err
}

// promise carries out an act that books, once for its key, and words what
// stopped it.
func (s *Service) promise(ctx context.Context, offer availability.TypeOffer, key once.Key, start time.Time, act func(*pg.Tx) (Booking, error)) (Booking, error) {
	if earlier, found, err := s.settledBooking(ctx, key); found || err != nil {
		return earlier, err
	}
	var b Booking
	err := s.DB.InTx(ctx, func(tx *pg.Tx) (err error) {
		b, err = act(tx)
		return err
	})
	if err == nil {
		s.wake()
		return b, nil
	}
	if earlier, found, findErr := s.settledBooking(ctx, key); found || findErr != nil {
		return earlier, findErr
	}
	var against *AgainstRules
	if errors.As(err, &against) {
		return Booking{}, against
	}
	return Booking{}, s.refuse(ctx, offer, start, "", err)
}

func (s *Service) bookForIn(ctx context.Context, tx *pg.Tx, v Viewer, offer availability.TypeOffer, r Request, agreed []Rule) (Booking, error) {
	if err := lockCoaches(ctx, tx, offer); err != nil {
		return Booking{}, err
	}
	now := s.Now()
	against, err := s.admit(ctx, tx, offer, r.Start, now, "", agreed)
	if err != nil {
		return Booking{}, err
	}
	id, _, err := people.FindOrCreate(ctx, tx, r.Email, r.Name, r.Timezone, r.SafeToEmail, now)
	if err != nil {
		return Booking{}, err
	}
	known, err := people.Find(ctx, tx, id)
	if err != nil {
		return Booking{}, err
	}
	r.SafeToEmail = r.SafeToEmail && known.SafeToEmail
	// The coach who books decides; there is nobody to ask, and no second call
	// that would have to be remarked on.
	offer.Type.ApprovalMinutes, offer.Type.OncePerPerson = 0, false
	b := newBooking(offer, offer.Coaches[0], id, r, now)
	b.Against = JoinRules(against)
	if err := s.insert(ctx, tx, b, offer, r, v.actor(), now); err != nil {
		return Booking{}, err
	}
	return b, s.postKnown(ctx, tx, b, offer.Practice.RemindBefore(), now)
}

// OfferFor reads a type, public or not, narrowed to a coach for whom the viewer
// may book.
func (s *Service) OfferFor(ctx context.Context, v Viewer, typeSlug, coach string) (availability.TypeOffer, error) {
	if coach == "" {
		return availability.TypeOffer{}, ErrNoCoach
	}
	offer, err := s.typeOffer(ctx, typeSlug, coach, true)
	if err != nil {
		return availability.TypeOffer{}, err
	}
	if !v.everyone() && offer.Coaches[0].ID != v.ID {
		return availability.TypeOffer{}, ErrNoCoach
	}
	return offer, nil
}
