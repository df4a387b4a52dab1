package engagement

import (
	"context"
	"fmt"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Hour is for whom an hour of an engagement is promised: the clients who may
// know of it, and the lane that says so.
type Hour struct {
	Engagement ID
	Lane       LaneID
	Clients    []Client // one, or both
}

// The refusals to promise an hour.
var (
	ErrPaused = fault.New(fault.Conflict, "There is a pause, so no new hours are arranged. What is arranged stands.")
	ErrAlone  = fault.InvalidField("for", "An hour for both can be arranged once both have accepted their invitation. Choose a kind of appointment for one of them, or wait.")
	errNobody = fault.InvalidField("for", "Choose for whom the hour is.")
)

// Hold finds for whom an hour with a coach is, and keeps the engagement as it is
// until the transaction ends: somebody who leaves meanwhile waits, and leaves
// afterwards. Of names the client whose own hour it is; empty, it is for both.
//
// Errors: ErrNothing, ErrEnded, ErrPaused; Invalid with field for.
func Hold(ctx context.Context, tx *pg.Tx, coach people.ID, id ID, of people.ID) (Hour, error) {
	e, err := takeOwn(ctx, tx, coach, id)
	switch {
	case err != nil:
		return Hour{}, err
	case e.State == Ended:
		return Hour{}, ErrEnded
	case e.State == Paused:
		return Hour{}, ErrPaused
	}
	h := Hour{Engagement: id, Clients: e.Accepted()}
	kind := JointLane
	if of == "" && len(h.Clients) != 2 {
		return Hour{}, ErrAlone
	}
	if of != "" {
		c, is := e.Client(of)
		if !is || c.Place != Accepted {
			return Hour{}, errNobody
		}
		h.Clients, kind = []Client{c}, IndividualLane
	}
	err = tx.Get(ctx, &h.Lane, `
		select id from lane
		where engagement_id = $1 and kind = $2 and closed_at is null and ($3 = '' or person_id = nullif($3, '')::uuid)`, id, kind, string(of))
	if err != nil {
		return Hour{}, fmt.Errorf("find for whom an hour is: %w", err)
	}
	return h, nil
}
