package note

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/words"
)

var (
	//go:embed templates/soap.md
	soapText string
	//go:embed templates/grow.md
	growText string
	//go:embed templates/couple.md
	coupleText string
)

// Template is a way to begin a note. It holds no word of any client.
type Template struct {
	ID    string    `db:"id"` // a uuid, or a word for one of ours
	Name  string    `db:"name"`
	Body  string    `db:"body"` // Markdown
	Coach people.ID `db:"coach_id"`
	Ours  bool      `db:"-"`
}

// readyTemplates are those that the program brings. SOAP and GROW are named
// after the letters of their headings in the books.
func readyTemplates() []Template {
	return []Template{
		{ID: "free", Name: "An empty page", Ours: true},
		{ID: "couple", Name: "Session with two", Body: coupleText, Ours: true},
		{ID: "soap", Name: "SOAP: subjective, objective, assessment, plan", Body: soapText, Ours: true},
		{ID: "grow", Name: "GROW: goal, reality, options, will", Body: growText, Ours: true},
	}
}

// Templates lists the ways to begin that a coach has: ours, the practice's and
// their own.
func Templates(ctx context.Context, q pg.Conn, coach people.ID) ([]Template, error) {
	var own []Template
	if err := q.Select(ctx, &own, `
		select id, name, body, coalesce(coach_id::text, '') as coach_id
		from note_template
		where coach_id is null or coach_id = $1
		order by lower(name), id
		limit 100`, coach); err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	return append(readyTemplates(), own...), nil
}

// FindTemplate gives one of a coach's templates.
func FindTemplate(ctx context.Context, q pg.Conn, coach people.ID, id string) (Template, error) {
	all, err := Templates(ctx, q, coach)
	if err != nil {
		return Template{}, err
	}
	for _, t := range all {
		if t.ID == id {
			return t, nil
		}
	}
	return Template{}, engagement.ErrNothing
}

// SaveTemplate keeps a coach's own way to begin; with an empty id a new one.
func SaveTemplate(ctx context.Context, tx *pg.Tx, coach people.ID, t Template, now time.Time) error {
	name, err := words.Line("name", t.Name, 80)
	if err != nil {
		return err
	}
	body, err := words.Text("body", t.Body, LongestBody)
	if err != nil {
		return err
	}
	if t.ID == "" {
		_, err = tx.Exec(ctx, `insert into note_template (name, body, coach_id, changed_at) values ($1, $2, $3, $4)`, name, body, coach, now.UTC())
	} else {
		var rows int64
		if rows, err = tx.Exec(ctx, `
			update note_template set name = $3, body = $4, changed_at = $5 where id::text = $1 and coach_id = $2`, t.ID, coach, name, body, now.UTC()); err == nil && rows == 0 {
			return engagement.ErrNothing
		}
	}
	if err != nil {
		return fmt.Errorf("save template: %w", err)
	}
	return nil
}

// RemoveTemplate takes one of a coach's own away.
func RemoveTemplate(ctx context.Context, tx *pg.Tx, coach people.ID, id string) error {
	rows, err := tx.Exec(ctx, `delete from note_template where id::text = $1 and coach_id = $2`, id, coach)
	if err != nil {
		return fmt.Errorf("remove template: %w", err)
	}
	if rows == 0 {
		return fault.New(fault.NotFound, engagement.ErrNothing.Say)
	}
	return nil
}
