package main

import (
	"context"
	"errors"
	"fmt"

	"kintsugi/internal/config"
)

// migrate brings the database up to date, then stops.
func migrate(ctx context.Context, p process) error {
	if _, err := parse(noFlags("migrate"), p.args); err != nil {
		return err
	}
	return withStore(ctx, p, true, func(s *store, _ config.Config) error {
		if err := s.migrate(ctx); err != nil {
			return err
		}
		fmt.Fprintln(p.out, "the database is up to date")
		return nil
	})
}

// withStore reads the settings, reaches the database, works on it and lets go
// of it again.
func withStore(ctx context.Context, p process, mayMake bool, work func(s *store, cfg config.Config) error) error {
	cfg, err := config.ReadForTool(p.environ)
	if err != nil {
		return err
	}
	s, err := reach(ctx, cfg, toolLog(p, cfg), mayMake)
	if err != nil {
		return err
	}
	return errors.Join(work(s, cfg), s.close())
}
