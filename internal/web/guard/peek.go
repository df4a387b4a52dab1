package guard

import "context"

// Peek asks whether one more act would be let through, and counts nothing. It
// is for a limit on what came of an act: look before, Allow after success, so
// that refused tries do not use up what somebody may end up with. The errors
// are those of Allow.
func (g *Guard) Peek(ctx context.Context, limit Limit, who string) error {
	return g.ask(limit, who, func(args ...any) (waitMS int64, err error) {
		err = g.db.Get(ctx, &waitMS, peek, args...)
		return waitMS, err
	})
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
