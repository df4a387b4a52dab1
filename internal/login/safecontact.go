package login

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// SetSafeContact notes a second address of a client, to which notices go as
// well when somebody tampers with how they sign in. It is sealed, since it may
// say to whom they turn; nobody but the client is ever shown it.
func (s *Service) SetSafeContact(ctx context.Context, tx *pg.Tx, person people.ID, email string, now time.Time) error {
	email, err := people.ParseEmail(email)
	if err != nil {
		return err
	}
	own, err := people.Find(ctx, tx, person)
	if err != nil {
		return err
	}
	if own.Email == email {
		return fault.InvalidField("email", "This is the address you sign in with. A safe contact is another one, that nobody else at home reads.")
	}
	wrapped, err := s.Keys.Wrap([]byte(email), safeOwner(person))
	if err != nil {
		return fmt.Errorf("set safe contact: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		insert into safe_contact (person_id, wrapped, set_at) values ($1, $2, $3)
		on conflict on constraint safe_contact_pkey do update set wrapped = excluded.wrapped, set_at = excluded.set_at`,
		person, wrapped, now.UTC()); err != nil {
		return fmt.Errorf("set safe contact: %w", err)
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.Person, ID: string(person)}, Act: "safe contact set", About: string(person)})
}

// RemoveSafeContact forgets it. With none set it does nothing.
func RemoveSafeContact(ctx context.Context, tx *pg.Tx, person people.ID, now time.Time) error {
	rows, err := tx.Exec(ctx, `delete from safe_contact where person_id = $1`, person)
	if err != nil {
		return fmt.Errorf("remove safe contact: %w", err)
	}
	if rows == 0 {
		return nil
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.Person, ID: string(person)}, Act: "safe contact removed", About: string(person)})
}

// FindSafeContact gives a client's safe contact; empty without one.
func (s *Service) FindSafeContact(ctx context.Context, q pg.Conn, person people.ID) (string, error) {
	var wrapped []byte
	err := q.Get(ctx, &wrapped, `select wrapped from safe_contact where person_id = $1`, string(person))
	if pg.NoRows(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find safe contact: %w", err)
	}
	email, err := s.Keys.Unwrap(wrapped, safeOwner(person))
	if err != nil {
		return "", fault.Wrap(fault.Internal, "Your safe contact cannot be shown right now. Nothing is lost.", err)
	}
	return string(email), nil
}

func safeOwner(person people.ID) string { return "safe contact " + string(person) }
