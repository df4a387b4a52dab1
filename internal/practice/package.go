package practice

import (
	"context"
	"fmt"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// PackageID names a package. It is random and says nothing.
type PackageID string

// Package is a number of sessions sold together.
type Package struct {
	ID          PackageID `db:"id"`
	Slug        string    `db:"slug"`
	Name        string    `db:"name"`
	Description string    `db:"description"` // Markdown
	Sessions    int       `db:"sessions"`
	PriceMinor  int64     `db:"price_minor"`
	Currency    string    `db:"currency"`
	ValidDays   int       `db:"valid_days"` // zero means that they do not expire
	Types       Slugs     `db:"types"`      // what the sessions can be used for
	Withdrawn   bool      `db:"withdrawn"`
	Position    int       `db:"position"`
}

// Packages lists what is on sale, in the order of the practice file.
func Packages(ctx context.Context, q pg.Conn) ([]Package, error) {
	return packages(ctx, q, `where not p.withdrawn`)
}

// AllPackages is Packages with the withdrawn ones.
func AllPackages(ctx context.Context, q pg.Conn) ([]Package, error) {
	return packages(ctx, q, ``)
}

// FindPackage gives a package that is on sale by slug.
func FindPackage(ctx context.Context, q pg.Conn, slug string) (Package, error) {
	found, err := packages(ctx, q, `where not p.withdrawn and p.slug = $1`, slug)
	if err != nil {
		return Package{}, err
	}
	if len(found) == 0 {
		return Package{}, fault.New(fault.NotFound, "There is no package by that name here.")
	}
	return found[0], nil
}

func packages(ctx context.Context, q pg.Conn, where string, args ...any) ([]Package, error) {
	var found []Package
	err := q.Select(ctx, &found, `
		select p.id, p.slug, p.name, p.description, p.sessions, p.price_minor, p.currency,
			coalesce(p.valid_days, 0) as valid_days, p.withdrawn, p.position,
			(select coalesce(json_agg(t.slug order by pt.position, t.slug), '[]')
			from package_type pt
			join appointment_type t on t.id = pt.type_id
			where pt.package_id = p.id) as types
		from package p
		`+where+`
		order by p.position, p.slug`, args...)
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	return found, nil
}

// SavePackage makes or changes the package with this slug, what it can be used
// for included. ID of p is not looked at.
func SavePackage(ctx context.Context, tx *pg.Tx, p Package) error {
	var id PackageID
	err := tx.Get(ctx, &id, `
		insert into package (slug, name, description, sessions, price_minor, currency, valid_days, withdrawn, position)
		values ($1, $2, $3, $4, $5, $6, nullif($7, 0), $8, $9)
		on conflict (slug) do update
		set name = excluded.name, description = excluded.description, sessions = excluded.sessions,
			price_minor = excluded.price_minor, currency = excluded.currency,
			valid_days = excluded.valid_days, withdrawn = excluded.withdrawn, position = excluded.position
		returning id`,
		p.Slug, p.Name, p.Description, p.Sessions, p.PriceMinor, p.Currency, p.ValidDays, p.Withdrawn, p.Position)
	if err != nil {
		return fmt.Errorf("save package: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from package_type where package_id = $1`, id); err != nil {
		return fmt.Errorf("save package: %w", err)
	}
	for i, slug := range p.Types {
		rows, err := tx.Exec(ctx, `
			insert into package_type (package_id, type_id, position)
			select $1, id, $3 from appointment_type where slug = $2`, id, slug, i)
		if err != nil {
			return fmt.Errorf("save package: %w", err)
		}
		if rows == 0 {
			return fmt.Errorf("save package: there is no appointment type %s", slug)
		}
	}
	return nil
}
