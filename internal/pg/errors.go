package pg

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// Violates reports whether err is the breach of the named constraint, so that
// the room which owns the table can turn it into a sentence.
func Violates(err error, constraint string) bool {
	e := pq.As(err, pqerror.ExclusionViolation, pqerror.UniqueViolation,
		pqerror.CheckViolation, pqerror.ForeignKeyViolation, pqerror.NotNullViolation)
	return e != nil && e.Constraint == constraint
}

// IsDeadlock reports whether PostgreSQL ended the statement to break a deadlock
// or because a lock was not to be had in time: the act did not happen and may
// be tried again.
func IsDeadlock(err error) bool {
	return pq.As(err, pqerror.TRDeadlockDetected, pqerror.LockNotAvailable) != nil
}

// IsDown reports whether err means that the database does not answer right now
// (stopped, starting, unreachable, too slow), rather than that a statement was
// wrong.
func IsDown(err error) bool {
	if err == nil {
		return false
	}
	var opErr *net.OpError
	if errors.Is(err, driver.ErrBadConn) || errors.As(err, &opErr) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	if e := pq.As(err); e != nil {
		code := string(e.Code)
		// Classes: 08 connection, 53 resources (disk, memory, connections),
		// 57 operator intervention, 58 system errors.
		for _, class := range []string{"08", "53", "57", "58"} {
			if strings.HasPrefix(code, class) {
				return true
			}
		}
		return false
	}
	text := err.Error()
	return strings.Contains(text, "EOF") || strings.Contains(text, "connection reset") ||
		strings.Contains(text, "broken pipe") || strings.Contains(text, "connection refused") ||
		strings.Contains(text, "no such file or directory")
}
