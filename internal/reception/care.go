package reception

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// SetContact notes how one address of a person may be used from now on.
func (r *Reception) SetContact(ctx context.Context, v booking.Viewer, record people.ID, seen int, c people.Contact) error {
	return r.with(ctx, v, record, "set contact", func(tx *pg.Tx, records []Record) error {
		if err := tx.Lock(ctx, "person "+string(record)); err != nil {
			return err
		}
		rec := Record{}
		for _, one := range records {
			if one.ID == record {
				rec = one
			}
		}
		history, err := people.ContactHistory(ctx, tx, rec.Person)
		if err != nil {
			return err
		}
		return r.changeContact(ctx, tx, record, history[0], withVersion(c, seen), v.ID, actor(v))
	})
}

// changeContact writes how an address may be used from now on, with what held
// before in the record. The version of now is the one that its writer saw; of
// somebody who speaks for themselves it is the one that holds.
func (r *Reception) changeContact(ctx context.Context, tx *pg.Tx, record people.ID, was, now people.Contact, by people.ID, who audit.Actor) error {
	if now.Version == 0 && who.Kind == audit.Person {
		now.Version = was.Version
	}
	if err := people.SetContact(ctx, tx, record, now.Version, now, by, r.Now()); err != nil {
		return err
	}
	type safety struct {
		Mail    people.Consent `json:"may we mail"`
		Call    people.Consent `json:"may we call"`
		Message people.Consent `json:"may we leave a message"`
	}
	return audit.Record(ctx, tx, audit.Entry{At: r.Now(), Actor: who, Act: "contact safety changed", About: string(record),
		Detail: map[string]safety{"was": {was.MayEmail, was.MayCall, was.MayLeave}, "now": {now.MayEmail, now.MayCall, now.MayLeave}}})
}

func withVersion(c people.Contact, seen int) people.Contact {
	c.Version = seen
	return c
}

// Place writes where a person stands and what comes next.
func (r *Reception) Place(ctx context.Context, v booking.Viewer, id people.ID, s office.Standing) error {
	return r.with(ctx, v, id, "place", func(tx *pg.Tx, records []Record) error {
		return office.Place(ctx, tx, r.Keys, Card{Records: records}.IDs(), s, actor(v), r.Now())
	})
}

// SaveNote keeps a new version of the office note of a person.
func (r *Reception) SaveNote(ctx context.Context, v booking.Viewer, id people.ID, seen int, text string) error {
	return r.with(ctx, v, id, "save office note", func(tx *pg.Tx, records []Record) error {
		return office.SaveNote(ctx, tx, r.Keys, records[0].ID, seen, text, actor(v), r.Now())
	})
}

// HandTo lets another coach look after a person too. Nothing that was written
// passes over to them.
func (r *Reception) HandTo(ctx context.Context, v booking.Viewer, id, coach people.ID) error {
	now := r.Now()
	return r.with(ctx, v, id, "hand over", func(tx *pg.Tx, records []Record) error {
		if !everyone(v) || !isID(string(coach)) {
			return ErrNobody
		}
		to, err := people.FindCoachByID(ctx, tx, coach)
		if err != nil {
			return err
		}
		if !to.Bookable() {
			return ErrNobody
		}
		if err := people.HandTo(ctx, tx, records[0].ID, to.ID, v.ID, now); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actor(v), Act: "person handed over", About: string(records[0].ID),
			Detail: map[string]people.ID{"to": to.ID}})
	})
}

// with runs an act on a person whom the viewer looks after, in one transaction.
func (r *Reception) with(ctx context.Context, v booking.Viewer, id people.ID, what string, act func(*pg.Tx, []Record) error) error {
	err := r.DB.InTx(ctx, func(tx *pg.Tx) error {
		records, err := FindRecords(ctx, tx, v, id)
		if err != nil {
			return err
		}
		return act(tx, records)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
