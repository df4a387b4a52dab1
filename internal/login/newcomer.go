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

// Whoever buys without having been invited makes an account on the way: a name,
// an address, and the code that proves it. Until the code is typed there is no
// account; what is answered is the same for every address.

// opens is the condition that a code opens an account: asked for by somebody who
// does not work here, and not shut after the code was made.
func opens(record, made string) string {
	return fmt.Sprintf(`(%[1]s.spam_at is null and not exists (select from coach c where c.person_id = %[1]s.id)
			and not exists (select from client_account a where a.person_id = %[1]s.id and a.barred_at > %[2]s))`, record, made)
}

// newcomer gives the person who can have an account under an address, and makes
// them the first time; nobody where none can be had. Nothing is proven yet, so a
// person who is known keeps their name.
func newcomer(ctx context.Context, tx *pg.Tx, email, name string, now time.Time) (people.ID, error) {
	known, err := people.FindByEmail(ctx, tx, email)
	if fault.KindOf(err) == fault.NotFound {
		known.ID, _, err = people.FindOrCreate(ctx, tx, email, name, "", true, now)
	}
	if err != nil {
		return "", err
	}
	var id people.ID
	err = tx.Get(ctx, &id, `select p.id from person p where p.id = $1 and `+opens("p", "$2"), string(known.ID), now.UTC())
	if pg.NoRows(err) {
		return "", nil
	}
	return id, err
}

// open makes the account of somebody who typed the code that they were sent, or
// opens it again where nothing had been left for them to see.
func (s *Service) open(ctx context.Context, tx *pg.Tx, person people.ID) error {
	rows, err := tx.Exec(ctx, `
		insert into client_account as a (person_id, admitted_at)
		select $1, $2
		where not exists (select from coach c where c.person_id = $1)
		on conflict on constraint client_account_pkey do update
		set barred_at = null, admitted_at = excluded.admitted_at
		where a.barred_at is not null`, string(person), s.now().UTC())
	if err != nil {
		return fmt.Errorf("open account: %w", err)
	}
	if rows == 0 {
		return nil
	}
	return audit.Record(ctx, tx, audit.Entry{At: s.now(), Actor: audit.Actor{Kind: audit.Person, ID: string(person)}, Act: "account made", About: string(person)})
}
