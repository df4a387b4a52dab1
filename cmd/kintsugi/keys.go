package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"

	"kintsugi/internal/config"
	"kintsugi/internal/engagement"
	"kintsugi/internal/login"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
	"kintsugi/internal/vault"
)

// keys prints keysets and brings what is stored under the newest key.
func keys(ctx context.Context, p process) error {
	if len(p.args) == 0 {
		return misuse{"say what to do: new or rotate"}
	}
	what := p.args[0]
	p.args = p.args[1:]
	switch what {
	case "new":
		return newKeys(p)
	case "rotate":
		return rotateKeys(ctx, p)
	case "-h", "-help", "--help":
		return flag.ErrHelp
	}
	return misuse{fmt.Sprintf("there is no keys %q; say new or rotate", what)}
}

// newKeys prints a new keyset, or the one in use with a new key in front.
func newKeys(p process) error {
	flags := noFlags("keys new")
	add := flags.Bool("add", false, "the keyset in use, with a new key that seals from now on")
	if _, err := parse(flags, p.args); err != nil {
		return err
	}
	made, err := seal.NewKeyset()
	if *add {
		made, err = addKey(p)
	}
	if err != nil {
		return err
	}
	text, err := made.Text()
	if err != nil {
		return err
	}
	fmt.Fprintln(p.out, text)
	if *add {
		fmt.Fprintln(p.err, "Save this in a new file, never over the old one in the same command. Give it to every server, start them again, then run: kintsugi keys rotate")
	}
	return nil
}

func addKey(p process) (*seal.Keyset, error) {
	cfg, err := config.ReadForTool(p.environ)
	if err != nil {
		return nil, err
	}
	inUse, err := givenKeyset(cfg)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no keyset in use to add to: none is in KINTSUGI_KEYSET, KINTSUGI_KEYSET_FILE or %s", keysetFile(cfg))
	}
	if err != nil {
		return nil, err
	}
	return inUse.WithNewPrimary()
}

// rotateKeys wraps every stored key again under the newest key of the keyset.
// The server may run meanwhile, and it may be run again after a stop.
func rotateKeys(ctx context.Context, p process) error {
	if _, err := parse(noFlags("keys rotate"), p.args); err != nil {
		return err
	}
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
		return rewrap(ctx, p, db, keyset)
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
	n, err = engagement.Rewrap(ctx, db, keyset, func(done int) { fmt.Fprintf(p.out, "lane keys: %d so far\n", done) })
	if err != nil {
		return explainKeys(err)
	}
	fmt.Fprintf(p.out, "lane keys: %d\nall are under the newest key; the older ones can be taken out of the keyset\n", n)
	return nil
}

// explainKeys says what to do when the keyset is not the right one.
func explainKeys(err error) error {
	if errors.Is(err, seal.ErrUnopened) {
		return fmt.Errorf("this keyset does not open what is stored; give the one that the server uses, with the new key added to it by kintsugi keys new --add (%w)", err)
	}
	return err
}
