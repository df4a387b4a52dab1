package main

import (
	"context"

	"kintsugi/internal/config"
	"kintsugi/internal/setup"
)

// export prints what is set up now.
func export(ctx context.Context, p process) error {
	flags := noFlags("export")
	practice := flags.Bool("practice", false, "the practice file of what is set up now")
	if _, err := parse(flags, p.args); err != nil {
		return err
	}
	if !*practice {
		return misuse{"say what to export: --practice"}
	}
	return withStore(ctx, p, false, func(s *store, _ config.Config) error {
		db, err := s.openReady(ctx)
		if err != nil {
			return err
		}
		defer db.Close()
		text, err := setup.Export(ctx, db)
		if err != nil {
			return err
		}
		_, err = p.out.Write(text)
		return err
	})
}
