package practice

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/questions"
)

// FormID names a form. It is random and says nothing.
type FormID string

// The lanes that answers can go into, beside Joint and Individual.
const Safety = "safety"

// When a form is sent by itself, if at all.
const (
	FirstBooking  = "first_booking"
	FirstPurchase = "first_purchase" // of that person in that lane
	Manual        = "manual"
)

// Form is a form on offer, as it is sent from now on.
type Form struct {
	Slug      string `db:"slug"`
	SendOn    string `db:"send_on"`
	Withdrawn bool   `db:"withdrawn"`
	Position  int    `db:"position"`
	FormVersion
}

// FormVersion is what a form asked, and into which lane the answers went, from
// one change to the next. It never changes: whoever was sent it answers it, and
// old answers are read beside it.
type FormVersion struct {
	ID      FormID
	Version int
	Name    string
	Lane    string // individual, joint or safety
	questions.Definition
	Hash   string // of the definition
	MadeAt time.Time
	MadeBy people.ID // empty where nobody signed in did it
}

// AllForms lists every form, withdrawn ones included, in the order of the
// practice file.
func AllForms(ctx context.Context, q pg.Conn) ([]Form, error) {
	return forms(ctx, q, ``)
}

// FormsSentOn lists the forms that are sent by themselves at an occasion.
func FormsSentOn(ctx context.Context, q pg.Conn, sendOn string) ([]Form, error) {
	return forms(ctx, q, `where not f.withdrawn and f.send_on = $1`, sendOn)
}

// FindForm gives a form by slug, also a withdrawn one.
func FindForm(ctx context.Context, q pg.Conn, slug string) (Form, error) {
	found, err := forms(ctx, q, `where f.slug = $1`, slug)
	if err == nil && len(found) == 0 {
		err = errNoForm()
	}
	if err != nil {
		return Form{}, err
	}
	return found[0], nil
}

func errNoForm() error { return fault.New(fault.NotFound, "There is no form by that name here.") }

// FormVersions lists what a form ever asked, the newest version first.
func FormVersions(ctx context.Context, q pg.Conn, id FormID) ([]FormVersion, error) {
	return formVersions(ctx, q, `where form_id = $1 order by version desc`, id)
}

// FindFormVersion gives what a form asked in one version, whatever became of it
// since.
func FindFormVersion(ctx context.Context, q pg.Conn, id FormID, version int) (FormVersion, error) {
	found, err := formVersions(ctx, q, `where form_id = $1 and version = $2`, id, version)
	if err == nil && len(found) == 0 {
		err = errNoForm()
	}
	if err != nil {
		return FormVersion{}, err
	}
	return found[0], nil
}

// SaveForm makes or changes the form with this slug. Another name, lane or
// definition becomes a version of its own, made by somebody or, where by is
// empty, at the command line. Of f it does not look at ID, Version, Hash and who
// made it. The definition was checked before.
func SaveForm(ctx context.Context, tx *pg.Tx, f Form, by people.ID, now time.Time) error {
	var was struct {
		ID      FormID `db:"id"`
		Version int    `db:"version"`
		Said    bool   `db:"said"` // the version in force says the same
	}
	hash := questions.Hash(f.Definition)
	err := tx.Get(ctx, &was, `
		insert into form as f (slug, send_on, withdrawn, position, version)
		values ($1, $2, $3, $4, 1)
		on conflict (slug) do update
		set send_on = excluded.send_on, withdrawn = excluded.withdrawn, position = excluded.position
		returning id, version, exists (
			select from form_version v
			where v.form_id = f.id and v.version = f.version and v.name = $5 and v.lane = $6 and v.hash = $7) as said`,
		f.Slug, f.SendOn, f.Withdrawn, f.Position, f.Name, f.Lane, hash)
	if err != nil {
		return fmt.Errorf("save form: %w", err)
	}
	if was.Said {
		return nil
	}
	_, err = tx.Exec(ctx, `
		with made as (
			insert into form_version (form_id, version, name, lane, definition, hash, made_at, made_by)
			select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, nullif($7, '')::uuid
			from form_version
			where form_id = $1
			returning form_id, version)
		update form
		set version = made.version
		from made
		where form.id = made.form_id`,
		was.ID, f.Name, f.Lane, stored(f.Definition), hash, now.UTC(), string(by))
	if err != nil {
		return fmt.Errorf("save version of form: %w", err)
	}
	return nil
}

// formRow is a form as it lies in the database.
type formRow struct {
	Slug       string    `db:"slug"`
	SendOn     string    `db:"send_on"`
	Withdrawn  bool      `db:"withdrawn"`
	Position   int       `db:"position"`
	ID         FormID    `db:"form_id"`
	Version    int       `db:"version"`
	Name       string    `db:"name"`
	Lane       string    `db:"lane"`
	Definition stored    `db:"definition"`
	Hash       string    `db:"hash"`
	MadeAt     time.Time `db:"made_at"`
	MadeBy     people.ID `db:"made_by"`
}

func (r formRow) saidIn() FormVersion {
	return FormVersion{r.ID, r.Version, r.Name, r.Lane, questions.Definition(r.Definition), r.Hash, r.MadeAt.UTC(), r.MadeBy}
}

func forms(ctx context.Context, q pg.Conn, where string, args ...any) ([]Form, error) {
	var rows []formRow
	err := q.Select(ctx, &rows, `
		select f.slug, f.send_on, f.withdrawn, f.position, v.form_id, v.version, v.name, v.lane, v.definition, v.hash,
			v.made_at, coalesce(v.made_by::text, '') as made_by
		from form f
		join form_version v on v.form_id = f.id and v.version = f.version
		`+where+`
		order by f.position, f.slug`, args...)
	if err != nil {
		return nil, fmt.Errorf("list forms: %w", err)
	}
	var found []Form
	for _, r := range rows {
		found = append(found, Form{r.Slug, r.SendOn, r.Withdrawn, r.Position, r.saidIn()})
	}
	return found, nil
}

func formVersions(ctx context.Context, q pg.Conn, where string, args ...any) ([]FormVersion, error) {
	var rows []formRow
	err := q.Select(ctx, &rows, `
		select form_id, version, name, lane, definition, hash, made_at, coalesce(made_by::text, '') as made_by
		from form_version
		`+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list versions of form: %w", err)
	}
	found := make([]FormVersion, len(rows))
	for i, r := range rows {
		found[i] = r.saidIn()
	}
	return found, nil
}
