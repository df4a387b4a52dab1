package booking

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/calendar"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/token"
)

// What a coach's feed reaches back to, and for how long a call that was called
// off stays in it as such, so that every subscriber's calendar has time to hear
// of it.
const (
	feedBack      = 90 * 24 * time.Hour
	cancelledKept = 30 * 24 * time.Hour
)

// CoachFeedURL is the address under which a coach's calendar program subscribes
// to their whole schedule. Raising the coach's feed generation revokes it.
func (s *Service) CoachFeedURL(c people.Coach) string {
	link := token.Link{Purpose: token.Feed, Object: string(c.ID), Recipient: string(c.ID), Generation: c.FeedGeneration}
	return s.Site + "/feeds/" + s.Links.Make(link) + ".ics"
}

// Feed writes the calendar that a feed link opens: a coach's schedule, a
// client's own bookings, or one booking of a person. It names nobody and holds
// the discreet name only.
func (s *Service) Feed(ctx context.Context, text string) ([]byte, error) {
	link, ok := token.Peek(token.Feed, text)
	if !ok {
		return nil, ErrNoBooking
	}
	if link.Object == link.Recipient {
		body, err := s.coachFeed(ctx, link, text)
		if err == ErrNoBooking {
			return s.ownFeed(ctx, text)
		}
		return body, err
	}
	b, _, err := s.byLink(ctx, token.Feed, text)
	if err != nil {
		return nil, err
	}
	events := []calendar.Event{}
	if b.Status.Live() || s.Now().Before(b.ChangedAt.Add(cancelledKept)) {
		events = append(events, b.event())
	}
	return calendar.Feed(b.Discreet, events)
}

func (s *Service) coachFeed(ctx context.Context, link token.Link, text string) ([]byte, error) {
	coach, err := people.FindCoachByID(ctx, s.DB, people.ID(link.Object))
	if fault.KindOf(err) == fault.NotFound {
		return nil, ErrNoBooking
	}
	if err != nil {
		return nil, err
	}
	link.Generation = coach.FeedGeneration
	if !coach.Active || !s.Links.Verify(text, link) {
		return nil, ErrNoBooking
	}
	now := s.Now()
	bookings, err := list(ctx, s.DB, ` where b.coach_id = $1`+inFeed, coach.ID, now.Add(-feedBack), now.Add(-cancelledKept))
	if err != nil {
		return nil, err
	}
	return s.feedOfAll(ctx, bookings)
}

// list reads several bookings.
func list(ctx context.Context, q pg.Conn, where string, args ...any) ([]Booking, error) {
	var found []Booking
	if err := q.Select(ctx, &found, selectBooking+strings.TrimRight(where, " "), args...); err != nil {
		return nil, fmt.Errorf("list bookings: %w", err)
	}
	for i := range found {
		found[i] = found[i].inUTC()
	}
	return found, nil
}
