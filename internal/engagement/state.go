package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// Pause says that there will be no hours for a while.
func (s *Service) Pause(ctx context.Context, tx *pg.Tx, coach people.ID, id ID, now time.Time) error {
	return s.turn(ctx, tx, coach, id, Paused, "engagement paused", now)
}

// Reopen goes on after a pause or an end. After an end, lanes that were closed
// stay closed and those who are still clients get new ones.
func (s *Service) Reopen(ctx context.Context, tx *pg.Tx, coach people.ID, id ID, now time.Time) error {
	e, err := takeOwn(ctx, tx, coach, id)
	if err != nil {
		return err
	}
	if err := s.turn(ctx, tx, coach, id, Open, "engagement reopened", now); err != nil || e.State != Ended {
		return err
	}
	for _, c := range e.Accepted() {
		for _, kind := range []LaneKind{SafetyLane, IndividualLane} {
			if err := s.makeLane(ctx, tx, newLane{kind: kind, engagement: id, of: c.Person, coach: coach, clients: []people.ID{c.Person}}, now); err != nil {
				return err
			}
		}
	}
	return s.settle(ctx, tx, id, now)
}

// End ends an engagement. Everything stays readable for those who could read
// it, and nothing is added.
func (s *Service) End(ctx context.Context, tx *pg.Tx, coach people.ID, id ID, now time.Time) error {
	if err := s.turn(ctx, tx, coach, id, Ended, "engagement ended", now); err != nil {
		return err
	}
	return s.shut(ctx, tx, id, now)
}

// shut closes what an ended engagement leaves open: its lanes, except the
// coach's own, and invitations that nobody has answered.
func (s *Service) shut(ctx context.Context, tx *pg.Tx, id ID, now time.Time) error {
	if _, err := tx.Exec(ctx, `
		update participant set state = `+onceIn("'withdrawn'")+`, state_at = $2, word_hash = null
		where engagement_id = $1 and state = 'invited'`, id, now.UTC()); err != nil {
		return fmt.Errorf("end engagement: %w", err)
	}
	return closeLanes(ctx, tx, now, ` and engagement_id = $2 and kind <> 'coach'`, id)
}

func (s *Service) turn(ctx context.Context, tx *pg.Tx, coach people.ID, id ID, to State, act string, now time.Time) error {
	e, err := takeOwn(ctx, tx, coach, id)
	if err != nil || e.State == to {
		return err
	}
	if e.State == Ended && to == Paused {
		return ErrEnded
	}
	return turnTo(ctx, tx, e, to, act, byCoach(coach), now)
}

func turnTo(ctx context.Context, tx *pg.Tx, e Engagement, to State, act string, by audit.Actor, now time.Time) error {
	if _, err := tx.Exec(ctx, `update engagement set state = $2, state_at = $3 where id = $1`, e.ID, to, now.UTC()); err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: by, Act: act, About: string(e.ID),
		Detail: map[string]State{"was": e.State, "now": to}})
}

// HandOver ends an engagement and begins one with another coach, which its
// clients are asked to accept. The coach before reads nothing of it any more;
// the coach after reads nothing of what was written before, until its author
// passes it on.
func (s *Service) HandOver(ctx context.Context, tx *pg.Tx, by people.Coach, id ID, to people.Coach, now time.Time) (ID, error) {
	if by.Role == people.Assistant {
		return "", ErrNothing
	}
	if err := take(ctx, tx, id); err != nil {
		return "", err
	}
	e, err := Find(ctx, tx, by, id)
	if err != nil {
		return "", err
	}
	switch {
	case e.State == Ended:
		return "", ErrEnded
	case to.ID == e.CoachID:
		return "", fault.InvalidField("coach", "Choose another coach than the one it is with.")
	case !to.Bookable():
		return "", fault.InvalidField("coach", "Choose a coach who works here now.")
	}
	next := ID(uuid.NewString())
	if err := take(ctx, tx, next); err != nil {
		return "", err
	}
	if err := turnTo(ctx, tx, e, Ended, "engagement handed over", byCoach(by.ID), now); err != nil {
		return "", err
	}
	accepted := e.Accepted()
	if err := s.shut(ctx, tx, id, now); err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `
		update lane_member m set until = $3
		from lane l
		where l.id = m.lane_id and l.engagement_id = $1 and m.person_id = $2 and m.until is null`, id, e.CoachID, now.UTC()); err != nil {
		return "", fmt.Errorf("hand over: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		insert into engagement (id, coach_id, state, state_at, follows_id, made_at) values ($1, $2, 'open', $3, $4, $3)`,
		next, to.ID, now.UTC(), id); err != nil {
		return "", fmt.Errorf("hand over: %w", err)
	}
	if err := s.makeLane(ctx, tx, newLane{kind: CoachLane, engagement: next, coach: to.ID}, now); err != nil {
		return "", err
	}
	for _, c := range accepted {
		if err := s.place(ctx, tx, next, c.Person, nil, now); err != nil {
			return "", err
		}
	}
	if err := s.carryPolicy(ctx, tx, id, next, to, len(accepted), now); err != nil {
		return "", err
	}
	return next, audit.Record(ctx, tx, audit.Entry{At: now, Actor: byCoach(by.ID), Act: "engagement taken over", About: string(next),
		Detail: map[string]string{"from": string(id), "to": string(to.ID)}})
}
