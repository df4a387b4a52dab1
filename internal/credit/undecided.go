package credit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Undecided is sessions for two which nobody can book with any more: one of the
// two has left and nobody has come instead, or the work has ended. What becomes of
// them is for the coach to say, and that it is to be said is for no client to see.
type Undecided struct {
	Engagement engagement.ID `db:"id"`
	Names      string        `db:"names"` // of those who are in it, or were; for the coach
	Left       int           `db:"remaining"`
	Ended      bool          `db:"ended"`
	From       sources       `db:"sources"` // of the lots they are in
}

type sources []string

func (s *sources) Scan(raw any) error { return json.Unmarshal(raw.([]byte), s) }

// parted is the condition that somebody has left the engagement e, and that there
// are not two in it any more.
const parted = `(exists (select from participant m where m.engagement_id = e.id and m.accepted_at is not null and m.state <> 'accepted')
	and (select count(*) from participant m where m.engagement_id = e.id and m.state = 'accepted') < 2)`

// UndecidedOf lists those of a coach's own work, in one statement. What the coach
// left as it is is not in it, until more comes back.
func UndecidedOf(ctx context.Context, q pg.Conn, coach people.Coach, now time.Time) ([]Undecided, error) {
	if coach.Role == people.Assistant {
		return nil, nil
	}
	return undecided(ctx, q, ` and e.coach_id = $2`, now, coach.ID)
}

// UndecidedIn gives those of an engagement that the caller has found for somebody
// of the practice, or false when nothing is to be decided.
func UndecidedIn(ctx context.Context, q pg.Conn, in engagement.ID, now time.Time) (Undecided, bool, error) {
	found, err := undecided(ctx, q, ` and e.id = $2`, now, in)
	if err != nil || len(found) == 0 {
		return Undecided{}, false, err
	}
	return found[0], true, nil
}

func undecided(ctx context.Context, q pg.Conn, where string, now time.Time, arg any) ([]Undecided, error) {
	var found []Undecided
	if err := q.Select(ctx, &found, `
		select e.id, e.state = 'ended' as ended, sum(l.remaining) as remaining, json_agg(l.source order by l.made_at, l.id) as sources,
			(select coalesce(string_agg(p.name, ' and ' order by p.name, p.id), '')
			from participant m
			join person p on p.id = m.person_id
			where m.engagement_id = e.id and m.accepted_at is not null) as names
		from engagement e
		join wallet w on w.engagement_id = e.id
		join credit_lot l on l.wallet_id = w.id and l.remaining > 0
		cross join practice pr
		where (e.state = 'ended' or `+parted+`)
			and (l.expires_on is null or l.expires_on >= cast(cast($1 as timestamptz) at time zone pr.timezone as date))
			and (w.kept_at is null or w.kept_at < greatest(
				case when e.state = 'ended' then e.state_at end,
				(select max(m.state_at) from participant m where m.engagement_id = e.id and m.accepted_at is not null and m.state not in ('accepted', 'invited')),
				(select max(m.at) from credit_movement m join credit_lot o on o.id = m.lot_id where o.wallet_id = w.id and m.amount > 0)))`+where+`
		group by e.id
		order by names, e.id
		limit 100`, now.UTC(), arg); err != nil {
		return nil, fmt.Errorf("list what is to be decided: %w", err)
	}
	return found, nil
}

// LeaveAsIs notes that a coach leaves sessions for two as they are. Nothing
// happens to them, and nobody is told. It is for the coach alone whose work it is.
//
// Errors: ErrNothing.
func LeaveAsIs(ctx context.Context, tx *pg.Tx, coach people.Coach, in engagement.ID, now time.Time) error {
	e, err := engagement.Find(ctx, tx, coach, in)
	if err != nil {
		return err
	}
	if e.CoachID != coach.ID || coach.Role == people.Assistant {
		return ErrNothing
	}
	if _, _, err := lock(ctx, tx, Holder{Engagement: in}, now); err != nil {
		return err
	}
	left, waits, err := UndecidedIn(ctx, tx, in, now)
	if err != nil || !waits {
		return err
	}
	if _, err := tx.Exec(ctx, `update wallet set kept_at = $2 where engagement_id = $1`, in, now.UTC()); err != nil {
		return fmt.Errorf("leave as it is: %w", err)
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: byCoach(coach), Act: "sessions left as they are", About: string(in),
		Detail: map[string]any{"sessions": left.Left}})
}
