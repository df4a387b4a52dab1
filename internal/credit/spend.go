package credit

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// SpendOf is an hour that sessions are used for.
type SpendOf struct {
	Holder   Holder
	Type     string // slug
	StartsAt time.Time
	Credits  int
	Booking  BookingID
	By       audit.Actor
}

// Spend uses sessions for a booking, those that expire first before others. The
// hour must begin on or before their last day in the practice's zone.
//
// Errors, all with slug no-credit: ErrNoCredit, ErrOnHold, and that what is left
// ends earlier or is too little.
func Spend(ctx context.Context, tx *pg.Tx, s SpendOf, now time.Time) error {
	if s.Credits < 1 {
		return nil
	}
	if err := s.Holder.check(); err != nil {
		return err
	}
	wallet, found, err := lock(ctx, tx, s.Holder, now)
	if err != nil {
		return err
	}
	if !found {
		return ErrNoCredit
	}
	return spendFrom(ctx, tx, wallet, s, now)
}

// usable is a lot that a session could come from.
type usable struct {
	ID        LotID  `db:"id"`
	Remaining int    `db:"remaining"`
	Held      bool   `db:"held"`
	ExpiresOn string `db:"expires_on"`
	Zone      string `db:"timezone"` // the practice's
	Uses      int    `db:"uses"`     // of this booking so far
}

// until reports whether a session that begins then can come from the lot.
func (u usable) until(start time.Time) bool {
	return u.ExpiresOn == "" || dateOf(start, practice.Zone(u.Zone)) <= u.ExpiresOn
}

func spendFrom(ctx context.Context, tx *pg.Tx, wallet WalletID, s SpendOf, now time.Time) error {
	var lots []usable
	if err := tx.Select(ctx, &lots, `
		select l.id, l.remaining, l.holds > 0 as held, coalesce(to_char(l.expires_on, 'YYYY-MM-DD'), '') as expires_on, pr.timezone,
			(select count(*) from credit_movement m where m.lot_id = l.id and m.booking_id = $3 and m.kind = 'use') as uses
		from credit_lot l
		cross join practice pr
		where l.wallet_id = $1 and l.remaining > 0 and l.types @> to_jsonb(cast($2 as text))
		order by l.expires_on nulls last, l.made_at, l.id`, wallet, s.Type, s.Booking); err != nil {
		return fmt.Errorf("find sessions: %w", err)
	}
	fit, err := fitting(lots, s.StartsAt, s.Credits, now)
	if err != nil {
		return err
	}
	for left, i := s.Credits, 0; left > 0; i++ {
		take := min(left, fit[i].Remaining)
		left -= take
		if _, err := write(ctx, tx, movement{lot: fit[i].ID, kind: Used, amount: -take, key: fmt.Sprintf("use %s %d", s.Booking, fit[i].Uses),
			by: s.By, booking: s.Booking, startsAt: s.StartsAt, typ: s.Type}, now); err != nil {
			return err
		}
	}
	return nil
}

// fitting picks the lots for an hour, or says why there are not enough.
func fitting(lots []usable, start time.Time, needed int, now time.Time) (fit []usable, err error) {
	total, held, last := 0, false, ""
	for _, l := range lots {
		switch {
		case !l.until(now): // over, and not yet written off
		case l.Held:
			held = true
		case !l.until(start):
			last = l.ExpiresOn
		default:
			total += l.Remaining
			fit = append(fit, l)
		}
	}
	switch {
	case total >= needed:
		return fit, nil
	case last != "":
		return nil, tooLate(last)
	case held:
		return nil, ErrOnHold
	case total > 0:
		return nil, notEnough(needed, total)
	}
	return nil, ErrNoCredit
}

// MoveOf is an hour that became another one.
type MoveOf struct {
	Booking  BookingID
	Type     string
	StartsAt time.Time // from now on
	By       audit.Actor

	// Prolong lets sessions that end before the new hour last until it, which
	// is for the coach who moves it. Else they come from others that do.
	Prolong bool
}

// Move notes that a booking which uses sessions has another hour. One that uses
// none is left alone.
//
// Errors: those of Spend.
func Move(ctx context.Context, tx *pg.Tx, m MoveOf, now time.Time) error {
	taken, err := takeUsed(ctx, tx, m.Booking, now)
	if err != nil || len(taken) == 0 {
		return err
	}
	inTime, total := true, 0
	for _, l := range taken {
		total += l.Out
		inTime = inTime && (m.Prolong || l.lasts(m.StartsAt))
	}
	if !inTime {
		if _, err := giveBack(ctx, tx, taken, m.Booking, "", words{}, m.By, now); err != nil {
			return err
		}
		return spendFrom(ctx, tx, taken[0].Wallet, SpendOf{Type: m.Type, StartsAt: m.StartsAt, Credits: total, Booking: m.Booking, By: m.By}, now)
	}
	for _, l := range taken {
		if day := dateOf(m.StartsAt, practice.Zone(l.Zone)); !l.lasts(m.StartsAt) {
			if _, err := write(ctx, tx, movement{lot: l.Lot, kind: Extended, key: fmt.Sprintf("extend %s %d", m.Booking, l.Lines), by: m.By, expiresOn: day}, now); err != nil {
				return err
			}
		}
		if _, err := write(ctx, tx, movement{lot: l.Lot, kind: Moved, key: fmt.Sprintf("move %s %d", m.Booking, l.Lines), by: m.By,
			booking: m.Booking, startsAt: m.StartsAt, typ: m.Type}, now); err != nil {
			return err
		}
	}
	return nil
}
