package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/calendar"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/token"
)

// OwnFeed is where a client's calendar program subscribes to their own
// bookings, the joint ones and those that are theirs alone.
type OwnFeed struct {
	URL    string // empty: there is none, or it was revoked
	MadeAt time.Time
}

// FindFeed gives a client's feed.
func (s *Service) FindFeed(ctx context.Context, q pg.Conn, person people.ID) (OwnFeed, error) {
	generation, madeAt, err := feedOf(ctx, q, person)
	if err != nil || generation == 0 {
		return OwnFeed{}, err
	}
	return OwnFeed{URL: s.Site + "/feeds/" + s.Links.Make(ownFeedLink(person, generation)) + ".ics", MadeAt: madeAt}, nil
}

// OpenFeed makes a client's feed, under an address that was never used before.
// One that is there stays as it is.
func (s *Service) OpenFeed(ctx context.Context, tx *pg.Tx, person people.ID, now time.Time) error {
	rows, err := tx.Exec(ctx, `
		insert into client_feed (person_id, generation, made_at) values ($1, 1, $2)
		on conflict on constraint client_feed_pkey do update
		set generation = client_feed.generation + 1, made_at = excluded.made_at, revoked_at = null
		where client_feed.revoked_at is not null`, person, now.UTC())
	if err != nil {
		return fmt.Errorf("open feed: %w", err)
	}
	return recordFeed(ctx, tx, person, "calendar feed made", rows, now)
}

// CloseFeed revokes a client's feed: its address opens nothing any more.
func (s *Service) CloseFeed(ctx context.Context, tx *pg.Tx, person people.ID, now time.Time) error {
	rows, err := tx.Exec(ctx, `
		update client_feed set revoked_at = $2, generation = generation + 1
		where person_id = $1 and revoked_at is null`, person, now.UTC())
	if err != nil {
		return fmt.Errorf("close feed: %w", err)
	}
	return recordFeed(ctx, tx, person, "calendar feed revoked", rows, now)
}

func recordFeed(ctx context.Context, tx *pg.Tx, person people.ID, act string, rows int64, now time.Time) error {
	if rows == 0 {
		return nil
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.Person, ID: string(person)}, Act: act, About: string(person)})
}

// ownFeedLink is the link of a client's feed. Its purpose keeps it from opening
// a coach's, and the other way round.
func ownFeedLink(person people.ID, generation int) token.Link {
	return token.Link{Purpose: token.OwnFeed, Object: string(person), Recipient: string(person), Generation: generation}
}

// feedOf gives the generation of a feed that is open, and zero where there is none.
func feedOf(ctx context.Context, q pg.Conn, person people.ID) (int, time.Time, error) {
	var row struct {
		Generation int       `db:"generation"`
		MadeAt     time.Time `db:"made_at"`
	}
	err := q.Get(ctx, &row, `select generation, made_at from client_feed where person_id = $1 and revoked_at is null`, person)
	if pg.NoRows(err) {
		return 0, time.Time{}, nil
	}
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("find feed: %w", err)
	}
	return row.Generation, row.MadeAt.UTC(), nil
}

// ownFeed writes the calendar of a client: what they may know of now. A joint
// call of an engagement that they have left is in it no more.
func (s *Service) ownFeed(ctx context.Context, text string) ([]byte, error) {
	link, ok := token.Peek(token.OwnFeed, text)
	if !ok || link.Object != link.Recipient {
		return nil, ErrNoBooking
	}
	person := people.ID(link.Object)
	generation, _, err := feedOf(ctx, s.DB, person)
	if err != nil {
		return nil, err
	}
	if generation == 0 || !s.Links.Verify(text, ownFeedLink(person, generation)) {
		return nil, ErrNoBooking
	}
	found, err := (Client{ID: person, Strong: true}).list(ctx, s.DB, inFeed, s.Now().Add(-feedBack), s.Now().Add(-cancelledKept))
	if err != nil {
		return nil, err
	}
	return s.feedOfAll(ctx, found)
}

// inFeed is what a feed holds: what is promised or asked for, and for a while
// what was called off after it stood in a calendar. The query has from where as
// $2 and since when as $3.
const inFeed = ` and b.starts_at >= $2
		  and (b.status in ('held', 'pending', 'confirmed', 'completed', 'no_show')
		       or (b.changed_at >= $3 and b.accepted_at is not null))
		order by b.starts_at, b.id`

// feedOfAll writes some bookings as a calendar.
func (s *Service) feedOfAll(ctx context.Context, bookings []Booking) ([]byte, error) {
	name, events := "", make([]calendar.Event, 0, len(bookings))
	now := s.Now()
	for _, b := range bookings {
		if !b.Due(now) {
			events = append(events, b.event())
		}
		name = b.Discreet
	}
	if name == "" {
		if err := s.DB.Get(ctx, &name, `select discreet_name from practice`); err != nil {
			return nil, fmt.Errorf("feed: %w", err)
		}
	}
	return calendar.Feed(name, events)
}
