package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Viewer is somebody of the practice, signed in at the desk. A coach sees their
// own bookings; the owner and an assistant see those of all coaches. Of what a
// person wrote only the coach of the booking sees anything.
type Viewer struct {
	ID   people.ID
	Role people.Role
}

// everyone reports whether the viewer sees the bookings of all coaches.
func (v Viewer) everyone() bool { return v.Role == people.Owner || v.Role == people.Assistant }

func (v Viewer) actor() audit.Actor { return audit.Actor{Kind: audit.Coach, ID: string(v.ID)} }

// shown takes from a booking what the viewer's role does not see: an assistant
// sees the hour, the name and how it stands.
func (v Viewer) shown(b Booking) Booking {
	if v.Role == people.Assistant {
		b.Email, b.Phone, b.MeetingURL, b.LaneID, b.HasWords, b.HasNote = "", "", "", "", false, false
		b.Guest.Email, b.Guest.LaneID, b.Guest.HasNote = "", "", false
	}
	return b
}

// ErrNotHere is the one answer for a booking that does not exist and for one
// that is not the viewer's.
var ErrNotHere = fault.New(fault.NotFound, "There is no such booking here.")

// FindFor gives a booking that the viewer may see.
func (s *Service) FindFor(ctx context.Context, v Viewer, id ID) (Booking, error) {
	b, err := findFor(ctx, s.DB, v, id, "")
	return v.shown(b), err
}

// Seen tells which of some bookings the viewer may see.
func (s *Service) Seen(ctx context.Context, v Viewer, ids []ID) (map[ID]bool, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	var found []ID
	if err := s.DB.Select(ctx, &found, `
		select b.id from booking b where b.id = any (cast($1 as uuid[])) and (cast($2 as boolean) or b.coach_id = $3) order by b.id`, pg.Array(texts), v.everyone(), v.ID); err != nil {
		return nil, fmt.Errorf("see bookings: %w", err)
	}
	seen := map[ID]bool{}
	for _, id := range found {
		seen[id] = true
	}
	return seen, nil
}

// takeFor is FindFor inside a change: the booking is held until it ends.
func takeFor(ctx context.Context, tx *pg.Tx, v Viewer, id ID) (Booking, error) {
	return findFor(ctx, tx, v, id, ` for update of b`)
}

func findFor(ctx context.Context, q pg.Conn, v Viewer, id ID, suffix string) (Booking, error) {
	if !isUUID(string(id)) {
		return Booking{}, ErrNotHere
	}
	var b Booking
	err := q.Get(ctx, &b, selectBooking+`
		where b.id = $1 and (cast($2 as boolean) or b.coach_id = $3)`+suffix, id, v.everyone(), v.ID)
	if pg.NoRows(err) {
		return Booking{}, ErrNotHere
	}
	if err != nil {
		return Booking{}, fmt.Errorf("find booking: %w", err)
	}
	return b.inUTC(), nil
}

// isUUID reports whether a text is an id as the database takes it.
func isUUID(text string) bool { return len(text) == 36 && uuid.Validate(text) == nil }

// Schedule lists, in one statement, the bookings of some coaches that take time
// between two instants, earliest first.
func (s *Service) Schedule(ctx context.Context, v Viewer, coaches []people.ID, from, to time.Time) ([]Booking, error) {
	found, err := s.listFor(ctx, v, coaches, `
		  and b.starts_at > cast($4 as timestamptz) - interval '1 day' and b.starts_at < $5 and b.ends_at > $4
		  and b.status in ('held', 'pending', 'confirmed', 'completed', 'no_show')
		  and (b.status <> 'pending' or b.expires_at > $6)
		order by b.starts_at, b.id`, from, to, s.Now())
	return found, err
}

// Requests lists what waits for a coach's answer, the most pressing first.
func (s *Service) Requests(ctx context.Context, v Viewer, coaches []people.ID) ([]Booking, error) {
	return s.listFor(ctx, v, coaches, `
		  and b.status = 'pending' and b.expires_at > $4
		order by b.expires_at, b.id
		limit 100`, s.Now())
}

// News lists what was booked, moved or called off since an instant, the latest
// first.
func (s *Service) News(ctx context.Context, v Viewer, coaches []people.ID, since time.Time) ([]Booking, error) {
	return s.listFor(ctx, v, coaches, `
		  and b.changed_at >= $4 and b.status in ('confirmed', 'cancelled', 'expired')
		order by b.changed_at desc, b.id
		limit 100`, since)
}

// unmarkedFor is how long a call that is over is asked about.
const unmarkedFor = 14 * 24 * time.Hour

// Unmarked lists calls that are over and of which nobody has said whether they
// took place.
func (s *Service) Unmarked(ctx context.Context, v Viewer, coaches []people.ID) ([]Booking, error) {
	now := s.Now()
	return s.listFor(ctx, v, coaches, `
		  and b.starts_at >= $4 and b.starts_at < $5 and b.ends_at <= $5 and b.status = 'confirmed'
		order by b.starts_at, b.id
		limit 100`, now.Add(-unmarkedFor), now)
}

// Unarrived lists the bookings that are not long over and of which a letter to a
// client could not be delivered, each as that client has it. One that neither of
// two could be told of is listed twice.
func (s *Service) Unarrived(ctx context.Context, v Viewer, coaches []people.ID) ([]Booking, error) {
	now := s.Now()
	var rows []struct {
		Booking
		To people.ID `db:"to"`
	}
	// From the coach's calls to their letters, never from every letter of the
	// practice to its call.
	err := s.DB.Select(ctx, &rows, `
		with mine as materialized (
			select m.id, m.person_id
			from booking m
			where m.coach_id = any ($1) and (cast($2 as boolean) or m.coach_id = $3)
			  and m.starts_at >= cast($5 as timestamptz) - interval '1 day' and m.ends_at >= $5
		), lost as (
			select distinct m.id, l.recipient
			from mine m
			left join booking_guest o on o.booking_id = m.id
			join letter l on l.about = m.id and l.recipient in (m.person_id, o.person_id)
			where l.status in ('failed', 'bounced') and l.made_at >= $4
		)
		select lost.recipient as "to", `+bookingColumns+bookingTables+`
		join lost on lost.id = b.id
		order by b.starts_at, b.id, lost.recipient
		limit 50`, people.IDs(coaches), v.everyone(), v.ID, now.AddDate(0, 0, -60), now.AddDate(0, 0, -2))
	if err != nil {
		return nil, fmt.Errorf("list bookings: %w", err)
	}
	found := make([]Booking, 0, len(rows))
	for _, row := range rows {
		b, _ := row.inUTC().seat(row.To)
		found = append(found, v.shown(b.alone()))
	}
	return found, nil
}

// Deserted lists the joint bookings to come of which a client has left. They
// stand, and take the hour, until the coach decides what becomes of them.
func (s *Service) Deserted(ctx context.Context, v Viewer, coaches []people.ID) ([]Booking, error) {
	found, err := s.listFor(ctx, v, coaches, `
		  and b.starts_at > $4 and b.status in ('held', 'pending', 'confirmed')
		  and exists (select from lane l where l.id = b.known_lane_id and l.kind = 'joint' and l.closed_at is not null)
		order by b.starts_at, b.id
		limit 100`, s.Now())
	return slices.DeleteFunc(found, func(b Booking) bool { return len(b.Departed()) == 0 }), err
}

// listFor reads bookings of some coaches as far as the viewer may see them.
func (s *Service) listFor(ctx context.Context, v Viewer, coaches []people.ID, rest string, args ...any) ([]Booking, error) {
	found, err := list(ctx, s.DB, `
		where b.coach_id = any ($1) and (cast($2 as boolean) or b.coach_id = $3)`+rest,
		append([]any{people.IDs(coaches), v.everyone(), v.ID}, args...)...)
	for i := range found {
		found[i] = v.shown(found[i])
	}
	return found, err
}
