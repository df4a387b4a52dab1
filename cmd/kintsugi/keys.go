package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"

	"kintsugi/internal/config"
	"kintsugi/internal/seal"
)

// keys prints keysets and brings what is stored under the newest key.
func keys(ctx context.Context, p process) error {
	if len(p.args) == 0 {
		return misuse{"say what to do: new, rotate, check or trim"}
	}
	what := p.args[0]
	p.args = p.args[1:]
	switch what {
	case "new":
		return newKeys(p)
	case "rotate":
		return rotateKeys(ctx, p)
	case "check":
		return checkKeys(ctx, p)
	case "trim":
		return trimKeys(ctx, p)
	case "-h", "-help", "--help":
		return flag.ErrHelp
	}
	return misuse{fmt.Sprintf("there is no keys %q; say new, rotate, check or trim", what)}
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
