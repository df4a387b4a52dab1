package practice

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/slot"
)

// TypeID names an appointment type. It is random and says nothing.
type TypeID string

// The places that mean something to the program; any other is an address in
// words.
const (
	Video = "video"
	Phone = "phone" // the booking form asks for a number
)

// The lanes that an appointment can belong to.
const (
	Joint      = "joint"
	Individual = "individual"
)

// Type is an appointment type: something that can be booked.
type Type struct {
	ID              TypeID `db:"id"`
	Slug            string `db:"slug"`
	Name            string `db:"name"`
	Description     string `db:"description"`
	DurationMinutes int    `db:"duration_minutes"`
	Place           string `db:"place"`
	StepMinutes     int    `db:"slot_step_minutes"` // zero follows the duration
	BeforeMinutes   int    `db:"buffer_before_minutes"`
	AfterMinutes    int    `db:"buffer_after_minutes"`
	NoticeMinutes   int    `db:"min_notice_minutes"`
	HorizonDays     int    `db:"horizon_days"`
	MaxPerDay       int    `db:"max_per_day"` // zero means no limit
	Public          bool   `db:"public"`      // bookable without an account
	OncePerPerson   bool   `db:"once_per_person"`
	ApprovalMinutes int    `db:"approval_minutes"` // zero needs none
	Credits         int    `db:"credits"`
	Lane            string `db:"lane"`
	Hours           Week   `db:"hours"` // the type's own; nil means the coach's
	Withdrawn       bool   `db:"withdrawn"`
	Position        int    `db:"position"`
}

// Duration is how long an appointment lasts.
func (t Type) Duration() time.Duration { return minutes(t.DurationMinutes) }

// Approval is how long a coach has to accept a request; zero needs no accepting.
func (t Type) Approval() time.Duration { return minutes(t.ApprovalMinutes) }

// Rules is what the engine needs to know of the type.
func (t Type) Rules() slot.Type {
	return slot.Type{
		Slug: t.Slug, Duration: t.Duration(), Step: minutes(t.StepMinutes),
		BufferBefore: minutes(t.BeforeMinutes), BufferAfter: minutes(t.AfterMinutes),
		MinNotice: minutes(t.NoticeMinutes), HorizonDays: t.HorizonDays, MaxPerDay: t.MaxPerDay,
		Weekly: t.Hours,
	}
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// Types lists what is offered, public or not, in the order of the practice
// file; withdrawn ones are left out.
func Types(ctx context.Context, q pg.Conn) ([]Type, error) {
	return types(ctx, q, `where not withdrawn`)
}

// AllTypes is Types with the withdrawn ones.
func AllTypes(ctx context.Context, q pg.Conn) ([]Type, error) {
	return types(ctx, q, ``)
}

// FindType gives a type by slug, also a withdrawn one, since its bookings live on.
func FindType(ctx context.Context, q pg.Conn, slug string) (Type, error) {
	found, err := types(ctx, q, `where slug = $1`, slug)
	return oneType(found, err)
}

// FindTypeByID gives a type by id, also a withdrawn one.
func FindTypeByID(ctx context.Context, q pg.Conn, id TypeID) (Type, error) {
	found, err := types(ctx, q, `where id = $1`, id)
	return oneType(found, err)
}

func oneType(found []Type, err error) (Type, error) {
	if err != nil {
		return Type{}, err
	}
	if len(found) == 0 {
		return Type{}, fault.New(fault.NotFound, "There is no appointment by that name here.")
	}
	return found[0], nil
}

func types(ctx context.Context, q pg.Conn, where string, args ...any) ([]Type, error) {
	var found []Type
	err := q.Select(ctx, &found, `
		select id, slug, name, description, duration_minutes, place,
			coalesce(slot_step_minutes, 0) as slot_step_minutes, buffer_before_minutes,
			buffer_after_minutes, min_notice_minutes, horizon_days,
			coalesce(max_per_day, 0) as max_per_day, public, once_per_person, approval_minutes,
			credits, lane, hours, withdrawn, position
		from appointment_type
		`+where+`
		order by position, slug`, args...)
	if err != nil {
		return nil, fmt.Errorf("list appointment types: %w", err)
	}
	return found, nil
}

// SaveType makes or changes the type with this slug and gives its id. ID of t
// is not looked at.
func SaveType(ctx context.Context, tx *pg.Tx, t Type) (TypeID, error) {
	var id TypeID
	err := tx.Get(ctx, &id, `
		insert into appointment_type (slug, name, description, duration_minutes, place, slot_step_minutes,
			buffer_before_minutes, buffer_after_minutes, min_notice_minutes, horizon_days, max_per_day,
			public, once_per_person, approval_minutes, credits, lane, hours, withdrawn, position)
		values ($1, $2, $3, $4, $5, nullif($6, 0), $7, $8, $9, $10, nullif($11, 0),
			$12, $13, $14, $15, $16, $17, $18, $19)
		on conflict (slug) do update
		set name = excluded.name, description = excluded.description,
			duration_minutes = excluded.duration_minutes, place = excluded.place,
			slot_step_minutes = excluded.slot_step_minutes,
			buffer_before_minutes = excluded.buffer_before_minutes,
			buffer_after_minutes = excluded.buffer_after_minutes,
			min_notice_minutes = excluded.min_notice_minutes, horizon_days = excluded.horizon_days,
			max_per_day = excluded.max_per_day, public = excluded.public,
			once_per_person = excluded.once_per_person, approval_minutes = excluded.approval_minutes,
			credits = excluded.credits, lane = excluded.lane, hours = excluded.hours,
			withdrawn = excluded.withdrawn, position = excluded.position
		returning id`,
		t.Slug, t.Name, t.Description, t.DurationMinutes, t.Place, t.StepMinutes,
		t.BeforeMinutes, t.AfterMinutes, t.NoticeMinutes, t.HorizonDays, t.MaxPerDay,
		t.Public, t.OncePerPerson, t.ApprovalMinutes, t.Credits, t.Lane, t.Hours, t.Withdrawn, t.Position)
	if err != nil {
		return "", fmt.Errorf("save appointment type: %w", err)
	}
	return id, nil
}

// Holder says that a coach holds appointments of a type.
type Holder struct {
	TypeID  TypeID    `db:"type_id"`
	CoachID people.ID `db:"coach_id"`
}

// Holders lists who holds what, each type's coaches in the order of the
// practice file.
func Holders(ctx context.Context, q pg.Conn) ([]Holder, error) {
	var found []Holder
	err := q.Select(ctx, &found, `
		select type_id, coach_id from type_coach order by type_id, position, coach_id`)
	if err != nil {
		return nil, fmt.Errorf("list holders: %w", err)
	}
	return found, nil
}

// SaveHolders makes these coaches, in this order, the ones who hold a type.
func SaveHolders(ctx context.Context, tx *pg.Tx, id TypeID, coaches []people.ID) error {
	if _, err := tx.Exec(ctx, `delete from type_coach where type_id = $1`, id); err != nil {
		return fmt.Errorf("save holders: %w", err)
	}
	for i, coach := range coaches {
		_, err := tx.Exec(ctx, `
			insert into type_coach (type_id, coach_id, position) values ($1, $2, $3)`, id, coach, i)
		if err != nil {
			return fmt.Errorf("save holders: %w", err)
		}
	}
	return nil
}
