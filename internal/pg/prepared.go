package pg

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// Reading and planning a statement costs PostgreSQL more than carrying it out,
// for most of ours. So each connection keeps the statements that come again:
// the second time a text is seen it is prepared, under its whole text, and from
// then on only its values travel. Texts stand in the source, so there are few;
// whoever builds them anew each time gets no more than a full cupboard.
//
// A pooler between us and PostgreSQL must leave a session its own statements
// (PgBouncer does from 1.21 on, in every mode).
const mostPrepared = 200

// preparing opens connections that keep their statements.
type preparing struct{ driver.Connector }

// Connect opens one.
func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := c.(fullConn)
	if !ok {
		return nil, errors.Join(errors.New("the driver's connection has lost one of its abilities"), c.Close())
	}
	return &preparedConn{fullConn: full, kept: map[string]keptStatement{}}, nil
}

// fullConn is everything that database/sql asks of a connection.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// keptStatement is a prepared statement, or nothing for a text seen once.
type keptStatement interface {
	driver.StmtExecContext
	driver.StmtQueryContext
	Close() error
}

// preparedConn is a connection with the statements it keeps. Database/sql lets
// one goroutine at a time use it.
type preparedConn struct {
	fullConn
	kept map[string]keptStatement
}

// QueryContext asks by a prepared statement where there is one.
func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	st, err := c.statement(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if st == nil {
		return c.fullConn.QueryContext(ctx, query, args)
	}
	rows, err := st.QueryContext(ctx, args)
	if err != nil && c.outgrown(query, st, err) {
		if again, errAgain := c.fullConn.QueryContext(ctx, query, args); errAgain == nil {
			return again, nil
		}
	}
	return rows, err
}

// ExecContext writes by a prepared statement where there is one.
func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	st, err := c.statement(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if st == nil {
		return c.fullConn.ExecContext(ctx, query, args)
	}
	res, err := st.ExecContext(ctx, args)
	if err != nil {
		c.outgrown(query, st, err)
	}
	return res, err
}

// statement gives the prepared statement of a text that is seen again. What has
// no values is as cheap as it is: BEGIN, COMMIT.
func (c *preparedConn) statement(ctx context.Context, query string, args []driver.NamedValue) (keptStatement, error) {
	if len(args) == 0 {
		return nil, nil
	}
	st, seen := c.kept[query]
	switch {
	case st != nil:
		return st, nil
	case !seen && len(c.kept) < mostPrepared:
		c.kept[query] = nil
	case seen:
		made, err := c.fullConn.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		st, ok := made.(keptStatement)
		if !ok {
			return nil, errors.Join(errors.New("the driver's statement has lost one of its abilities"), made.Close())
		}
		c.kept[query] = st
		return st, nil
	}
	return nil, nil
}

// outgrown drops a statement that no longer fits the tables, as after a
// migration that another process ran, and reports whether it did. Outside of a
// transaction it can then be asked anew; inside, the act fails once.
func (c *preparedConn) outgrown(query string, st keptStatement, err error) bool {
	if pq.As(err, pqerror.FeatureNotSupported, pqerror.InvalidSQLStatementName) == nil {
		return false
	}
	delete(c.kept, query)
	_ = st.Close() // in a failed transaction it stays until the connection ends
	return true
}
