// Package job keeps what is still to do: rows written in the transaction that
// caused them, done at least once by whichever replica takes them first.
//
// At least once means that a handler may see the same job again, after a crash
// or a lost connection, so every handler must be harmless twice. Arguments
// hold ids only, never a person's words: they are read by whoever looks at the
// table. The room knows people by no name and mails nothing itself.
package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/pg"
)

// Job is something to do.
type Job struct {
	Kind   string    // which handler does it
	Args   any       // becomes JSON; ids only, never private words
	RunAt  time.Time // not before this instant; the zero time means at once
	Unique string    // when set, a second job with this key is dropped while the first waits or runs
}

// Handler does jobs of one kind. It gets the arguments as they were written.
// An error means that it is tried again later, unless it is Permanent.
type Handler func(ctx context.Context, args json.RawMessage) error

// Add writes jobs into the caller's transaction, all in one statement: they
// exist if, and only if, the rest of the transaction does. A statement that
// writes something else may add its jobs itself, by the same function.
func Add(ctx context.Context, tx *pg.Tx, jobs ...Job) error {
	if len(jobs) == 0 {
		return nil
	}
	type row struct {
		Kind      string          `json:"kind"`
		Args      json.RawMessage `json:"args"`
		RunAt     time.Time       `json:"run_at"`
		UniqueKey *string         `json:"unique_key"`
	}
	rows := make([]row, 0, len(jobs))
	for _, j := range jobs {
		args, err := json.Marshal(j.Args)
		if err != nil {
			return fmt.Errorf("add job %s: arguments: %w", j.Kind, err)
		}
		r := row{Kind: j.Kind, Args: args, RunAt: j.RunAt.UTC()}
		if j.Unique != "" {
			r.UniqueKey = &j.Unique
		}
		rows = append(rows, r)
	}
	list, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("add jobs: %w", err)
	}
	_, err = tx.Exec(ctx, `
		select job_add(kind, args, run_at, unique_key)
		from jsonb_to_recordset(cast($1 as jsonb)) as j(kind text, args jsonb, run_at timestamptz, unique_key text)`,
		string(list))
	if err != nil {
		return fmt.Errorf("add jobs: %w", err)
	}
	return nil
}
