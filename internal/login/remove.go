package login

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// errLast keeps a person from standing without any second proof.
var errLast = fault.New(fault.Conflict, "This is your only second proof. Add another before you take this one away.")

// RemoveApp takes the authenticator app away.
func (s *Service) RemoveApp(ctx context.Context, at At) (Proven, error) {
	return s.remove(ctx, at, "app", `delete from proof_app where person_id = $1`)
}

// RemovePasskey takes one passkey away, by its id.
func (s *Service) RemovePasskey(ctx context.Context, at At, id string) (Proven, error) {
	return s.remove(ctx, at, "passkey", `delete from passkey where person_id = $1 and id::text = $2`, idOf(id))
}

func (s *Service) remove(ctx context.Context, at At, how, query string, args ...any) (Proven, error) {
	return s.change(ctx, at, "second proof taken away", how, func(tx *pg.Tx) error {
		rows, err := tx.Exec(ctx, query, append([]any{string(at.Session.Person)}, args...)...)
		if err != nil {
			return err
		}
		if rows == 0 {
			return fault.New(fault.NotFound, "This proof has already been taken away.")
		}
		left, err := proofs(ctx, tx, at.Session.Person)
		if err == nil && !left.Any() {
			return errLast
		}
		if err != nil {
			return err
		}
		return keepsWayIn(ctx, tx, at.Session.Person)
	})
}

// keepsWayIn refuses what would leave somebody outside who wants no letters.
func keepsWayIn(ctx context.Context, tx *pg.Tx, person people.ID) error {
	off, err := CodeLettersOff(ctx, tx, person)
	if err != nil || !off {
		return err
	}
	ways, err := waysAlone(ctx, tx, person)
	if err == nil && ways == 0 {
		return errLastWay
	}
	return err
}

// Reset takes every second proof of a coach away and signs them out everywhere,
// so that they set up a new one at their next sign-in. It is for the server's
// command line alone: whoever asks has access to the machine, which no inbox
// gives.
func (s *Service) Reset(ctx context.Context, email string) error {
	email, err := people.ParseEmail(email)
	if err != nil {
		return err
	}
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		person, err := coachAt(ctx, tx, email)
		if err != nil {
			return err
		}
		if err := tx.Lock(ctx, "proof "+string(person)); err != nil {
			return err
		}
		for _, query := range []string{
			`delete from proof_app where person_id = $1`,
			`delete from passkey where person_id = $1`,
			`delete from passphrase where person_id = $1`,
			`delete from recovery_code where person_id = $1`,
			`delete from known_browser where person_id = $1`,
			`delete from session where person_id = $1`,
			`update sign_in_code set expires_at = made_at where person_id = $1 and used_at is null`,
		} {
			if _, err := tx.Exec(ctx, query, string(person)); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{At: s.now(), Actor: audit.Actor{Kind: audit.Operator},
			Act: "second proof reset", About: string(person)})
	})
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return nil
}

// coachAt gives the coach who works here under an address.
func coachAt(ctx context.Context, q pg.Conn, email string) (people.ID, error) {
	var person people.ID
	err := q.Get(ctx, &person, `
		select p.id from person p join coach c on c.person_id = p.id
		where p.email = $1 and c.active`, email)
	if pg.NoRows(err) {
		return "", fault.New(fault.NotFound, "Nobody who works here has this address. Add them to the practice file, apply it, and try again.")
	}
	return person, err
}
