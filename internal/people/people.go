// Package people owns persons: coaches, clients, and people who only asked for
// a call, each known by one address. It finds or makes a person by address and
// forgets them again. It refuses to believe a stranger: whatever arrives with
// an address that nobody has proven changes nothing that is known of it.
package people

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// ID names a person. It is random and says nothing.
type ID string

// Person is somebody the practice knows of.
type Person struct {
	ID          ID        `db:"id"`
	Email       string    `db:"email"`         // as ParseEmail gives it; empty where there is none
	Name        string    `db:"name"`          // as CleanName gives it
	Timezone    string    `db:"timezone"`      // where they first wrote from; may be empty
	SafeToEmail bool      `db:"safe_to_email"` // what they said the first time
	MadeAt      time.Time `db:"made_at"`
	SeenAt      time.Time `db:"seen_at"` // when they last did something here
}

// FindOrCreate gives the person with an address and makes them the first time.
// Nobody has proven the address, so a known person keeps their name, zone and
// contact safety; what was said this time belongs to the booking. The address
// must come from ParseEmail and the name from CleanName.
func FindOrCreate(ctx context.Context, tx *pg.Tx, email, name, timezone string, safe bool, now time.Time) (id ID, created bool, err error) {
	var row struct {
		ID      ID   `db:"id"`
		Created bool `db:"created"`
	}
	// xmax is zero only in a row that this statement has just inserted.
	err = tx.Get(ctx, &row, `
		insert into person (email, name, timezone, safe_to_email, made_at, seen_at)
		values ($1, $2, nullif($3, ''), $4, $5, $5)
		on conflict (email) do update
		set seen_at = greatest(person.seen_at, excluded.seen_at)
		returning id, xmax = 0 as created`, email, name, timezone, safe, now.UTC())
	if err != nil {
		return "", false, fmt.Errorf("find or create person: %w", err)
	}
	return row.ID, row.Created, nil
}

// Find gives a person by id.
func Find(ctx context.Context, q pg.Conn, id ID) (Person, error) {
	return findPerson(ctx, q, `
		select id, coalesce(email, '') as email, name, coalesce(timezone, '') as timezone,
			safe_to_email, made_at, seen_at
		from person
		where id = $1`, string(id))
}

// FindByEmail gives the person with an address, which must come from ParseEmail.
func FindByEmail(ctx context.Context, q pg.Conn, email string) (Person, error) {
	return findPerson(ctx, q, `
		select id, coalesce(email, '') as email, name, coalesce(timezone, '') as timezone,
			safe_to_email, made_at, seen_at
		from person
		where email = $1`, email)
}

func findPerson(ctx context.Context, q pg.Conn, query, by string) (Person, error) {
	var p Person
	err := q.Get(ctx, &p, query, by)
	if pg.NoRows(err) {
		return Person{}, fault.New(fault.NotFound, "There is nobody here by that name.")
	}
	if err != nil {
		return Person{}, fmt.Errorf("find person: %w", err)
	}
	p.MadeAt, p.SeenAt = p.MadeAt.UTC(), p.SeenAt.UTC()
	return p, nil
}

// HasEmail reports whether anybody has an address, which must come from
// ParseEmail.
func HasEmail(ctx context.Context, q pg.Conn, email string) (has bool, err error) {
	if err := q.Get(ctx, &has, `select exists (select from person where email = $1)`, email); err != nil {
		return false, fmt.Errorf("look for an address: %w", err)
	}
	return has, nil
}

// ChangeEmail gives a person another address, which must come from ParseEmail
// and be proven. When it is somebody else's the error violates person_email_key,
// and what to say of it is the caller's to decide.
func ChangeEmail(ctx context.Context, tx *pg.Tx, id ID, email string) error {
	if _, err := tx.Exec(ctx, `update person set email = $2 where id = $1`, id, email); err != nil {
		return fmt.Errorf("change address: %w", err)
	}
	return nil
}

// Seen notes that a person did something here, so that they are not forgotten
// as an old prospect.
func Seen(ctx context.Context, tx *pg.Tx, id ID, now time.Time) error {
	_, err := tx.Exec(ctx, `
		update person set seen_at = $2 where id = $1 and seen_at < $2`, id, now.UTC())
	if err != nil {
		return fmt.Errorf("note person seen: %w", err)
	}
	return nil
}

// OldProspects lists persons who are neither coach nor client and did nothing
// here since an instant, the longest silent first, at most 500 at a time. Whoever erases
// them asks the rooms that know more whether they may go.
func OldProspects(ctx context.Context, q pg.Conn, before time.Time) ([]ID, error) {
	var ids []ID
	err := q.Select(ctx, &ids, `
		select p.id
		from person p
		where p.seen_at < $1 and not p.kept
			and not exists (select from person k where k.id = p.merged_into and k.kept)
			and not exists (select from coach c where c.person_id = p.id)
		order by p.seen_at, p.id
		limit 500`, before.UTC())
	if err != nil {
		return nil, fmt.Errorf("list old prospects: %w", err)
	}
	return ids, nil
}

// EraseProspect forgets a person who is no coach, and reports whether there was
// one to forget. What other rooms hold of the person must be gone before, or
// the database refuses.
func EraseProspect(ctx context.Context, tx *pg.Tx, id ID) (bool, error) {
	rows, err := tx.Exec(ctx, `
		delete from person p
		where p.id = $1 and not exists (select from coach c where c.person_id = p.id)`, id)
	if err != nil {
		return false, fmt.Errorf("erase prospect: %w", err)
	}
	return rows > 0, nil
}
