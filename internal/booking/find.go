package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/token"
)

// shownFor is how long after the call a booking's page still shows its state.
const shownFor = 90 * 24 * time.Hour

// ErrNoBooking is the one answer for a link that was never made, was revoked or
// is too old.
var ErrNoBooking = fault.New(fault.NotFound,
	"This link opens nothing. It may have been replaced by a newer one, or the call was long ago. The newest letter about your call holds the right link.")

const selectBooking = `
	select ` + bookingColumns + bookingTables

const bookingColumns = `b.id, b.status, b.starts_at, b.ends_at, b.change, b.calendar_uid, b.generation,
	       b.timezone, b.name, b.phone, b.place, b.safe_to_email, b.repeated,
	       b.words is not null as has_words, b.note is not null and b.note_change = b.change as has_note, b.against,
	       coalesce(b.lane_id::text, '') as lane_id, b.ended_by, b.made_at, b.changed_at,
	       coalesce(b.expires_at, timestamptz '0001-01-01 00:00:00Z') as expires_at,
	       coalesce(b.accepted_at, timestamptz '0001-01-01 00:00:00Z') as accepted_at,
	       coalesce(b.moved_from, timestamptz '0001-01-01 00:00:00Z') as moved_from,
	       b.person_id, coalesce(p.email, '') as email,
	       b.coach_id, c.slug as coach_slug, cp.name as coach_name, coalesce(cp.email, '') as coach_email,
	       c.timezone as coach_timezone, c.active as coach_active, c.meeting_url,
	       b.type_id, t.slug as type_slug, t.name as type_name,
	       pr.name as practice_name, pr.discreet_name, pr.email as practice_email, pr.timezone as practice_timezone,
	       pr.ask_reason, b.credits, coalesce(b.free_until, timestamptz '0001-01-01 00:00:00Z') as free_until,
	       coalesce(b.engagement_id::text, '') as engagement_id, coalesce(b.known_lane_id::text, '') as known_lane_id,
	       coalesce((select l.kind = 'joint' from lane l where l.id = b.known_lane_id), false) as joint, b.generation as own_generation,
	       b.known_lane_id is not null and booking_gone(b.person_id, b.engagement_id, b.known_lane_id, b.ends_at) as gone,
	       coalesce(g.person_id::text, '') as "guest.person_id", coalesce((select o.email from person o where o.id = g.person_id), '') as "guest.email",
	       coalesce(g.name, '') as "guest.name", coalesce(g.timezone, '') as "guest.timezone",
	       coalesce(g.safe_to_email, false) as "guest.safe_to_email", coalesce(g.generation, 0) as "guest.generation",
	       coalesce(g.lane_id::text, '') as "guest.lane_id",
	       coalesce(g.note is not null and g.note_change = b.change, false) as "guest.has_note",
	       g.person_id is not null and booking_gone(g.person_id, b.engagement_id, b.known_lane_id, b.ends_at) as "guest.gone"`

// As few tables are joined as can be: from eight on the planner takes them in
// the order in which they are written.
const bookingTables = `
	from booking b
	join person p on p.id = b.person_id
	join coach c on c.person_id = b.coach_id
	join person cp on cp.id = c.person_id
	join appointment_type t on t.id = b.type_id
	left join booking_guest g on g.booking_id = b.id
	cross join practice pr`

// Find reads one booking.
func Find(ctx context.Context, q pg.Conn, id ID) (Booking, error) {
	return find(ctx, q, selectBooking+` where b.id = $1`, id)
}

// findForChange reads one booking and holds it until the transaction ends, so
// that two acts on it follow one another.
func findForChange(ctx context.Context, tx *pg.Tx, id ID) (Booking, error) {
	return find(ctx, tx, selectBooking+` where b.id = $1 for update of b`, id)
}

func find(ctx context.Context, q pg.Conn, query string, id ID) (Booking, error) {
	var b Booking
	err := q.Get(ctx, &b, query, id)
	if pg.NoRows(err) {
		return Booking{}, ErrNoBooking
	}
	if err != nil {
		return Booking{}, fmt.Errorf("find booking: %w", err)
	}
	return b.inUTC(), nil
}

// inUTC makes instants compare and print alike wherever they were read.
func (b Booking) inUTC() Booking {
	for _, t := range []*time.Time{&b.Start, &b.End, &b.MadeAt, &b.ChangedAt, &b.ExpiresAt, &b.AcceptedAt, &b.MovedFrom, &b.FreeUntil} {
		*t = t.UTC()
		if t.Year() <= 1 {
			*t = time.Time{}
		}
	}
	return b
}

// ByLink reads the booking that a link opens, as its owner sees it, and says
// whose link it is. The state is shown until 90 days after the call. The link
// of somebody who may not know of it any more opens nothing.
func (s *Service) ByLink(ctx context.Context, text string) (Booking, Party, error) {
	return s.byLink(ctx, token.Manage, text)
}

func (s *Service) byLink(ctx context.Context, purpose token.Purpose, text string) (Booking, Party, error) {
	link, ok := token.Peek(purpose, text)
	if !ok {
		return Booking{}, "", ErrNoBooking
	}
	b, err := Find(ctx, s.DB, ID(link.Object))
	if err != nil {
		return Booking{}, "", err
	}
	side := ByPerson
	if link.Recipient == string(b.CoachID) {
		side = ByCoach
	} else if own, known := b.As(people.ID(link.Recipient)); known {
		b = own
	} else {
		return Booking{}, "", ErrNoBooking
	}
	if !s.Links.Verify(text, b.linkOf(purpose, side)) || s.Now().After(b.End.Add(shownFor)) {
		return Booking{}, "", ErrNoBooking
	}
	if side == ByCoach && !b.CoachActive {
		return Booking{}, "", ErrNoBooking // the letters of somebody who left open nothing any more
	}
	if side == ByPerson {
		b = b.alone()
	}
	return b, side, nil
}
