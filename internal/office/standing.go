// Package office keeps what the office has to remember of a person: where they
// stand between asking and leaving, what comes next and when, and one note on
// hours and money. Every member of staff who sees the person reads it, so what
// was said in a call never belongs here. The words are sealed all the same.
package office

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// Stage is where a person stands on the way from the first word to the last.
type Stage string

// The stages in their order. The first three follow from the bookings and are
// never set by hand; the others are set by hand and win over them.
const (
	Enquiry    Stage = "enquiry"
	CallBooked Stage = "call_booked"
	CallHeld   Stage = "call_held"
	Invited    Stage = "invited"
	Client     Stage = "client"
	Ended      Stage = "ended"
)

// Stages are all of them in their order.
func Stages() []Stage { return []Stage{Enquiry, CallBooked, CallHeld, Invited, Client, Ended} }

// Say is a stage as it stands on a page.
func (s Stage) Say() string {
	switch s {
	case Enquiry:
		return "Enquiry"
	case CallBooked:
		return "Call booked"
	case CallHeld:
		return "Call held"
	case Invited:
		return "Invited"
	case Client:
		return "Client"
	case Ended:
		return "Ended"
	}
	return ""
}

// Choice is one of the answers to a question whose answers are fixed, so that
// nobody is tempted to write what was said in a call.
type Choice struct{ Slug, Say string }

// Reasons are why it can have ended.
func Reasons() []Choice {
	return []Choice{{"finished", "The work is done"}, {"not_now", "Not the right time"}, {"no_answer", "No answer any more"},
		{"price", "The price"}, {"other_help", "Found other help"}, {"not_a_fit", "Not a fit"}, {"referred", "We referred them elsewhere"}, {"other", "Another reason"}}
}

// Sources are how somebody can have found the practice.
func Sources() []Choice {
	return []Choice{{"search", "Searched the web"}, {"journal", "Read the journal"}, {"recommended", "Somebody recommended us"},
		{"professional", "A professional sent them"}, {"directory", "A directory"}, {"social", "Social media"}, {"returned", "Was here before"}, {"other", "Another way"}}
}

// SayChoice gives the words of a slug, and nothing for one that is not known.
func SayChoice(choices []Choice, slug string) string {
	for _, c := range choices {
		if c.Slug == slug {
			return c.Say
		}
	}
	return ""
}

// longestStep bounds the words of a next step, in characters.
const longestStep = 300

// Standing is what was set by hand. The zero value is somebody of whom nobody
// has said anything.
type Standing struct {
	Record    people.ID // on which it was written
	Stage     Stage     // Invited, Client, Ended, or nothing: what the bookings say
	StageAt   time.Time
	Reason    string // slug; with Ended only
	Source    string // slug; may be empty
	NextStep  string // a few words; may be empty
	Broken    bool   // the words of the next step do not open, so they are left out
	NextOn    string // yyyy-mm-dd; may be empty
	ChangedAt time.Time
}

// check refuses what the office cannot keep and cleans the words.
func (s *Standing) check() error {
	if !slices.Contains([]Stage{"", Invited, Client, Ended}, s.Stage) {
		return fault.InvalidField("stage", "Choose one of the stages shown.")
	}
	if s.Stage != Ended {
		s.Reason = ""
	} else if SayChoice(Reasons(), s.Reason) == "" {
		return fault.InvalidField("reason", "Choose why it ended; the nearest one will do.")
	}
	if s.Source != "" && SayChoice(Sources(), s.Source) == "" {
		return fault.InvalidField("source", "Choose one of the ways shown, or leave it open.")
	}
	step, err := people.CleanText("next_step", s.NextStep, longestStep)
	if err != nil {
		return err
	}
	s.NextStep = step
	if s.NextOn != "" {
		day, err := time.Parse(time.DateOnly, s.NextOn)
		if err != nil || day.Year() < 2000 || day.Year() > 2200 {
			return fault.InvalidField("next_on", "Write the day as year, month and day, like 2026-12-08.")
		}
	}
	if s.NextStep != "" && s.NextOn == "" {
		return fault.InvalidField("next_on", "Give the next step a day, so that it is not forgotten.")
	}
	return nil
}

// standingRow is a standing as it is stored.
type standingRow struct {
	Record    people.ID  `db:"person_id"`
	Stage     Stage      `db:"stage"`
	StageAt   *time.Time `db:"stage_at"`
	Reason    string     `db:"ended_reason"`
	Source    string     `db:"source"`
	Step      []byte     `db:"next_step"`
	NextOn    string     `db:"next_on"`
	ChangedAt time.Time  `db:"changed_at"`
}

// Find gives where a person stands by what was last written on any of their
// records, and nothing when nobody has written anything.
func Find(ctx context.Context, q pg.Conn, keys *seal.Keyset, records []people.ID) (Standing, error) {
	var row standingRow
	err := q.Get(ctx, &row, `
		select person_id, stage, stage_at, ended_reason, source, next_step,
			coalesce(to_char(next_on, 'YYYY-MM-DD'), '') as next_on, changed_at
		from office_standing
		where person_id = any ($1)
		order by changed_at desc, person_id
		limit 1`, people.IDs(records))
	if pg.NoRows(err) {
		return Standing{}, nil
	}
	if err != nil {
		return Standing{}, fmt.Errorf("find standing: %w", err)
	}
	s := Standing{Record: row.Record, Stage: row.Stage, Reason: row.Reason, Source: row.Source, NextOn: row.NextOn, ChangedAt: row.ChangedAt.UTC()}
	if row.StageAt != nil {
		s.StageAt = row.StageAt.UTC()
	}
	if row.Step == nil {
		return s, nil
	}
	lane, found, err := engagement.FindOfficeLane(ctx, q, keys, row.Record)
	if err != nil || !found {
		return s, err
	}
	plain, err := lane.Open(row.Step, "office_standing", "next_step", string(row.Record))
	if engagement.Unopened(err) {
		s.Broken = true
		return s, nil
	}
	if err != nil {
		return Standing{}, fmt.Errorf("open next step: %w", err)
	}
	s.NextStep = string(plain)
	return s, nil
}

// Place writes where somebody stands. The audit says what it was and is; the
// words of the next step stay out of it.
func Place(ctx context.Context, tx *pg.Tx, keys *seal.Keyset, records []people.ID, s Standing, by audit.Actor, now time.Time) error {
	if err := s.check(); err != nil {
		return err
	}
	person := records[0]
	if err := tx.Lock(ctx, "person "+string(person)); err != nil {
		return err
	}
	was, err := Find(ctx, tx, keys, records)
	if err != nil {
		return err
	}
	var step []byte
	if s.NextStep != "" {
		lane, err := engagement.OfficeLane(ctx, tx, keys, person, now)
		if err != nil {
			return err
		}
		if step, err = lane.Seal([]byte(s.NextStep), "office_standing", "next_step", string(person)); err != nil {
			return err
		}
	}
	var at *time.Time
	switch {
	case s.Stage == "":
	case s.Stage == was.Stage && !was.StageAt.IsZero():
		at = &was.StageAt
	default:
		moment := now.UTC()
		at = &moment
	}
	_, err = tx.Exec(ctx, `
		insert into office_standing (person_id, stage, stage_at, ended_reason, source, next_step, next_on, changed_by, changed_at)
		values ($1, $2, $3, $4, $5, $6, cast(nullif($7, '') as date), $8, $9)
		on conflict on constraint office_standing_pkey do update
		set stage = excluded.stage, stage_at = excluded.stage_at, ended_reason = excluded.ended_reason,
			source = excluded.source, next_step = excluded.next_step, next_on = excluded.next_on,
			changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
		person, s.Stage, at, s.Reason, s.Source, step, s.NextOn, by.ID, now.UTC())
	if err != nil {
		return fmt.Errorf("place person: %w", err)
	}
	if err := people.Keep(ctx, tx, person, s.Stage == Client); err != nil {
		return err
	}
	type state struct {
		Stage  Stage  `json:"stage,omitempty"`
		Reason string `json:"reason,omitempty"`
		Source string `json:"source,omitempty"`
		NextOn string `json:"next_on,omitempty"`
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: by, Act: "standing changed", About: string(person), Detail: map[string]state{
		"was": {was.Stage, was.Reason, was.Source, was.NextOn}, "now": {s.Stage, s.Reason, s.Source, s.NextOn}}})
}

// SayDay says a stored day for people.
func SayDay(day string, now time.Time) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return civil.Day(t, time.UTC, now)
}
