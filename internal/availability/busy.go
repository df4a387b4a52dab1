package availability

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// StaleAfter is the age from which a copy of an outside calendar is worth a
// warning: it is read every ten minutes, so by then a dozen readings failed.
const StaleAfter = 2 * time.Hour

// Calendar is how the reading of one outside calendar stands.
type Calendar struct {
	ID        string
	CoachID   people.ID
	Host      string // the only part of its address that is no secret
	AddedAt   time.Time
	TriedAt   *time.Time // nil: not yet
	GoodAt    *time.Time // when the copy in use was last known to be right; nil: there is none
	Problem   string     // class of what went wrong at the last try; "" when it went well
	Notes     []string   // sentences about what in it could not be read
	Events    int
	StopAfter *int // hours after which its coach wants to offer nothing; nil: never
}

// Age is how old the copy in use is. One that was never read is as old as the
// wish to read it.
func (c Calendar) Age(now time.Time) time.Duration {
	if c.GoodAt == nil {
		return now.Sub(c.AddedAt)
	}
	return now.Sub(*c.GoodAt)
}

// Stale reports whether its coach should be warned.
func (c Calendar) Stale(now time.Time) bool { return c.Age(now) > StaleAfter }

// Stops reports whether nothing is offered because of it.
func (c Calendar) Stops(now time.Time) bool {
	return c.StopAfter != nil && c.Age(now) > time.Duration(*c.StopAfter)*time.Hour
}

// Say is a sentence about the last try, or "" when it went well.
func (c Calendar) Say() string {
	switch c.Problem {
	case "":
		return ""
	case "refused":
		return "The calendar's server no longer gives it out under this address. Copy its secret address from the calendar again."
	case "not a calendar":
		return "What stands at this address is no calendar. Copy its secret address from the calendar again."
	case "too large":
		return "The calendar is larger than 2 MiB. Give the address of one that holds fewer old events."
	case "repeats too much":
		return "The calendar has more repetitions than can be read."
	case "suddenly empty":
		return "The calendar came without any event. The last copy stays in use until that has lasted for an hour."
	}
	return "The calendar's server could not be reached. It is tried again every ten minutes."
}

// Calendars lists the outside calendars of a coach in the order in which they
// were written down.
func Calendars(ctx context.Context, q pg.Conn, coach people.ID) ([]Calendar, error) {
	return calendars(ctx, q, `where s.coach_id = $1`, coach)
}

// TroubledCalendars lists those of every coach who works here that deserve a
// warning at now.
func TroubledCalendars(ctx context.Context, q pg.Conn, now time.Time) ([]Calendar, error) {
	return calendars(ctx, q, `where c.active and coalesce(s.good_at, s.made_at) < $1`, now.Add(-StaleAfter))
}

func calendars(ctx context.Context, q pg.Conn, where string, args ...any) ([]Calendar, error) {
	var rows []struct {
		ID        string     `db:"id"`
		CoachID   people.ID  `db:"coach_id"`
		Address   string     `db:"address"`
		MadeAt    time.Time  `db:"made_at"`
		FetchedAt *time.Time `db:"fetched_at"`
		GoodAt    *time.Time `db:"good_at"`
		Problem   string     `db:"problem"`
		Notes     string     `db:"notes"`
		Events    int        `db:"events"`
		StopAfter *int       `db:"stop_offering_after_hours"`
	}
	err := q.Select(ctx, &rows, `
		select s.id, s.coach_id, a.address, s.made_at, s.fetched_at, s.good_at, s.problem, s.notes, s.events,
			h.stop_offering_after_hours
		from calendar_source s
		join coach c on c.person_id = s.coach_id
		join coach_hours h on h.coach_id = s.coach_id
		join lateral (
			select word as address, min(place) as place
			from jsonb_array_elements_text(h.busy_calendars) with ordinality as listed(word, place)
			group by word
		) a on encode(sha256(convert_to(a.address, 'UTF8')), 'hex') = s.address_hash
		`+where+`
		order by c.position, s.coach_id, a.place, s.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("list outside calendars: %w", err)
	}
	list := make([]Calendar, len(rows))
	for i, r := range rows {
		list[i] = Calendar{ID: r.ID, CoachID: r.CoachID, Host: hostOf(r.Address), AddedAt: r.MadeAt, TriedAt: r.FetchedAt,
			GoodAt: r.GoodAt, Problem: r.Problem, Events: r.Events, StopAfter: r.StopAfter}
		if err := json.Unmarshal([]byte(r.Notes), &list[i].Notes); err != nil {
			return nil, fmt.Errorf("list outside calendars: %w", err)
		}
	}
	return list, nil
}

// hostOf gives the part of an address that may be shown.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Choices are what a coach decides about outside calendars.
type Choices struct {
	// StopAfterHours is the age of a copy from which no hour is offered; nil means
	// that the last copy is trusted however old it is.
	StopAfterHours *int `db:"stop_offering_after_hours"`
	// IgnoreAllDay lets events without a time of day block nothing.
	IgnoreAllDay bool `db:"ignore_all_day"`
}

// LoadChoices gives what a coach decided.
func LoadChoices(ctx context.Context, q pg.Conn, coach people.ID) (Choices, error) {
	var c Choices
	err := q.Get(ctx, &c, `select stop_offering_after_hours, ignore_all_day from coach_hours where coach_id = $1`, coach)
	if err != nil && !pg.NoRows(err) {
		return Choices{}, fmt.Errorf("load choices about calendars: %w", err)
	}
	return c, nil
}

// SaveChoices keeps what a coach decided.
func SaveChoices(ctx context.Context, tx *pg.Tx, coach people.ID, c Choices) error {
	n, err := tx.Exec(ctx, `
		update coach_hours set stop_offering_after_hours = $2, ignore_all_day = $3
		where coach_id = $1`, coach, c.StopAfterHours, c.IgnoreAllDay)
	if pg.Violates(err, "coach_hours_stop_offering_counted") {
		return fault.InvalidField("stop_offering_after_hours", "Write a number of hours, at least 1, or leave it empty.")
	}
	if err != nil {
		return fmt.Errorf("save choices about calendars: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "There are no hours yet to which this could belong.")
	}
	return nil
}
