// Package vault keeps the server's own keys in the database, each wrapped under
// the keyset that lives outside it. The first of them makes the links; it is
// the sentinel too: a server whose keyset does not open it refuses to start,
// rather than show garbage or send links that open nothing.
package vault

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
	"kintsugi/internal/token"
)

const linkKey = "link"

// LinkKey gives the key that makes and checks links, and makes it the first
// time. Replicas that start together end with the same one.
func LinkKey(ctx context.Context, db *pg.DB, keys *seal.Keyset, now time.Time) (token.Key, error) {
	wrapped, err := find(ctx, db, linkKey)
	if pg.NoRows(err) {
		wrapped, err = create(ctx, db, keys, now)
	}
	if err != nil {
		return nil, fmt.Errorf("link key: %w", err)
	}
	secret, err := keys.Unwrap(wrapped, linkKey)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "The keyset is not the one this database was written with. "+
			"Give KINTSUGI_KEYSET or KINTSUGI_KEYSET_FILE the keyset that was in use before.", err)
	}
	return token.Key(secret), nil
}

// Has reports whether keys have been made already: whoever has lost the keyset
// then needs a copy of it, and a new one would open nothing.
func Has(ctx context.Context, q pg.Conn) (bool, error) {
	_, err := find(ctx, q, linkKey)
	if pg.NoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("link key: %w", err)
	}
	return true, nil
}

func find(ctx context.Context, q pg.Conn, name string) ([]byte, error) {
	var wrapped []byte
	err := q.Get(ctx, &wrapped, `select wrapped from server_key where name = $1`, name)
	return wrapped, err
}

func create(ctx context.Context, db *pg.DB, keys *seal.Keyset, now time.Time) ([]byte, error) {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails since Go 1.24
	wrapped, err := keys.Wrap(secret, linkKey)
	if err != nil {
		return nil, err
	}
	err = db.InTx(ctx, func(tx *pg.Tx) error {
		if _, err := tx.Exec(ctx, `
			insert into server_key (name, wrapped, made_at) values ($1, $2, $3)
			on conflict on constraint server_key_pkey do nothing`, linkKey, wrapped, now); err != nil {
			return err
		}
		wrapped, err = find(ctx, tx, linkKey)
		return err
	})
	return wrapped, err
}

// WrappedTables are where this room keeps what lies wrapped under the keyset, in
// a column of that name.
func WrappedTables() []string { return []string{"server_key"} }

// InUse tells how much lies under each key of the keyset in the tables of the
// rooms that keep something so.
func InUse(ctx context.Context, q pg.Conn, tables ...string) (map[seal.KeyID]int, error) {
	used := map[seal.KeyID]int{}
	for _, table := range tables {
		var rows []struct {
			Head []byte `db:"head"`
			N    int    `db:"n"`
		}
		if err := q.Select(ctx, &rows, fmt.Sprintf(`
			select substring(wrapped from 1 for %d) as head, count(*) as n from %s group by 1`, seal.HeadLength, table)); err != nil {
			return nil, fmt.Errorf("keys in use by %s: %w", table, err)
		}
		for _, row := range rows {
			id, ok := seal.WrappedUnder(row.Head)
			if !ok {
				return nil, fmt.Errorf("keys in use by %s: %w", table, seal.ErrUnopened)
			}
			used[id] += row.N
		}
	}
	return used, nil
}

// Rewrap wraps every key of the server again under the primary key of the
// keyset, so that an older key can be taken out of it.
func Rewrap(ctx context.Context, tx *pg.Tx, keys *seal.Keyset) (int, error) {
	var rows []struct {
		Name    string `db:"name"`
		Wrapped []byte `db:"wrapped"`
	}
	if err := tx.Select(ctx, &rows, `select name, wrapped from server_key order by name for update`); err != nil {
		return 0, fmt.Errorf("rewrap server keys: %w", err)
	}
	for _, row := range rows {
		secret, err := keys.Unwrap(row.Wrapped, row.Name)
		if err != nil {
			return 0, fmt.Errorf("rewrap server key %s: %w", row.Name, err)
		}
		wrapped, err := keys.Wrap(secret, row.Name)
		if err != nil {
			return 0, fmt.Errorf("rewrap server key %s: %w", row.Name, err)
		}
		if _, err := tx.Exec(ctx, `update server_key set wrapped = $2 where name = $1`, row.Name, wrapped); err != nil {
			return 0, fmt.Errorf("rewrap server key %s: %w", row.Name, err)
		}
	}
	return len(rows), nil
}
