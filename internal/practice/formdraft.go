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

// FormDraft is a form that is being written. Nobody is sent it before it is
// taken into use, and it may have mistakes until then.
type FormDraft struct {
	Slug   string
	Name   string
	Lane   string
	SendOn string
	questions.Definition
	Base      int // the form's version that it began with; 0 for a new form
	Revision  int // counts what was saved; 0 is not saved yet
	ChangedAt time.Time
	ChangedBy people.ID
}

// DraftOf is a draft that says what the form says.
func DraftOf(f Form) FormDraft {
	return FormDraft{Slug: f.Slug, Name: f.Name, Lane: f.Lane, SendOn: f.SendOn, Definition: f.Definition, Base: f.Version}
}

// FormDrafts lists what is being written, by slug.
func FormDrafts(ctx context.Context, q pg.Conn) ([]FormDraft, error) {
	return formDrafts(ctx, q, ``)
}

// FindFormDraft gives the draft of a form, if there is one.
func FindFormDraft(ctx context.Context, q pg.Conn, slug string) (d FormDraft, found bool, err error) {
	drafts, err := formDrafts(ctx, q, `where slug = $1`, slug)
	if err != nil || len(drafts) == 0 {
		return FormDraft{}, false, err
	}
	return drafts[0], true, nil
}

// ErrDraftChanged keeps two people who write at one form from losing a word.
func ErrDraftChanged() error {
	return fault.Named(fault.Conflict, "form-changed",
		"Somebody changed this form since you opened this page. Nothing was saved. What you typed is still here; look at the form as it is now, then save again.")
}

// SaveFormDraft keeps d, whose Revision is the one that the writer has seen.
func SaveFormDraft(ctx context.Context, tx *pg.Tx, d FormDraft, by people.ID, now time.Time) error {
	var changed int
	err := tx.Get(ctx, &changed, `
		with made as (
			insert into form_draft as f (slug, name, lane, send_on, definition, base, revision, changed_at, changed_by)
			select $1, $2, $3, $4, $5, $6, cast($7 as integer) + 1, $8, $9
			where $7 = 0 or exists (select from form_draft where slug = $1)
			on conflict (slug) do update
			set name = excluded.name, lane = excluded.lane, send_on = excluded.send_on, definition = excluded.definition,
				base = excluded.base, revision = excluded.revision, changed_at = excluded.changed_at, changed_by = excluded.changed_by
			where f.revision = $7
			returning 1)
		select count(*) from made`,
		d.Slug, d.Name, d.Lane, d.SendOn, stored(d.Definition), d.Base, d.Revision, now.UTC(), by)
	if err != nil {
		return fmt.Errorf("save draft of form: %w", err)
	}
	if changed == 0 {
		return ErrDraftChanged()
	}
	return nil
}

// DropFormDraft throws away what was being written, if it is still the revision
// that was seen.
func DropFormDraft(ctx context.Context, tx *pg.Tx, slug string, revision int) error {
	var gone int
	err := tx.Get(ctx, &gone, `
		with gone as (delete from form_draft where slug = $1 and revision = $2 returning 1)
		select count(*) from gone`, slug, revision)
	if err != nil {
		return fmt.Errorf("drop draft of form: %w", err)
	}
	if gone == 0 {
		return ErrDraftChanged()
	}
	return nil
}

func formDrafts(ctx context.Context, q pg.Conn, where string, args ...any) ([]FormDraft, error) {
	var rows []struct {
		Slug       string    `db:"slug"`
		Name       string    `db:"name"`
		Lane       string    `db:"lane"`
		SendOn     string    `db:"send_on"`
		Definition stored    `db:"definition"`
		Base       int       `db:"base"`
		Revision   int       `db:"revision"`
		ChangedAt  time.Time `db:"changed_at"`
		ChangedBy  people.ID `db:"changed_by"`
	}
	err := q.Select(ctx, &rows, `
		select slug, name, lane, send_on, definition, base, revision, changed_at, changed_by
		from form_draft
		`+where+`
		order by slug`, args...)
	if err != nil {
		return nil, fmt.Errorf("list drafts of forms: %w", err)
	}
	drafts := make([]FormDraft, len(rows))
	for i, r := range rows {
		drafts[i] = FormDraft{r.Slug, r.Name, r.Lane, r.SendOn, questions.Definition(r.Definition), r.Base, r.Revision, r.ChangedAt.UTC(), r.ChangedBy}
	}
	return drafts, nil
}
