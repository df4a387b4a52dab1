package main

import (
	"context"
	"flag"
	"fmt"

	"kintsugi/internal/config"
	"kintsugi/internal/login"
	"kintsugi/internal/pg"
	"kintsugi/internal/vault"
)

// coach invites somebody who stands in the practice file, or lets a coach whose
// second proof is lost set up a new one. The second has no page: whoever runs
// the server is the only one who can.
func coach(ctx context.Context, p process) error {
	if len(p.args) == 0 {
		return misuse{"say what to do: invite or reset"}
	}
	what := p.args[0]
	p.args = p.args[1:]
	switch what {
	case "invite":
		return withLogin(ctx, p, "coach invite", func(s *login.Service, email string) error {
			if err := s.Invite(ctx, email); err != nil {
				return err
			}
			fmt.Fprintf(p.out, "A letter with the way in is queued for %s.\n", email)
			return nil
		})
	case "reset":
		return withLogin(ctx, p, "coach reset", func(s *login.Service, email string) error {
			if err := s.Reset(ctx, email); err != nil {
				return err
			}
			fmt.Fprintf(p.out, "%s is signed out everywhere and sets up a new second proof at the next sign-in.\n", email)
			return nil
		})
	case "-h", "-help", "--help":
		return flag.ErrHelp
	}
	return misuse{fmt.Sprintf("there is no coach %q; say invite or reset", what)}
}

// withLogin does something with the one address that is named.
func withLogin(ctx context.Context, p process, name string, do func(*login.Service, string) error) error {
	words, err := parse(noFlags(name), p.args, "EMAIL")
	if err != nil {
		return err
	}
	return withStore(ctx, p, false, func(s *store, cfg config.Config) error {
		db, err := s.openReady(ctx)
		if err != nil {
			return err
		}
		defer db.Close()
		keys, _, err := findKeyset(ctx, cfg, db)
		if err != nil {
			return err
		}
		clock := pg.NewClock(ctx, db, cfg.ClockShift)
		links, err := vault.LinkKey(ctx, db, keys, clock.Now())
		if err != nil {
			return err
		}
		return do(&login.Service{DB: db, Keys: keys, Links: links, Origin: cfg.PublicURL, Now: clock.Now, Letterhead: letterhead}, words[0])
	})
}
