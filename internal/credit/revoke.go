package credit

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"
)

// RevokeOf is sessions that are taken out because their money went back.
type RevokeOf struct {
	Source string
	AtMost int
	Key    string
	Reason string
	By     audit.Actor
}

// Revoke takes at most so many unused sessions of a source out, the newest
// first, and says how many it were. What is used stays used. The second time
// under the same key it takes nothing more and gives the same answer.
func Revoke(ctx context.Context, tx *pg.Tx, r RevokeOf, now time.Time) (taken int, err error) {
	lots, err := takeSource(ctx, tx, r.Source, now)
	if err != nil || len(lots) == 0 {
		return 0, err
	}
	var before struct {
		Lines int `db:"lines"`
		Taken int `db:"taken"`
	}
	if err := tx.Get(ctx, &before, `
		select count(*) as lines, coalesce(-sum(m.amount), 0) as taken
		from credit_movement m
		join credit_lot l on l.id = m.lot_id
		where l.source = $1 and m.kind = 'revoke' and m.key = $2`, r.Source, "revoke "+r.Key); err != nil {
		return 0, fmt.Errorf("revoke: %w", err)
	}
	if before.Lines > 0 {
		return before.Taken, nil
	}
	for i := len(lots) - 1; i >= 0; i-- {
		n := min(max(r.AtMost, 0)-taken, lots[i].Remaining)
		// A line on each, also of nothing: it is what makes the second time harmless.
		if _, err := write(ctx, tx, movement{lot: lots[i].ID, kind: Revoked, amount: -n, key: "revoke " + r.Key, reason: r.Reason, by: r.By}, now); err != nil {
			return 0, err
		}
		taken += n
	}
	return taken, nil
}

// Freeze puts the unused sessions of a source on hold, and those that come back
// later: they stay where they are and cannot be used. Harmless twice by key, also
// once the hold has ended.
func Freeze(ctx context.Context, tx *pg.Tx, source, key string, by audit.Actor, now time.Time) error {
	lots, err := takeSource(ctx, tx, source, now)
	if err != nil {
		return err
	}
	var before int
	if err := tx.Get(ctx, &before, `
		select count(*) from credit_movement m join credit_lot l on l.id = m.lot_id where l.source = $1 and m.key = $2`, source, "freeze "+key); err != nil {
		return fmt.Errorf("freeze: %w", err)
	}
	if before > 0 {
		return nil // told late again: what came since has nothing to do with it
	}
	for _, l := range lots {
		if _, err := write(ctx, tx, movement{lot: l.ID, kind: Frozen, key: "freeze " + key, by: by}, now); err != nil {
			return err
		}
	}
	return nil
}

// Thaw ends a hold that Freeze began under the same key, and lets the sessions
// that are left last as many days longer as it took. Harmless twice, and without
// a hold.
func Thaw(ctx context.Context, tx *pg.Tx, source, key string, by audit.Actor, now time.Time) error {
	if _, err := takeSource(ctx, tx, source, now); err != nil {
		return err
	}
	var held []struct {
		ID        LotID     `db:"id"`
		At        time.Time `db:"at"`
		ExpiresOn time.Time `db:"expires_on"`
		Remaining int       `db:"remaining"`
	}
	if err := tx.Select(ctx, &held, `
		select l.id, m.at, l.remaining, coalesce(l.expires_on, date '0001-01-01') as expires_on
		from credit_lot l
		join credit_movement m on m.lot_id = l.id and m.key = $2
		where l.source = $1
		order by l.id`, source, "freeze "+key); err != nil {
		return fmt.Errorf("thaw: %w", err)
	}
	for _, l := range held {
		m := movement{lot: l.ID, kind: Thawed, key: "thaw " + key, by: by}
		if l.ExpiresOn.Year() > 1 && l.Remaining > 0 {
			days := int(now.Sub(l.At).Hours()+23) / 24
			m.expiresOn = l.ExpiresOn.AddDate(0, 0, days).Format(time.DateOnly)
		}
		if _, err := write(ctx, tx, m, now); err != nil {
			return err
		}
	}
	return nil
}

// takeSource holds the wallets of a source and gives its lots, the oldest first.
func takeSource(ctx context.Context, tx *pg.Tx, source string, now time.Time) ([]usable, error) {
	var wallets []WalletID
	if err := tx.Select(ctx, &wallets, `
		select distinct wallet_id from credit_lot where source = $1 order by wallet_id`, source); err != nil {
		return nil, fmt.Errorf("find source: %w", err)
	}
	for _, w := range wallets {
		if _, err := tx.Exec(ctx, `update wallet set touched_at = $2 where id = $1`, w, now.UTC()); err != nil {
			return nil, fmt.Errorf("take wallet: %w", err)
		}
	}
	var lots []usable
	if err := tx.Select(ctx, &lots, `
		select id, remaining, holds > 0 as held, coalesce(to_char(expires_on, 'YYYY-MM-DD'), '') as expires_on
		from credit_lot
		where source = $1
		order by made_at, id`, source); err != nil {
		return nil, fmt.Errorf("find source: %w", err)
	}
	return lots, nil
}

// SourceSum is what became of the sessions of a source.
type SourceSum struct {
	Granted  int `db:"granted"`
	Used     int `db:"used"` // and not given back, also for hours that are ahead
	Revoked  int `db:"revoked"`
	Expired  int `db:"expired"`
	Adjusted int `db:"adjusted"` // by the coach; below zero when they took some out
	Left     int `db:"remaining"`
	Held     int `db:"held"` // of those left, on hold
}

// BySource sums up the sessions of a source: Left is always Granted + Adjusted
// − Used − Revoked − Expired.
func BySource(ctx context.Context, q pg.Conn, source string) (SourceSum, error) {
	var s SourceSum
	err := q.Get(ctx, &s, `
		select coalesce(sum(m.granted), 0) as granted, coalesce(sum(m.used), 0) as used, coalesce(sum(m.revoked), 0) as revoked,
			coalesce(sum(m.expired), 0) as expired, coalesce(sum(m.adjusted), 0) as adjusted,
			coalesce(sum(l.remaining), 0) as remaining, coalesce(sum(l.remaining) filter (where l.holds > 0), 0) as held
		from credit_lot l
		cross join lateral (
			select sum(amount) filter (where kind = 'grant') as granted, -sum(amount) filter (where kind in ('use', 'return')) as used,
				-sum(amount) filter (where kind = 'revoke') as revoked, -sum(amount) filter (where kind = 'expire') as expired,
				sum(amount) filter (where kind = 'adjust') as adjusted
			from credit_movement
			where lot_id = l.id) m
		where l.source = $1`, source)
	if err != nil {
		return s, fmt.Errorf("sum up source: %w", err)
	}
	return s, nil
}
