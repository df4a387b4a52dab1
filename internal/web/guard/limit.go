package guard

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// Limit is how often something may be done: Burst times at once, and again
// when time has passed, Burst times in each Per.
type Limit struct {
	Name  string
	Burst int
	Per   time.Duration
}

// BookingSubmits is how often one source may send a booking form. Like the
// limits below it leaves room for a whole office behind one address; what a
// single mail address may cause is counted where letters are written.
//
// Reading has no limit here. To count costs a transaction, half a millisecond
// and about as much as the reading itself, and a count inside one process would
// be missed by the others; a crowd of readers is held by InFlight instead.
func BookingSubmits() Limit { return Limit{Name: "booking-submit", Burst: 120, Per: 10 * time.Minute} }

// BookingsMade is how many bookings one source may end up with.
func BookingsMade() Limit { return Limit{Name: "booking-made", Burst: 60, Per: time.Hour} }

// TokenActs is how often one source may act under a booking's token.
func TokenActs() Limit { return Limit{Name: "token-act", Burst: 120, Per: 10 * time.Minute} }

// SignIns is how often one source may ask for a code or enter one. What a
// single address may cause is counted by login.
func SignIns() Limit { return Limit{Name: "sign-in", Burst: 120, Per: 10 * time.Minute} }

// Allow counts one act of someone under a limit. When it is one too many the
// error is a fault.TooMany that says how long to wait, and nothing is counted;
// any other error means that the database could not be asked.
//
// The clock is the database's, so processes whose clocks differ agree.
func (g *Guard) Allow(ctx context.Context, limit Limit, who string) error {
	return g.ask(limit, who, func(args ...any) (waitMS int64, err error) {
		err = g.db.InTx(ctx, func(tx *pg.Tx) error { return tx.Get(ctx, &waitMS, count, args...) })
		return waitMS, err
	})
}

// ask puts the question of one more act and words its answer. The question
// gives the milliseconds to wait, nought when the act fits now.
func (g *Guard) ask(limit Limit, who string, question func(args ...any) (int64, error)) error {
	if g.off {
		return nil
	}
	hash := g.sum("limit", []byte(limit.Name), []byte(who))[:16]
	waitMS, err := question(limit.Name, hash, (limit.Per / time.Duration(limit.Burst)).Microseconds(), limit.Per.Microseconds())
	switch {
	case pg.IsDown(err):
		return fault.Wrap(fault.Unavailable, "We cannot take this right now. Please try again in a moment.", err)
	case err != nil:
		return fmt.Errorf("count %s: %w", limit.Name, err)
	case waitMS <= 0:
		return nil
	}
	return &fault.Error{
		Kind:       fault.TooMany,
		Slug:       "too-many",
		Say:        "This was asked for many times in a short while. Please wait a little and send it again; nothing is lost.",
		RetryAfter: int((waitMS + 999) / 1000),
	}
}

// The generic cell rate algorithm in one statement. A bucket holds the time at
// which it would be empty again (tat). An act moves it on by one interval ($3)
// unless it would then lie further ahead than the whole time ($4). A bucket
// never lies further ahead than that, so one that does was written before the
// clock was set back, and counts as full, not as closed for an hour.
//
// It returns the milliseconds to wait, nought when the act was counted. The
// outer query sees the bucket as it was before this statement; two first acts
// at the same instant may see none, and wait for one interval.
const count = `
	with span as (
		select statement_timestamp() as now,
		       cast($3 as double precision) * interval '1 microsecond' as one,
		       cast($4 as double precision) * interval '1 microsecond' as whole
	), counted as (
		insert into limit_bucket as bucket (name, key_hash, tat)
		select $1, $2, span.now + span.one from span
		on conflict on constraint limit_bucket_pkey do update
		set tat = greatest(statement_timestamp(), least(bucket.tat, statement_timestamp() + (select whole from span))) + (select one from span)
		where greatest(statement_timestamp(), least(bucket.tat, statement_timestamp() + (select whole from span))) + (select one from span)
		      <= statement_timestamp() + (select whole from span)
		returning 1
	)
	select case
		when exists (select from counted) then 0
		else coalesce((
			select greatest(1, cast(1000 * extract(epoch from least(bucket.tat, span.now + span.whole) + span.one - span.whole - span.now) as bigint))
			from limit_bucket bucket
			where bucket.name = $1 and bucket.key_hash = $2
		), cast(1000 * extract(epoch from span.one) as bigint))
	end
	from span`

// Sweep forgets the counts that have been empty for an hour. It is a job to be
// done now and then.
func Sweep(ctx context.Context, tx *pg.Tx) (int64, error) {
	n, err := tx.Exec(ctx, `delete from limit_bucket where tat < statement_timestamp() - interval '1 hour'`)
	if err != nil {
		return 0, fmt.Errorf("sweep limits: %w", err)
	}
	return n, nil
}
