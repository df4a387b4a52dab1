// Package once keeps operation keys: the mark that a form or a program sends
// with an act, so that a double click, a refresh, a lost answer or a retry on
// another replica happens once and ends in the same place.
//
// An act settles its key in its own transaction, together with its effect. A
// key that is already settled is met in one of two ways: Find before the act
// begins, or IsRepeat on the error when two copies raced.
package once

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// Key names one act of one kind. The scope keeps the keys of forms and programs
// apart. An empty Text is a new act each time.
type Key struct {
	Scope       string
	Text        string
	Fingerprint []byte // keyed digest of what was sent, never the words themselves
}

// Mismatch is the slug of the refusal when a key comes back with another body.
const Mismatch = "idempotency-mismatch"

// Find reads the outcome that was settled under this key into outcome and
// reports whether there was one. The same key with another fingerprint is an
// error with slug Mismatch.
func Find(ctx context.Context, q pg.Conn, k Key, outcome any) (bool, error) {
	if k.Text == "" {
		return false, nil
	}
	var row struct {
		Fingerprint []byte `db:"fingerprint"`
		Outcome     string `db:"outcome"`
	}
	err := q.Get(ctx, &row, `
		select fingerprint, outcome::text as outcome
		from operation
		where scope = $1 and key = $2`, k.Scope, k.Text)
	if pg.NoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find operation: %w", err)
	}
	if err := json.Unmarshal([]byte(row.Outcome), outcome); err != nil {
		return false, fmt.Errorf("read outcome of operation: %w", err)
	}
	if !bytes.Equal(row.Fingerprint, k.Fingerprint) {
		return true, fault.Named(fault.Invalid, Mismatch,
			"This request was sent before with the same key and another content. Send it with a new key.")
	}
	return true, nil
}

// Settle writes the outcome in the act's transaction. It is the last write of
// the act: when it fails with IsRepeat, another copy won, and this one is
// rolled back whole.
func Settle(ctx context.Context, tx *pg.Tx, k Key, outcome any, now time.Time) error {
	if k.Text == "" {
		return nil
	}
	raw, err := json.Marshal(outcome)
	if err != nil {
		return fmt.Errorf("settle operation: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into operation (scope, key, fingerprint, outcome, made_at)
		values ($1, $2, $3, $4, $5)`, k.Scope, k.Text, k.Fingerprint, string(raw), now)
	if err != nil {
		return fmt.Errorf("settle operation: %w", err)
	}
	return nil
}

// IsRepeat reports whether an act failed because another copy of it has settled
// the same key.
func IsRepeat(err error) bool { return pg.Violates(err, "operation_pkey") }

// kept is how long a key is remembered: long enough for a tab that was left
// open over a week.
const kept = 14 * 24 * time.Hour

// Forget removes keys that nobody will send again.
func Forget(ctx context.Context, tx *pg.Tx, now time.Time) error {
	if _, err := tx.Exec(ctx, `delete from operation where made_at < $1`, now.Add(-kept)); err != nil {
		return fmt.Errorf("forget operations: %w", err)
	}
	return nil
}
