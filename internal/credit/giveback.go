package credit

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
)

// used is what a booking has taken from one lot and not given back.
type used struct {
	Lot       LotID     `db:"lot_id"`
	Wallet    WalletID  `db:"wallet_id"`
	Out       int       `db:"out"`
	Lines     int       `db:"lines"` // on this lot about this booking so far
	Lost      bool      `db:"lost"`  // it was said to be forfeited
	StartsAt  time.Time `db:"starts_at"`
	Type      string    `db:"type"`
	ExpiresOn string    `db:"expires_on"`
	Zone      string    `db:"timezone"`
}

func (u used) lasts(start time.Time) bool {
	return u.ExpiresOn == "" || dateOf(start, practice.Zone(u.Zone)) <= u.ExpiresOn
}

// takeUsed holds the wallet of a booking and gives what it uses.
func takeUsed(ctx context.Context, tx *pg.Tx, b BookingID, now time.Time) ([]used, error) {
	if _, err := tx.Exec(ctx, `
		update wallet set touched_at = $2
		where id in (select l.wallet_id from credit_movement m join credit_lot l on l.id = m.lot_id where m.booking_id = $1)`, b, now.UTC()); err != nil {
		return nil, fmt.Errorf("take wallet: %w", err)
	}
	var found []used
	err := tx.Select(ctx, &found, `
		select l.id as lot_id, l.wallet_id, s.out, s.lines, s.lost, s.starts_at, s.type,
			coalesce(to_char(l.expires_on, 'YYYY-MM-DD'), '') as expires_on, pr.timezone
		from (
			select m.lot_id, -sum(m.amount) as out, count(*) as lines,
				coalesce((array_agg(m.kind order by m.id desc) filter (where m.kind in ('forfeit', 'reinstate')))[1] = 'forfeit', false) as lost,
				(array_agg(m.starts_at order by m.id desc) filter (where m.starts_at is not null))[1] as starts_at,
				(array_agg(m.type order by m.id desc) filter (where m.type <> ''))[1] as type
			from credit_movement m
			where m.booking_id = $1
			group by m.lot_id) s
		join credit_lot l on l.id = s.lot_id
		cross join practice pr
		where s.out > 0
		order by l.expires_on nulls last, l.id`, b)
	if err != nil {
		return nil, fmt.Errorf("find what is used: %w", err)
	}
	return found, nil
}

// GiveBack returns what a booking has used and says how many that were. Doing it
// again returns nothing more; a booking that uses none is left alone.
func GiveBack(ctx context.Context, tx *pg.Tx, b BookingID, reason string, by audit.Actor, now time.Time) (int, error) {
	taken, err := takeUsed(ctx, tx, b, now)
	if err != nil {
		return 0, err
	}
	return giveBack(ctx, tx, taken, b, reason, words{}, by, now)
}

func giveBack(ctx context.Context, tx *pg.Tx, taken []used, b BookingID, reason string, why words, by audit.Actor, now time.Time) (n int, err error) {
	for _, l := range taken {
		if _, err := write(ctx, tx, movement{lot: l.Lot, kind: Returned, amount: l.Out, key: fmt.Sprintf("return %s %d", b, l.Lines),
			reason: reason, words: why, by: by, booking: b, startsAt: l.StartsAt, typ: l.Type}, now); err != nil {
			return 0, err
		}
		n += l.Out
	}
	return n, nil
}

// The reasons that follow from a rule, as everybody may read them.
const (
	InTime     = "called off in time"
	Late       = "called off after the time for it"
	Missed     = "the call did not take place"
	ByCoach    = "called off by the coach"
	ByDecline  = "the request was declined"
	Unanswered = "the request was not answered in time"
)

// GraceDays is how long sessions last at least when it was not the client who
// called an hour off.
const GraceDays = 30

// GiveBackLasting is GiveBack for an hour that the coach called off or never
// answered: what returns lasts at least GraceDays more days.
func GiveBackLasting(ctx context.Context, tx *pg.Tx, b BookingID, reason string, by audit.Actor, now time.Time) (int, error) {
	return giveBackLasting(ctx, tx, b, reason, words{}, by, now)
}

// GiveBackBy is GiveBackLasting by the word of a coach, who says why.
//
// Errors: Invalid with field reason.
func GiveBackBy(ctx context.Context, tx *pg.Tx, keys *seal.Keyset, b BookingID, reason string, by audit.Actor, now time.Time) (int, error) {
	why, err := written(keys, reason)
	if err != nil {
		return 0, err
	}
	return giveBackLasting(ctx, tx, b, "", why, by, now)
}

func giveBackLasting(ctx context.Context, tx *pg.Tx, b BookingID, reason string, why words, by audit.Actor, now time.Time) (int, error) {
	taken, err := takeUsed(ctx, tx, b, now)
	if err != nil {
		return 0, err
	}
	n, err := giveBack(ctx, tx, taken, b, reason, why, by, now)
	if err != nil {
		return 0, err
	}
	for _, l := range taken {
		zone := practice.Zone(l.Zone)
		if day := dateOf(now.In(zone).AddDate(0, 0, GraceDays), zone); l.ExpiresOn != "" && l.ExpiresOn < day {
			if _, err := write(ctx, tx, movement{lot: l.Lot, kind: Extended, key: fmt.Sprintf("last %s %d", b, l.Lines), by: by, expiresOn: day}, now); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// Forfeit notes that what a booking has used stays used, and why. Saying it
// again changes nothing.
func Forfeit(ctx context.Context, tx *pg.Tx, b BookingID, reason string, by audit.Actor, now time.Time) error {
	return say(ctx, tx, Forfeited, b, reason, by, now)
}

// TakeBackForfeit notes that a forfeit was an error: the session counts as
// booked or held, as the booking says.
func TakeBackForfeit(ctx context.Context, tx *pg.Tx, b BookingID, by audit.Actor, now time.Time) error {
	return say(ctx, tx, Reinstate, b, "", by, now)
}

func say(ctx context.Context, tx *pg.Tx, kind Kind, b BookingID, reason string, by audit.Actor, now time.Time) error {
	taken, err := takeUsed(ctx, tx, b, now)
	if err != nil {
		return err
	}
	for _, l := range taken {
		if l.Lost == (kind == Forfeited) {
			continue
		}
		if _, err := write(ctx, tx, movement{lot: l.Lot, kind: kind, key: fmt.Sprintf("%s %s %d", kind, b, l.Lines), reason: reason, by: by,
			booking: b, startsAt: l.StartsAt, typ: l.Type}, now); err != nil {
			return err
		}
	}
	return nil
}

// Standing is what became of the sessions of a booking.
type Standing struct {
	Booking BookingID `db:"booking_id"`
	Credits int       `db:"credits"` // used and not given back
	Lost    bool      `db:"lost"`    // they are forfeited
}

// Standings tells it of bookings that ever used any, in one statement.
func Standings(ctx context.Context, q pg.Conn, bookings []BookingID) (map[BookingID]Standing, error) {
	ids := make([]string, len(bookings))
	for i, b := range bookings {
		ids[i] = string(b)
	}
	var found []Standing
	if err := q.Select(ctx, &found, `
		select m.booking_id, -sum(m.amount) as credits,
			coalesce((array_agg(m.kind order by m.id desc) filter (where m.kind in ('forfeit', 'reinstate')))[1] = 'forfeit', false) as lost
		from credit_movement m
		where m.booking_id = any ($1)
		group by m.booking_id`, pg.Array(ids)); err != nil {
		return nil, fmt.Errorf("find what is used: %w", err)
	}
	all := make(map[BookingID]Standing, len(found))
	for _, s := range found {
		all[s.Booking] = s
	}
	return all, nil
}
