package people

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// Consent is an answer to "may we?".
type Consent string

// The answers. Of mail there is always one.
const (
	Yes     Consent = "yes"
	No      Consent = "no"
	Unknown Consent = "unknown" // nobody has asked yet
)

// Contact says how a person may be reached without harm: the partner may read
// the same inbox and hear the same telephone. Version 0 is what they said
// themselves when they first wrote; nobody here has changed it.
type Contact struct {
	Version   int       `db:"version"`
	MayEmail  Consent   `db:"may_email"`
	MayCall   Consent   `db:"may_call"`
	MayLeave  Consent   `db:"may_leave_message"`
	ChangedBy ID        `db:"changed_by"` // the coach who changed it
	By        string    `db:"by_name"`    // their name
	ChangedAt time.Time `db:"changed_at"`
}

// SaidFirst is what holds as long as nobody here has changed it.
func (p Person) SaidFirst() Contact {
	c := Contact{MayEmail: Yes, MayCall: Unknown, MayLeave: Unknown, ChangedAt: p.MadeAt}
	if !p.SafeToEmail {
		c.MayEmail = No
	}
	return c
}

// ContactHistory lists how somebody may be reached, the newest word first; the
// last entry is what they said themselves.
func ContactHistory(ctx context.Context, q pg.Conn, p Person) ([]Contact, error) {
	var list []Contact
	err := q.Select(ctx, &list, `
		select s.version, s.may_email, s.may_call, s.may_leave_message, s.changed_by,
			coalesce(c.name, '') as by_name, s.changed_at
		from contact_safety s
		left join person c on c.id = s.changed_by
		where s.person_id = $1
		order by s.version desc
		limit 200`, p.ID)
	if err != nil {
		return nil, fmt.Errorf("list contact safety: %w", err)
	}
	return append(list, p.SaidFirst()), nil
}

// errContactChanged tells somebody that they looked at an older word.
var errContactChanged = fault.New(fault.Conflict, "Somebody has changed this in the meantime. What holds now is shown; choose again if it should be otherwise.")

// SetContact notes how a person may be reached from now on. Seen is the version
// that whoever changes it was looking at. A no to mail holds every letter to
// this address at once, whatever is typed into a booking form later.
func SetContact(ctx context.Context, tx *pg.Tx, person ID, seen int, c Contact, by ID, now time.Time) error {
	if c.MayEmail != Yes && c.MayEmail != No {
		return fault.InvalidField("may_email", "Choose whether we may write to this address.")
	}
	for name, answer := range map[string]Consent{"may_call": c.MayCall, "may_leave_message": c.MayLeave} {
		if answer != Yes && answer != No && answer != Unknown {
			return fault.InvalidField(name, "Choose one of the three answers.")
		}
	}
	if c.MayCall == No && c.MayLeave == Yes {
		return fault.InvalidField("may_leave_message", "Where we may not call, we cannot leave a message either.")
	}
	var last int
	if err := tx.Get(ctx, &last, `select coalesce(max(version), 0) from contact_safety where person_id = $1`, person); err != nil {
		return fmt.Errorf("set contact safety: %w", err)
	}
	if last != seen {
		return errContactChanged
	}
	_, err := tx.Exec(ctx, `
		insert into contact_safety (person_id, version, may_email, may_call, may_leave_message, changed_by, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7)`, person, seen+1, c.MayEmail, c.MayCall, c.MayLeave, by, now.UTC())
	if pg.Violates(err, "contact_safety_pkey") {
		return errContactChanged
	}
	if err != nil {
		return fmt.Errorf("set contact safety: %w", err)
	}
	if _, err = tx.Exec(ctx, `update person set mail_held = $2 where id = $1`, person, c.MayEmail == No); err != nil {
		return fmt.Errorf("set contact safety: %w", err)
	}
	return nil
}

// MailHeld reports whether no letter may go to a person, and why in plain words
// for whoever looks after the mail.
func MailHeld(ctx context.Context, q pg.Conn, person ID) (bool, string, error) {
	var row struct {
		Held bool `db:"mail_held"`
		Spam bool `db:"spam"`
	}
	err := q.Get(ctx, &row, `select mail_held, spam_at is not null as spam from person where id = $1`, person)
	if pg.NoRows(err) {
		return true, "the person is gone", nil
	}
	if err != nil {
		return false, "", fmt.Errorf("look whether mail is held: %w", err)
	}
	switch {
	case row.Spam:
		return true, "the address is marked as spam", nil
	case row.Held:
		return true, "mail is not safe for this person", nil
	}
	return false, "", nil
}
