package practice

import (
	"context"
	"fmt"

	"kintsugi/internal/pg"
)

// FormID names a form. It is random and says nothing.
type FormID string

// Form is a list of questions that is sent to clients.
type Form struct {
	ID        FormID    `db:"id"`
	Slug      string    `db:"slug"`
	Name      string    `db:"name"`
	Lane      string    `db:"lane"`    // individual, joint or safety
	SendOn    string    `db:"send_on"` // first_booking, first_purchase or manual
	Questions Questions `db:"questions"`
	Withdrawn bool      `db:"withdrawn"`
	Position  int       `db:"position"`
}

// Question is one question of a form, stored as the practice file gives it.
type Question struct {
	Key      string   `json:"key"`
	Label    string   `json:"label"`
	Type     string   `json:"type"`
	Required bool     `json:"required,omitempty"`
	Help     string   `json:"help,omitempty"`
	Options  []string `json:"options,omitempty"`
	Min      *int     `json:"min,omitempty"`
	Max      *int     `json:"max,omitempty"`
}

// AllForms lists every form, withdrawn ones included, in the order of the
// practice file.
func AllForms(ctx context.Context, q pg.Conn) ([]Form, error) {
	var found []Form
	err := q.Select(ctx, &found, `
		select id, slug, name, lane, send_on, questions, withdrawn, position
		from form
		order by position, slug`)
	if err != nil {
		return nil, fmt.Errorf("list forms: %w", err)
	}
	return found, nil
}

// SaveForm makes or changes the form with this slug. ID of f is not looked at.
func SaveForm(ctx context.Context, tx *pg.Tx, f Form) error {
	_, err := tx.Exec(ctx, `
		insert into form (slug, name, lane, send_on, questions, withdrawn, position)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (slug) do update
		set name = excluded.name, lane = excluded.lane, send_on = excluded.send_on,
			questions = excluded.questions, withdrawn = excluded.withdrawn, position = excluded.position`,
		f.Slug, f.Name, f.Lane, f.SendOn, f.Questions, f.Withdrawn, f.Position)
	if err != nil {
		return fmt.Errorf("save form: %w", err)
	}
	return nil
}
