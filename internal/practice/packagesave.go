package practice

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// SavePackage makes or changes the package with this slug. Other terms become a
// version of their own, made by somebody or, where by is empty, at the command
// line; where only its place or who finds it is another there is no new one. The
// lane is that of its types, which must all be alike. Of p it does not look at
// ID, Lane, the versions and the link. The terms were checked before.
func SavePackage(ctx context.Context, tx *pg.Tx, p Package, by people.ID, now time.Time) error {
	var err error
	if p.Lane, err = laneOf(ctx, tx, p); err != nil {
		return err
	}
	var id PackageID
	err = tx.Get(ctx, &id, `
		insert into package (slug, visibility, position, version)
		values ($1, $2, $3, 1)
		on conflict (slug) do update
		set visibility = excluded.visibility, position = excluded.position
		returning id`, p.Slug, p.Visibility, p.Position)
	if err != nil {
		return fmt.Errorf("save package: %w", err)
	}
	was, err := packages(ctx, tx, `where v.version = p.version and p.id = $1`, id)
	if err != nil {
		return fmt.Errorf("save package: %w", err)
	}
	if len(was) == 1 && was[0].SameTerms(p) {
		return nil
	}
	var version PackageVersionID
	err = tx.Get(ctx, &version, `
		with made as (
			insert into package_version (package_id, version, name, description, sessions, price_minor, currency,
				tax, valid_days, lane, instalments, made_at, made_by)
			select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7, nullif($8, 0), $9, $10, $11, nullif($12, '')::uuid
			from package_version
			where package_id = $1
			returning id, package_id, version),
		pointed as (
			update package
			set version = made.version
			from made
			where package.id = made.package_id)
		select id from made`,
		id, p.Name, p.Description, p.Sessions, p.PriceMinor, p.Currency, p.Tax, p.ValidDays, p.Lane, p.Instalments, now.UTC(), string(by))
	if err != nil {
		return fmt.Errorf("save version of package: %w", err)
	}
	for i, slug := range p.Types {
		_, err := tx.Exec(ctx, `
			insert into package_version_type (version_id, type_id, position)
			select $1, id, $3 from appointment_type where slug = $2`, version, slug, i)
		if err != nil {
			return fmt.Errorf("save version of package: %w", err)
		}
	}
	return nil
}

// laneOf gives the lane that all types of a package have.
func laneOf(ctx context.Context, q pg.Conn, p Package) (string, error) {
	list, err := json.Marshal(p.Types)
	if err != nil {
		return "", fmt.Errorf("save package: %w", err)
	}
	var found []struct {
		Slug string `db:"slug"`
		Lane string `db:"lane"`
	}
	err = q.Select(ctx, &found, `
		select slug, lane from appointment_type
		where slug in (select json_array_elements_text($1::json))
		order by slug`, string(list))
	if err != nil {
		return "", fmt.Errorf("save package: %w", err)
	}
	if len(found) < len(p.Types) || len(found) == 0 {
		return "", fmt.Errorf("save package: not all of %q are appointment types", []string(p.Types))
	}
	for _, t := range found {
		if t.Lane != found[0].Lane {
			return "", fmt.Errorf("save package: %s is %s and %s is %s", found[0].Slug, found[0].Lane, t.Slug, t.Lane)
		}
	}
	return found[0].Lane, nil
}
