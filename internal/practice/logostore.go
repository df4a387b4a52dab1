package practice

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// Scan reads a jsonb column.
func (m *LogoMark) Scan(src any) error { return scanJSON(src, m) }

// Value writes a jsonb column; no logo is null.
func (m LogoMark) Value() (driver.Value, error) {
	if m.Hash == "" {
		return nil, nil
	}
	return valueJSON(m)
}

// FindLogo gives the picture that is known by a hash.
func FindLogo(ctx context.Context, q pg.Conn, hash string) ([]byte, error) {
	var body []byte
	err := q.Get(ctx, &body, `
		select body
		from logo
		where hash = $1`, hash)
	if pg.NoRows(err) {
		return nil, fault.New(fault.NotFound, "This picture is not here.")
	}
	if err != nil {
		return nil, fmt.Errorf("find logo: %w", err)
	}
	return body, nil
}

// SaveLogo makes a logo the practice's own, in place of the one before.
func SaveLogo(ctx context.Context, tx *pg.Tx, logo Logo, now time.Time) error {
	_, err := tx.Exec(ctx, `
		insert into logo (hash, body, made_at)
		values ($1, $2, $3)
		on conflict (hash) do nothing`, logo.Hash, logo.PNG, now.UTC())
	if err != nil {
		return fmt.Errorf("save logo: %w", err)
	}
	return MarkLogo(ctx, tx, logo.LogoMark)
}

// MarkLogo says which of the pictures is the practice's logo, and how it is
// shown. The zero mark takes the logo away. No other picture is kept.
func MarkLogo(ctx context.Context, tx *pg.Tx, mark LogoMark) error {
	if _, err := tx.Exec(ctx, `update practice set logo = $1`, mark); err != nil {
		return fmt.Errorf("mark logo: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from logo where hash <> $1`, mark.Hash); err != nil {
		return fmt.Errorf("mark logo: %w", err)
	}
	return nil
}
