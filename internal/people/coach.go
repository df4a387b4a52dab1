package people

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// Role is a coach's place in the practice.
type Role string

// The roles. An assistant works in the office and sees nobody.
const (
	Owner     Role = "owner"
	Member    Role = "coach"
	Assistant Role = "assistant"
)

// Coach is a person who works in the practice.
type Coach struct {
	ID             ID     `db:"id" json:"id"`
	Slug           string `db:"slug" json:"slug"`
	Name           string `db:"name" json:"name"`
	Email          string `db:"email" json:"email"`
	Role           Role   `db:"role" json:"role"`
	Timezone       string `db:"timezone" json:"timezone"` // their own; a trip may change it for a while
	Bio            string `db:"bio" json:"bio"`           // Markdown
	MeetingURL     string `db:"meeting_url" json:"meeting_url"`
	Position       int    `db:"position" json:"position"`
	FeedGeneration int    `db:"feed_generation" json:"feed_generation"` // raising it revokes every feed address
	Active         bool   `db:"active" json:"active"`
}

// Bookable reports whether people can be offered this coach's hours and page.
func (c Coach) Bookable() bool { return c.Active && c.Role != Assistant }

// Coaches lists everybody who works in the practice now, assistants included,
// in the order of the practice file. Public pages show those that are Bookable.
func Coaches(ctx context.Context, q pg.Conn) ([]Coach, error) {
	return coaches(ctx, q, `where c.active`)
}

// AllCoaches is Coaches with those who have left.
func AllCoaches(ctx context.Context, q pg.Conn) ([]Coach, error) {
	return coaches(ctx, q, ``)
}

// FindCoach gives a coach who works here now by slug, assistants included.
func FindCoach(ctx context.Context, q pg.Conn, slug string) (Coach, error) {
	found, err := coaches(ctx, q, `where c.active and c.slug = $1`, slug)
	return one(found, err)
}

// FindCoachByID gives a coach by id, also one who has left.
func FindCoachByID(ctx context.Context, q pg.Conn, id ID) (Coach, error) {
	found, err := coaches(ctx, q, `where c.person_id = $1`, id)
	return one(found, err)
}

// WorksHere reports whether a person is one of the team, or was and is suspended.
func WorksHere(ctx context.Context, q pg.Conn, id ID) (works bool, err error) {
	if err := q.Get(ctx, &works, `select exists (select from coach where person_id = $1)`, id); err != nil {
		return false, fmt.Errorf("find coach: %w", err)
	}
	return works, nil
}

func one(found []Coach, err error) (Coach, error) {
	if err != nil {
		return Coach{}, err
	}
	if len(found) == 0 {
		return Coach{}, fault.New(fault.NotFound, "There is no coach by that name here.")
	}
	return found[0], nil
}

func coaches(ctx context.Context, q pg.Conn, where string, args ...any) ([]Coach, error) {
	var found []Coach
	err := q.Select(ctx, &found, `
		select c.person_id as id, c.slug, p.name, coalesce(p.email, '') as email, c.role, c.timezone,
			c.bio, c.meeting_url, c.position, c.feed_generation, c.active
		from coach c
		join person p on p.id = c.person_id
		`+where+`
		order by c.position, c.slug`, args...)
	if err != nil {
		return nil, fmt.Errorf("list coaches: %w", err)
	}
	return found, nil
}

// SaveCoach makes or changes the coach with this slug and gives their id. The
// slug is what stays: a new address or name is the same person. ID and
// FeedGeneration of c are not looked at.
func SaveCoach(ctx context.Context, tx *pg.Tx, c Coach, now time.Time) (ID, error) {
	var id ID
	err := tx.Get(ctx, &id, `select person_id from coach where slug = $1 for update`, c.Slug)
	switch {
	case pg.NoRows(err):
		// Somebody who once asked for a call and works here now is the same person.
		err = tx.Get(ctx, &id, `
			insert into person (email, name, timezone, made_at, seen_at)
			values ($1, $2, $3, $4, $4)
			on conflict (email) do update set name = excluded.name
			returning id`, c.Email, c.Name, c.Timezone, now.UTC())
	case err == nil:
		_, err = tx.Exec(ctx, `
			update person set email = $2, name = $3 where id = $1`, id, c.Email, c.Name)
	}
	if pg.Violates(err, "person_email_key") {
		return "", fault.InvalidField("email", fmt.Sprintf("%s is already the address of somebody else here.", c.Email))
	}
	if err != nil {
		return "", fmt.Errorf("save coach: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into coach (person_id, slug, role, timezone, bio, meeting_url, position, active)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (slug) do update
		set role = excluded.role, timezone = excluded.timezone, bio = excluded.bio,
			meeting_url = excluded.meeting_url, position = excluded.position, active = excluded.active`,
		id, c.Slug, c.Role, c.Timezone, c.Bio, c.MeetingURL, c.Position, c.Active)
	if pg.Violates(err, "coach_pkey") {
		return "", fault.InvalidField("email", fmt.Sprintf("%s is already the address of another coach; a coach keeps their slug.", c.Email))
	}
	if err != nil {
		return "", fmt.Errorf("save coach: %w", err)
	}
	return id, nil
}

// FreeAddresses takes their addresses from coaches who are about to be given
// others in the same transaction, so that two of them can change places.
func FreeAddresses(ctx context.Context, tx *pg.Tx, slugs []string) error {
	for _, slug := range slugs {
		_, err := tx.Exec(ctx, `
			update person set email = null
			where id = (select person_id from coach where slug = $1)`, slug)
		if err != nil {
			return fmt.Errorf("free addresses: %w", err)
		}
	}
	return nil
}

// RenewFeed revokes every address of a coach's calendar feed and gives the
// generation of the next one.
func RenewFeed(ctx context.Context, tx *pg.Tx, id ID) (int, error) {
	var generation int
	err := tx.Get(ctx, &generation, `
		update coach set feed_generation = feed_generation + 1
		where person_id = $1
		returning feed_generation`, id)
	if err != nil {
		return 0, fmt.Errorf("renew feed: %w", err)
	}
	return generation, nil
}
