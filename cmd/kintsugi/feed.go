package main

import (
	"context"
	"fmt"

	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/vault"
)

// feed prints the address of a coach's calendar feed.
func feed(ctx context.Context, p process) error {
	words, err := parse(noFlags("feed"), p.args, "SLUG")
	if err != nil {
		return err
	}
	return withStore(ctx, p, false, func(s *store, cfg config.Config) error {
		if cfg.PublicURL.IsZero() {
			return config.Complaints{{Name: "PUBLIC_URL", Say: "is needed for the address; set it to the one that people use, such as https://talk.example.org"}}
		}
		db, err := s.openReady(ctx)
		if err != nil {
			return err
		}
		defer db.Close()
		address, err := feedAddress(ctx, cfg, db, words[0])
		if err != nil {
			return err
		}
		fmt.Fprintln(p.out, address)
		return nil
	})
}

// feedAddress makes the address with the server's own key.
func feedAddress(ctx context.Context, cfg config.Config, db *pg.DB, slug string) (string, error) {
	coach, err := people.FindCoach(ctx, db, slug)
	if err != nil {
		return "", err
	}
	keys, _, err := findKeyset(ctx, cfg, db)
	if err != nil {
		return "", err
	}
	links, err := vault.LinkKey(ctx, db, keys, pg.NewClock(ctx, db, cfg.ClockShift).Now())
	if err != nil {
		return "", err
	}
	service := &booking.Service{DB: db, Keys: keys, Links: links, Site: cfg.PublicURL.String()}
	return service.CoachFeedURL(coach), nil
}
