package main

import (
	"context"
	"fmt"
	"os"

	"kintsugi/internal/audit"
	"kintsugi/internal/config"
	"kintsugi/internal/pg"
	"kintsugi/internal/setup"
)

// apply makes what a practice file names so, and prints what changed.
func apply(ctx context.Context, p process) error {
	words, err := parse(noFlags("apply"), p.args, "FILE.yaml")
	if err != nil {
		return err
	}
	file, err := readPractice(words[0])
	if err != nil {
		return err
	}
	return withStore(ctx, p, true, func(s *store, cfg config.Config) error {
		if err := s.migrate(ctx); err != nil {
			return err
		}
		db, err := s.open(ctx, pg.Options{MaxOpen: 4})
		if err != nil {
			return err
		}
		defer db.Close()
		now := pg.NewClock(ctx, db, cfg.ClockShift).Now()
		changes, err := setup.Apply(ctx, db, file, audit.Actor{Kind: audit.Operator}, now)
		if err != nil {
			return err
		}
		for _, change := range changes {
			fmt.Fprintln(p.out, change)
		}
		if len(changes) == 0 {
			fmt.Fprintln(p.out, "everything is so already; nothing was changed")
		}
		return nil
	})
}

// readPractice reads a practice file. Its mistakes that show without the
// database come back with it, for whoever can find the rest.
func readPractice(path string) (*setup.File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the practice file cannot be read: %w", err)
	}
	return setup.Parse(path, text)
}
