package practice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// PackageID names a package. It is random and says nothing.
type PackageID string

// PackageVersionID names one version of a package: the terms of a sale.
type PackageVersionID string

// How tax stands to the price of a package.
const (
	NoTax        = "none"
	TaxInclusive = "inclusive" // the price has it in it
	TaxExclusive = "exclusive" // it is added when paying
)

// Who finds a package.
const (
	Visible   = "visible"   // everybody
	ByLink    = "link"      // whoever was given its private link
	Withdrawn = "withdrawn" // nobody; what was sold stays sold
)

// Package is a number of sessions sold together, with the terms of one of its
// versions. A version never changes, so whoever bought one keeps its terms.
type Package struct {
	ID             PackageID `db:"id"`
	Slug           string    `db:"slug"`
	Visibility     string    `db:"visibility"`
	Position       int       `db:"position"`
	LinkGeneration int       `db:"link_generation"` // of the private links that still open
	Latest         int       `db:"latest"`          // the version that is sold from now on

	VersionID   PackageVersionID `db:"version_id"`
	Version     int              `db:"version"`
	Name        string           `db:"name"`
	Description string           `db:"description"` // Markdown
	Sessions    int              `db:"sessions"`
	PriceMinor  int64            `db:"price_minor"`
	Currency    string           `db:"currency"`
	Tax         string           `db:"tax"`         // none, inclusive or exclusive
	ValidDays   int              `db:"valid_days"`  // zero means that they do not expire
	Lane        string           `db:"lane"`        // of its types, all alike
	Types       Slugs            `db:"types"`       // what the sessions can be used for
	Instalments Instalments      `db:"instalments"` // empty when it is paid at once
	MadeAt      time.Time        `db:"made_at"`
	MadeBy      people.ID        `db:"made_by"` // empty where nobody signed in did it
}

// Instalment is a part of a package that is paid by itself and gives its own
// sessions.
type Instalment struct {
	Sessions   int   `json:"sessions"`
	PriceMinor int64 `json:"price_minor"`
	DaysAfter  int   `json:"days_after"` // due so long after the first one
}

// Parts are what the package is paid in, one for a package that is paid at once.
func (p Package) Parts() []Instalment {
	if len(p.Instalments) == 0 {
		return []Instalment{{Sessions: p.Sessions, PriceMinor: p.PriceMinor}}
	}
	return slices.Clone(p.Instalments)
}

// Current reports whether these terms are the ones sold from now on.
func (p Package) Current() bool { return p.Version == p.Latest }

// SameTerms reports whether two packages promise a buyer the same.
func (p Package) SameTerms(o Package) bool {
	return p.Name == o.Name && p.Description == o.Description && p.Sessions == o.Sessions &&
		p.PriceMinor == o.PriceMinor && p.Currency == o.Currency && p.Tax == o.Tax && p.ValidDays == o.ValidDays &&
		p.Lane == o.Lane && slices.Equal(p.Types, o.Types) && slices.Equal(p.Instalments, o.Instalments)
}

// Packages lists what everybody can find, in the order of the practice file.
func Packages(ctx context.Context, q pg.Conn) ([]Package, error) {
	return packages(ctx, q, `where v.version = p.version and p.visibility = 'visible'`)
}

// AllPackages is Packages with those that have only a private link and the
// withdrawn ones.
func AllPackages(ctx context.Context, q pg.Conn) ([]Package, error) {
	return packages(ctx, q, `where v.version = p.version`)
}

// FindPackage gives a package that everybody can find by slug.
func FindPackage(ctx context.Context, q pg.Conn, slug string) (Package, error) {
	return onePackage(packages(ctx, q, `where v.version = p.version and p.visibility = 'visible' and p.slug = $1`, slug))
}

// FindAnyPackage gives a package by slug, whoever can find it.
func FindAnyPackage(ctx context.Context, q pg.Conn, slug string) (Package, error) {
	return onePackage(packages(ctx, q, `where v.version = p.version and p.slug = $1`, slug))
}

// FindPackageVersion gives a package with the terms of one version, whatever
// became of it since.
func FindPackageVersion(ctx context.Context, q pg.Conn, id PackageVersionID) (Package, error) {
	return onePackage(packages(ctx, q, `where v.id::text = $1`, string(id)))
}

// PackageVersions lists the versions that a package ever had, the newest first.
func PackageVersions(ctx context.Context, q pg.Conn, slug string) ([]Package, error) {
	found, err := packages(ctx, q, `where p.slug = $1`, slug)
	slices.SortFunc(found, func(a, b Package) int { return b.Version - a.Version })
	return found, err
}

func errNoPackage() error {
	return fault.New(fault.NotFound, "There is no package by that name here.")
}

func onePackage(found []Package, err error) (Package, error) {
	if err != nil {
		return Package{}, err
	}
	if len(found) == 0 {
		return Package{}, errNoPackage()
	}
	return found[0], nil
}

func packages(ctx context.Context, q pg.Conn, where string, args ...any) ([]Package, error) {
	var found []Package
	err := q.Select(ctx, &found, `
		select p.id, p.slug, p.visibility, p.position, p.link_generation, p.version as latest,
			v.id as version_id, v.version, v.name, v.description, v.sessions, v.price_minor, v.currency, v.tax,
			coalesce(v.valid_days, 0) as valid_days, v.lane, v.instalments, v.made_at,
			coalesce(v.made_by::text, '') as made_by,
			(select coalesce(json_agg(t.slug order by vt.position, t.slug), '[]')
			from package_version_type vt
			join appointment_type t on t.id = vt.type_id
			where vt.version_id = v.id) as types
		from package p
		join package_version v on v.package_id = p.id
		`+where+`
		order by p.position, p.slug, v.version`, args...)
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	for i := range found {
		found[i].MadeAt = found[i].MadeAt.UTC()
	}
	return found, nil
}
