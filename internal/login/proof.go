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

// Proofs are what a person has as a second proof.
type Proofs struct {
	App      bool      // an authenticator app
	AppMade  time.Time // when it was set up
	Passkeys []Passkey
	Phrase   time.Time // when the passphrase was set; zero without one
	Codes    int       // recovery codes that are left
}

// Any reports whether there is one at all. Recovery codes alone are none: they
// stand in for one that was lost.
func (p Proofs) Any() bool { return p.App || len(p.Passkeys) > 0 || p.HasPhrase() }

// HasPhrase reports whether there is a passphrase.
func (p Proofs) HasPhrase() bool { return !p.Phrase.IsZero() }

// Count is how many there are.
func (p Proofs) Count() int {
	n := len(p.Passkeys)
	if p.App {
		n++
	}
	if p.HasPhrase() {
		n++
	}
	return n
}

// The refusals of this room that a page shows beside the field.
var (
	errWrongNumber = fault.InvalidField("code", "This number does not fit. Each one lasts half a minute and works once: wait for the next and type that.")
	errWrongCode   = fault.InvalidField("recovery", "This code does not work. Each of the ten works once; look whether you have crossed it out.")
	errWrongKey    = fault.InvalidField("credential", "This passkey could not be used. Please try once more, or use another proof.")
	errEnded       = fault.New(fault.Unauthenticated, "Your session has ended. Please sign in again.")
	errTooMany     = fault.InvalidField("code", "There were too many tries in this browser. Nothing more is looked at today; use a browser in which you have signed in before, or come back tomorrow.")
	errNotFresh    = fault.New(fault.Forbidden, "Give your second proof again before you change how you sign in.")
)

// At is a session with the browser it is in.
type At struct {
	Session Session
	Browser string // the token of a known browser; may be empty
}

// Proven is what a good proof gives.
type Proven struct {
	Token   string   // the session's new token; the old one opens nothing any more
	Browser string   // the token of the browser, known from now on; empty when it was known
	Codes   []string // ten new recovery codes, to be shown this once; mostly none
}

// Proofs gives what a person has set up.
func (s *Service) Proofs(ctx context.Context, person people.ID) (Proofs, error) {
	return proofs(ctx, s.DB, person)
}

func proofs(ctx context.Context, q pg.Conn, person people.ID) (Proofs, error) {
	var row struct {
		App     bool      `db:"app"`
		AppMade time.Time `db:"app_made"`
		Codes   int       `db:"codes"`
		Phrase  time.Time `db:"phrase"`
	}
	err := q.Get(ctx, &row, `
		select exists (select from proof_app where person_id = $1) as app,
			coalesce((select made_at from proof_app where person_id = $1), timestamptz '0001-01-01 00:00:00+00') as app_made,
			coalesce((select made_at from passphrase where person_id = $1 and not exists (select from coach c where c.person_id = $1)), timestamptz '0001-01-01 00:00:00+00') as phrase,
			(select count(*) from recovery_code where person_id = $1 and used_at is null) as codes`, string(person))
	if err != nil {
		return Proofs{}, fmt.Errorf("find proofs: %w", err)
	}
	keys, err := passkeys(ctx, q, person)
	found := Proofs{App: row.App, AppMade: row.AppMade.UTC(), Codes: row.Codes, Passkeys: keys}
	if row.Phrase = row.Phrase.UTC(); row.Phrase.Year() > 1 {
		found.Phrase = row.Phrase
	}
	return found, err
}

// prove lets one proof be tried. A good one makes the session strong and fresh,
// under a new token; a bad one is counted. What check answers as a fault of kind
// Invalid is a bad proof, anything else is trouble.
func (s *Service) prove(ctx context.Context, at At, how string, check func(tx *pg.Tx) error) (Proven, error) {
	var proven Proven
	var refused error
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		now, person := s.now(), at.Session.Person
		if err := tx.Lock(ctx, "proof "+string(person)); err != nil {
			return err
		}
		known, err := knows(ctx, tx, person, at.Browser, now)
		if err != nil {
			return err
		}
		free, err := s.spend(ctx, tx, proofsTried(known), s.key(known, at.Browser, s.Links.Fingerprint("proof", string(person))), now)
		if err != nil {
			return err
		}
		if !free {
			refused = errTooMany
			return nil
		}
		switch err := check(tx); {
		case fault.KindOf(err) == fault.Invalid && err != nil:
			refused = err
			return nil // so that the try is counted
		case err != nil:
			return err
		}
		proven, err = s.stepUp(ctx, tx, at, "second proof given", how, now)
		return err
	})
	if err != nil {
		return Proven{}, fmt.Errorf("second proof: %w", err)
	}
	return proven, refused
}

// change lets a person change their proofs: freely while they have none, which
// is the first time, and later only with a recent proof.
func (s *Service) change(ctx context.Context, at At, act, how string, do func(tx *pg.Tx) error) (Proven, error) {
	var proven Proven
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		now, person := s.now(), at.Session.Person
		if err := tx.Lock(ctx, "proof "+string(person)); err != nil {
			return err
		}
		had, err := proofs(ctx, tx, person)
		if err != nil {
			return err
		}
		if had.Any() && !at.Session.Fresh(now) {
			return errNotFresh
		}
		if !had.Any() && at.Session.Client && !at.Session.Vouched {
			return errNotVouched
		}
		if err := do(tx); err != nil {
			return err
		}
		if proven, err = s.stepUp(ctx, tx, at, act, how, now); err != nil || had.Any() {
			return err
		}
		proven.Codes, err = s.renewCodes(ctx, tx, person, now)
		return err
	})
	if err != nil {
		return Proven{}, fmt.Errorf("%s: %w", act, err)
	}
	return proven, nil
}

// stepUp gives the session a new token and makes it strong and fresh. Two
// proofs at once in one session: the second finds its token gone.
func (s *Service) stepUp(ctx context.Context, tx *pg.Tx, at At, act, how string, now time.Time) (Proven, error) {
	proven := Proven{Token: newToken()}
	rows, err := tx.Exec(ctx, `
		update session set token_hash = $3, proven_at = coalesce(proven_at, $4), fresh_at = $4, seen_at = $4
		where id = $1 and token_hash = $2`,
		string(at.Session.ID), at.Session.tokenHash, hashToken(proven.Token), now)
	if err != nil {
		return Proven{}, err
	}
	if rows == 0 {
		return Proven{}, errEnded
	}
	if proven.Browser, err = remember(ctx, tx, at.Session.Person, at.Browser, now); err != nil {
		return Proven{}, err
	}
	return proven, s.record(ctx, tx, at, act, how, now)
}

func (s *Service) record(ctx context.Context, tx *pg.Tx, at At, act, how string, now time.Time) error {
	person, kind := string(at.Session.Person), audit.Person
	if at.Session.Coach != nil {
		kind = audit.Coach
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: kind, ID: person}, Act: act, About: person,
		Detail: map[string]string{"session": string(at.Session.ID), "how": how}})
}
