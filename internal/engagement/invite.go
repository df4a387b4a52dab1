package engagement

import (
	"context"
	"crypto/hmac"
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// How long an invitation waits, and how often a word may be tried.
const (
	inviteLife = 14 * 24 * time.Hour
	wordTries  = 5
)

// Invitee is somebody who is invited, with the word that the coach told them in
// the call. The partner may hold the inbox; they do not know the word.
type Invitee struct {
	Person people.ID
	Word   string
}

// Start begins an engagement of a coach with one or two clients, invites each,
// and puts the secrets policy before them. The coach's own lane is there at once.
//
// Errors: Invalid with fields word_1, word_2, clients.
func (s *Service) Start(ctx context.Context, tx *pg.Tx, coach people.ID, clients []Invitee, p PolicyText, now time.Time) (ID, error) {
	switch {
	case len(clients) == 0:
		return "", fault.InvalidField("clients", "Choose whom you will work with.")
	case len(clients) > 2:
		return "", fault.InvalidField("clients", "An engagement is with one person or with two.")
	case len(clients) == 2 && clients[0].Person == clients[1].Person:
		return "", errOneInbox
	}
	id := ID(uuid.NewString())
	if err := take(ctx, tx, id); err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `
		insert into engagement (id, coach_id, state, state_at, made_at) values ($1, $2, 'open', $3, $3)`, id, coach, now.UTC()); err != nil {
		return "", fmt.Errorf("start engagement: %w", err)
	}
	if err := s.makeLane(ctx, tx, newLane{kind: CoachLane, engagement: id, coach: coach}, now); err != nil {
		return "", err
	}
	for i, c := range clients {
		if err := s.seat(ctx, tx, id, c, fmt.Sprintf("word_%d", i+1), now); err != nil {
			return "", err
		}
	}
	if err := s.propose(ctx, tx, id, coach, p, now); err != nil {
		return "", err
	}
	return id, audit.Record(ctx, tx, audit.Entry{At: now, Actor: byCoach(coach), Act: "engagement started", About: string(id),
		Detail: map[string]int{"clients": len(clients)}})
}

// errOneInbox explains why two people with one address have no private lanes.
var errOneInbox = fault.InvalidField("clients", "Two people need two addresses of their own: whoever opens the inbox could read what the other one writes to you alone. "+
	"Ask one of them for another address, or work with one of them here and with both in the call.")

// Invite asks another person into an engagement that goes on. Lanes that are
// there stay as they are; what is shared from then on has lanes of its own.
func (s *Service) Invite(ctx context.Context, tx *pg.Tx, coach people.ID, id ID, who Invitee, now time.Time) error {
	e, err := takeOwn(ctx, tx, coach, id)
	if err != nil {
		return err
	}
	if e.State == Ended {
		return ErrEnded
	}
	if c, is := e.Client(who.Person); is && c.Place == Accepted {
		return fault.New(fault.Conflict, "This person is in the engagement already.")
	}
	if err := s.seat(ctx, tx, id, who, "word", now); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: byCoach(coach), Act: "client invited", About: string(id),
		Detail: map[string]people.ID{"person": who.Person}})
}

// seat gives somebody a place, or their place anew with another word.
func (s *Service) seat(ctx context.Context, tx *pg.Tx, id ID, who Invitee, field string, now time.Time) error {
	word := plainWord(who.Word)
	if len([]rune(word)) < 4 {
		return fault.InvalidField(field, "Give a word of at least four letters that you tell them in the call.")
	}
	return s.place(ctx, tx, id, who.Person, s.wordHash(id, who.Person, word), now)
}

// place writes the place of somebody who is invited. Without a word none is
// asked for, which is for people who have proven themselves here before.
func (s *Service) place(ctx context.Context, tx *pg.Tx, id ID, person people.ID, wordHash []byte, now time.Time) error {
	var works bool
	if err := tx.Get(ctx, &works, `select exists (select from coach where person_id = $1 and active)`, person); err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	if works {
		return fault.InvalidField("clients", "Somebody who works here cannot be a client here under the same address.")
	}
	_, err := tx.Exec(ctx, `
		insert into participant (engagement_id, person_id, seat, state, state_at, invited_at, invite_ends_at, word_hash)
		select $1, $2,
			case when exists (select from participant o
				where o.engagement_id = $1 and o.person_id <> $2 and o.seat = 1 and o.state in ('invited', 'accepted')) then 2 else 1 end,
			'invited', $3, $3, $4, $5
		on conflict on constraint participant_pkey do update
		set seat = excluded.seat, state = 'invited', state_at = excluded.state_at, invited_at = excluded.invited_at,
			invite_ends_at = excluded.invite_ends_at, word_hash = excluded.word_hash, word_tries = 0, accepted_at = null`,
		id, person, now.UTC(), now.Add(inviteLife).UTC(), wordHash)
	if pg.Violates(err, "participant_two_seats") {
		return fault.New(fault.Conflict, "Two people are in this engagement or invited to it. Take one invitation back before you send another.")
	}
	if pg.Violates(err, "participant_person_exists") {
		return ErrNothing
	}
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	if err := login.Admit(ctx, tx, person, now); err != nil {
		return err
	}
	if err := people.Keep(ctx, tx, person, true); err != nil {
		return err
	}
	return mail.Post(ctx, tx, now, mail.Order{Kind: letterInvited, About: uuid.NewString(), Recipient: string(person)})
}

// Withdraw takes an invitation back that nobody has accepted yet.
func (s *Service) Withdraw(ctx context.Context, tx *pg.Tx, coach people.ID, id ID, person people.ID, now time.Time) error {
	e, err := takeOwn(ctx, tx, coach, id)
	if err != nil {
		return err
	}
	c, is := e.Client(person)
	if !is {
		return ErrNothing
	}
	if c.Place == Withdrawn {
		return nil
	}
	if c.Place != Invited {
		return fault.New(fault.Conflict, "This invitation has been answered already.")
	}
	if err := s.unseat(ctx, tx, id, person, Withdrawn, now); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: byCoach(coach), Act: "invitation withdrawn", About: string(id),
		Detail: map[string]people.ID{"person": person}})
}

// unseat ends somebody's place in an engagement and settles what follows.
func (s *Service) unseat(ctx context.Context, tx *pg.Tx, id ID, person people.ID, to Place, now time.Time) error {
	if _, err := tx.Exec(ctx, `
		update participant set state = $3, state_at = $4, word_hash = null
		where engagement_id = $1 and person_id = $2`, id, person, to, now.UTC()); err != nil {
		return fmt.Errorf("end place: %w", err)
	}
	return s.settle(ctx, tx, id, now)
}

// plainWord is a word as it is compared: case, space and signs do not count,
// since it was said and not written.
func plainWord(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r == ' ' || r == '-' || r == '_' || r == '.' || r == ',' || r == '\'' || r == '’' || r < ' '
	}), "")
}

func (s *Service) wordHash(id ID, person people.ID, word string) []byte {
	return s.Links.Fingerprint("engagement word", string(id), string(person), word)
}

func sameWord(a, b []byte) bool { return hmac.Equal(a, b) }
