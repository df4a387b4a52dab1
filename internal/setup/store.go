package setup

import (
	"context"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/availability"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// load reads everything that is set up.
func load(ctx context.Context, q pg.Conn) (state, error) {
	var s state
	var err error
	if s.practice, err = practice.Own(ctx, q); err != nil && !fault.Is(err, "not-set-up") {
		return state{}, err
	}
	s.set = err == nil
	if s.coaches, err = loadCoaches(ctx, q); err != nil {
		return state{}, err
	}
	if s.types, err = loadTypes(ctx, q, s.coaches); err != nil {
		return state{}, err
	}
	packages, err := practice.AllPackages(ctx, q)
	if err != nil {
		return state{}, err
	}
	for _, p := range packages {
		s.packages = append(s.packages, packOf(p))
	}
	if s.forms, err = practice.AllForms(ctx, q); err != nil {
		return state{}, err
	}
	return s, nil
}

func loadCoaches(ctx context.Context, q pg.Conn) ([]coach, error) {
	found, err := people.AllCoaches(ctx, q)
	if err != nil {
		return nil, err
	}
	hours, err := availability.All(ctx, q)
	if err != nil {
		return nil, err
	}
	byCoach := make(map[people.ID]availability.Stored, len(hours))
	for _, h := range hours {
		byCoach[h.CoachID] = h
	}
	coaches := make([]coach, len(found))
	for i, c := range found {
		coaches[i] = fresh(coachSettings())
		coaches[i].Coach = c
		if h, stored := byCoach[c.ID]; stored {
			coaches[i].Stored = h
		}
	}
	return coaches, nil
}

func loadTypes(ctx context.Context, q pg.Conn, coaches []coach) ([]kindOf, error) {
	found, err := practice.AllTypes(ctx, q)
	if err != nil {
		return nil, err
	}
	holders, err := practice.Holders(ctx, q)
	if err != nil {
		return nil, err
	}
	slugs := make(map[people.ID]string, len(coaches))
	for _, c := range coaches {
		slugs[c.ID] = c.Slug
	}
	byType := map[practice.TypeID][]string{}
	for _, h := range holders {
		byType[h.TypeID] = append(byType[h.TypeID], slugs[h.CoachID])
	}
	types := make([]kindOf, len(found))
	for i, t := range found {
		types[i] = kindOf{t, byType[t.ID]}
	}
	return types, nil
}

// save writes what differs between two states.
func save(ctx context.Context, tx *pg.Tx, old, next state, act audit.Entry) error {
	now := act.At
	if !old.set || differ(practiceSettings(), &old.practice, &next.practice) {
		if err := practice.Save(ctx, tx, next.practice, now); err != nil {
			return err
		}
	}
	ids, err := saveCoaches(ctx, tx, old, next, now)
	if err != nil {
		return err
	}
	for _, t := range changed(old.types, next.types, typeSettings(), typeEntry()) {
		id, err := practice.SaveType(ctx, tx, t.Type)
		if err != nil {
			return err
		}
		holders := make([]people.ID, len(t.coaches))
		for i, slug := range t.coaches {
			holders[i] = ids[slug]
		}
		if err := practice.SaveHolders(ctx, tx, id, holders); err != nil {
			return err
		}
	}
	for _, p := range packsToSave(old, next) {
		if err := practice.SavePackage(ctx, tx, p.Package, madeBy(act.Actor), now); err != nil {
			return err
		}
	}
	for _, f := range changed(old.forms, next.forms, formSettings(), formEntry()) {
		if err := practice.SaveForm(ctx, tx, f, madeBy(act.Actor), now); err != nil {
			return err
		}
	}
	return nil
}

// madeBy is who a new version of a form or package is by: someone of the practice, or
// nobody by name.
func madeBy(actor audit.Actor) people.ID {
	if actor.Kind != audit.Coach {
		return ""
	}
	return people.ID(actor.ID)
}

// saveCoaches writes the coaches that differ and gives the ids of all.
func saveCoaches(ctx context.Context, tx *pg.Tx, old, next state, now time.Time) (map[string]people.ID, error) {
	ids := make(map[string]people.ID, len(next.coaches))
	var moving []string
	for _, c := range old.coaches {
		ids[c.Slug] = c.ID
		if after := find(next.coaches, coachEntry(), c.Slug); after.Email != c.Email {
			moving = append(moving, c.Slug)
		}
	}
	if err := people.FreeAddresses(ctx, tx, moving); err != nil {
		return nil, err
	}
	for _, c := range changed(old.coaches, next.coaches, coachSettings(), coachEntry()) {
		id, err := people.SaveCoach(ctx, tx, c.Coach, now)
		if err != nil {
			return nil, err
		}
		ids[c.Slug] = id
		c.CoachID = id
		if err := availability.Save(ctx, tx, c.Stored); err != nil {
			return nil, err
		}
	}
	// New addresses of outside calendars are read at once, not in ten minutes.
	return ids, availability.Refresh(ctx, tx, now)
}
