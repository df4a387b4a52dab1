package reception

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Join makes two records one person at the desk. Both keep their address, their
// links and their letters, so nobody outside the practice notices anything, and
// it can be taken back. A viewer joins only records they look after both.
func (r *Reception) Join(ctx context.Context, v booking.Viewer, keep, other people.ID) error {
	now := r.Now()
	err := r.DB.InTx(ctx, func(tx *pg.Tx) error {
		var sides [2][]people.ID
		for i, id := range []people.ID{keep, other} {
			records, err := FindRecords(ctx, tx, v, id)
			if err != nil {
				return err
			}
			sides[i] = Card{Records: records}.IDs()
		}
		if err := notPartners(ctx, tx, sides[0], sides[1]); err != nil {
			return err
		}
		if err := people.Join(ctx, tx, keep, other); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actor(v), Act: "records joined", About: string(keep),
			Detail: map[string]people.ID{"joined": other}})
	})
	if err != nil {
		return fmt.Errorf("join: %w", err)
	}
	return nil
}

// notPartners refuses to make one person of two who work with a coach together:
// their cards, their hours and their letters would run into each other.
func notPartners(ctx context.Context, q pg.Conn, one, other []people.ID) error {
	var together bool
	if err := q.Get(ctx, &together, `
		select exists (
			select from participant a
			join participant b on b.engagement_id = a.engagement_id and b.person_id <> a.person_id
			where a.person_id = any ($1) and b.person_id = any ($2))`, people.IDs(one), people.IDs(other)); err != nil {
		return fmt.Errorf("look whether two work together: %w", err)
	}
	if together {
		return fault.InvalidField("other", "These two are in one work together, so they are two people.")
	}
	return nil
}

// Part takes a joining back.
func (r *Reception) Part(ctx context.Context, v booking.Viewer, record people.ID) error {
	now := r.Now()
	err := r.DB.InTx(ctx, func(tx *pg.Tx) error {
		if _, err := FindRecords(ctx, tx, v, record); err != nil {
			return err
		}
		from, err := people.Part(ctx, tx, record)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actor(v), Act: "records parted", About: string(record),
			Detail: map[string]people.ID{"parted from": from}})
	})
	if err != nil {
		return fmt.Errorf("part: %w", err)
	}
	return nil
}
