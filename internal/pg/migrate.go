package pg

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"kintsugi/migrations"
)

// Migrate brings the database at url up to date, as the role that signs in
// there, which owns the tables. Replicas that start together do it once: one
// works, the others wait for at most a minute. A migration that comes late with
// a lower number is done too, because each room counts in its own range.
func Migrate(ctx context.Context, url string) error {
	connector, err := connectPatiently(url)
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	defer pool.Close()
	if done, err := migrated(ctx, pool); err != nil || done {
		return wrapMigrate(err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return wrapMigrate(err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, migrations.FS,
		goose.WithSessionLocker(locker),
		goose.WithAllowOutofOrder(true),
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return wrapMigrate(err)
	}
	_, err = provider.Up(ctx)
	return wrapMigrate(err)
}

// Migrated reports whether every migration this program carries has been done.
// The program's own role may ask.
func Migrated(ctx context.Context, q Conn) (bool, error) {
	var applied []int64
	err := q.Select(ctx, &applied, appliedVersions)
	if pq.As(err, pqerror.UndefinedTable) != nil {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read migrations done: %w", err)
	}
	return coversAll(applied)
}

// Versions applied; a version counts by its latest row.
const appliedVersions = `
	select version_id from (
		select distinct on (version_id) version_id, is_applied
		from goose_db_version order by version_id, id desc) latest
	where is_applied`

// migrated is Migrated for a pool that belongs to nobody yet.
func migrated(ctx context.Context, pool *sql.DB) (bool, error) {
	rows, err := pool.QueryContext(ctx, appliedVersions)
	if pq.As(err, pqerror.UndefinedTable) != nil {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var applied []int64
	for rows.Next() {
		var v int64
		if err := rows.Scan(&v); err != nil {
			return false, err
		}
		applied = append(applied, v)
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	return coversAll(applied)
}

// coversAll reports whether the versions include every embedded migration.
func coversAll(applied []int64) (bool, error) {
	done := make(map[int64]bool, len(applied))
	for _, v := range applied {
		done[v] = true
	}
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return false, err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return false, fmt.Errorf("migration %s has no number", name)
		}
		if !done[v] {
			return false, nil
		}
	}
	return true, nil
}

// connectPatiently is connect without the limits of a request: a migration may
// take as long as it needs.
func connectPatiently(url string) (*pq.Connector, error) {
	cfg, err := sessionConfig(url)
	if err != nil {
		return nil, err
	}
	return pq.NewConnectorConfig(cfg)
}

func wrapMigrate(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("migrate: %w", err)
}
