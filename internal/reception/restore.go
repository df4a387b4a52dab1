package reception

import (
	"context"

	"kintsugi/internal/engagement"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// BeginRestore starts the wait after which a client of the coach can start over
// who has lost every second proof. The coach has said the word in a call.
func (r *Reception) BeginRestore(ctx context.Context, s *login.Service, coach people.Coach, id engagement.ID, client people.ID, word string) error {
	err := r.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) error {
		if err := worksWith(ctx, tx, coach, id, client); err != nil {
			return err
		}
		return s.BeginRestore(ctx, tx, coach.ID, client, word, r.Now())
	})
	return r.told(err, "begin restore")
}

// CallOffRestore ends that wait.
func (r *Reception) CallOffRestore(ctx context.Context, coach people.Coach, id engagement.ID, client people.ID) error {
	err := r.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) error {
		if err := worksWith(ctx, tx, coach, id, client); err != nil {
			return err
		}
		return login.CancelRestore(ctx, tx, coach.ID, client, r.Now())
	})
	return r.told(err, "call restore off")
}

// worksWith finds nothing unless a coach works with a client.
func worksWith(ctx context.Context, tx *pg.Tx, coach people.Coach, id engagement.ID, client people.ID) error {
	e, err := engagement.Find(ctx, tx, coach, id)
	if err != nil {
		return err
	}
	c, is := e.Client(client)
	if e.CoachID != coach.ID || !is || c.Place != engagement.Accepted {
		return engagement.ErrNothing
	}
	return nil
}
