package reception

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/pg"
)

// Nudge is somebody of whom something is due: a call was held and nobody has
// said what comes next, or the day of the next step has come.
type Nudge struct {
	Entry
	Due bool // the next step's day has come; else there is no next step
}

// lookedBack is how long a call without a next step is asked about.
const lookedBack = 60 * 24 * time.Hour

// Nudges lists of whom something is due, at most so many: first the steps whose
// day has come, then calls that were held and are followed by nothing, the
// latest first.
func Nudges(ctx context.Context, q pg.Conn, v booking.Viewer, now time.Time, limit int) ([]Nudge, error) {
	var rows []struct {
		entryRow
		Due bool `db:"due"`
	}
	err := q.Select(ctx, &rows, `
		with asked as (
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
				st.next_on is null and `+stageOf+` = 'call_held' as open
			from face
			join person p on p.id = face.id`+callsOf+`
			where p.spam_at is null
		)
		select id, name, email, stage, source, next_on, coming_at, held_at, made_at, seen_at, may_email, spam, due
		from judged
		where (due and stage <> 'ended') or (open and held_at > $4)
		order by due desc, next_on, held_at desc, id
		limit $5`, everyone(v), v.ID, now, now.Add(-lookedBack), limit)
	if err != nil {
		return nil, fmt.Errorf("list nudges: %w", err)
	}
	out := make([]Nudge, 0, len(rows))
	for _, r := range rows {
		out = append(out, Nudge{r.entry(), r.Due})
	}
	return out, nil
}
