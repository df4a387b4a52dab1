package login

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/job"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// A client changes the address they sign in with by typing a code from each end
// in one session. Then the old one goes on working for a while, so that somebody
// whose sessions were taken over can undo it.
const (
	MoveWait   = 48 * time.Hour
	moveCodes  = 20 * time.Minute // how long the two codes work
	moveKept   = 14 * 24 * time.Hour
	movesAsked = 5 // a day
)

// moveKind is the job by which the new address takes the place of the old one.
const moveKind = "address-change"

// The ends of a change, by which its codes differ.
const (
	oldEnd = "old"
	newEnd = "new"
)

// Move is a change of address that somebody has begun.
type Move struct {
	Email    string    // the new one
	BothEnds bool      // a code was sent to the old one as well
	Here     bool      // the codes can be typed in the session that looks
	TakesAt  time.Time // when the new one takes its place; zero before both codes were typed
	Failed   bool      // the address cannot be used after all
}

// Waits reports whether both ends are proven and the old address still works.
func (m Move) Waits() bool { return !m.TakesAt.IsZero() && !m.Failed }

// The refusals of a change of address.
var (
	errMoveWaits = fault.New(fault.Conflict, "Your address is about to change already. Undo that first if it should be another one.")
	errMoves     = fault.InvalidField("email", "You have asked for this often today. Come back tomorrow; your address stays as it is until then.")
	errSameEnd   = fault.InvalidField("email", "This is the address that you sign in with now.")
	errMoveCodes = fault.InvalidField("new_code", "The codes do not work. Look at both once more, or begin again: they last twenty minutes, for five tries, in this browser.")
)

// AskMove has a code sent to each end. Whether the new address is somebody
// else's already is not told: their letter holds no code, and all else is the
// same.
func (s *Service) AskMove(ctx context.Context, at At, email string) error {
	email, err := people.ParseEmail(email)
	if err != nil {
		return err
	}
	now := s.now()
	switch {
	case !at.Session.Client || !at.Session.Fresh(now):
		return errNotFresh
	case email == at.Session.Email:
		return errSameEnd
	}
	id, person := uuid.NewString(), at.Session.Person
	wrapped, err := s.Keys.Wrap([]byte(email), moveOwner(person))
	if err != nil {
		return fmt.Errorf("ask for a change of address: %w", err)
	}
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		if err := tx.Lock(ctx, "proof "+string(person)); err != nil {
			return err
		}
		free, err := s.spend(ctx, tx, allowance{"move", movesAsked, 24 * time.Hour}, s.Links.Fingerprint("move", string(person)), now)
		if err != nil {
			return err
		}
		if !free {
			return errMoves
		}
		off, err := CodeLettersOff(ctx, tx, person)
		if err != nil {
			return err
		}
		rows, err := tx.Exec(ctx, `
			insert into address_change as m (person_id, id, session_id, wrapped, address_hash, both_ends, asked_at)
			values ($1, $2, $3, $4, $5, $6, $7)
			on conflict on constraint address_change_pkey do update
			set id = excluded.id, session_id = excluded.session_id, wrapped = excluded.wrapped, address_hash = excluded.address_hash,
				both_ends = excluded.both_ends, tries = 0, asked_at = excluded.asked_at, confirmed_at = null, takes_at = null, failed_at = null
			where m.confirmed_at is null or m.failed_at is not null`,
			string(person), id, string(at.Session.ID), wrapped, s.addressHash(email), !off, now)
		if pg.Violates(err, "address_change_session_exists") {
			return errEnded
		}
		if err != nil {
			return err
		}
		if rows == 0 {
			return errMoveWaits
		}
		orders := []mail.Order{{Kind: letterNewEnd, About: id, Recipient: string(person), Stranger: true}}
		if !off {
			orders = append(orders, mail.Order{Kind: letterOldEnd, About: id, Recipient: string(person)})
		}
		if err := mail.Post(ctx, tx, now, orders...); err != nil {
			return err
		}
		return s.record(ctx, tx, at, "change of address asked for", "codes", now)
	})
	if err != nil {
		return fmt.Errorf("ask for a change of address: %w", err)
	}
	s.wake()
	return nil
}

// FindMove gives the change of address that a client has begun, if there is one
// to speak of: codes that can still be typed, a wait, or one that came to nothing.
func (s *Service) FindMove(ctx context.Context, session Session) (Move, bool, error) {
	var row struct {
		Wrapped  []byte    `db:"wrapped"`
		BothEnds bool      `db:"both_ends"`
		Here     bool      `db:"here"`
		TakesAt  time.Time `db:"takes_at"`
		Failed   bool      `db:"failed"`
	}
	err := s.DB.Get(ctx, &row, `
		select wrapped, both_ends, confirmed_at is null and coalesce(session_id::text, '') = $2 and tries < $4 as here,
			coalesce(takes_at, timestamptz '0001-01-01 00:00:00+00') as takes_at, failed_at is not null as failed
		from address_change
		where person_id = $1 and (confirmed_at is not null or asked_at > $3)`,
		string(session.Person), string(session.ID), s.now().Add(-moveCodes), codeTries)
	if pg.NoRows(err) {
		return Move{}, false, nil
	}
	if err != nil {
		return Move{}, false, fmt.Errorf("find change of address: %w", err)
	}
	email, err := s.Keys.Unwrap(row.Wrapped, moveOwner(session.Person))
	if err != nil {
		return Move{}, false, fault.Wrap(fault.Internal, "This cannot be shown right now. Your address stays as it is.", err)
	}
	m := Move{Email: string(email), BothEnds: row.BothEnds, Here: row.Here, Failed: row.Failed}
	if row.TakesAt = row.TakesAt.UTC(); row.TakesAt.Year() > 1 {
		m.TakesAt = row.TakesAt
	}
	return m, true, nil
}

// ConfirmMove takes the codes of both ends, typed in the session that asked. The
// wait begins, with a notice to the old address and to the safe contact.
func (s *Service) ConfirmMove(ctx context.Context, at At, oldCode, newCode string) error {
	var refused error
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		now, person := s.now(), at.Session.Person
		if err := tx.Lock(ctx, "proof "+string(person)); err != nil {
			return err
		}
		if !at.Session.Fresh(now) {
			return errNotFresh
		}
		id, err := s.tryMove(ctx, tx, at, oldCode, newCode, now)
		if err != nil {
			return err
		}
		if id == "" {
			refused = errMoveCodes
			return nil // so that the try is counted
		}
		takes := now.Add(MoveWait)
		if _, err := tx.Exec(ctx, `
			update address_change set confirmed_at = $2, takes_at = $3, session_id = null where id = $1`, id, now, takes); err != nil {
			return err
		}
		if err := job.Add(ctx, tx, job.Job{Kind: moveKind, Args: moveArgs{Move: id}, RunAt: takes}); err != nil {
			return err
		}
		if err := postNotice(ctx, tx, person, id, 0, now); err != nil {
			return err
		}
		return s.record(ctx, tx, at, "change of address confirmed", "codes", now)
	})
	if err != nil {
		return fmt.Errorf("confirm change of address: %w", err)
	}
	if refused != nil {
		return refused
	}
	s.wake()
	return nil
}

// tryMove looks at both codes and gives the change that they confirm; empty for
// none. Every try counts.
func (s *Service) tryMove(ctx context.Context, tx *pg.Tx, at At, oldCode, newCode string, now time.Time) (string, error) {
	var row struct {
		ID       string `db:"id"`
		BothEnds bool   `db:"both_ends"`
		Tries    int    `db:"tries"`
	}
	err := tx.Get(ctx, &row, `
		update address_change set tries = tries + 1
		where person_id = $1 and session_id = $2 and confirmed_at is null and asked_at > $3
		returning id, both_ends, tries`, string(at.Session.Person), string(at.Session.ID), now.Add(-moveCodes))
	if pg.NoRows(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	fits := hmac.Equal([]byte(plain(newCode)), []byte(s.moveCode(row.ID, newEnd)))
	if row.BothEnds {
		fits = hmac.Equal([]byte(plain(oldCode)), []byte(s.moveCode(row.ID, oldEnd))) && fits
	}
	if !fits || row.Tries > codeTries {
		return "", nil
	}
	return row.ID, nil
}

// UndoMove keeps the old address. With nothing under way it does nothing.
func (s *Service) UndoMove(ctx context.Context, at At) error {
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		if err := tx.Lock(ctx, "proof "+string(at.Session.Person)); err != nil {
			return err
		}
		rows, err := tx.Exec(ctx, `delete from address_change where person_id = $1`, string(at.Session.Person))
		if err != nil || rows == 0 {
			return err
		}
		return s.record(ctx, tx, at, "change of address undone", "session", s.now())
	})
	if err != nil {
		return fmt.Errorf("undo change of address: %w", err)
	}
	return nil
}

// moveArgs is what the job of a change remembers.
type moveArgs struct {
	Move string `json:"move"`
}

// takeMove puts the new address in the place of the old one, once its time has
// come. One that was undone, or changed already, is left alone. When somebody
// else has been given the address meanwhile, the client finds that it came to
// nothing.
func (s *Service) takeMove(ctx context.Context, args json.RawMessage) error {
	var a moveArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return job.Permanent(fmt.Errorf("change address: arguments: %w", err))
	}
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error { return s.settleMove(ctx, tx, a.Move, s.take) })
	if pg.Violates(err, "person_email_key") {
		err = s.DB.InTx(ctx, func(tx *pg.Tx) error { return s.settleMove(ctx, tx, a.Move, s.drop) })
	}
	if err != nil {
		return fmt.Errorf("change address: %w", err)
	}
	s.wake()
	return nil
}

// settleMove does something with a change whose time has come.
func (s *Service) settleMove(ctx context.Context, tx *pg.Tx, id string, do func(ctx context.Context, tx *pg.Tx, id string, person people.ID, email string) error) error {
	var person people.ID
	err := tx.Get(ctx, &person, `select person_id from address_change where id = $1`, id)
	if pg.NoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tx.Lock(ctx, "proof "+string(person)); err != nil {
		return err
	}
	var wrapped []byte
	err = tx.Get(ctx, &wrapped, `
		select wrapped from address_change where id = $1 and takes_at <= $2 and failed_at is null`, id, s.now())
	if pg.NoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	email, err := s.Keys.Unwrap(wrapped, moveOwner(person))
	if err != nil {
		return err
	}
	return do(ctx, tx, id, person, string(email))
}

func (s *Service) take(ctx context.Context, tx *pg.Tx, id string, person people.ID, email string) error {
	if err := people.ChangeEmail(ctx, tx, person, email); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from address_change where id = $1`, id); err != nil {
		return err
	}
	// A code that was asked for with the old address opens nothing any more, and what
	// such codes have opened is over: it would show whoever holds the old inbox where
	// the letters go now.
	if _, err := tx.Exec(ctx, `delete from session where person_id = $1 and proven_at is null`, string(person)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		update sign_in_code set expires_at = made_at where person_id = $1 and used_at is null`, string(person)); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: s.now(), Actor: audit.Actor{Kind: audit.System}, Act: "address changed", About: string(person)})
}

func (s *Service) drop(ctx context.Context, tx *pg.Tx, id string, person people.ID, _ string) error {
	now := s.now()
	if _, err := tx.Exec(ctx, `update address_change set failed_at = $2 where id = $1`, id, now); err != nil {
		return err
	}
	if err := postNotice(ctx, tx, person, id, 1, now); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.System}, Act: "change of address came to nothing", About: string(person)})
}

// moveCode derives the code of one end, like codeOf.
func (s *Service) moveCode(id, end string) string {
	return inLetters(s.Links.Fingerprint("address code", id, end), codeLetters)
}

func moveOwner(person people.ID) string { return "address change " + string(person) }
