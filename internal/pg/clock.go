package pg

import (
	"context"
	"sync"
	"time"
)

// Clock tells one time to all replicas: the database's. A host whose own clock
// is wrong, or is set while we run, changes nothing, because between two looks
// at the database only this process's steady counter is used.
//
// Two calls may differ by the error of a measurement, a fraction of the round
// trip, so a later Now can be earlier by that much after a correction.
type Clock struct {
	db    *DB
	shift time.Duration

	mu     sync.Mutex
	anchor time.Time // the database's time …
	at     time.Time // … when our steady counter stood here
}

const (
	clockEvery    = 30 * time.Second // between two looks at the database
	clockRounds   = 3                // the quickest of them counts
	clockPatience = 2 * time.Second  // a slower answer says too little
)

// NewClock measures the database's time and gives a clock that is ahead of it
// by shift. While the database does not answer, the host's own time stands in.
func NewClock(ctx context.Context, db *DB, shift time.Duration) *Clock {
	now := time.Now()
	c := &Clock{db: db, shift: shift, anchor: now.Round(0), at: now}
	c.measure(ctx)
	return c
}

// Now is the time in UTC, to the microsecond that PostgreSQL keeps.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.anchor.Add(time.Since(c.at) + c.shift).UTC().Truncate(time.Microsecond)
}

// Run corrects the clock again and again until ctx ends. While the database
// does not answer the last correction stays.
func (c *Clock) Run(ctx context.Context) {
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.measure(ctx)
		}
	}
}

// measure looks at the database's clock a few times. It was read somewhere
// between asking and hearing, so the middle is the best guess, and the quickest
// round the narrowest one.
func (c *Clock) measure(ctx context.Context) {
	best := clockPatience
	for range clockRounds {
		anchor, at, took, err := c.look(ctx)
		if err != nil {
			return // Readiness reports a database that does not answer.
		}
		if took < best {
			best = took
			c.set(anchor, at)
		}
	}
}

// look reads the database's clock once.
func (c *Clock) look(ctx context.Context) (anchor, at time.Time, took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, clockPatience)
	defer cancel()
	asked := time.Now()
	if err := c.db.Get(ctx, &anchor, `select clock_timestamp()`); err != nil {
		return time.Time{}, time.Time{}, 0, err
	}
	took = time.Since(asked)
	return anchor, asked.Add(took / 2), took, nil
}

func (c *Clock) set(anchor, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.anchor, c.at = anchor, at
}
