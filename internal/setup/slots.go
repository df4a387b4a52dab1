package setup

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/slot"
)

// longestAsked is how many days may be asked for at once.
const longestAsked = 400

// SlotsQuery asks what can be booked, as `kintsugi slots` does.
type SlotsQuery struct {
	Type      string
	Coach     string    // empty asks for all who hold the type
	From, To  slot.Date // local dates in Zone, To excluded
	Zone      *time.Location
	Now       time.Time
	Moving    string // the booking that is being moved
	Why       bool   // also tell why other starts are not offered
	TakenFile string // how Taken is called in complaints
	Taken     []byte // what is booked and busy, as JSON; nil means nothing
}

// Offer gives what the engine needs to know of a type and its coaches, from the
// file alone. It asks for a file that would make a practice by itself.
func (f *File) Offer(typeSlug string) (slot.Type, []slot.Coach, error) {
	s, err := f.try(state{})
	if err != nil {
		return slot.Type{}, nil, err
	}
	return s.offer(typeSlug)
}

func (s state) offer(typeSlug string) (slot.Type, []slot.Coach, error) {
	t := find(s.types, typeEntry(), typeSlug)
	if t == nil || t.Withdrawn {
		return slot.Type{}, nil, fmt.Errorf("there is no appointment type %s%s", quoted(typeSlug), didYouMean(typeSlug, s.typeSlugs()))
	}
	var coaches []slot.Coach
	for _, slug := range t.coaches {
		c := find(s.coaches, coachEntry(), slug)
		if !c.Bookable() {
			continue
		}
		hours, err := availability.ParseHours(c.Weekly, c.Overrides, c.Travel, c.Timezone)
		if err != nil {
			return slot.Type{}, nil, fmt.Errorf("hours of %s: %w", slug, err)
		}
		coaches = append(coaches, slot.Coach{Slug: slug, Hours: hours})
	}
	return t.Rules(), coaches, nil
}

func (s state) typeSlugs() []string {
	slugs := make([]string, len(s.types))
	for i, t := range s.types {
		slugs[i] = t.Slug
	}
	return slugs
}

func (s state) coachSlugs() []string {
	slugs := make([]string, len(s.coaches))
	for i, c := range s.coaches {
		slugs[i] = c.Slug
	}
	return slugs
}

// Slots asks the engine what can be booked, from a practice file alone.
func Slots(f *File, q SlotsQuery) (slot.Answer, error) {
	s, err := f.try(state{})
	if err != nil {
		return slot.Answer{}, err
	}
	t, coaches, err := s.offer(q.Type)
	if err != nil {
		return slot.Answer{}, err
	}
	if coaches, err = s.asked(coaches, q); err != nil {
		return slot.Answer{}, err
	}
	switch {
	case q.Zone == nil:
		return slot.Answer{}, fmt.Errorf("a time zone is needed, such as Europe/London")
	case !q.From.Before(q.To):
		return slot.Answer{}, fmt.Errorf("the range from %s to %s holds no date; to is the date after the last one", q.From, q.To)
	case q.From.AddDays(longestAsked).Before(q.To):
		return slot.Answer{}, fmt.Errorf("the range from %s to %s is too long; ask for at most %d days", q.From, q.To, longestAsked)
	}
	if q.Taken != nil {
		if err := s.readTaken(q.TakenFile, q.Taken, coaches); err != nil {
			return slot.Answer{}, err
		}
	}
	asked := slot.Query{From: q.From.Start(q.Zone), To: q.To.Start(q.Zone), Now: q.Now, Moving: q.Moving}
	answer := slot.Answer{Type: t.Slug, Timezone: q.Zone.String(), Zone: q.Zone}
	if !q.Why {
		answer.Slots = slot.Offer(t, coaches, asked)
		return answer, nil
	}
	answer.Slots, answer.Refused = slot.Explain(t, coaches, asked)
	if answer.Refused == nil {
		answer.Refused = []slot.Refusal{}
	}
	return answer, nil
}

// asked keeps the coach who was asked for.
func (s state) asked(coaches []slot.Coach, q SlotsQuery) ([]slot.Coach, error) {
	if q.Coach == "" {
		return coaches, nil
	}
	i := slices.IndexFunc(coaches, func(c slot.Coach) bool { return c.Slug == q.Coach })
	switch {
	case i >= 0:
		return coaches[i : i+1], nil
	case slices.Contains(s.coachSlugs(), q.Coach):
		holders := make([]string, len(coaches))
		for i, c := range coaches {
			holders[i] = c.Slug
		}
		return nil, fmt.Errorf("%s does not hold %s; those who do: %s", q.Coach, q.Type, strings.Join(holders, ", "))
	}
	return nil, fmt.Errorf("there is no coach %s%s", quoted(q.Coach), didYouMean(q.Coach, s.coachSlugs()))
}
