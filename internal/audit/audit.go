// Package audit keeps who did what, and when. Lines are only ever added: the
// program's database role can neither change nor remove one. A line names an
// act and ids, and never holds a private word.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/pg"
)

// ActorKind says in what role somebody acted.
type ActorKind string

// The kinds of actors.
const (
	Person   ActorKind = "person"   // a prospect or client, under a link or session of theirs
	Coach    ActorKind = "coach"    // someone of the practice
	Visitor  ActorKind = "visitor"  // nobody we know, on a public page
	Operator ActorKind = "operator" // whoever runs the program, at its command line
	System   ActorKind = "system"   // the program by itself, when time came
)

// Actor is who acted. ID is empty for visitors, operators and the system.
type Actor struct {
	Kind ActorKind
	ID   string
}

// Entry is one line.
type Entry struct {
	At     time.Time
	Actor  Actor
	Act    string // verb in the past and its object, such as "booking moved"
	About  string // uuid of what it was done to; may be empty
	Detail any    // a small struct or map of ids, times and states; may be nil
}

// Record adds a line in the act's own transaction: without it the act does not
// happen.
func Record(ctx context.Context, tx *pg.Tx, e Entry) error {
	detail, err := e.DetailJSON()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `select audit_record($1, $2, nullif($3, '')::uuid, $4, nullif($5, '')::uuid, $6)`,
		e.At, string(e.Actor.Kind), e.Actor.ID, e.Act, e.About, detail)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Act, err)
	}
	return nil
}

// DetailJSON is the detail as the database takes it, for an act that calls
// audit_record inside a statement of its own.
func (e Entry) DetailJSON() (string, error) {
	if e.Detail == nil {
		return "{}", nil
	}
	raw, err := json.Marshal(e.Detail)
	if err != nil {
		return "", fmt.Errorf("audit %s: %w", e.Act, err)
	}
	return string(raw), nil
}

// Line is an entry as it is read back.
type Line struct {
	At        time.Time `db:"at"`
	ActorKind ActorKind `db:"actor_kind"`
	Actor     string    `db:"actor"`
	Act       string    `db:"act"`
	About     string    `db:"about"`
	Detail    string    `db:"detail"`
}

// About lists what was done to one thing, oldest first.
func About(ctx context.Context, q pg.Conn, id string) ([]Line, error) {
	var lines []Line
	err := q.Select(ctx, &lines, `
		select at, actor_kind, coalesce(actor::text, '') as actor, act,
		       coalesce(about::text, '') as about, detail::text as detail
		from audit
		where about = $1
		order by id`, id)
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	return lines, nil
}
