package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// The answers to an invitation that cannot be accepted.
var (
	// ErrWord is Invalid: the try was counted and must be committed, so Accept
	// returns it beside its transaction's success.
	ErrWord     = fault.InvalidField("word", "This is not the word that your coach gave you. Case and spaces do not matter. Ask them if you are not sure.")
	ErrNoWords  = fault.New(fault.Conflict, "The word was tried too often. Please ask your coach for a new one; nothing else is lost.")
	ErrTooLate  = fault.New(fault.Gone, "This invitation has run out. Please ask your coach for a new one.")
	ErrAnswered = fault.New(fault.Conflict, "This invitation has been answered already.")
)

// Accept takes a client into an engagement, if they know the word. Their lanes
// are there at once: the one about safety open, the one to their coach waiting
// until every client has signed how secrets are kept.
//
// A wrong word is refused, not an error: the transaction must commit so that
// the try counts. Who has accepted already is asked for the word all the same,
// since what follows from it holds for the session that typed it.
func (s *Service) Accept(ctx context.Context, tx *pg.Tx, person people.ID, id ID, word string, now time.Time) (refused *fault.Error, err error) {
	e, c, err := takeOf(ctx, tx, person, id)
	switch {
	case err != nil:
		return nil, err
	case c.Place == Accepted && c.NeedsWord:
		return s.tryWord(ctx, tx, c, word)
	case c.Place == Accepted:
		return nil, nil
	case c.Place != Invited:
		return nil, ErrAnswered
	case e.State == Ended || !now.Before(c.InviteEndsAt):
		return nil, ErrTooLate
	}
	if c.NeedsWord {
		if refused, err = s.tryWord(ctx, tx, c, word); refused != nil || err != nil {
			return refused, err
		}
	}
	if _, err := tx.Exec(ctx, `
		update participant set state = 'accepted', state_at = $3, accepted_at = $3, word_tries = 0
		where engagement_id = $1 and person_id = $2`, id, person, now.UTC()); err != nil {
		return nil, fmt.Errorf("accept: %w", err)
	}
	for _, kind := range []LaneKind{SafetyLane, IndividualLane} {
		if err := s.makeLane(ctx, tx, newLane{kind: kind, engagement: id, of: person, coach: e.CoachID, clients: []people.ID{person}}, now); err != nil {
			return nil, err
		}
	}
	if err := s.settle(ctx, tx, id, now); err != nil {
		return nil, err
	}
	if err := s.tellCoach(ctx, tx, e, now); err != nil {
		return nil, err
	}
	return nil, audit.Record(ctx, tx, audit.Entry{At: now, Actor: byClient(person), Act: "invitation accepted", About: string(id)})
}

func (s *Service) tryWord(ctx context.Context, tx *pg.Tx, c Client, word string) (*fault.Error, error) {
	var row struct {
		Hash  []byte `db:"word_hash"`
		Tries int    `db:"word_tries"`
	}
	if err := tx.Get(ctx, &row, `
		select word_hash, word_tries from participant where engagement_id = $1 and person_id = $2`, c.Engagement, c.Person); err != nil {
		return nil, fmt.Errorf("accept: %w", err)
	}
	if row.Tries >= wordTries {
		return ErrNoWords, nil
	}
	if sameWord(row.Hash, s.wordHash(c.Engagement, c.Person, plainWord(word))) {
		return nil, nil
	}
	if _, err := tx.Exec(ctx, `
		update participant set word_tries = word_tries + 1 where engagement_id = $1 and person_id = $2`, c.Engagement, c.Person); err != nil {
		return nil, fmt.Errorf("accept: %w", err)
	}
	return ErrWord, nil
}

// Recall asks a client once more for the word of one of their engagements, for
// the second proof that they have not set up yet: whoever holds the inbox and
// opens it first does not know the word. A wrong one is refused and counted.
func (s *Service) Recall(ctx context.Context, tx *pg.Tx, person people.ID, word string) (refused *fault.Error, err error) {
	found, err := ListForClient(ctx, tx, person)
	if err != nil {
		return nil, err
	}
	refused = ErrNoWords
	for _, e := range found {
		if err := take(ctx, tx, e.ID); err != nil {
			return nil, err
		}
		c, _ := e.Client(person)
		if c.Place != Accepted || !c.NeedsWord {
			continue
		}
		if refused, err = s.tryWord(ctx, tx, c, word); refused == nil || err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// Decline answers an invitation with no. The other client is told nothing.
func (s *Service) Decline(ctx context.Context, tx *pg.Tx, person people.ID, id ID, now time.Time) error {
	e, c, err := takeOf(ctx, tx, person, id)
	if err != nil {
		return err
	}
	if c.Place != Invited {
		return ErrAnswered
	}
	if err := s.unseat(ctx, tx, id, person, Declined, now); err != nil {
		return err
	}
	if err := s.tellCoach(ctx, tx, e, now); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: byClient(person), Act: "invitation declined", About: string(id)})
}

// Leave ends a client's part, alone and at once, for whatever reason; none is
// asked for. The joint lane is closed: what is in it stays with those who could
// read it, and nothing is added. So are the client's own lanes. The other
// client finds one neutral sentence.
func (s *Service) Leave(ctx context.Context, tx *pg.Tx, person people.ID, id ID, now time.Time) error {
	e, c, err := takeOf(ctx, tx, person, id)
	if err != nil {
		return err
	}
	if c.Place == Left {
		return nil
	}
	if c.Place != Accepted {
		return ErrAnswered
	}
	if err := closeLanes(ctx, tx, now, ` and engagement_id = $2 and (kind = 'joint' or kind in ('individual', 'safety') and person_id = $3)`, id, person); err != nil {
		return err
	}
	if err := s.unseat(ctx, tx, id, person, Left, now); err != nil {
		return err
	}
	if err := s.tellCoach(ctx, tx, e, now); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: byClient(person), Act: "engagement left", About: string(id)})
}

// settle brings the lanes to where the clients stand: a joint lane for two who
// have accepted, and the individual ones open once everybody has signed.
func (s *Service) settle(ctx context.Context, tx *pg.Tx, id ID, now time.Time) error {
	e, err := findOne(ctx, tx, id, "")
	if err != nil {
		return err
	}
	if e.State == Ended {
		return nil
	}
	if err := s.settlePolicy(ctx, tx, e, now); err != nil {
		return err
	}
	accepted := e.Accepted()
	if len(accepted) != 2 {
		return nil
	}
	var has bool
	if err := tx.Get(ctx, &has, `
		select exists (select from lane where engagement_id = $1 and kind = 'joint' and closed_at is null)`, id); err != nil || has {
		return err
	}
	both := []people.ID{accepted[0].Person, accepted[1].Person}
	return s.makeLane(ctx, tx, newLane{kind: JointLane, engagement: id, coach: e.CoachID, clients: both}, now)
}
