package practice

import (
	"context"
	"encoding/json"
	"fmt"

	"kintsugi/internal/pg"
)

// Public is an appointment type that anyone can book, with who holds it.
type Public struct {
	Slug            string `db:"slug"`
	Name            string `db:"name"`
	Description     string `db:"description"`
	DurationMinutes int    `db:"duration_minutes"`
	Place           string `db:"place"`
	Coaches         []Face `db:"-"`
}

// Face is how a coach is named where they can be booked.
type Face struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// PublicTypes lists what can be booked without an account, in the order of the
// practice file, each with its coaches. A type that nobody holds now is left out.
func PublicTypes(ctx context.Context, q pg.Conn) ([]Public, error) {
	var rows []struct {
		Public
		Faces string `db:"faces"`
	}
	err := q.Select(ctx, &rows, `
		select t.slug, t.name, t.description, t.duration_minutes, t.place,
			json_agg(json_build_object('slug', c.slug, 'name', p.name) order by tc.position, c.slug)::text as faces
		from appointment_type t
		join type_coach tc on tc.type_id = t.id
		join coach c on c.person_id = tc.coach_id and c.active and c.role <> 'assistant'
		join person p on p.id = c.person_id
		where t.public and not t.withdrawn
		group by t.id
		order by t.position, t.slug`)
	if err != nil {
		return nil, fmt.Errorf("list public types: %w", err)
	}
	found := make([]Public, len(rows))
	for i, row := range rows {
		found[i] = row.Public
		if err := json.Unmarshal([]byte(row.Faces), &found[i].Coaches); err != nil {
			return nil, fmt.Errorf("list public types: %w", err)
		}
	}
	return found, nil
}
