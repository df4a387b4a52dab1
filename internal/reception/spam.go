package reception

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// MarkSpam notes that a record is nobody's: their hours are free again, no
// letter goes to the address from now on, and they leave the list. Nobody is
// told, and the public pages answer this address like any other.
func (r *Reception) MarkSpam(ctx context.Context, v booking.Viewer, record people.ID) (freed int, err error) {
	now := r.Now()
	err = r.DB.InTx(ctx, func(tx *pg.Tx) error {
		records, err := FindRecords(ctx, tx, v, record)
		if err != nil {
			return err
		}
		freed = 0
		for _, rec := range records {
			changed, err := people.MarkSpam(ctx, tx, rec.ID, now)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			n, err := r.Booking.Withdraw(ctx, tx, v, rec.ID, now)
			if err != nil {
				return err
			}
			freed += n
			if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: actor(v), Act: "marked as spam", About: string(rec.ID),
				Detail: map[string]int{"calls cancelled": n}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("mark as spam: %w", err)
	}
	if r.Booking.Wake != nil {
		r.Booking.Wake()
	}
	return freed, nil
}

// UnmarkSpam takes the mark off again. Calls that were cancelled stay so.
func (r *Reception) UnmarkSpam(ctx context.Context, v booking.Viewer, record people.ID) error {
	now := r.Now()
	err := r.DB.InTx(ctx, func(tx *pg.Tx) error {
		records, err := FindRecords(ctx, tx, v, record)
		if err != nil {
			return err
		}
		for _, rec := range records {
			changed, err := people.UnmarkSpam(ctx, tx, rec.ID)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: actor(v), Act: "spam mark taken off", About: string(rec.ID)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take spam mark off: %w", err)
	}
	return nil
}
