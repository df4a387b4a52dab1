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

// The refusals to give two people what belongs to one. A tag in an address ends
// in the same inbox, and two records that were joined are one person.
var (
	errOneInbox = fault.InvalidField("clients", "Two people need two addresses of their own: whoever opens the inbox could read what the other one writes to you alone. "+
		"Ask one of them for another address, or work with one of them here and with both in the call.")
	errOnePerson = fault.InvalidField("clients", "These two records are one person at your desk. Take one of them out of the other first, if they are two people after all.")
)

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
		return errShortWord(field)
	}
	if err := s.apart(ctx, tx, id, who.Person, word, field); err != nil {
		return err
	}
	return s.place(ctx, tx, id, who.Person, s.wordHash(id, who.Person, word), now)
}

// apart refuses what would make two clients one: an inbox, a person, or a word
// that the other knows as well.
func (s *Service) apart(ctx context.Context, tx *pg.Tx, id ID, person people.ID, word, field string) error {
	var others []struct {
		Person people.ID `db:"person_id"`
		Hash   []byte    `db:"word_hash"`
		Email  string    `db:"email"`
		Own    string    `db:"own_email"`
		Joined bool      `db:"joined"`
	}
	if err := tx.Select(ctx, &others, `
		select m.person_id, m.word_hash, coalesce(o.email, '') as email, coalesce(p.email, '') as own_email,
			coalesce(o.merged_into, o.id) = coalesce(p.merged_into, p.id) as joined
		from participant m
		join person o on o.id = m.person_id
		join person p on p.id = $2
		where m.engagement_id = $1 and m.person_id <> $2 and m.state in ('invited', 'accepted')`, id, person); err != nil {
		return fmt.Errorf("look at the other client: %w", err)
	}
	for _, o := range others {
		switch {
		case people.SameInbox(o.Email, o.Own):
			return errOneInbox
		case o.Joined:
			return errOnePerson
		case o.Hash != nil && sameWord(o.Hash, s.wordHash(id, o.Person, word)):
			return fault.InvalidField(field, "Give each of them a word of their own: with the other’s word, one could answer for the other.")
		}
	}
	return nil
}

// place writes the place of somebody who is invited. Without a word none is
// asked for, which is for people who have proven themselves here before.
func (s *Service) place(ctx context.Context, tx *pg.Tx, id ID, person people.ID, wordHash []byte, now time.Time) error {
	works, err := people.WorksHere(ctx, tx, person)
	if err != nil {
		return err
	}
	if works {
		return fault.InvalidField("clients", "Somebody who works here cannot be a client here under the same address.")
	}
	_, err = tx.Exec(ctx, `
		insert into participant (engagement_id, person_id, seat, state, state_at, invited_at, invite_ends_at, word_hash)
		select $1, $2,
			case when exists (select from participant o
				where o.engagement_id = $1 and o.person_id <> $2 and o.seat = 1 and o.state in ('invited', 'accepted')) then 2 else 1 end,
			'invited', $3, $3, $4, $5
		on conflict on constraint participant_pkey do update
		set seat = excluded.seat, state = 'invited', state_at = excluded.state_at, invited_at = excluded.invited_at,
			invite_ends_at = excluded.invite_ends_at, word_hash = excluded.word_hash, word_tries = 0`,
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

// Reword gives a client another word, in a call: somebody who is invited a new
// invitation with it, somebody who has accepted the word alone, for the second
// proof that they still have to set up.
func (s *Service) Reword(ctx context.Context, tx *pg.Tx, coach people.ID, id ID, who Invitee, now time.Time) error {
	e, err := takeOwn(ctx, tx, coach, id)
	if err != nil {
		return err
	}
	c, is := e.Client(who.Person)
	switch {
	case !is:
		return ErrNothing
	case e.State == Ended:
		return ErrEnded
	case !c.Seated():
		return ErrAnswered
	case c.Place == Invited:
		if err := s.seat(ctx, tx, id, who, "word", now); err != nil {
			return err
		}
	default:
		word := plainWord(who.Word)
		if len([]rune(word)) < 4 {
			return errShortWord("word")
		}
		if err := s.apart(ctx, tx, id, who.Person, word, "word"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			update participant set word_hash = $3, word_tries = 0 where engagement_id = $1 and person_id = $2`,
			id, who.Person, s.wordHash(id, who.Person, word)); err != nil {
			return fmt.Errorf("give another word: %w", err)
		}
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: byCoach(coach), Act: "another word given", About: string(id),
		Detail: map[string]people.ID{"person": who.Person}})
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

// unseat ends somebody's place in an engagement and settles what follows. Who has
// been in it before keeps the place of somebody who has left: what they could
// read then is theirs to read on.
func (s *Service) unseat(ctx context.Context, tx *pg.Tx, id ID, person people.ID, to Place, now time.Time) error {
	if _, err := tx.Exec(ctx, `
		update participant set state = `+onceIn("$3")+`, state_at = $4, word_hash = null
		where engagement_id = $1 and person_id = $2`, id, person, to, now.UTC()); err != nil {
		return fmt.Errorf("end place: %w", err)
	}
	return s.settle(ctx, tx, id, now)
}

// onceIn is the place that somebody goes to when theirs ends.
func onceIn(to string) string {
	return `case when accepted_at is not null then 'left' else ` + to + ` end`
}

func errShortWord(field string) error {
	return fault.InvalidField(field, "Give a word of at least four letters that you tell them in the call.")
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
