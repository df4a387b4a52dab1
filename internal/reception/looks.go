package reception

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Glance is one time that somebody looked at what is a client's to know of.
type Glance struct {
	At   time.Time           `db:"at"`
	By   string              `db:"by_name"`
	Act  string              `db:"act"`
	Kind engagement.LaneKind `db:"kind"` // of the lane; "enquiry" for what was written before a first call
}

// callsWithAny are the calls of which one of the records $2 has a seat.
const callsWithAny = `
	select m.id from booking m where m.person_id = any ($2)
	union all
	select m.booking_id from booking_guest m where m.person_id = any ($2)`

// theirWords is the condition that a look a at the words of a call b was at those
// of the records $2. Where it was not noted whose they were, as it once was not,
// it is told of calls outside any engagement alone: of another they may have been
// the partner's.
const theirWords = `(a.detail->>'of' = any (cast($2 as text[])) or a.detail->>'of' is null and b.engagement_id is null)`

// mostLooks bounds a page of looks.
const mostLooks = 300

// LooksAt lists who looked at what lies in a client's lanes, the latest first.
// In the lane that two clients share, only the practice's looks are told: when
// the partner read something there is the partner's own affair. Whoever has left is
// told of looks at what they wrote there themselves, and of no other: when the coach
// looks through what was shared would tell how the work goes on. It is asked in a
// transaction of the client's.
func LooksAt(ctx context.Context, q pg.Conn, client people.ID) ([]Glance, error) {
	var looks []Glance
	err := q.Select(ctx, &looks, `
		select a.at, coalesce(p.name, '') as by_name, a.act, l.kind
		from lane_reader r
		join lane l on l.id = r.lane_id
		join audit a on a.about = l.id
		left join person p on p.id = a.actor
		where r.person_id = $1 and a.actor <> $1
		  and a.act in ('note read', 'notes listed', 'notes searched', 'form answers read')
		  and (l.kind <> 'joint' or a.actor_kind = 'coach' and (
			not exists (
				select from participant m
				where m.engagement_id = l.engagement_id and m.person_id = $1 and m.state = 'left' and m.state_at <= a.at)
			or exists (select from note n where n.lane_id = l.id and n.author_id = $1 and n.id::text = a.detail->>'item')
			or exists (select from sheet s where s.lane_id = l.id and s.person_id = $1 and s.id::text = a.detail->>'item')))
		union all
		-- Of a form for both, what one has answered alone is on record by itself.
		select a.at, coalesce(p.name, '') as by_name, a.act, l.kind
		from sheet s
		join lane_reader r on r.lane_id = s.lane_id and r.person_id = s.person_id
		join lane l on l.id = s.lane_id
		join audit a on a.about = s.id
		left join person p on p.id = a.actor
		where s.person_id = $1 and a.actor <> $1 and a.act = 'form answers read'
		union all
		-- Of an hour for both, too, whose words they were.
		select a.at, coalesce(p.name, '') as by_name, a.act, 'enquiry' as kind
		from booking b
		join audit a on a.about = b.id
		left join person p on p.id = a.actor
		where b.id in (`+callsWithAny+`) and a.act = 'enquiry read' and `+theirWords+`
		order by 1 desc, 3, 2
		limit $3`, client, people.IDs([]people.ID{client}), mostLooks)
	if err != nil {
		return nil, fmt.Errorf("list looks: %w", err)
	}
	for i := range looks {
		looks[i].At = looks[i].At.UTC()
	}
	return looks, nil
}
