package intake

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// List gives the sheets of an engagement that a viewer may see, or of all when
// none is named, the latest first: a coach sees whom they asked and whether they
// have answered, a client their own and what was shared with them.
func List(ctx context.Context, q pg.Conn, viewer people.ID, in engagement.ID) ([]Sheet, error) {
	if in != "" && !isID(string(in)) {
		return nil, engagement.ErrNothing
	}
	return list(ctx, q, viewer, ` and ($2 = '' or l.engagement_id = cast(nullif($2, '') as uuid))`, string(in))
}

// Find gives a sheet that the viewer may see.
func Find(ctx context.Context, q pg.Conn, viewer people.ID, id ID) (Sheet, error) {
	return findOne(ctx, q, viewer, id, ``)
}

// findOwn gives a sheet to the one who answers it.
func findOwn(ctx context.Context, q pg.Conn, viewer people.ID, id ID) (Sheet, error) {
	return findOne(ctx, q, viewer, id, ` and s.person_id = $1`)
}

func findOne(ctx context.Context, q pg.Conn, viewer people.ID, id ID, where string) (Sheet, error) {
	if !isID(string(id)) {
		return Sheet{}, engagement.ErrNothing
	}
	found, err := list(ctx, q, viewer, where+` and s.id = $2`, string(id))
	if err != nil {
		return Sheet{}, err
	}
	if len(found) == 0 {
		return Sheet{}, engagement.ErrNothing
	}
	return found[0], nil
}

// takeOwn finds a sheet of one's own and keeps others from acting on it, or on
// the one that it is shared together with, until the transaction ends.
func takeOwn(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID) (Sheet, error) {
	s, err := findOwn(ctx, tx, viewer, id)
	if err != nil {
		return Sheet{}, err
	}
	if err := hold(ctx, tx, s); err != nil {
		return Sheet{}, err
	}
	return findOwn(ctx, tx, viewer, id)
}

func hold(ctx context.Context, tx *pg.Tx, s Sheet) error {
	key := s.Round
	if key == "" {
		key = string(s.ID)
	}
	if err := tx.Lock(ctx, "sheet "+key); err != nil {
		return fmt.Errorf("take sheet: %w", err)
	}
	return nil
}

// list is the one way to find sheets. It says itself who may, though the
// database would leave out the others too.
func list(ctx context.Context, q pg.Conn, viewer people.ID, where string, args ...any) ([]Sheet, error) {
	var found []Sheet
	err := q.Select(ctx, &found, `
		select s.id, s.lane_id, l.kind, l.engagement_id, s.person_id, p.name, s.form_id, s.form_version, v.name as form_name,
			f.version <> s.form_version as newer, coalesce(s.round_id::text, '') as round_id, coalesce(s.occasion, '') as occasion,
			s.sent_at, coalesce(s.due_on::text, '') as due_on, s.state, s.state_at,
			coalesce(s.shared_at, timestamptz '0001-01-01 00:00:00+00') as shared_at,
			coalesce(a.version, 0) as sent, coalesce(a.sent_at, timestamptz '0001-01-01 00:00:00+00') as last_at,
			not exists (select from lane_key k where k.lane_id = s.lane_id) as erased,
			coalesce(s.passed_at, timestamptz '0001-01-01 00:00:00+00') as passed_at
		from lane_reader r
		join lane_member m on m.lane_id = r.lane_id and m.person_id = r.person_id
		join lane l on l.id = r.lane_id
		join sheet s on s.lane_id = r.lane_id
		join person p on p.id = s.person_id
		join form f on f.id = s.form_id
		join form_version v on v.form_id = s.form_id and v.version = s.form_version
		left join lateral (
			select version, sent_at from sheet_answer a where a.sheet_id = s.id order by version desc limit 1) a on true
		where r.person_id = $1
		  and (m.part = 'coach' or s.person_id = r.person_id or s.shared_at is not null)`+where+`
		order by s.sent_at desc, s.id`, append([]any{string(viewer)}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("list sheets: %w", err)
	}
	for i := range found {
		s := &found[i]
		for _, t := range []*time.Time{&s.SentAt, &s.StateAt, &s.SharedAt, &s.LastAt, &s.PassedAt} {
			if *t = t.UTC(); t.Year() <= 1 {
				*t = time.Time{}
			}
		}
	}
	return found, nil
}
