package availability

import (
	"context"
	"encoding/json"
	"fmt"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
)

// Bookable is a coach with the hours that are theirs.
type Bookable struct {
	people.Coach
	Hours slot.Hours
}

// TypeOffer is everything about an appointment type that does not change from
// one booking to the next.
type TypeOffer struct {
	Practice practice.Basics
	Type     practice.Type
	Coaches  []Bookable      // in the order of the practice file; may be empty
	All      []practice.Face // the same coaches by name, also after the offer was narrowed to one
}

// Coach gives the coach with a slug among those who hold the type.
func (o TypeOffer) Coach(slug string) (Bookable, bool) {
	for _, c := range o.Coaches {
		if c.Slug == slug {
			return c, true
		}
	}
	return Bookable{}, false
}

// offerRow is one row of offerQuery.
type offerRow struct {
	practice.Type
	Basics  practice.Basics `db:"practice"`
	Coaches string          `db:"coaches"`
}

// offerCoach is one entry of its list of coaches.
type offerCoach struct {
	people.Coach
	Weekly    practice.Week `json:"weekly"`
	Overrides []Override    `json:"overrides"`
	Travel    []Trip        `json:"travel"`
}

// ForType gives the offer of a type in one statement, since every view of a
// booking page asks for it. A type that is unknown or withdrawn is not found.
// Public says whether a stranger may see it; the caller decides.
func ForType(ctx context.Context, q pg.Conn, typeSlug string) (TypeOffer, error) {
	return offer(ctx, q, typeSlug, false)
}

// ForBooked is ForType for somebody who already has a booking of the type: a
// withdrawn one is found too.
func ForBooked(ctx context.Context, q pg.Conn, typeSlug string) (TypeOffer, error) {
	return offer(ctx, q, typeSlug, true)
}

func offer(ctx context.Context, q pg.Conn, typeSlug string, withdrawn bool) (TypeOffer, error) {
	var row offerRow
	err := q.Get(ctx, &row, `
		select t.id, t.slug, t.name, t.description, t.duration_minutes, t.place,
			coalesce(t.slot_step_minutes, 0) as slot_step_minutes, t.buffer_before_minutes,
			t.buffer_after_minutes, t.min_notice_minutes, t.horizon_days,
			coalesce(t.max_per_day, 0) as max_per_day, t.public, t.once_per_person, t.approval_minutes,
			t.credits, t.lane, t.hours, t.withdrawn, t.position,
			p.name as "practice.name", p.discreet_name as "practice.discreet_name",
			p.timezone as "practice.timezone", p.currency as "practice.currency",
			p.email as "practice.email", p.cancel_notice_minutes as "practice.cancel_notice_minutes",
			p.reminders as "practice.reminders", coalesce(p.colour, '') as "practice.colour",
			coalesce(p.colour_dark, '') as "practice.colour_dark", p.logo as "practice.logo", p.ask_reason as "practice.ask_reason",
			p.sessions_rest_days as "practice.sessions_rest_days",
			(select coalesce(json_agg(json_build_object(
				'id', c.person_id, 'slug', c.slug, 'name', who.name, 'email', coalesce(who.email, ''),
				'role', c.role, 'timezone', c.timezone, 'bio', c.bio, 'meeting_url', c.meeting_url,
				'position', c.position, 'feed_generation', c.feed_generation, 'active', c.active,
				'weekly', coalesce(h.weekly, '{}'), 'overrides', h.overrides, 'travel', h.travel
			) order by tc.position, c.slug), '[]')
			from type_coach tc
			join coach c on c.person_id = tc.coach_id
			join person who on who.id = c.person_id
			left join coach_hours h on h.coach_id = c.person_id
			where tc.type_id = t.id and c.active and c.role <> 'assistant') as coaches
		from appointment_type t
		cross join practice p
		where t.slug = $1 and (not t.withdrawn or $2)`, typeSlug, withdrawn)
	if pg.NoRows(err) {
		return TypeOffer{}, fault.New(fault.NotFound, "There is no appointment by that name here.")
	}
	if err != nil {
		return TypeOffer{}, fmt.Errorf("load offer: %w", err)
	}
	var coaches []offerCoach
	if err := json.Unmarshal([]byte(row.Coaches), &coaches); err != nil {
		return TypeOffer{}, fmt.Errorf("load offer: %w", err)
	}
	found := TypeOffer{Practice: row.Basics, Type: row.Type, Coaches: make([]Bookable, len(coaches))}
	for i, c := range coaches {
		hours, err := ParseHours(c.Weekly, c.Overrides, c.Travel, c.Timezone)
		if err != nil {
			return TypeOffer{}, fmt.Errorf("load offer: hours of %s: %w", c.Slug, err)
		}
		found.Coaches[i] = Bookable{c.Coach, hours}
		found.All = append(found.All, practice.Face{Slug: c.Slug, Name: c.Name})
	}
	return found, nil
}
