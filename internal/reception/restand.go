package reception

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/login"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// leftReason stands at the desk where a client ended it, who was asked for none.
const leftReason = "other"

// restand notes at the desk where somebody stands now by what they are in, and
// leaves the rest of what the office keeps as it is. Reason is why it ended, for
// somebody who is in nothing any more.
func (r *Reception) restand(ctx context.Context, tx *pg.Tx, person people.ID, reason string, by audit.Actor) error {
	records, err := recordsOf(ctx, tx, person)
	if err != nil {
		return err
	}
	places, err := engagement.PlacesOf(ctx, tx, records)
	if err != nil {
		return err
	}
	was, err := office.Find(ctx, tx, r.Keys, records)
	if err != nil {
		return err
	}
	now := was
	switch {
	case places.Client:
		now.Stage = office.Client
	case places.Invited:
		now.Stage = office.Invited
	case places.Before:
		now.Stage = office.Ended
	case was.Stage == office.Invited:
		now.Stage = "" // it follows from their calls again
	}
	if now.Stage == was.Stage {
		return people.Keep(ctx, tx, person, places != engagement.Places{})
	}
	if now.Reason = ""; now.Stage == office.Ended {
		now.Reason = reason
	}
	if err := office.Place(ctx, tx, r.Keys, records, now, by, r.Now()); err != nil {
		return err
	}
	return people.Keep(ctx, tx, person, places != engagement.Places{})
}

// restandAll is restand for everybody who was in an engagement or invited to it.
func (r *Reception) restandAll(ctx context.Context, tx *pg.Tx, was engagement.Engagement, reason string, coach people.Coach) error {
	for _, c := range was.Seated() {
		if err := r.restand(ctx, tx, c.Person, reason, byCoach(coach)); err != nil {
			return err
		}
	}
	return nil
}

// recordsOf names all records of a person, the one that stands for them first.
func recordsOf(ctx context.Context, tx *pg.Tx, person people.ID) ([]people.ID, error) {
	var ids []people.ID
	if err := tx.Select(ctx, &ids, `
		select p.id
		from person own
		join person p on coalesce(p.merged_into, p.id) = coalesce(own.merged_into, own.id)
		where own.id = $1
		order by p.merged_into is not null, p.made_at, p.id`, person); err != nil {
		return nil, fmt.Errorf("find records: %w", err)
	}
	if len(ids) == 0 {
		return nil, ErrNobody
	}
	return ids, nil
}

// outsideFor is how long somebody who said no, or whose invitation ran out, can
// still sign in and read so.
const outsideFor = 30 * 24 * time.Hour

// CloseDoors ends the sign-in of those for whom nothing has been here for a
// month: nothing that they work on, bought, were given or were offered. Another
// invitation opens it again.
func (r *Reception) CloseDoors(ctx context.Context) error {
	since := r.Now().Add(-outsideFor)
	outside, err := engagement.Outside(ctx, r.DB, since)
	if err != nil || len(outside) == 0 {
		return err
	}
	if err := r.DB.Select(ctx, &outside, `
		select p.id
		from person p
		where p.id = any ($1)
		  and not exists (select from purchase o where o.buyer_id = p.id)
		  and not exists (select from wallet w join credit_lot l on l.wallet_id = w.id where w.person_id = p.id)
		  and not exists (select from package_offer f where f.person_id = p.id and f.withdrawn_at is null)
		order by p.id`, people.IDs(outside)); err != nil {
		return fmt.Errorf("close doors: %w", err)
	}
	for _, person := range outside {
		err := r.DB.InTx(ctx, func(tx *pg.Tx) error { return login.Bar(ctx, tx, person, r.Now()) })
		if err != nil {
			return fmt.Errorf("close doors: %w", err)
		}
	}
	return nil
}
