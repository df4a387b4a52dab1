// Package pg opens PostgreSQL, given or embedded and private, brings it up to
// date, and lends connections. It knows no table.
//
// Two traps of lib/pq shape it. An INSERT outside a transaction whose
// connection closes before the reply is silently run a second time; and a
// COMMIT whose context is cancelled can report success. So a write happens
// only inside InTx, which commits on a context that no request can cancel, and
// the type of its argument says so: Conn reads, *Tx writes.
package pg

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Conn reads. Both the pool and a transaction are one, so a function that takes
// a Conn may run anywhere.
type Conn interface {
	// Get scans the single row of a query into dest; without a row the error
	// satisfies NoRows.
	Get(ctx context.Context, dest any, query string, args ...any) error
	// Select scans all rows of a query into the slice dest points to.
	Select(ctx context.Context, dest any, query string, args ...any) error
}

// DB is a pool of connections to one database.
type DB struct {
	pool *sqlx.DB
	url  string
}

// Options say how the pool behaves. The zero value is right for the server.
type Options struct {
	Role    string // the role to work as; "" keeps the role that signed in
	MaxOpen int    // connections at most; 0 means 16
	Warm    bool   // open them all now, so that the first visitors do not wait
}

// AppRole is the role the running program works as: it owns nothing, changes no
// table's shape, and can only add to the audit.
const AppRole = "kintsugi_app"

// Limits of a single statement, so that no request waits for ever. They are
// given in milliseconds because PostgreSQL reads a bare number so.
const (
	statementTimeout = "15000"
	lockTimeout      = "8000"
	idleInTxTimeout  = "30000"
)

// LongestTx bounds a whole transaction, the wait for a connection and COMMIT
// included; poolTimeout bounds that wait.
const (
	LongestTx   = 25 * time.Second
	poolTimeout = 10 * time.Second
)

// Open connects to the database at url (postgres://… or key=value words) and
// fails when it does not answer. The session runs in UTC, so that no server's
// own time zone can change what an hour means.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	connector, err := connect(url, o.Role)
	if err != nil {
		return nil, err
	}
	pool := sqlx.NewDb(sql.OpenDB(preparing{connector}), "postgres")
	if o.MaxOpen == 0 {
		o.MaxOpen = 16
	}
	pool.SetMaxOpenConns(o.MaxOpen)
	pool.SetMaxIdleConns(o.MaxOpen)
	pool.SetConnMaxIdleTime(10 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := &DB{pool: pool, url: url}
	if o.Warm {
		db.warm(ctx, o.MaxOpen)
	}
	return db, nil
}

// connect reads a connection string and adds what every session of ours needs.
func connect(url, role string) (*pq.Connector, error) {
	cfg, err := sessionConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.Runtime["statement_timeout"] = statementTimeout
	cfg.Runtime["lock_timeout"] = lockTimeout
	cfg.Runtime["idle_in_transaction_session_timeout"] = idleInTxTimeout
	if role != "" {
		cfg.Runtime["role"] = role
	}
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, err
	}
	connector.Dialer(dialer{})
	return connector, nil
}

// sessionConfig is what holds for every session, patient or not.
func sessionConfig(url string) (pq.Config, error) {
	cfg, err := pq.NewConfig(url)
	if err != nil {
		// The cause may quote the address, and the password with it.
		return pq.Config{}, errors.New("the database address cannot be read: it must look like postgres://user:password@host:5432/database, with signs such as / @ : # % in the password written as %2F %40 %3A %23 %25")
	}
	cfg.BinaryParameters = true
	cfg.TZ = "UTC"
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 10 * time.Second
	}
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	cfg.Runtime["timezone"] = "UTC"
	return cfg, nil
}

// warm opens n connections and gives them back. A connection that cannot be
// had now is had later, so failing here is no failure.
func (db *DB) warm(ctx context.Context, n int) {
	held := make([]*sql.Conn, 0, n)
	for range n {
		c, err := db.pool.Conn(ctx)
		if err != nil {
			break
		}
		held = append(held, c)
	}
	for _, c := range held {
		c.Close()
	}
}

// Close gives every connection back to the database.
func (db *DB) Close() error { return db.pool.Close() }

// Ping asks whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.pool.PingContext(ctx) }

// Stats tells how the pool is used, for the metrics.
func (db *DB) Stats() sql.DBStats { return db.pool.Stats() }

// Get reads a single row; see Conn.
func (db *DB) Get(ctx context.Context, dest any, query string, args ...any) error {
	return db.pool.GetContext(ctx, dest, query, args...)
}

// Select reads all rows; see Conn.
func (db *DB) Select(ctx context.Context, dest any, query string, args ...any) error {
	return db.pool.SelectContext(ctx, dest, query, args...)
}

// Tx is someone's open transaction. Holding one is the permission to write.
type Tx struct{ tx *sqlx.Tx }

// InTx runs fn in one READ COMMITTED transaction and commits when it returns
// nil. Statements inside follow ctx; the COMMIT does not, so a visitor who
// leaves cannot make a half-told story. When the reply to COMMIT is lost the
// outcome is unknown and the error says so; an operation key resolves it.
func (db *DB) InTx(ctx context.Context, fn func(tx *Tx) error) (err error) {
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), LongestTx)
	defer cancel()
	conn, tx, err := db.begin(ctx, whole)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Close()
	committed := false
	defer func() {
		if !committed {
			// The transaction is lost either way; its first error is the one to tell.
			_ = tx.Rollback()
		}
	}()
	if err := fn(&Tx{tx}); err != nil {
		return err
	}
	committed = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit, outcome unknown: %w", err)
	}
	return nil
}

// InTxAs is InTx for an act on private items: row-level security lets it see
// what viewer, a person's id, may read, and nothing else.
func (db *DB) InTxAs(ctx context.Context, viewer string, fn func(tx *Tx) error) error {
	return db.InTx(ctx, func(tx *Tx) error {
		if err := tx.As(ctx, viewer); err != nil {
			return err
		}
		return fn(tx)
	})
}

// begin takes a connection, waiting no longer than ctx, and begins a transaction
// that lives as long as whole. After the database was restarted every idle
// connection is dead, which only BEGIN finds out; nothing has happened by then,
// so the next one is tried until they are used up.
func (db *DB) begin(ctx, whole context.Context) (*sqlx.Conn, *sqlx.Tx, error) {
	ctx, cancel := context.WithTimeout(ctx, poolTimeout)
	defer cancel()
	for dead := 0; ; dead++ {
		conn, err := db.pool.Connx(ctx)
		if err != nil {
			return nil, nil, err
		}
		tx, err := conn.BeginTxx(whole, nil)
		if err == nil {
			return conn, tx, nil
		}
		// A connection that could not begin is not worth keeping or telling of.
		_ = conn.Close()
		if !errors.Is(err, driver.ErrBadConn) || dead > db.pool.Stats().MaxOpenConnections {
			return nil, nil, err
		}
	}
}

// Get reads a single row inside the transaction; see Conn.
func (tx *Tx) Get(ctx context.Context, dest any, query string, args ...any) error {
	return tx.tx.GetContext(ctx, dest, query, args...)
}

// Select reads all rows inside the transaction; see Conn.
func (tx *Tx) Select(ctx context.Context, dest any, query string, args ...any) error {
	return tx.tx.SelectContext(ctx, dest, query, args...)
}

// Exec writes and tells how many rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := tx.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// As says who reads from here to the end of the transaction. Nobody is an empty
// text, and reads nothing private.
func (tx *Tx) As(ctx context.Context, viewer string) error {
	if _, err := tx.tx.ExecContext(ctx, `select set_config('kintsugi.viewer', $1, true)`, viewer); err != nil {
		return fmt.Errorf("say who reads: %w", err)
	}
	return nil
}

// Lock waits until no other transaction holds any of the keys, and holds them
// until the end of this one. Give the keys in one agreed order, so that two who
// want the same ones never wait for each other. It is a statement of its own,
// before the one that looks: a single statement for both would see the state
// from before the wait.
func (tx *Tx) Lock(ctx context.Context, keys ...string) error {
	_, err := tx.tx.ExecContext(ctx, `
		select pg_advisory_xact_lock(hashtextextended(k, 0))
		from unnest($1::text[]) with ordinality as wanted (k, n)
		order by n`, pq.Array(keys))
	return err
}

// Array passes a list of texts as one argument, for `= any ($1)`.
func Array(list []string) any { return pq.Array(list) }

// NoRows reports whether err says that Get found nothing.
func NoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
