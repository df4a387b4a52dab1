package login

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// entersAs is the condition that a record may sign in at all: as somebody who
// works here, or as a client. A coach who was suspended does not come in as a
// client either, until they are taken off the team.
func entersAs(record string) string {
	return fmt.Sprintf(`(exists (select from coach c where c.person_id = %[1]s.id and c.active)
			or exists (select from client_account a where a.person_id = %[1]s.id and a.barred_at is null)
				and not exists (select from coach c where c.person_id = %[1]s.id))`, record)
}

// lettersOff is the condition that no code is sent to a client. While they can
// start over one is sent all the same: what let them in without it is lost.
func lettersOff(record, now string) string {
	return fmt.Sprintf(`(exists (select from client_account a where a.person_id = %[1]s.id and a.letters_off_at is not null)
			and not exists (select from coach c where c.person_id = %[1]s.id)
			and not exists (select from proof_restore r where r.person_id = %[1]s.id and r.opens_at <= %[2]s and r.ends_at > %[2]s))`, record, now)
}

// Admit lets a person sign in as a client from now on, also one who was barred.
func Admit(ctx context.Context, tx *pg.Tx, person people.ID, now time.Time) error {
	_, err := tx.Exec(ctx, `
		insert into client_account (person_id, admitted_at) values ($1, $2)
		on conflict on constraint client_account_pkey do update set barred_at = null`, person, now.UTC())
	if err != nil {
		return fmt.Errorf("admit client: %w", err)
	}
	return nil
}

// Bar ends that and every session of theirs, from the next request on, and what
// they had begun to change.
func Bar(ctx context.Context, tx *pg.Tx, person people.ID, now time.Time) error {
	if _, err := tx.Exec(ctx, `update client_account set barred_at = $2 where person_id = $1 and barred_at is null`, person, now.UTC()); err != nil {
		return fmt.Errorf("bar client: %w", err)
	}
	for _, query := range []string{`delete from proof_restore where person_id = $1`, `delete from address_change where person_id = $1`} {
		if _, err := tx.Exec(ctx, query, person); err != nil {
			return fmt.Errorf("bar client: %w", err)
		}
	}
	return Shut(ctx, tx, person)
}

// Vouch notes that a session has typed the word that a coach told its person in
// a call. A client who has no second proof yet can set one up in it.
func Vouch(ctx context.Context, tx *pg.Tx, session SessionID, now time.Time) error {
	if _, err := tx.Exec(ctx, `update session set vouched_at = $2 where id = $1`, string(session), now.UTC()); err != nil {
		return fmt.Errorf("vouch: %w", err)
	}
	return nil
}

// errNotVouched asks a client for the word before their first second proof.
var errNotVouched = fault.Named(fault.Forbidden, "word-first", "Type the word that your coach gave you before you set up a second proof.")
