package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"kintsugi/internal/config"
	"kintsugi/internal/engagement"
	"kintsugi/internal/login"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
	"kintsugi/internal/vault"
)

// rotateKeys wraps every stored key again under the newest key of the keyset.
// With --lanes it then gives each lane a new data key, and seals again under it
// what lies in the lane. The server may run meanwhile, and it may be run again
// after a stop.
func rotateKeys(ctx context.Context, p process) error {
	flags := noFlags("keys rotate")
	lanes := flags.Bool("lanes", false, "new data keys for all lanes too, and everything in them sealed again")
	if _, err := parse(flags, p.args); err != nil {
		return err
	}
	return withKeys(ctx, p, func(s *store, db *pg.DB, keyset *seal.Keyset) error {
		if err := rewrap(ctx, p, db, keyset); err != nil || !*lanes {
			return err
		}
		owner, err := pg.Open(ctx, s.url, pg.Options{MaxOpen: 2})
		if err != nil {
			return err
		}
		defer owner.Close()
		return turnLanes(ctx, p, owner, keyset)
	})
}

// withKeys opens a database that is up to date, with the keyset in use.
func withKeys(ctx context.Context, p process, work func(s *store, db *pg.DB, keyset *seal.Keyset) error) error {
	return withStore(ctx, p, false, func(s *store, cfg config.Config) error {
		keyset, err := givenKeyset(cfg)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no keyset: none is in KINTSUGI_KEYSET, KINTSUGI_KEYSET_FILE or %s", keysetFile(cfg))
		}
		if err != nil {
			return err
		}
		db, err := s.openReady(ctx)
		if err != nil {
			return err
		}
		defer db.Close()
		return work(s, db, keyset)
	})
}

func rewrap(ctx context.Context, p process, db *pg.DB, keyset *seal.Keyset) error {
	n := 0
	err := db.InTx(ctx, func(tx *pg.Tx) (err error) {
		n, err = vault.Rewrap(ctx, tx, keyset)
		return err
	})
	if err != nil {
		return explainKeys(err)
	}
	fmt.Fprintf(p.out, "server keys: %d\n", n)
	err = db.InTx(ctx, func(tx *pg.Tx) (err error) {
		n, err = login.Rewrap(ctx, tx, keyset)
		return err
	})
	if err != nil {
		return explainKeys(err)
	}
	fmt.Fprintf(p.out, "sign-in secrets: %d\n", n)
	err = db.InTx(ctx, func(tx *pg.Tx) (err error) {
		n, err = payment.Rewrap(ctx, tx, keyset)
		return err
	})
	if err != nil {
		return explainKeys(err)
	}
	fmt.Fprintf(p.out, "events of Stripe's: %d\n", n)
	n, err = engagement.Rewrap(ctx, db, keyset, func(done int) { fmt.Fprintf(p.out, "lane keys: %d so far\n", done) })
	if err != nil {
		return explainKeys(err)
	}
	fmt.Fprintf(p.out, "lane keys: %d\nall are under the newest key; kintsugi keys trim prints the keyset without those that nothing needs\n", n)
	return nil
}

// turnLanes gives each lane a new data key.
func turnLanes(ctx context.Context, p process, owner *pg.DB, keyset *seal.Keyset) error {
	turn := engagement.Turn{DB: owner, Keys: keyset, Columns: sealedColumns(), Wait: engagement.LongEnough,
		Told: func(say string) { fmt.Fprintln(p.out, say) }}
	if p.turnWait > 0 {
		turn.Wait = p.turnWait
	}
	done, err := turn.Run(ctx)
	if err != nil {
		return explainKeys(err)
	}
	fmt.Fprintf(p.out, "lanes with a new key: %d, values sealed again: %d\n", done.Lanes, done.Values)
	for _, at := range done.Broken {
		fmt.Fprintf(p.out, "does not open: %s\n", placeOf(at))
	}
	if len(done.Broken) > 0 {
		return fmt.Errorf("%d values do not open, so their lanes keep the old key beside the new one: bring them back from a copy, or delete them, then run this again", len(done.Broken))
	}
	return nil
}

// placeOf says where a value lies, and nothing of what it says.
func placeOf(at seal.Place) string {
	return fmt.Sprintf("table %s, column %s, row %s", at.Table, at.Column, at.Row)
}

// explainKeys says what to do when the keyset is not the right one.
func explainKeys(err error) error {
	if errors.Is(err, seal.ErrUnopened) {
		return fmt.Errorf("this keyset does not open what is stored; give the one that the server uses, with the new key added to it by kintsugi keys new --add (%w)", err)
	}
	return err
}
