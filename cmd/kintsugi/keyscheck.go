package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
	"kintsugi/internal/vault"
)

// checkKeys opens every sealed value and names those that do not open.
func checkKeys(ctx context.Context, p process) error {
	if _, err := parse(noFlags("keys check"), p.args); err != nil {
		return err
	}
	return withKeys(ctx, p, func(s *store, db *pg.DB, keyset *seal.Keyset) error {
		if err := lacking(ctx, db, keyset); err != nil {
			return err
		}
		owner, err := pg.Open(ctx, s.url, pg.Options{MaxOpen: 2})
		if err != nil {
			return err
		}
		defer owner.Close()
		broken, looked, err := engagement.CheckSealed(ctx, owner, keyset, sealedColumns())
		if err != nil {
			return err
		}
		for _, at := range broken {
			fmt.Fprintf(p.out, "does not open: %s\n", placeOf(at))
		}
		shut, err := wrappedShut(ctx, db, keyset)
		if err != nil {
			return err
		}
		for _, say := range shut {
			fmt.Fprintf(p.out, "does not open: %s\n", say)
		}
		if n := len(broken) + len(shut); n > 0 {
			return fmt.Errorf("%d of %d sealed values do not open: they were changed or moved in the database; bring those rows back from a copy", n, looked+len(shut))
		}
		fmt.Fprintf(p.out, "all %d sealed values open\n", looked)
		return engagement.RecordChecked(ctx, db, looked, pg.NewClock(ctx, db, 0).Now())
	})
}

// errOnlyLooked ends a transaction in which nothing was to be changed.
var errOnlyLooked = errors.New("only looked")

// wrappedShut tries what else lies under the keyset by wrapping it again and
// taking that back. Of each room it names the first that does not open.
func wrappedShut(ctx context.Context, db *pg.DB, keyset *seal.Keyset) (shut []string, err error) {
	for _, again := range []func(context.Context, *pg.Tx, *seal.Keyset) (int, error){vault.Rewrap, login.Rewrap, payment.Rewrap} {
		err := db.InTx(ctx, func(tx *pg.Tx) error {
			if _, err := again(ctx, tx, keyset); err != nil {
				return err
			}
			return errOnlyLooked
		})
		switch {
		case errors.Is(err, seal.ErrUnopened):
			shut = append(shut, strings.TrimSuffix(strings.TrimPrefix(err.Error(), "rewrap "), ": "+seal.ErrUnopened.Error()))
		case !errors.Is(err, errOnlyLooked):
			return nil, err
		}
	}
	return shut, nil
}

// trimKeys prints the keyset without the keys that nothing needs any more.
func trimKeys(ctx context.Context, p process) error {
	if _, err := parse(noFlags("keys trim"), p.args); err != nil {
		return err
	}
	return withKeys(ctx, p, func(_ *store, db *pg.DB, keyset *seal.Keyset) error {
		if err := lacking(ctx, db, keyset); err != nil {
			return err
		}
		used, err := vault.InUse(ctx, db, wrappedTables()...)
		if err != nil {
			return err
		}
		left, err := keyset.Only(used)
		if err != nil {
			return err
		}
		text, err := left.Text()
		if err != nil {
			return err
		}
		fmt.Fprintln(p.out, text)
		fmt.Fprintf(p.err, "%d of %d keys are left out. Save this in a new file and give it to every server. Copies of the database from before the rotation need the old keyset: keep it with them.\n",
			len(keyset.Keys())-len(left.Keys()), len(keyset.Keys()))
		return nil
	})
}

// wrappedTables are all tables in which something lies wrapped under the keyset.
func wrappedTables() []string {
	return slices.Concat(vault.WrappedTables(), login.WrappedTables(), engagement.WrappedTables(), payment.WrappedTables())
}

// lacking fails when something lies under a key that the keyset has not: the
// server would start, and show what it can open and garble the rest.
func lacking(ctx context.Context, q pg.Conn, keyset *seal.Keyset) error {
	used, err := vault.InUse(ctx, q, wrappedTables()...)
	if err != nil {
		return err
	}
	for _, id := range keyset.Keys() {
		delete(used, id)
	}
	if len(used) == 0 {
		return nil
	}
	names, n := []string{}, 0
	for id, count := range used {
		names, n = append(names, id.String()), n+count
	}
	slices.Sort(names)
	return fault.New(fault.Internal, fmt.Sprintf("The keyset has not every key that this database was written with: %d stored keys lie under %s. "+
		"Give KINTSUGI_KEYSET or KINTSUGI_KEYSET_FILE the keyset that was in use before.", n, strings.Join(names, ", ")))
}

// keysInUse says what lies under each key of the keyset.
func (e *examination) keysInUse(ctx context.Context, db *pg.DB, keyset *seal.Keyset) {
	used, err := vault.InUse(ctx, db, wrappedTables()...)
	if e.failed("keys", err) {
		return
	}
	for i, id := range keyset.Keys() {
		switch n := used[id]; {
		case i == 0:
			e.good("keys", "%s, the newest, is what %d stored keys lie under", id, n)
		case n > 0:
			e.note("keys", "%s is still needed by %d stored keys: kintsugi keys rotate brings them under the newest", id, n)
		default:
			e.note("keys", "%s is needed by nothing here any more: kintsugi keys trim leaves it out", id)
		}
	}
	going, err := engagement.TurnBegan(ctx, db)
	if !e.failed("keys", err) && !going.IsZero() {
		e.note("keys", "new data keys have been under way since %s: if nobody runs kintsugi keys rotate --lanes any more, run it again; it goes on where it was", going.Format("2006-01-02 15:04 MST"))
	}
}
