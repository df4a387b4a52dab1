package guard

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// Peek asks whether one more act would be let through, and counts nothing. It
// is for a limit on what came of an act: look before, Allow after success, so
// that refused tries do not use up what somebody may end up with. The errors
// are those of Allow.
func (g *Guard) Peek(ctx context.Context, limit Limit, who string) error {
	if g.off {
		return nil
	}
	hash := g.sum("limit", []byte(limit.Name), []byte(who))[:16]
	var waitMS int64
	err := g.db.Get(ctx, &waitMS, peek, limit.Name, hash,
		(limit.Per / time.Duration(limit.Burst)).Microseconds(), limit.Per.Microseconds())
	switch {
	case pg.IsDown(err):
		return fault.Wrap(fault.Unavailable, "We cannot take this right now. Please try again in a moment.", err)
	case err != nil:
		return fmt.Errorf("look at %s: %w", limit.Name, err)
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

// The question of count without its answer being written down: the milliseconds
// until one more act fits, nought when it fits now.
const peek = `
	with span as (
		select statement_timestamp() as now,
		       cast($3 as double precision) * interval '1 microsecond' as one,
		       cast($4 as double precision) * interval '1 microsecond' as whole
	)
	select coalesce((
		select greatest(0, cast(ceil(1000 * extract(epoch from least(bucket.tat, span.now + span.whole) + span.one - span.whole - span.now)) as bigint))
		from limit_bucket bucket
		where bucket.name = $1 and bucket.key_hash = $2
	), 0)
	from span`
