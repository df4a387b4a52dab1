package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"kintsugi/internal/config"
	"kintsugi/internal/pg"
)

// store is the database a command works on: the given one, one of our own, or
// the own one of a server that runs beside us.
type store struct {
	url   string
	given bool
	own   *pg.Embedded // nil unless this process looks after it
}

// ownStore is the store of a server: it looks after its own database and
// refuses one that somebody else looks after.
func ownStore(ctx context.Context, cfg config.Config, log *slog.Logger) (*store, error) {
	if cfg.DatabaseURL != "" {
		return givenStore(ctx, cfg)
	}
	own, err := pg.StartEmbedded(ctx, pg.EmbeddedOptions{Dir: cfg.Data, Log: log})
	if err != nil {
		return nil, err
	}
	return &store{url: own.URL(), own: own}, nil
}

// givenStore is the database in DATABASE_URL, after a first sign-in has shown
// that the address is right.
func givenStore(ctx context.Context, cfg config.Config) (*store, error) {
	s := &store{url: cfg.DatabaseURL.Reveal(), given: true}
	db, err := pg.Open(ctx, s.url, pg.Options{MaxOpen: 1})
	switch {
	case err == nil:
		return s, db.Close()
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case pg.IsDown(err):
		return nil, fmt.Errorf("the database in DATABASE_URL does not answer: start it, or correct the address (%w)", err)
	}
	return nil, fmt.Errorf("the database in DATABASE_URL does not let us in: correct its user, password, name or sslmode (%w)", err)
}

// errNoDatabase is the answer of a command that makes none.
var errNoDatabase = errors.New("there is no database yet: kintsugi serve makes one, or set DATABASE_URL or KINTSUGI_DATA to where yours is")

// reach is the store of a command that does its work and stops. Beside a
// running server it uses that one's database. Only a command that may make
// something makes a database where there is none.
func reach(ctx context.Context, cfg config.Config, log *slog.Logger, mayMake bool) (*store, error) {
	if cfg.DatabaseURL != "" {
		return ownStore(ctx, cfg, log)
	}
	url, err := pg.Attach(ctx, cfg.Data)
	if err == nil {
		return &store{url: url}, nil
	}
	if !errors.Is(err, pg.ErrNotRunning) {
		return nil, err
	}
	if !mayMake && !pg.HasDatabase(cfg.Data) {
		return nil, fmt.Errorf("in %s %w", cfg.Data, errNoDatabase)
	}
	return ownStore(ctx, cfg, log)
}

// close stops the database if it is ours to look after.
func (s *store) close() error {
	if s.own == nil {
		return nil
	}
	return s.own.Stop()
}

// migrate brings it up to date.
func (s *store) migrate(ctx context.Context) error { return pg.Migrate(ctx, s.url) }

// open opens it as the role that owns nothing.
func (s *store) open(ctx context.Context, o pg.Options) (*pg.DB, error) {
	o.Role = pg.AppRole
	return pg.Open(ctx, s.url, o)
}

// openReady is open for a command that changes nothing about the tables: a
// database that is not up to date is said to be so.
func (s *store) openReady(ctx context.Context) (*pg.DB, error) {
	owner, err := pg.Open(ctx, s.url, pg.Options{MaxOpen: 1})
	if err != nil {
		return nil, err
	}
	defer owner.Close()
	done, err := pg.Migrated(ctx, owner)
	if err != nil {
		return nil, err
	}
	if !done {
		return nil, errNotMigrated
	}
	return s.open(ctx, pg.Options{MaxOpen: 4})
}

var errNotMigrated = errors.New("the database is not up to date: run kintsugi migrate")
