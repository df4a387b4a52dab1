package payment

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// Follow takes the orders of an engagement along to the work that another coach
// goes on with, so that what is paid later gives its sessions there.
func Follow(ctx context.Context, tx *pg.Tx, was, next engagement.ID) error {
	if _, err := tx.Exec(ctx, `update purchase set engagement_id = $2 where engagement_id = $1`, was, next); err != nil {
		return fmt.Errorf("take orders along: %w", err)
	}
	return nil
}

// Begin moves the sessions for two that a client bought before their work with a
// coach began into the wallet of that work, if the coach holds what they are for.
// They last as long as before, and what is on hold stays so. From then on both
// see them, as the buyer was told.
func Begin(ctx context.Context, tx *pg.Tx, client people.ID, in engagement.ID, now time.Time) error {
	var ids []OrderID
	if err := tx.Select(ctx, &ids, `
		select o.id
		from purchase o
		where o.buyer_id = $1 and o.person_id = $1 and o.lane = $3 and exists (
			select from engagement e
			join type_coach tc on tc.coach_id = e.coach_id
			join appointment_type t on t.id = tc.type_id
			where e.id = $2 and o.types @> to_jsonb(t.slug))
		order by o.id
		for update`, client, in, practice.Joint); err != nil {
		return fmt.Errorf("find orders from before: %w", err)
	}
	for _, id := range ids {
		if _, err := tx.Exec(ctx, `update purchase set engagement_id = $2, person_id = null where id = $1`, id, in); err != nil {
			return fmt.Errorf("move order: %w", err)
		}
		o, err := findOrder(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, p := range o.Parts {
			if err := moveSessions(ctx, tx, o, p, now); err != nil {
				return fmt.Errorf("move sessions: %w", err)
			}
		}
	}
	return nil
}

func moveSessions(ctx context.Context, tx *pg.Tx, o Order, p Part, now time.Time) error {
	var until string
	if err := tx.Get(ctx, &until, `
		select coalesce(max(to_char(expires_on, 'YYYY-MM-DD')), '') from credit_lot where source = $1`, p.Source()); err != nil {
		return err
	}
	key := "begun " + string(o.Engagement)
	taken, err := credit.Revoke(ctx, tx, credit.RevokeOf{Source: p.Source(), AtMost: p.Sessions, Key: key, Reason: "moved to the work for both", By: buyerOf(o)}, now)
	if err != nil || taken == 0 {
		return err
	}
	if _, err := credit.Grant(ctx, tx, credit.GrantOf{
		Holder: o.Holder(), Sessions: taken, Types: o.Types, Until: until, Source: p.Source(), Key: key + " " + p.Source(), Reason: "bought before the work began", By: buyerOf(o),
	}, now); err != nil {
		return err
	}
	return holdAgain(ctx, tx, o.ID, p.Number, key, now)
}

// Bought is a purchase that was paid, as what follows from it needs to know it.
type Bought struct {
	Buyer people.ID `db:"buyer_id"`
	Lane  string    `db:"lane"`
}

// BoughtFor lists who has bought sessions that are for an engagement: those for
// two of it, and those for one of its clients that its coach holds.
func BoughtFor(ctx context.Context, q pg.Conn, in engagement.ID) ([]Bought, error) {
	var list []Bought
	err := q.Select(ctx, &list, `
		select distinct o.buyer_id, o.lane
		from purchase o
		join payment p on p.purchase_id = o.id and p.counts
		join participant m on m.person_id = o.buyer_id and m.engagement_id = $1 and m.state = 'accepted'
		where o.engagement_id = $1 or o.person_id is not null and o.lane = $2 and exists (
			select from engagement e
			join type_coach tc on tc.coach_id = e.coach_id
			join appointment_type t on t.id = tc.type_id
			where e.id = $1 and o.types @> to_jsonb(t.slug))
		order by o.buyer_id, o.lane`, in, practice.Individual)
	if err != nil {
		return nil, fmt.Errorf("list what was bought for work: %w", err)
	}
	return list, nil
}
