package reception

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Copy is everything the practice holds of one person and this viewer may give
// out. It is written as JSON and as a page.
type Copy struct {
	MadeAt    time.Time    `json:"made_at"`
	Practice  string       `json:"practice"`
	Records   []CopyRecord `json:"records"`
	Stage     string       `json:"stage"`
	Reason    string       `json:"ended_because,omitempty"`
	Source    string       `json:"came_by,omitempty"`
	NextStep  string       `json:"next_step,omitempty"`
	NextOn    string       `json:"next_step_on,omitempty"`
	Notes     []CopyNote   `json:"office_notes"`
	Calls     []CopyCall   `json:"calls"`
	Letters   []CopyLetter `json:"letters"`
	Looks     []CopyLook   `json:"who_read_what_they_wrote"`
	Withheld  int          `json:"calls_whose_words_only_their_coach_can_export"`
	Truncated bool         `json:"truncated"`
}

// CopyRecord is one address with how it may be used.
type CopyRecord struct {
	Name     string        `json:"name"`
	Email    string        `json:"email"`
	Timezone string        `json:"timezone,omitempty"`
	Since    time.Time     `json:"known_since"`
	SeenAt   time.Time     `json:"last_here"`
	Contact  []CopyContact `json:"contact_safety"` // the newest word first
}

// CopyContact is one word on how they may be reached.
type CopyContact struct {
	At           time.Time `json:"at"`
	MayEmail     string    `json:"may_we_mail"`
	MayCall      string    `json:"may_we_call"`
	MayLeaveWord string    `json:"may_we_leave_a_message"`
	By           string    `json:"by"`
}

// CopyNote is one version of the office note.
type CopyNote struct {
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Text string    `json:"text"`
}

// CopyCall is one booking.
type CopyCall struct {
	ID           string    `json:"id"`
	Start        time.Time `json:"start"`
	End          time.Time `json:"end"`
	Timezone     string    `json:"timezone"`
	What         string    `json:"what"`
	Coach        string    `json:"coach"`
	Status       string    `json:"status"`
	Name         string    `json:"name"`
	Phone        string    `json:"phone,omitempty"`
	SafeToEmail  bool      `json:"safe_to_email"`
	MadeAt       time.Time `json:"made_at"`
	Message      string    `json:"message,omitempty"`
	PartnerName  string    `json:"partner_name,omitempty"`
	PartnerEmail string    `json:"partner_email,omitempty"`
	Reason       string    `json:"reason,omitempty"`
	Withheld     bool      `json:"words_withheld,omitempty"`
	Lost         string    `json:"words_left_out,omitempty"` // a sentence; empty where all are here
}

// CopyLetter is what became of one letter.
type CopyLetter struct {
	Kind   string     `json:"kind"`
	Status string     `json:"status"`
	MadeAt time.Time  `json:"made_at"`
	SentAt *time.Time `json:"sent_at,omitempty"`
}

// CopyLook is one time somebody read what they wrote.
type CopyLook struct {
	At time.Time `json:"at" db:"at"`
	By string    `json:"by" db:"by_name"`
}

// mostExported bounds one export; whoever has more is told that it is not whole.
const mostExported = 2000

// Export gives a copy of everything known of a person. What they wrote for a
// call is in it when the viewer is that call's coach, and so are the looks at it: that
// somebody wrote to another coach is not told. Every look at such words is on record
// in the same transaction, and so is the export.
func (r *Reception) Export(ctx context.Context, v booking.Viewer, id people.ID) (Copy, error) {
	if v.Role == people.Assistant {
		return Copy{}, ErrNobody
	}
	var out Copy
	err := r.DB.InTx(ctx, func(tx *pg.Tx) error {
		card, err := r.Find(ctx, tx, v, id)
		if err != nil {
			return err
		}
		now := r.Now()
		out = copyOf(card, now)
		if err := tx.Get(ctx, &out.Practice, `select name from practice`); err != nil {
			return err
		}
		if err := tx.Select(ctx, &out.Looks, `
			select a.at, coalesce(p.name, '') as by_name
			from booking b
			join audit a on a.about = b.id and a.act = 'enquiry read'
			left join person p on p.id = a.actor
			where b.id in (`+callsWithAny+`) and `+theirWords+` and b.coach_id = $1
			order by a.at, a.id
			limit $3`, v.ID, people.IDs(card.IDs()), mostExported); err != nil {
			return fmt.Errorf("list looks: %w", err)
		}
		if err := r.copyCalls(ctx, tx, v, card, &out, now); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actor(v), Act: "person exported", About: string(card.ID()),
			Detail: map[string]int{"calls": len(out.Calls), "withheld": out.Withheld}})
	})
	if err != nil {
		return Copy{}, fmt.Errorf("export: %w", err)
	}
	return out, nil
}

func copyOf(c Card, now time.Time) Copy {
	out := Copy{MadeAt: now.UTC(), Stage: c.Stage.Say(), Source: office.SayChoice(office.Sources(), c.Standing.Source),
		NextStep: c.Standing.NextStep, NextOn: c.Standing.NextOn,
		Notes: []CopyNote{}, Calls: []CopyCall{}, Letters: []CopyLetter{}, Looks: []CopyLook{}}
	if c.Stage == office.Ended {
		out.Reason = office.SayChoice(office.Reasons(), c.Standing.Reason)
	}
	for _, rec := range c.Records {
		one := CopyRecord{Name: rec.Name, Email: rec.Email, Timezone: rec.Timezone, Since: rec.MadeAt, SeenAt: rec.SeenAt}
		for _, k := range rec.Contact {
			by := k.By
			if k.Version == 0 {
				by = "themselves"
			}
			one.Contact = append(one.Contact, CopyContact{k.ChangedAt.UTC(), string(k.MayEmail), string(k.MayCall), string(k.MayLeave), by})
		}
		out.Records = append(out.Records, one)
		for _, n := range c.Notes[rec.ID] {
			if n.Broken {
				n.Text = engagement.BrokenSay
			}
			out.Notes = append(out.Notes, CopyNote{n.WrittenAt, n.By, n.Text})
		}
	}
	for _, l := range c.Letters {
		out.Letters = append(out.Letters, CopyLetter{l.Kind, l.Status, l.MadeAt.UTC(), l.SentAt})
	}
	out.Truncated = len(c.Letters) == mostLetters
	return out
}

func (r *Reception) copyCalls(ctx context.Context, tx *pg.Tx, v booking.Viewer, card Card, out *Copy, now time.Time) error {
	calls, err := booking.OfPerson(ctx, tx, v, card.IDs(), mostExported+1)
	if err != nil {
		return err
	}
	if len(calls) > mostExported {
		calls, out.Truncated = calls[:mostExported], true
	}
	for _, b := range calls {
		one := CopyCall{ID: string(b.ID), Start: b.Start, End: b.End, Timezone: b.Timezone, What: b.TypeName, Coach: b.CoachName,
			Status: string(b.Status), Name: b.Name, Phone: b.Phone, SafeToEmail: b.SafeToEmail, MadeAt: b.MadeAt}
		if b.CoachID != v.ID { // whether or not there is something, which is theirs to know
			one.Withheld = true
			out.Withheld++
		}
		words, err := r.Booking.OpenIn(ctx, tx, v, b, now)
		if err != nil {
			return err
		}
		one.Message, one.PartnerName, one.PartnerEmail, one.Reason = words.Message, words.PartnerName, words.PartnerEmail, words.Reason
		one.Lost = words.Lost()
		out.Calls = append(out.Calls, one)
	}
	return nil
}
