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

// SessionID names a session. It opens nothing; the token in the cookie does.
type SessionID string

// Session is somebody who is signed in, somewhere.
type Session struct {
	ID         SessionID     `db:"id"`
	Person     people.ID     `db:"person_id"`
	Device     string        `db:"device"` // in words
	SignedInAt time.Time     `db:"signed_in_at"`
	SeenAt     time.Time     `db:"seen_at"`   // to the minute
	ProvenAt   time.Time     `db:"proven_at"` // zero until the second proof
	FreshAt    time.Time     `db:"fresh_at"`  // when a second proof was given last
	Vouched    bool          `db:"vouched"`   // the word of a coach was typed in it
	Coach      *people.Coach `db:"-"`         // nil for somebody who does not work here
	Client     bool          `db:"is_client"` // a client; never somebody who works here
	Restoring  bool          `db:"restoring"` // a start over is under way for them
	Moving     bool          `db:"moving"`    // their address is about to change, or could not be
	Name       string        `db:"name"`
	Email      string        `db:"email"`
	Timezone   string        `db:"timezone"` // theirs; may be empty

	tokenHash string
}

// Strong reports whether the second proof was given.
func (s Session) Strong() bool { return !s.ProvenAt.IsZero() }

// Fresh reports whether a second proof was given so lately that delicate
// changes may be made without another.
func (s Session) Fresh(now time.Time) bool {
	return s.Strong() && now.Sub(s.FreshAt) < freshLife
}

// sessionRow is a session as the database has it, with the coach beside it.
type sessionRow struct {
	Session
	TokenHash string       `db:"token_hash"`
	IsCoach   bool         `db:"is_coach"`
	Working   people.Coach `db:"coach"`
}

// sessionColumns are read in one query at every request, so that whoever is
// suspended, demoted or signed out is so at the next one, in every process.
const sessionColumns = `
	select s.id, s.person_id, s.device, s.signed_in_at, s.seen_at, s.token_hash,
		coalesce(s.proven_at, timestamptz '0001-01-01 00:00:00+00') as proven_at,
		coalesce(s.fresh_at, timestamptz '0001-01-01 00:00:00+00') as fresh_at,
		c.person_id is not null as is_coach,
		c.person_id is null and a.person_id is not null as is_client,
		exists (select from proof_restore r where r.person_id = s.person_id and r.ends_at > s.seen_at) as restoring,
		exists (select from address_change m where m.person_id = s.person_id and m.confirmed_at is not null) as moving,
		s.vouched_at is not null as vouched, p.name, coalesce(p.email, '') as email, coalesce(c.timezone, p.timezone, '') as timezone,
		s.person_id as "coach.id", coalesce(c.slug, '') as "coach.slug", p.name as "coach.name",
		coalesce(p.email, '') as "coach.email", coalesce(c.role, '') as "coach.role",
		coalesce(c.timezone, '') as "coach.timezone", coalesce(c.bio, '') as "coach.bio",
		coalesce(c.meeting_url, '') as "coach.meeting_url", coalesce(c.position, 0) as "coach.position",
		coalesce(c.feed_generation, 0) as "coach.feed_generation", coalesce(c.active, false) as "coach.active"
	from session s
	join person p on p.id = s.person_id
	left join coach c on c.person_id = s.person_id
	left join client_account a on a.person_id = s.person_id and a.barred_at is null
	where (c.person_id is null or c.active) and s.seen_at > $1 and s.signed_in_at > $2`

// Find gives the session that a browser's tokens open, if one does. A browser
// that brings tokens of two sessions has been given one of them by somebody
// else, and is signed in to neither.
func (s *Service) Find(ctx context.Context, tokens ...string) (Session, bool, error) {
	if len(tokens) == 0 {
		return Session{}, false, nil
	}
	now := s.now()
	found, err := s.sessions(ctx, s.DB, now, `and s.token_hash = any ($3)`, pg.Array(hashes(tokens)))
	if err != nil || len(found) != 1 {
		return Session{}, false, err
	}
	session := found[0]
	if now.Sub(session.SeenAt) < time.Minute {
		return session, true, nil
	}
	return session, true, s.seen(ctx, session, now)
}

// seen notes that a session is in use, at most once a minute.
func (s *Service) seen(ctx context.Context, session Session, now time.Time) error {
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `
			update session set seen_at = $2 where id = $1 and seen_at <= $3`, string(session.ID), now, now.Add(-time.Minute))
		return err
	})
	if err != nil {
		return fmt.Errorf("note session seen: %w", err)
	}
	return nil
}

// List gives the sessions of a person, the one in use last first.
func (s *Service) List(ctx context.Context, person people.ID) ([]Session, error) {
	return s.sessions(ctx, s.DB, s.now(), `and s.person_id = $3 order by s.seen_at desc, s.id`, string(person))
}

func (s *Service) sessions(ctx context.Context, q pg.Conn, now time.Time, more string, arg any) ([]Session, error) {
	var rows []sessionRow
	err := q.Select(ctx, &rows, sessionColumns+"\n"+more, now.Add(-idleLife), now.Add(-sessionLife), arg)
	if err != nil {
		return nil, fmt.Errorf("find session: %w", err)
	}
	found := make([]Session, 0, len(rows))
	for _, row := range rows {
		one := row.Session
		one.tokenHash, one.ProvenAt, one.FreshAt = row.TokenHash, row.ProvenAt.UTC(), row.FreshAt.UTC()
		if row.IsCoach {
			coach := row.Working
			one.Coach = &coach
		}
		found = append(found, one)
	}
	return found, nil
}

// begin starts a session that has proven nothing more than the act says, and
// ends those whose tokens the browser brought along.
func (s *Service) begin(ctx context.Context, tx *pg.Tx, person people.ID, token, act string, e Entering) (SessionID, error) {
	if err := endTokens(ctx, tx, e.Before); err != nil {
		return "", err
	}
	id, err := insert(ctx, tx, person, token, e.Device, s.now())
	if err != nil {
		return "", err
	}
	by, err := actor(ctx, tx, person)
	if err != nil {
		return "", err
	}
	return id, audit.Record(ctx, tx, audit.Entry{At: s.now(), Actor: by, Act: act, About: string(person), Detail: map[string]string{"session": string(id)}})
}

// actor is a person who acts: one of the practice, or a client.
func actor(ctx context.Context, q pg.Conn, person people.ID) (audit.Actor, error) {
	var works bool
	if err := q.Get(ctx, &works, `select exists (select from coach where person_id = $1)`, string(person)); err != nil {
		return audit.Actor{}, fmt.Errorf("find who acts: %w", err)
	}
	if works {
		return audit.Actor{Kind: audit.Coach, ID: string(person)}, nil
	}
	return audit.Actor{Kind: audit.Person, ID: string(person)}, nil
}

func insert(ctx context.Context, tx *pg.Tx, person people.ID, token, device string, now time.Time) (SessionID, error) {
	if device == "" {
		device = UnknownDevice
	}
	var id SessionID
	err := tx.Get(ctx, &id, `
		insert into session (person_id, token_hash, device, signed_in_at, seen_at)
		values ($1, $2, $3, $4, $4)
		returning id`, string(person), hashToken(token), device, now)
	if err != nil {
		return "", fmt.Errorf("begin session: %w", err)
	}
	return id, nil
}

// SignInAs begins a session of a person who has proven nothing, both proofs
// given, and returns its token. It is the back door of the demonstration and of
// tests: whoever can call it is anybody. Nothing that serves a real practice
// may lead here.
func SignInAs(ctx context.Context, tx *pg.Tx, person people.ID, device string, now time.Time) (token string, err error) {
	now = now.UTC()
	token = newToken()
	id, err := insert(ctx, tx, person, token, device, now)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `update session set proven_at = $2, fresh_at = $2 where id = $1`, string(id), now); err != nil {
		return "", fmt.Errorf("sign in as: %w", err)
	}
	return token, audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.System}, Act: "signed in without proof", About: string(person)})
}

// End ends the sessions that a browser's tokens open. Ending one twice is no
// mistake.
func (s *Service) End(ctx context.Context, tokens ...string) error {
	if len(tokens) == 0 {
		return nil
	}
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error { return endTokens(ctx, tx, tokens) })
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

func endTokens(ctx context.Context, tx *pg.Tx, tokens []string) error {
	if len(tokens) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `delete from session where token_hash = any ($1)`, pg.Array(hashes(tokens)))
	return err
}

// EndOne ends one session of a person, by its id. Somebody else's is not found.
func (s *Service) EndOne(ctx context.Context, person people.ID, id SessionID) error {
	return s.end(ctx, person, `delete from session where person_id = $1 and id::text = $2`, idOf(string(id)))
}

// EndAll ends every session of a person, on every device.
func (s *Service) EndAll(ctx context.Context, person people.ID) error {
	return s.end(ctx, person, `delete from session where person_id = $1`)
}

// Shut ends every session of somebody who is suspended, in the caller's
// transaction, so that letting them in again opens no old one.
func Shut(ctx context.Context, tx *pg.Tx, person people.ID) error {
	if _, err := tx.Exec(ctx, `delete from session where person_id = $1`, string(person)); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

func (s *Service) end(ctx context.Context, person people.ID, query string, args ...any) error {
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		rows, err := tx.Exec(ctx, query, append([]any{string(person)}, args...)...)
		if err != nil {
			return err
		}
		if rows == 0 {
			return fault.New(fault.NotFound, "This session has already ended.")
		}
		by, err := actor(ctx, tx, person)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: s.now(), Actor: by,
			Act: "sessions ended", About: string(person), Detail: map[string]int64{"sessions": rows}})
	})
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

func hashes(tokens []string) []string {
	// A browser that sends many cookies of our name is not ours.
	if len(tokens) > 4 {
		tokens = tokens[:4]
	}
	out := make([]string, len(tokens))
	for i, token := range tokens {
		out[i] = hashToken(token)
	}
	return out
}
