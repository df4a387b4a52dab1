package login

import (
	"context"
	"crypto/hmac"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// A client whose second proofs are lost starts over with a word that the coach
// says in a call. The wait is for those who did not ask: whoever could pass for
// the client on the telephone is seen in time, by the client or by somebody they
// trust.
const (
	RestoreWait  = 48 * time.Hour
	RestoreLife  = 14 * 24 * time.Hour
	restoreTries = 5
	shortestWord = 6 // letters
)

// Restore is a start over that a coach has begun for a client.
type Restore struct {
	ID        string    `db:"id"`
	By        people.ID `db:"begun_by"` // the coach
	BegunAt   time.Time `db:"begun_at"`
	OpensAt   time.Time `db:"opens_at"` // from then on the word works
	EndsAt    time.Time `db:"ends_at"`
	TriesLeft int       `db:"tries_left"`
}

// The refusals of starting over.
var (
	ErrRestoreRuns = fault.New(fault.Conflict, "A start over is under way for them already. Call it off first if they need another word.")
	ErrNoRestore   = fault.New(fault.NotFound, "No start over is under way.")
	ErrNotClient   = fault.New(fault.Conflict, "They do not sign in here as a client, so there is nothing to start over with.")

	// errRestore is the one answer to a word that opens nothing: mistyped, too
	// early, too late, tried too often, or with nothing under way at all.
	errRestore = fault.InvalidField("word", "This word opens nothing now. It works from two days after the call in which your coach said it until two weeks after it, "+
		"and for five tries. Case and spaces do not count. If you are not sure, ask your coach in a call.")
)

// BeginRestore starts the wait after which a client can start over with a word.
// Whoever calls it has seen to it that the coach works with the client. Both the
// client and their safe contact find a notice that says nothing.
func (s *Service) BeginRestore(ctx context.Context, tx *pg.Tx, by, client people.ID, word string, now time.Time) error {
	word = spoken(word)
	if !utf8.ValidString(word) || utf8.RuneCountInString(word) < shortestWord {
		return fault.InvalidField("word", fmt.Sprintf("Take a word or two with at least %d letters, and say them in the call only.", shortestWord))
	}
	if utf8.RuneCountInString(word) > longestPhrase {
		return fault.InvalidField("word", "Take a word or two, not more.")
	}
	if err := tx.Lock(ctx, "proof "+string(client)); err != nil {
		return err
	}
	var is bool
	if err := tx.Get(ctx, &is, `
		select exists (select from client_account a where a.person_id = $1 and a.barred_at is null)
			and not exists (select from coach c where c.person_id = $1)`, client); err != nil {
		return fmt.Errorf("begin restore: %w", err)
	}
	if !is {
		return ErrNotClient
	}
	now = now.UTC()
	id := uuid.NewString()
	rows, err := tx.Exec(ctx, `
		insert into proof_restore as r (person_id, id, begun_by, word_hash, begun_at, opens_at, ends_at)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict on constraint proof_restore_pkey do update
		set id = excluded.id, begun_by = excluded.begun_by, word_hash = excluded.word_hash, tries = 0,
			begun_at = excluded.begun_at, opens_at = excluded.opens_at, ends_at = excluded.ends_at
		where r.ends_at <= excluded.begun_at`,
		client, id, by, s.restoreHash(id, word), now, now.Add(RestoreWait), now.Add(RestoreLife))
	if err != nil {
		return fmt.Errorf("begin restore: %w", err)
	}
	if rows == 0 {
		return ErrRestoreRuns
	}
	if err := postNotice(ctx, tx, client, id, 0, now); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.Coach, ID: string(by)}, Act: "start over begun", About: string(client),
		Detail: map[string]time.Time{"opens": now.Add(RestoreWait)}})
}

// FindRestore gives the start over that is under way for a client, if one is.
func FindRestore(ctx context.Context, q pg.Conn, client people.ID, now time.Time) (Restore, bool, error) {
	var r Restore
	err := q.Get(ctx, &r, `
		select id, begun_by, begun_at, opens_at, ends_at, greatest(0, $3 - tries) as tries_left
		from proof_restore
		where person_id = $1 and ends_at > $2`, client, now.UTC(), restoreTries)
	if pg.NoRows(err) {
		return Restore{}, false, nil
	}
	if err != nil {
		return Restore{}, false, fmt.Errorf("find restore: %w", err)
	}
	r.BegunAt, r.OpensAt, r.EndsAt = r.BegunAt.UTC(), r.OpensAt.UTC(), r.EndsAt.UTC()
	return r, true, nil
}

// CancelRestore calls it off, for the client or for a coach.
func CancelRestore(ctx context.Context, tx *pg.Tx, by, client people.ID, now time.Time) error {
	if err := tx.Lock(ctx, "proof "+string(client)); err != nil {
		return err
	}
	rows, err := tx.Exec(ctx, `delete from proof_restore where person_id = $1 and ends_at > $2`, client, now.UTC())
	if err != nil {
		return fmt.Errorf("cancel restore: %w", err)
	}
	if rows == 0 {
		return ErrNoRestore
	}
	kind := audit.Coach
	if by == client {
		kind = audit.Person
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: kind, ID: string(by)}, Act: "start over called off", About: string(client)})
}

// CallOffRestore calls a start over off for whoever is signed in. With none
// under way it does nothing and says the same: a session that has typed no more
// than a code learns nothing here.
func (s *Service) CallOffRestore(ctx context.Context, at At) error {
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		return CancelRestore(ctx, tx, at.Session.Person, at.Session.Person, s.now())
	})
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return fmt.Errorf("call restore off: %w", err)
	}
	return nil
}

// FinishRestore takes the word after the wait. Every second proof and recovery
// code is gone then, every other session has ended, and this one, under a new
// token, may set up a new proof and nothing more.
func (s *Service) FinishRestore(ctx context.Context, at At, word string) (Proven, error) {
	proven := Proven{Token: newToken()}
	var refused error
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		now, person := s.now(), at.Session.Person
		if err := tx.Lock(ctx, "proof "+string(person)); err != nil {
			return err
		}
		id, fits, err := s.tryRestore(ctx, tx, person, word, now)
		if err != nil {
			return err
		}
		if !fits || !at.Session.Client {
			refused = errRestore
			return nil // so that the try is counted
		}
		rows, err := tx.Exec(ctx, `
			update session set token_hash = $3, proven_at = null, fresh_at = null, vouched_at = $4, seen_at = $4
			where id = $1 and token_hash = $2`, string(at.Session.ID), at.Session.tokenHash, hashToken(proven.Token), now)
		if err != nil {
			return err
		}
		if rows == 0 {
			return errEnded
		}
		if err := startOver(ctx, tx, at); err != nil {
			return err
		}
		if err := postNotice(ctx, tx, person, id, 1, now); err != nil {
			return err
		}
		return s.record(ctx, tx, at, "second proofs lost and taken away", "word", now)
	})
	if err != nil {
		return Proven{}, fmt.Errorf("finish restore: %w", err)
	}
	if refused != nil {
		return Proven{}, refused
	}
	s.wake()
	return proven, nil
}

// tryRestore looks at a word. A try counts only while the word would work, so
// that whoever is early loses none.
func (s *Service) tryRestore(ctx context.Context, tx *pg.Tx, person people.ID, word string, now time.Time) (id string, fits bool, err error) {
	var row struct {
		ID    string `db:"id"`
		Hash  []byte `db:"word_hash"`
		Tries int    `db:"tries"`
	}
	err = tx.Get(ctx, &row, `
		update proof_restore set tries = tries + 1
		where person_id = $1 and opens_at <= $2 and ends_at > $2
		returning id, word_hash, tries`, string(person), now)
	if pg.NoRows(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	fits = hmac.Equal(row.Hash, s.restoreHash(row.ID, spoken(word)))
	return row.ID, fits && row.Tries <= restoreTries, nil
}

// startOver takes away what a client proved themselves with, in every browser
// but the one they are in. Codes are sent again to whoever wanted none, since
// what they came in with is gone.
func startOver(ctx context.Context, tx *pg.Tx, at At) error {
	person := string(at.Session.Person)
	for _, query := range []string{
		`delete from proof_app where person_id = $1`,
		`delete from passkey where person_id = $1`,
		`delete from passphrase where person_id = $1`,
		`delete from recovery_code where person_id = $1`,
		`delete from known_browser where person_id = $1`,
		`delete from proof_restore where person_id = $1`,
		`delete from address_change where person_id = $1`,
		`update sign_in_code set expires_at = made_at where person_id = $1 and used_at is null`,
		`update client_account set letters_off_at = null where person_id = $1`,
	} {
		if _, err := tx.Exec(ctx, query, person); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `delete from session where person_id = $1 and id <> $2`, person, string(at.Session.ID))
	return err
}

func (s *Service) restoreHash(id, word string) []byte {
	return s.Links.Fingerprint("restore word", id, word)
}

// spoken is a word as it is compared that was said and not written: case, blanks
// and signs between do not count.
func spoken(text string) string {
	if len(text) > 4*longestPhrase {
		text = text[:4*longestPhrase]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsControl(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, strings.ToValidUTF8(text, ""))
}
