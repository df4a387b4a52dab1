package setup

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"
)

// Change is one thing that a file made different.
type Change struct {
	Item string `json:"item"`          // "coach mara", "practice", "coaches"
	Key  string `json:"key,omitempty"` // the setting; empty for an item as a whole
	Was  string `json:"was,omitempty"`
	Is   string `json:"is,omitempty"`
}

// String tells the change on one line. Long texts are not repeated.
func (c Change) String() string {
	switch {
	case c.Key == "":
		return c.Item + ": " + c.Is
	case len(c.Was)+len(c.Is) > 120 || strings.ContainsAny(c.Was+c.Is, "\n\t"):
		return fmt.Sprintf("%s: %s changed", c.Item, c.Key)
	}
	return fmt.Sprintf("%s: %s %s → %s", c.Item, c.Key, c.Was, c.Is)
}

// longestRecorded is how much of a value the audit keeps, in characters. It is
// enough for a year of days off; of longer texts the beginning is kept.
const longestRecorded = 4000

// recorded is the change as the audit keeps it. The addresses of outside
// calendars are keys to them, so only their number is.
func (c Change) recorded() Change {
	c.Was, c.Is = bounded(c.Was), bounded(c.Is)
	if c.Key == "busy_calendars" {
		c.Was, c.Is = counted(c.Was), counted(c.Is)
	}
	return c
}

func counted(list string) string {
	return fmt.Sprintf("%d addresses", strings.Count(list, "://"))
}

func bounded(s string) string {
	if utf8.RuneCountInString(s) <= longestRecorded {
		return s
	}
	return string([]rune(s)[:longestRecorded]) + "…"
}

// Put is Apply as part of an act of somebody's, in the act's own transaction.
// The entry says who did what to what; the changes, before and after, become
// its detail. Where nothing changes nothing is recorded. It waits for other
// changes of what is set up, so two acts on one list follow one another when
// each reads the list after Lock.
func Put(ctx context.Context, tx *pg.Tx, f *File, act audit.Entry) ([]Change, error) {
	if err := Lock(ctx, tx); err != nil {
		return nil, err
	}
	old, err := load(ctx, tx)
	if err != nil {
		return nil, err
	}
	next, err := f.try(old)
	if err != nil {
		return nil, err
	}
	changes := compare(old, next)
	if len(changes) == 0 {
		return nil, nil
	}
	if err := save(ctx, tx, old, next, act); err != nil {
		return nil, f.blame(err)
	}
	kept := make([]Change, len(changes))
	for i, c := range changes {
		kept[i] = c.recorded()
	}
	act.Detail = map[string][]Change{"changes": kept}
	return changes, audit.Record(ctx, tx, act)
}

// Lock makes changes of what is set up wait for one another until the
// transaction ends.
func Lock(ctx context.Context, tx *pg.Tx) error { return tx.Lock(ctx, "setup") }
