package login

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// The refusals of doing without letters.
var (
	errNoWayIn = fault.Named(fault.Conflict, "no-way-in", "Set up a passphrase or a passkey first: without codes it is what lets you in.")
	errLastWay = fault.New(fault.Conflict, "You sign in with this alone, without codes. Have codes sent to you again, or add another passphrase or passkey, before you take it away.")
)

// SetCodeLetters says whether a client is sent a code when they sign in. Without
// letters they come in by a passphrase or by a passkey that asks for a finger, a
// face or a PIN, so one of these must be there.
//
// Errors: Conflict "no-way-in".
func SetCodeLetters(ctx context.Context, tx *pg.Tx, person people.ID, off bool, now time.Time) error {
	if err := tx.Lock(ctx, "proof "+string(person)); err != nil {
		return err
	}
	if off {
		ways, err := waysAlone(ctx, tx, person)
		if err != nil {
			return err
		}
		if ways == 0 {
			return errNoWayIn
		}
	}
	if _, err := tx.Exec(ctx, `
		update client_account set letters_off_at = case when $2 then coalesce(letters_off_at, $3) end
		where person_id = $1`, person, off, now.UTC()); err != nil {
		return fmt.Errorf("set code letters: %w", err)
	}
	return nil
}

// ChooseCodeLetters is SetCodeLetters for whoever is signed in and has just
// given their second proof.
func (s *Service) ChooseCodeLetters(ctx context.Context, at At, off bool) (Proven, error) {
	how := "codes by letter"
	if off {
		how = "without letters"
	}
	return s.change(ctx, at, "way in changed", how, func(tx *pg.Tx) error {
		return SetCodeLetters(ctx, tx, at.Session.Person, off, s.now())
	})
}

// CodeLettersOff reports whether a client is sent no codes.
func CodeLettersOff(ctx context.Context, q pg.Conn, person people.ID) (off bool, err error) {
	if err := q.Get(ctx, &off, `
		select exists (select from client_account where person_id = $1 and letters_off_at is not null)`, person); err != nil {
		return false, fmt.Errorf("find code letters: %w", err)
	}
	return off, nil
}

// EntersAlone reports whether something lets a person in without a code.
func EntersAlone(ctx context.Context, q pg.Conn, person people.ID) (bool, error) {
	ways, err := waysAlone(ctx, q, person)
	return ways > 0, err
}

// waysAlone counts what lets a person in without a code.
func waysAlone(ctx context.Context, q pg.Conn, person people.ID) (ways int, err error) {
	if err := q.Get(ctx, &ways, `
		select (select count(*) from passphrase where person_id = $1) + (select count(*) from passkey where person_id = $1 and alone)`, person); err != nil {
		return 0, fmt.Errorf("count ways in: %w", err)
	}
	return ways, nil
}
