package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
)

// How many weeks a series can have.
const (
	ShortestSeries = 2
	LongestSeries  = 12
)

// SeriesHour is one hour that was asked for in a series: booked, or why not.
type SeriesHour struct {
	Start   time.Time `json:"start"`
	Booking ID        `json:"booking,omitempty"` // empty: it was not booked
	Refused string    `json:"refused,omitempty"` // in a sentence
}

// SeriesStarts are the hours of a weekly series: the same time of day on the
// coach's clock, also over the nights when clocks change.
func SeriesStarts(first time.Time, weeks int, zone *time.Location) []time.Time {
	local := first.In(zone)
	year, month, day := local.Date()
	starts := make([]time.Time, weeks)
	for i := range starts {
		starts[i] = time.Date(year, month, day+7*i, local.Hour(), local.Minute(), 0, 0, zone).UTC()
	}
	if weeks > 0 {
		starts[0] = first.UTC() // of an hour that is there twice it is the one that was chosen
	}
	return starts
}

// BookSeries books the same hour on so many weeks for a client who is signed in,
// those that can be had, in one act: each by the rules that hold for a single
// one. What could not be booked is told by date with the reason; nothing is
// booked in its place. Sent again it answers the same.
//
// Errors: those of BookAs; Invalid with field weeks. When not one hour could be
// booked the list comes without an error and nothing is kept.
func (s *Service) BookSeries(ctx context.Context, c Client, r Session, timezone string, weeks int) ([]SeriesHour, error) {
	offer, err := s.OfferTo(ctx, c, r)
	if err != nil {
		return nil, err
	}
	if weeks < ShortestSeries || weeks > LongestSeries {
		return nil, fault.InvalidField("weeks", fmt.Sprintf("Choose from %d to %d weeks.", ShortestSeries, LongestSeries))
	}
	if r.Engagement == "" || len(offer.Coaches) != 1 {
		return nil, ErrNoType // a series is of a client with their own coach
	}
	r.For = c.ID
	if err := r.check(offer); err != nil {
		return nil, err
	}
	if _, err := Zone(timezone); err != nil {
		return nil, fault.InvalidField("timezone", fault.SayOf(err))
	}
	r.Key.Fingerprint = s.Links.Fingerprint("book series", string(c.ID), r.fingerprint()+fmt.Sprintf("\n%d", weeks))
	var hours []SeriesHour
	if done, err := once.Find(ctx, s.DB, r.Key, &hours); done || err != nil {
		return hours, err
	}
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		hours, err = s.seriesIn(ctx, tx, c, offer, r, timezone, weeks)
		return err
	})
	var none noneOf
	switch {
	case err == nil:
		s.wake()
	case errors.As(err, &none):
		return none, nil
	case once.IsRepeat(err):
		_, err = once.Find(ctx, s.DB, r.Key, &hours)
	default:
		err = s.refuse(ctx, offer, r.Start, "", err)
	}
	return hours, err
}

// noneOf ends the transaction of a series of which nothing could be booked.
type noneOf []SeriesHour

func (n noneOf) Error() string { return "no hour of the series can be booked" }

func (s *Service) seriesIn(ctx context.Context, tx *pg.Tx, c Client, offer availability.TypeOffer, r Session, timezone string, weeks int) ([]SeriesHour, error) {
	var hours []SeriesHour
	key, booked := r.Key, false
	r.Key = once.Key{} // it stands for the whole
	for _, start := range SeriesStarts(r.Start, weeks, practice.Zone(offer.Coaches[0].Timezone)) {
		r.Start = start
		h := SeriesHour{Start: start}
		b, err := s.bookAsIn(ctx, tx, c, offer, r, timezone)
		if err == nil {
			err = s.insertSession(ctx, tx, b, offer, r, c.actor(), b.MadeAt)
		}
		var u unfit
		switch {
		case err == nil:
			h.Booking, booked = b.ID, true
		case errors.As(err, &u):
			h.Refused = sayNotInSeries(u.reason)
		case fault.Is(err, credit.NoCredit):
			h.Refused = fault.SayOf(err)
		default:
			return nil, err
		}
		hours = append(hours, h)
	}
	if !booked {
		return nil, noneOf(hours)
	}
	return hours, once.Settle(ctx, tx, key, hours, s.Now())
}

// FindSeries gives what became of a series that was sent under a key, to the
// client who sent it; for everybody else there is none.
func (s *Service) FindSeries(ctx context.Context, q pg.Conn, key once.Key) ([]SeriesHour, error) {
	var hours []SeriesHour
	found, err := once.Find(ctx, q, key, &hours)
	if found && fault.Is(err, once.Mismatch) {
		err = nil // only what was sent differs from this question
	}
	if err == nil && !found {
		err = ErrNotHere
	}
	return hours, err
}

func sayNotInSeries(r slot.Reason) string {
	switch r {
	case slot.Past, slot.Notice:
		return "It is too soon to be booked."
	case slot.Horizon:
		return "It is further ahead than can be booked now."
	case slot.OffGrid:
		return "It is not one of the hours that can be booked."
	}
	return "It is taken."
}
