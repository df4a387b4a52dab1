package availability

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/calendar"
	"kintsugi/internal/outbound"
	"kintsugi/internal/pg"
)

// findSource loads a source with what decides how it is read.
func findSource(ctx context.Context, q pg.Conn, id string) (source, error) {
	var s source
	err := q.Get(ctx, &s, `
		select s.id, s.coach_id, s.address_hash, s.etag, s.last_modified, s.read_until, s.read_as,
			s.empty_since, s.events, h.busy_calendars, h.ignore_all_day,
			(select coalesce(max(t.horizon_days), 0) from appointment_type t where not t.withdrawn) as horizon
		from calendar_source s
		join coach_hours h on h.coach_id = s.coach_id
		where s.id = cast($1 as uuid)`, id)
	if err != nil {
		return source{}, err
	}
	s.hours, err = Hours(ctx, q, s.CoachID)
	return s, err
}

// failed notes that a reading failed. What was read before stays as it is.
func (r *Refresher) failed(ctx context.Context, s source, class string, now time.Time) error {
	r.Log.Warn("outside calendar not read", "calendar", s.ID, "class", class)
	return r.note(ctx, s, `
		update calendar_source set fetched_at = $2, problem = $3,
			empty_since = case when $3 = 'suddenly empty' then coalesce(empty_since, $2) else empty_since end
		where id = cast($1 as uuid)`, s.ID, now, class)
}

// unchanged notes that the copy in use is still right.
func (r *Refresher) unchanged(ctx context.Context, s source, now time.Time) error {
	return r.note(ctx, s, `
		update calendar_source set fetched_at = $2, good_at = $2, problem = ''
		where id = cast($1 as uuid)`, s.ID, now)
}

func (r *Refresher) note(ctx context.Context, s source, query string, args ...any) error {
	err := r.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("note reading of calendar %s: %w", s.ID, err)
	}
	return nil
}

// replace puts what was read in the place of what was read before, whole or not
// at all. Rows that stay the same are not touched.
func (r *Refresher) replace(ctx context.Context, s source, busy calendar.Busy, known outbound.Known, until time.Time, as string, now time.Time) error {
	type row struct {
		UID    string    `json:"uid"`
		Starts time.Time `json:"starts_at"`
		Ends   time.Time `json:"ends_at"`
	}
	rows := make([]row, len(busy.Spans))
	for i, span := range busy.Spans {
		rows[i] = row{span.UID, span.Start, span.End}
	}
	spans, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("keep calendar %s: %w", s.ID, err)
	}
	notes, err := json.Marshal(append([]string{}, busy.Notes...))
	if err != nil {
		return fmt.Errorf("keep calendar %s: %w", s.ID, err)
	}
	err = r.DB.InTx(ctx, func(tx *pg.Tx) error {
		// Locks the source; a slower reading that began earlier changes nothing.
		n, err := tx.Exec(ctx, `
			update calendar_source set fetched_at = $2, good_at = $2, problem = '', empty_since = null,
				etag = $3, last_modified = $4, read_until = $5, read_as = $6, notes = $7, events = $8
			where id = cast($1 as uuid) and (good_at is null or good_at <= $2)`,
			s.ID, now, known.ETag, known.LastModified, until, as, string(notes), busy.Events)
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.Exec(ctx, `
			with read as (
				select uid, starts_at, ends_at
				from jsonb_to_recordset(cast($3 as jsonb)) as r(uid text, starts_at timestamptz, ends_at timestamptz)
			), gone as (
				delete from busy b
				where b.coach_id = $1 and b.calendar = $2
					and not exists (select 1 from read r where r.uid = b.uid and r.starts_at = b.starts_at)
			)
			insert into busy (coach_id, calendar, uid, starts_at, ends_at)
			select $1, $2, r.uid, r.starts_at, r.ends_at from read r
			on conflict on constraint busy_pkey do update set ends_at = excluded.ends_at
			where busy.ends_at <> excluded.ends_at`, s.CoachID, s.ID, string(spans))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep calendar %s: %w", s.ID, err)
	}
	return nil
}
