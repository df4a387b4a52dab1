package credit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// GrantOf is sessions that come together.
type GrantOf struct {
	Holder    Holder
	Sessions  int
	Types     practice.Slugs // what they can be used for
	ValidDays int            // the last day is so many days from now; zero has no end
	Until     string         // a last day instead, yyyy-mm-dd; may be empty
	Source    string         // where they come from, such as an order; opaque here
	Key       string         // makes the second grant harmless
	Reason    string         // a fixed text; what a coach writes goes with Give
	By        audit.Actor
}

// Grant puts sessions into a wallet, which is made the first time. Granting
// again under the same key changes nothing and gives the lot as it stands.
func Grant(ctx context.Context, tx *pg.Tx, g GrantOf, now time.Time) (Lot, error) {
	return grant(ctx, tx, g, words{}, now)
}

func grant(ctx context.Context, tx *pg.Tx, g GrantOf, why words, now time.Time) (Lot, error) {
	if err := g.Holder.check(); err != nil {
		return Lot{}, err
	}
	if g.Sessions < 1 || len(g.Types) == 0 || g.Source == "" || g.Key == "" {
		return Lot{}, errors.New("credit: a grant has sessions, what they are for, a source and a key")
	}
	basics, err := practice.LoadBasics(ctx, tx)
	if err != nil {
		return Lot{}, err
	}
	until := g.Until
	if until == "" && g.ValidDays > 0 {
		until = dateOf(now.In(basics.Zone()).AddDate(0, 0, g.ValidDays), basics.Zone())
	}
	wallet, err := openWallet(ctx, tx, g.Holder, now)
	if err != nil {
		return Lot{}, err
	}
	types, err := typesJSON(g.Types)
	if err != nil {
		return Lot{}, err
	}
	var id LotID
	err = tx.Get(ctx, &id, `
		insert into credit_lot (wallet_id, types, granted, expires_on, source, key, made_at)
		values ($1, cast($2 as jsonb), $3, nullif($4, '')::date, $5, $6, $7)
		on conflict on constraint credit_lot_key_key do nothing
		returning id`, wallet, types, g.Sessions, until, g.Source, g.Key, now.UTC())
	switch {
	case pg.NoRows(err): // it was granted before
		if err := tx.Get(ctx, &id, `select id from credit_lot where key = $1`, g.Key); err != nil {
			return Lot{}, fmt.Errorf("grant: %w", err)
		}
	case err != nil:
		return Lot{}, fmt.Errorf("grant: %w", err)
	default:
		if _, err := write(ctx, tx, movement{lot: id, kind: Granted, amount: g.Sessions, key: "grant", reason: g.Reason, words: why, by: g.By, expiresOn: until}, now); err != nil {
			return Lot{}, err
		}
		if g.Holder.Person != "" { // whoever has sessions is no enquiry that led to nothing
			if err := people.Keep(ctx, tx, g.Holder.Person, true); err != nil {
				return Lot{}, err
			}
		}
	}
	return findLot(ctx, tx, id)
}

// openWallet makes a wallet or takes the one that is there; either way it is
// held until the transaction ends.
func openWallet(ctx context.Context, tx *pg.Tx, h Holder, now time.Time) (id WalletID, err error) {
	column, holder := "engagement_id", string(h.Engagement)
	if h.Person != "" {
		column, holder = "person_id", string(h.Person)
	}
	err = tx.Get(ctx, &id, `
		insert into wallet (`+column+`, touched_at)
		values ($1, $2)
		on conflict (`+column+`) do update set touched_at = excluded.touched_at
		returning id`, holder, now.UTC())
	if pg.Violates(err, "wallet_engagement_exists") || pg.Violates(err, "wallet_person_exists") {
		return "", ErrNothing
	}
	if err != nil {
		return "", fmt.Errorf("open wallet: %w", err)
	}
	return id, nil
}
