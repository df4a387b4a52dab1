package login

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Recovery codes are written on paper for the day on which the app and the
// passkeys are lost: ten, each good once.
const (
	recoveryCodes   = 10
	recoveryLetters = 12
)

// ProveRecovery takes a recovery code and uses it up.
func (s *Service) ProveRecovery(ctx context.Context, at At, code string) (Proven, error) {
	return s.prove(ctx, at, "recovery code", func(tx *pg.Tx) error {
		rows, err := tx.Exec(ctx, `
			update recovery_code set used_at = $3
			where person_id = $1 and code_hash = $2 and used_at is null`,
			string(at.Session.Person), s.recoveryHash(at.Session.Person, code), s.now())
		if err == nil && rows == 0 {
			return errWrongCode
		}
		return err
	})
}

// NewCodes makes ten new recovery codes; those before open nothing any more.
func (s *Service) NewCodes(ctx context.Context, at At) (Proven, error) {
	var codes []string
	proven, err := s.change(ctx, at, "recovery codes renewed", "recovery code", func(tx *pg.Tx) error {
		had, err := proofs(ctx, tx, at.Session.Person)
		if err != nil {
			return err
		}
		if !had.Any() {
			return errNotFresh // codes stand in for a proof, and there is none
		}
		codes, err = s.renewCodes(ctx, tx, at.Session.Person, s.now())
		return err
	})
	proven.Codes = codes
	return proven, err
}

// renewCodes replaces all codes of a person. Only their hashes are kept.
func (s *Service) renewCodes(ctx context.Context, tx *pg.Tx, person people.ID, now time.Time) ([]string, error) {
	if _, err := tx.Exec(ctx, `delete from recovery_code where person_id = $1`, string(person)); err != nil {
		return nil, fmt.Errorf("renew recovery codes: %w", err)
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		code := randomLetters(recoveryLetters)
		if _, err := tx.Exec(ctx, `
			insert into recovery_code (person_id, code_hash, made_at) values ($1, $2, $3)`,
			string(person), s.recoveryHash(person, code), now); err != nil {
			return nil, fmt.Errorf("renew recovery codes: %w", err)
		}
		codes[i] = grouped(code)
	}
	return codes, nil
}

func (s *Service) recoveryHash(person people.ID, code string) []byte {
	return s.Links.Fingerprint("recovery code", string(person), plain(code))
}
