package reception

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Join makes two records one person at the desk. Both keep their address, their
// links and their letters, so nobody outside the practice notices anything, and
// it can be taken back. A viewer joins only records they look after both.
func (r *Reception) Join(ctx context.Context, v booking.Viewer, keep, other people.ID) error {
	now := r.Now()
	err := r.DB.InTx(ctx, func(tx *pg.Tx) error {
		for _, id := range []people.ID{keep, other} {
			if _, err := FindRecords(ctx, tx, v, id); err != nil {
				return err
			}
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
