package reception

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Record is one address under which a person is known, with how it may be used.
type Record struct {
	people.Person
	Held    bool             // no letter may go there
	SpamAt  time.Time        // zero unless marked
	Contact []people.Contact // the newest word first
}

// Letter is what became of one letter.
type Letter struct {
	Kind   string     `db:"kind"`
	About  string     `db:"about"`
	Status string     `db:"status"`
	MadeAt time.Time  `db:"made_at"`
	SentAt *time.Time `db:"sent_at"`
	Class  string     `db:"class"`
}

// Card is all that the desk shows of a person. Records[0] is the one that
// stands for them.
type Card struct {
	Records  []Record
	Stage    office.Stage
	Standing office.Standing
	Notes    map[people.ID][]office.Note // by record, the newest version first
	Bookings []booking.Booking           // the latest hour first, at most mostBookings
	More     bool                        // there are older ones
	Letters  []Letter                    // the latest first
	CoachIDs []people.ID                 // to whom they were handed
}

const (
	mostBookings = 100
	mostLetters  = 100
)

// ID names the record that stands for the person.
func (c Card) ID() people.ID { return c.Records[0].ID }

// IDs names all records.
func (c Card) IDs() []people.ID {
	ids := make([]people.ID, len(c.Records))
	for i, r := range c.Records {
		ids[i] = r.ID
	}
	return ids
}

// Spam reports whether any record is marked.
func (c Card) Spam() bool {
	for _, r := range c.Records {
		if !r.SpamAt.IsZero() {
			return true
		}
	}
	return false
}

// FindRecords gives the records of a person whom the viewer looks after, the
// one that stands for them first. The id may be of any of them.
func FindRecords(ctx context.Context, q pg.Conn, v booking.Viewer, id people.ID) ([]Record, error) {
	if !isID(string(id)) {
		return nil, ErrNobody
	}
	var rows []struct {
		people.Person
		Held   bool       `db:"mail_held"`
		SpamAt *time.Time `db:"spam_at"`
	}
	err := q.Select(ctx, &rows, `
		with face as (
			select case when r.id is not null and `+sees("r")+` then r.id else p.id end as id
			from person p
			left join person r on r.id = p.merged_into
			where p.id = $3 and `+sees("p")+`
		)
		select p.id, coalesce(p.email, '') as email, p.name, coalesce(p.timezone, '') as timezone,
			p.safe_to_email, p.made_at, p.seen_at, p.mail_held, p.spam_at
		from face
		join person p on p.id = face.id or p.merged_into = face.id
		where `+sees("p")+` and not exists (select from coach c where c.person_id = p.id)
		order by p.id <> face.id, p.made_at, p.id
		limit 50`, everyone(v), v.ID, id)
	if err != nil {
		return nil, fmt.Errorf("find person: %w", err)
	}
	if len(rows) == 0 {
		return nil, ErrNobody
	}
	records := make([]Record, len(rows))
	for i, r := range rows {
		r.MadeAt, r.SeenAt = r.MadeAt.UTC(), r.SeenAt.UTC()
		records[i] = Record{Person: r.Person, Held: r.Held, SpamAt: utc(r.SpamAt)}
	}
	return records, nil
}

// Find gives a person's card to a viewer who looks after them.
func (r *Reception) Find(ctx context.Context, q pg.Conn, v booking.Viewer, id people.ID) (Card, error) {
	records, err := FindRecords(ctx, q, v, id)
	if err != nil {
		return Card{}, err
	}
	c := Card{Records: records, Notes: map[people.ID][]office.Note{}}
	for i := range c.Records {
		rec := &c.Records[i]
		if rec.Contact, err = people.ContactHistory(ctx, q, rec.Person); err != nil {
			return Card{}, err
		}
		if c.Notes[rec.ID], err = office.Notes(ctx, q, r.Keys, rec.ID); err != nil {
			return Card{}, err
		}
	}
	if c.Standing, err = office.Find(ctx, q, r.Keys, c.IDs()); err != nil {
		return Card{}, err
	}
	if err := q.Get(ctx, &c.Stage, `
		select `+stageOf+`
		from person p`+callsOf+`
		where p.id = $4`, everyone(v), v.ID, r.Now(), c.ID()); err != nil {
		return Card{}, fmt.Errorf("find stage: %w", err)
	}
	if c.Bookings, err = booking.OfPerson(ctx, q, v, c.IDs(), mostBookings+1); err != nil {
		return Card{}, err
	}
	if c.More = len(c.Bookings) > mostBookings; c.More {
		c.Bookings = c.Bookings[:mostBookings]
	}
	if c.Letters, err = lettersOf(ctx, q, v, c.IDs()); err != nil {
		return Card{}, err
	}
	var handed []people.ID
	if err := q.Select(ctx, &handed, `
		select distinct coach_id from person_coach where person_id = any ($1) order by coach_id`, people.IDs(c.IDs())); err != nil {
		return Card{}, fmt.Errorf("list coaches of person: %w", err)
	}
	c.CoachIDs = handed
	return c, nil
}

// lettersOf lists the letters to a person about bookings that the viewer sees,
// and with them about nothing else.
func lettersOf(ctx context.Context, q pg.Conn, v booking.Viewer, records []people.ID) ([]Letter, error) {
	var list []Letter
	err := q.Select(ctx, &list, `
		select l.kind, l.about, l.status, l.made_at, l.sent_at, coalesce(l.last_error, '') as class
		from booking b
		join letter l on l.about = b.id and l.recipient = any ($1)
		where b.id in (
			select m.id from booking m where m.person_id = any ($1)
			union all
			select m.booking_id from booking_guest m where m.person_id = any ($1)) and (cast($2 as boolean) or b.coach_id = $3)
		order by l.made_at desc, l.kind, l.id
		limit $4`, people.IDs(records), everyone(v), v.ID, mostLetters)
	if err != nil {
		return nil, fmt.Errorf("list letters of person: %w", err)
	}
	return list, nil
}
