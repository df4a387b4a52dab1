// Package reception tells the stories that cross rooms: who somebody is at the
// desk, with their calls and letters; two records joined; a person exported or
// erased; a list taken in or given out; who did what. One file a story. It owns
// no table and does no arithmetic of its own.
package reception

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// Reception is where these stories are told.
type Reception struct {
	DB         *pg.DB
	Keys       *seal.Keyset
	Booking    *booking.Service
	Engagement *engagement.Service
	Now        func() time.Time
	Wake       func() // called after a commit that left something to do; may be nil
}

// ErrNobody is the one answer for a person who does not exist and for one whom
// the viewer does not look after.
var ErrNobody = fault.New(fault.NotFound, "There is nobody here by that name.")

// everyone reports whether a viewer sees all people of the practice. A coach
// sees those with a booking with them and those handed to them.
func everyone(v booking.Viewer) bool {
	return v.Role == people.Owner || v.Role == people.Assistant
}

// sees is the condition that a record is one the viewer looks after: they have
// a booking with them, are or were invited by them, or were handed to them. The query
// takes whether the viewer sees everyone as $1 and the viewer's id as $2.
func sees(record string) string {
	return fmt.Sprintf(`(cast($1 as boolean)
		or exists (select from booking sb where sb.person_id = %[1]s.id and sb.coach_id = $2)
		or exists (select from participant sm join engagement se on se.id = sm.engagement_id where sm.person_id = %[1]s.id and se.coach_id = $2)
		or exists (select from person_coach sc where sc.person_id = %[1]s.id and sc.coach_id = $2))`, record)
}

// callsOf reads, for the record p and those joined to it, the hours that say
// where somebody stands. A coach's own bookings alone count for a coach. The
// query takes now as $3.
const callsOf = `
	left join lateral (
		select max(b.ends_at) filter (where b.status = 'completed' or b.status = 'confirmed' and b.ends_at <= $3) as held_at,
		       min(b.starts_at) filter (where b.ends_at > $3
		           and (b.status in ('held', 'confirmed') or b.status = 'pending' and b.expires_at > $3)) as coming_at,
		       max(b.made_at) filter (where b.status in ('held', 'pending', 'confirmed', 'completed', 'no_show')) as made_at
		from (
			select o.coach_id, o.status, o.starts_at, o.ends_at, o.expires_at, o.made_at
			from booking o
			where o.person_id = p.id
			union all
			select o.coach_id, o.status, o.starts_at, o.ends_at, o.expires_at, o.made_at
			from person j
			join booking o on o.person_id = j.id
			where j.merged_into = p.id
			union all
			select o.coach_id, o.status, o.starts_at, o.ends_at, o.expires_at, o.made_at
			from booking_guest g
			join booking o on o.id = g.booking_id
			where g.person_id in (select p.id union all select j.id from person j where j.merged_into = p.id)
		) b
		where cast($1 as boolean) or b.coach_id = $2
	) calls on true
	left join lateral (
		select s.stage, s.stage_at, s.source, s.next_on
		from (
			select o.stage, o.stage_at, o.source, o.next_on, o.changed_at, o.person_id
			from office_standing o
			where o.person_id = p.id
			union all
			select o.stage, o.stage_at, o.source, o.next_on, o.changed_at, o.person_id
			from person j
			join office_standing o on o.person_id = j.id
			where j.merged_into = p.id
		) s
		order by s.changed_at desc, s.person_id
		limit 1
	) st on true`

// stageOf says where somebody stands: what was set by hand, unless it ended and
// they have booked anew since; else what the bookings say.
const stageOf = `case
		when coalesce(st.stage, '') <> '' and not (st.stage = 'ended' and coalesce(calls.made_at > st.stage_at, false)) then st.stage
		when calls.coming_at is not null then 'call_booked'
		when calls.held_at is not null then 'call_held'
		else 'enquiry' end`

func actor(v booking.Viewer) audit.Actor {
	return audit.Actor{Kind: audit.Coach, ID: string(v.ID)}
}

// isID reports whether a text is an id as the database takes it.
func isID(text string) bool { return len(text) == 36 && uuid.Validate(text) == nil }

func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
