package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"kintsugi/internal/config"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
	"kintsugi/internal/vault"
)

// keysetFile is where an embedded database has its keyset.
func keysetFile(cfg config.Config) string { return filepath.Join(cfg.Data, "keyset") }

// givenKeyset is the keyset that the environment gives, or the one beside the
// embedded database. Without either the error is fs.ErrNotExist.
func givenKeyset(cfg config.Config) (*seal.Keyset, error) {
	if cfg.Keyset != "" {
		keys, err := seal.ParseKeyset(cfg.Keyset.Reveal())
		if err != nil {
			return nil, fmt.Errorf("KINTSUGI_KEYSET: %w", err)
		}
		return keys, nil
	}
	if cfg.DatabaseURL != "" {
		return nil, config.Complaints{{Name: "KINTSUGI_KEYSET", Say: "is required with DATABASE_URL; give it, or KINTSUGI_KEYSET_FILE, as the server has it"}}
	}
	text, err := os.ReadFile(keysetFile(cfg))
	if err != nil {
		return nil, err
	}
	keys, err := seal.ParseKeyset(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w; bring it back from your copy", keysetFile(cfg), err)
	}
	return keys, nil
}

// findKeyset is givenKeyset, and on the very first start of an embedded
// database it makes one. A database that was written with a keyset gets no
// other. It tells whether the keyset is new.
func findKeyset(ctx context.Context, cfg config.Config, db *pg.DB) (keys *seal.Keyset, made bool, err error) {
	keys, err = givenKeyset(cfg)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, false, err
	}
	used, err := vault.Has(ctx, db)
	if err != nil {
		return nil, false, err
	}
	if used {
		return nil, false, fmt.Errorf("the keyset that this database was written with is missing: bring %s back from your copy, or give it in KINTSUGI_KEYSET", keysetFile(cfg))
	}
	if keys, err = seal.NewKeyset(); err != nil {
		return nil, false, err
	}
	if err := saveKeyset(keysetFile(cfg), keys); err != nil {
		return nil, false, fmt.Errorf("save the new keyset: %w", err)
	}
	return keys, true, nil
}

// warnOfNewKeyset says what a new keyset means for whoever makes copies.
func warnOfNewKeyset(log *slog.Logger, cfg config.Config) {
	log.Warn("a keyset was made: keep a copy of it, apart from copies of the database. Without it nobody can read private words or open links that were sent; with both of them anybody can", "file", keysetFile(cfg))
}

// saveKeyset writes a keyset for its owner alone. The file appears whole and
// never in the place of another.
func saveKeyset(path string, keys *seal.Keyset) error {
	text, err := keys.Text()
	if err != nil {
		return err
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), ".keyset-*") // for its owner alone
	if err != nil {
		return err
	}
	defer os.Remove(fresh.Name())
	_, err = fresh.WriteString(text + "\n")
	if err := errors.Join(err, fresh.Sync(), fresh.Close()); err != nil {
		return err
	}
	if err := os.Link(fresh.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a new name in a folder survive a power cut.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
