// Package availability owns when coaches work: weekly hours, overrides, travel,
// and busy time read from outside calendars. It keeps them in the practice
// file's own shape and hands them to slot, which alone turns them into instants.
// It refuses to know what has been booked.
package availability

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
)

// Stored is what a coach's row holds, in the practice file's own shape.
type Stored struct {
	CoachID       people.ID     `json:"-"`
	Weekly        practice.Week `json:"weekly_hours"`
	Overrides     []Override    `json:"overrides"`
	Travel        []Trip        `json:"travel"`
	BusyCalendars []string      `json:"busy_calendars"`
}

// Override is one date's hours instead of the weekly ones; none is a day off.
type Override struct {
	Date  string           `json:"date"` // 2026-12-24
	Hours practice.Windows `json:"hours"`
}

// Trip is a time in which the coach's hours are read on the clocks of a zone.
type Trip struct {
	From     string `json:"from"` // dates, both included
	To       string `json:"to"`
	Timezone string `json:"timezone"`
}

// ParseHours turns stored hours into what the engine reads. Everything that is
// wrong is told at once.
func ParseHours(weekly practice.Week, overrides []Override, travel []Trip, timezone string) (slot.Hours, error) {
	var wrong []error
	note := func(err error) {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	home, err := time.LoadLocation(timezone)
	note(err)
	hours := slot.Hours{Weekly: weekly, Home: home}
	if len(overrides) > 0 {
		hours.Overrides = make(map[slot.Date][]slot.Window, len(overrides))
	}
	for _, o := range overrides {
		date, err := slot.ParseDate(o.Date)
		note(err)
		hours.Overrides[date] = o.Hours
	}
	for _, t := range travel {
		from, err := slot.ParseDate(t.From)
		note(err)
		to, err := slot.ParseDate(t.To)
		note(err)
		zone, err := time.LoadLocation(t.Timezone)
		note(err)
		hours.Travel = append(hours.Travel, slot.Travel{From: from, To: to, Zone: zone})
	}
	return hours, errors.Join(wrong...)
}

// Hours gives a coach's hours as the engine reads them. A coach for whom none
// are stored has none.
func Hours(ctx context.Context, q pg.Conn, coach people.ID) (slot.Hours, error) {
	var row struct {
		Timezone  string `db:"timezone"`
		Weekly    string `db:"weekly"`
		Overrides string `db:"overrides"`
		Travel    string `db:"travel"`
	}
	err := q.Get(ctx, &row, `
		select c.timezone, coalesce(h.weekly, '{}') as weekly,
			coalesce(h.overrides, '[]') as overrides, coalesce(h.travel, '[]') as travel
		from coach c
		left join coach_hours h on h.coach_id = c.person_id
		where c.person_id = $1`, coach)
	if err != nil {
		return slot.Hours{}, fmt.Errorf("load hours: %w", err)
	}
	var s Stored
	if err := errors.Join(
		json.Unmarshal([]byte(row.Weekly), &s.Weekly),
		json.Unmarshal([]byte(row.Overrides), &s.Overrides),
		json.Unmarshal([]byte(row.Travel), &s.Travel),
	); err != nil {
		return slot.Hours{}, fmt.Errorf("load hours: %w", err)
	}
	hours, err := ParseHours(s.Weekly, s.Overrides, s.Travel, row.Timezone)
	if err != nil {
		return slot.Hours{}, fmt.Errorf("load hours: %w", err)
	}
	return hours, nil
}

// All gives what is stored for every coach.
func All(ctx context.Context, q pg.Conn) ([]Stored, error) {
	var rows []struct {
		CoachID people.ID `db:"coach_id"`
		Hours   string    `db:"hours"`
	}
	err := q.Select(ctx, &rows, `
		select coach_id, json_build_object('weekly_hours', weekly, 'overrides', overrides,
			'travel', travel, 'busy_calendars', busy_calendars) as hours
		from coach_hours
		order by coach_id`)
	if err != nil {
		return nil, fmt.Errorf("load hours: %w", err)
	}
	found := make([]Stored, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal([]byte(row.Hours), &found[i]); err != nil {
			return nil, fmt.Errorf("load hours: %w", err)
		}
		found[i].CoachID = row.CoachID
	}
	return found, nil
}

// Save makes s, whole, what is stored for its coach.
func Save(ctx context.Context, tx *pg.Tx, s Stored) error {
	var texts [4]string
	for i, part := range []any{orEmpty(s.Weekly), s.Overrides, s.Travel, s.BusyCalendars} {
		text, err := json.Marshal(part)
		if err != nil {
			return fmt.Errorf("save hours: %w", err)
		}
		if texts[i] = string(text); texts[i] == "null" {
			texts[i] = "[]"
		}
	}
	_, err := tx.Exec(ctx, `
		insert into coach_hours (coach_id, weekly, overrides, travel, busy_calendars)
		values ($1, $2, $3, $4, $5)
		on conflict (coach_id) do update
		set weekly = excluded.weekly, overrides = excluded.overrides, travel = excluded.travel,
			busy_calendars = excluded.busy_calendars`, s.CoachID, texts[0], texts[1], texts[2], texts[3])
	if err != nil {
		return fmt.Errorf("save hours: %w", err)
	}
	return nil
}

// orEmpty is the week, or one without hours where there is none.
func orEmpty(w practice.Week) practice.Week {
	if w == nil {
		return practice.Week{}
	}
	return w
}
