package credit

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
)

// Most is how many sessions one act of a coach can give or take.
const Most = 100

// AdjustOf is sessions that a coach adds to a lot or takes out of it.
type AdjustOf struct {
	Lot    LotID
	Amount int // below zero to take out
	Reason string
	Key    string
}

// Adjust changes what is left of a lot by a movement with a reason. It is for
// the coach alone whose sessions they are.
//
// Errors: ErrNothing; Invalid with fields amount, reason.
func Adjust(ctx context.Context, tx *pg.Tx, keys *seal.Keyset, coach people.Coach, a AdjustOf, now time.Time) error {
	lot, err := takeLot(ctx, tx, coach, a.Lot, now)
	if err != nil {
		return err
	}
	reason, err := written(keys, a.Reason)
	if err != nil {
		return err
	}
	switch {
	case a.Amount == 0 || a.Amount > Most || a.Amount < -Most:
		return fault.InvalidField("amount", fmt.Sprintf("Write how many sessions to add or take out, from 1 to %d.", Most))
	case lot.Remaining+a.Amount < 0:
		return fault.InvalidField("amount", fmt.Sprintf("Only %s left here, so no more than that can be taken out.", sayLeft(lot.Remaining)))
	}
	_, err = write(ctx, tx, movement{lot: a.Lot, kind: Adjusted, amount: a.Amount, key: "adjust " + a.Key, words: reason, by: byCoach(coach)}, now)
	return err
}

// ExtendOf is another last day for a lot.
type ExtendOf struct {
	Lot    LotID
	Until  string // yyyy-mm-dd; empty for no end
	Reason string
	Key    string
}

// Extend lets a lot last until a later day. A day that was promised is never
// taken back.
//
// Errors: ErrNothing; Invalid with fields until, reason.
func Extend(ctx context.Context, tx *pg.Tx, keys *seal.Keyset, coach people.Coach, e ExtendOf, now time.Time) error {
	lot, err := takeLot(ctx, tx, coach, e.Lot, now)
	if err != nil {
		return err
	}
	reason, err := written(keys, e.Reason)
	if err != nil {
		return err
	}
	if lot.ExpiresOn == "" {
		return fault.InvalidField("until", "These sessions have no last day already.")
	}
	if e.Until != "" {
		if err := checkUntil(e.Until, dateOf(now, practice.Zone(lot.Zone))); err != nil {
			return err
		}
		if e.Until < lot.ExpiresOn {
			return fault.InvalidField("until", "They last until "+SayDate(lot.ExpiresOn)+" already. Choose a later day.")
		}
	}
	_, err = write(ctx, tx, movement{lot: e.Lot, kind: Extended, key: "extend " + e.Key, words: reason, by: byCoach(coach), expiresOn: e.Until}, now)
	return err
}

// GiveOf is sessions as a gift.
type GiveOf struct {
	Holder   Holder
	Sessions int
	Types    practice.Slugs
	Until    string // yyyy-mm-dd; empty for no end
	Reason   string
	Key      string
}

// Give puts sessions into a wallet without anybody paying for them: for types
// that the coach holds, all for both clients or all for one.
//
// Errors: ErrNothing, engagement.ErrNothing; Invalid with fields types, sessions, until, reason.
func Give(ctx context.Context, tx *pg.Tx, keys *seal.Keyset, coach people.Coach, g GiveOf, now time.Time) (Lot, error) {
	if coach.Role == people.Assistant {
		return Lot{}, ErrNothing
	}
	if g.Holder.Joint() {
		e, err := engagement.Find(ctx, tx, coach, g.Holder.Engagement)
		if err != nil {
			return Lot{}, err
		}
		if e.CoachID != coach.ID {
			return Lot{}, ErrNothing
		}
	}
	reason, err := written(keys, g.Reason)
	if err != nil {
		return Lot{}, err
	}
	if g.Sessions < 1 || g.Sessions > Most {
		return Lot{}, fault.InvalidField("sessions", fmt.Sprintf("Write how many sessions to give, from 1 to %d.", Most))
	}
	lane := practice.Individual
	if g.Holder.Joint() {
		lane = practice.Joint
	}
	var fit int
	if err := tx.Get(ctx, &fit, `
		select count(*)
		from appointment_type t
		join type_coach tc on tc.type_id = t.id and tc.coach_id = $2
		where t.slug = any ($1) and t.lane = $3 and t.credits > 0 and not t.withdrawn`, pg.Array(g.Types), coach.ID, lane); err != nil {
		return Lot{}, fmt.Errorf("give sessions: %w", err)
	}
	if fit == 0 || fit != len(g.Types) {
		return Lot{}, fault.InvalidField("types", "Choose what the sessions can be used for.")
	}
	if g.Until != "" {
		basics, err := practice.LoadBasics(ctx, tx)
		if err != nil {
			return Lot{}, err
		}
		if err := checkUntil(g.Until, dateOf(now, basics.Zone())); err != nil {
			return Lot{}, err
		}
	}
	return grant(ctx, tx, GrantOf{Holder: g.Holder, Sessions: g.Sessions, Types: g.Types, Until: g.Until, Source: Gift, Key: "gift " + g.Key,
		By: byCoach(coach)}, reason, now)
}

// Gift is the source of sessions that nobody paid for.
const Gift = "gift"

func byCoach(c people.Coach) audit.Actor {
	return audit.Actor{Kind: audit.Coach, ID: string(c.ID)}
}

func checkUntil(until, today string) error {
	day, err := time.Parse(time.DateOnly, until)
	if err != nil || day.Year() > 2200 {
		return fault.InvalidField("until", "Write the day as year, month and day, like 2026-12-08.")
	}
	if until < today {
		return fault.InvalidField("until", "This day is over. Choose today or a later one.")
	}
	return nil
}

func sayLeft(n int) string {
	if n == 1 {
		return "1 session is"
	}
	return fmt.Sprintf("%d sessions are", n)
}

// takeLot holds the wallet of a lot and gives the lot to the coach whose it is.
func takeLot(ctx context.Context, tx *pg.Tx, coach people.Coach, id LotID, now time.Time) (Lot, error) {
	if !isID(string(id)) {
		return Lot{}, ErrNothing
	}
	if _, err := tx.Exec(ctx, `
		update wallet set touched_at = $2 where id = (select wallet_id from credit_lot where id = $1)`, id, now.UTC()); err != nil {
		return Lot{}, fmt.Errorf("take wallet: %w", err)
	}
	found, err := lots(ctx, tx, seenBy+` and l.id = $3`, coach.ID, string(coach.Role), id)
	if err != nil {
		return Lot{}, err
	}
	if len(found) == 0 || !found[0].Own {
		return Lot{}, ErrNothing
	}
	return found[0], nil
}
