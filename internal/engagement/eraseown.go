package engagement

import (
	"context"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// EraseOwn makes everything in a client's own lane unreadable for good, what the
// coach wrote to them in it too. Where the work goes on, a new and empty lane
// takes its place. What both clients read is not one client's to erase, and the
// coach's own notes are the coach's.
func (s *Service) EraseOwn(ctx context.Context, tx *pg.Tx, person people.ID, id LaneID, now time.Time) error {
	lane, err := FindLane(ctx, tx, person, id)
	if err != nil {
		return err
	}
	if lane.Of != person {
		return ErrNothing
	}
	if lane.Kind == PersonalLane {
		return EraseLane(ctx, tx, id, byClient(person), now)
	}
	e, c, err := takeOf(ctx, tx, person, lane.Engagement)
	if err != nil {
		return err
	}
	if err := EraseLane(ctx, tx, id, byClient(person), now); err != nil {
		return err
	}
	if !lane.ClosedAt.IsZero() || c.Place != Accepted || e.State == Ended {
		return nil
	}
	if err := s.makeLane(ctx, tx, newLane{kind: lane.Kind, engagement: e.ID, of: person, coach: e.CoachID, clients: []people.ID{person}}, now); err != nil {
		return err
	}
	return s.settle(ctx, tx, e.ID, now)
}
