package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// ForgetOld deletes enquiries that led to nothing once the practice's time for
// keeping them is over: the bookings, what was written with them together with
// its key, and the person when nothing else is known of them. What remains is
// an audit line that names nobody.
func (s *Service) ForgetOld(ctx context.Context) error {
	p, err := practice.Own(ctx, s.DB)
	if err != nil {
		return err
	}
	now := s.Now()
	before := now.AddDate(0, 0, -p.KeptDays)
	old, err := people.OldProspects(ctx, s.DB, before)
	if err != nil {
		return err
	}
	for _, id := range old {
		if err := s.DB.InTx(ctx, func(tx *pg.Tx) error { return forget(ctx, tx, id, before, now) }); err != nil {
			return err
		}
	}
	return nil
}

func forget(ctx context.Context, tx *pg.Tx, id people.ID, before, now time.Time) error {
	known, err := engagement.Forget(ctx, tx, id, before)
	if err != nil {
		return err
	}
	if known {
		return people.Keep(ctx, tx, id, true)
	}
	var gone []string
	if err := tx.Select(ctx, &gone, `
		delete from booking
		where person_id = $1 and ends_at < $2 and changed_at < $2
		returning id`, id, before); err != nil {
		return fmt.Errorf("forget enquiry: %w", err)
	}
	for _, booking := range gone {
		if err := mail.Forget(ctx, tx, booking); err != nil {
			return err
		}
	}
	var left int
	if err := tx.Get(ctx, &left, `select count(*) from booking where person_id = $1`, id); err != nil {
		return fmt.Errorf("forget enquiry: %w", err)
	}
	if left > 0 {
		return nil
	}
	system := audit.Actor{Kind: audit.System}
	if err := engagement.EraseLanesOf(ctx, tx, []people.ID{id}, system, now); err != nil {
		return err
	}
	erased, err := people.EraseProspect(ctx, tx, id)
	if err == nil && !erased {
		err = errors.New("forget enquiry: whoever it is works here now")
	}
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: system, Act: "old enquiry deleted"})
}
