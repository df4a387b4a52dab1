package reception

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/pg"
)

// Nudge is somebody of whom something is due: a call was held and nobody has
// said what comes next, the day of the next step has come, or sessions are
// theirs that they cannot book, because nobody has begun to work with them.
type Nudge struct {
	Entry
	Due     bool // the next step's day has come; else there is no next step
	Waiting int  // sessions that were paid for or given, while no work with them was begun
}

// lookedBack is how long a call without a next step is asked about.
const lookedBack = 60 * 24 * time.Hour

// Nudges lists of whom something is due, at most so many: first the steps whose
// day has come, then who has sessions and no work that they belong to, then calls
// that were held and are followed by nothing, the latest first.
func Nudges(ctx context.Context, q pg.Conn, v booking.Viewer, now time.Time, limit int) ([]Nudge, error) {
	var rows []struct {
		entryRow
		Due     bool `db:"due"`
		Waiting int  `db:"waiting"`
	}
	err := q.Select(ctx, &rows, `
		with bought as (
			select coalesce(r.merged_into, r.id) as id, sum(l.remaining) as sessions
			from credit_lot l
			join wallet w on w.id = l.wallet_id
			join person r on r.id = w.person_id
			where l.remaining > 0 and l.holds = 0
			  and not exists (select from participant m where m.person_id = r.id)
			group by 1
		), asked as (
			select id from bought
			union
			select coalesce(r.merged_into, r.id) as id
			from office_standing s
			join person r on r.id = s.person_id
			where s.next_on <= cast(cast($3 as timestamptz) as date)
			union
			select coalesce(r.merged_into, r.id)
			from coach c
			join booking b on b.coach_id = c.person_id and b.starts_at > $4 and b.starts_at < $3
			left join booking_guest g on g.booking_id = b.id
			join person r on r.id in (b.person_id, g.person_id)
			where (cast($1 as boolean) or c.person_id = $2)
			  and (b.status = 'completed' or b.status = 'confirmed' and b.ends_at <= $3)
		), face as (
			-- A coach who does not look after the record it was joined to sees this one by itself.
			select p.id from person p
			where (p.id in (select a.id from asked a) or p.merged_into in (select a.id from asked a)) and `+sees("p")+` and `+isFace()+`
		), judged as (
			select `+entryColumns+`, coalesce(st.next_on <= cast(cast($3 as timestamptz) as date), false) as due,
				st.next_on is null and `+stageOf+` = 'call_held' as open,
				case when st.next_on is null then coalesce(bought.sessions, 0) else 0 end as waiting
			from face
			left join bought on bought.id = face.id
			join person p on p.id = face.id`+callsOf+`
			where p.spam_at is null
		)
		select id, name, email, stage, source, next_on, coming_at, held_at, made_at, seen_at, may_email, spam, due, waiting
		from judged
		where ((due or waiting > 0) and stage <> 'ended') or (open and held_at > $4)
		order by due desc, next_on, waiting > 0 desc, held_at desc, id
		limit $5`, everyone(v), v.ID, now, now.Add(-lookedBack), limit)
	if err != nil {
		return nil, fmt.Errorf("list nudges: %w", err)
	}
	out := make([]Nudge, 0, len(rows))
	for _, r := range rows {
		out = append(out, Nudge{r.entry(), r.Due, r.Waiting})
	}
	return out, nil
}
