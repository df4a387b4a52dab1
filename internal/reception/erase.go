package reception

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// ErrClient is the refusal to erase somebody whom the practice works with.
var ErrClient = fault.New(fault.Conflict, "They are a client. Set where they stand to ended first; then erase.")

// ErrHasSessions is the refusal to erase somebody who has sessions left.
var ErrHasSessions = fault.New(fault.Conflict, "They have sessions left. Take those out first, with the reason, or let them be used; then erase.")

// ErrWorked is the refusal to erase somebody who is or was in work with a coach, or
// is asked into it.
var ErrWorked = fault.New(fault.Conflict, "They work or worked with a coach here, or are invited to. What is kept of such work is not theirs alone, so they cannot be erased from here; in their own space they can erase what is.")

// Erase deletes a prospect: their calls, letters, notes, standing, and the keys
// of everything that was sealed. The keys are destroyed again in a copy of the
// database from before, when it is used. It refuses while a call is to come, for
// clients, for whoever was ever in work with a coach or works here, and for a coach
// where another coach knows the person too. What stays is a line that names nobody.
func (r *Reception) Erase(ctx context.Context, v booking.Viewer, id people.ID) error {
	err := r.with(ctx, v, id, "erase", func(tx *pg.Tx, records []Record) error {
		if v.Role == people.Assistant {
			return ErrNobody
		}
		now := r.Now()
		ids := Card{Records: records}.IDs()
		standing, err := office.Find(ctx, tx, r.Keys, ids)
		if err != nil {
			return err
		}
		var shared bool
		if err := tx.Get(ctx, &shared, `
			select exists (select from booking where person_id = any ($1) and coach_id <> $2)
			    or exists (select from person_coach where person_id = any ($1) and coach_id <> $2)
			    or exists (select from person where id = any ($1) and merged_into is not null and merged_into <> all ($1))
			    or exists (select from person where merged_into = any ($1) and id <> all ($1))
			    or exists (select from participant m join engagement e on e.id = m.engagement_id where m.person_id = any ($1) and e.coach_id <> $2)`, people.IDs(ids), v.ID); err != nil {
			return fmt.Errorf("erase: %w", err)
		}
		if shared && !everyone(v) {
			return fault.New(fault.Conflict, "This person can be erased by the owner of the practice only. Ask them to do it.")
		}
		for _, one := range ids {
			if worked, err := engagement.Forget(ctx, tx, one, now); err != nil {
				return err
			} else if worked {
				return ErrWorked
			}
		}
		if standing.Stage == office.Client {
			return ErrClient
		}
		left, err := credit.LeftOf(ctx, tx, ids, now)
		if err != nil {
			return err
		}
		if left > 0 {
			return ErrHasSessions
		}
		calls, err := booking.EraseOf(ctx, tx, ids, now)
		if err != nil {
			return err
		}
		if err := engagement.EraseLanesOf(ctx, tx, ids, actor(v), now); err != nil {
			return err
		}
		// The record that stands for the person goes last, so that none that was
		// joined to it becomes a person of its own in between.
		for i := len(ids) - 1; i >= 0; i-- {
			erased, err := people.EraseProspect(ctx, tx, ids[i])
			if err != nil {
				return err
			}
			if !erased {
				return ErrNobody
			}
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actor(v), Act: "person erased", Detail: map[string]int{"calls": calls}})
	})
	return err
}
