package reception

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Invitee is somebody to work with: a person whom the practice knows, or a name
// and an address.
type Invitee struct {
	Person people.ID // empty for somebody new
	Name   string
	Email  string
	Safe   people.Consent // whether we may write to a new address
	Word   string
}

// StartEngagement turns a call that was held into work with one or two people:
// each is invited by a letter of their own and stands as invited at the desk.
// The same key starts it once.
//
// Errors: Invalid with fields name_N, email_N, safe_N, word_N, clients, policy,
// policy_text; slug idempotency-mismatch, with the id.
func (r *Reception) StartEngagement(ctx context.Context, coach people.Coach, clients []Invitee, policy engagement.PolicyText, key once.Key) (id engagement.ID, err error) {
	id, err = r.onceFor(ctx, coach, key, func(tx *pg.Tx) (engagement.ID, error) {
		var invited []engagement.Invitee
		for i, n := range clients {
			person, err := r.newcomer(ctx, tx, coach, n, i+1)
			if err != nil {
				return "", err
			}
			invited = append(invited, engagement.Invitee{Person: person, Word: n.Word})
		}
		id, err := r.Engagement.Start(ctx, tx, coach.ID, invited, policy, r.Now())
		if err != nil {
			return "", err
		}
		for _, one := range invited {
			if err := r.restand(ctx, tx, one.Person, "", byCoach(coach)); err != nil {
				return "", err
			}
		}
		return id, nil
	})
	return id, r.told(err, "start engagement")
}

// Joining is somebody who is asked into work that goes on.
type Joining struct {
	Who    Invitee
	Told   bool                  // whoever is in it knows that they will learn of it
	Policy engagement.PolicyText // put before everybody; the zero value keeps the one that is there
}

// InviteToEngagement asks another person into work that goes on. Where somebody
// is in it already, they have to know: the invitation names them.
//
// Errors: as StartEngagement, with fields without a number; told.
func (r *Reception) InviteToEngagement(ctx context.Context, coach people.Coach, id engagement.ID, j Joining, key once.Key) error {
	_, err := r.onceFor(ctx, coach, key, func(tx *pg.Tx) (engagement.ID, error) {
		person, err := r.newcomer(ctx, tx, coach, j.Who, 0)
		if err != nil {
			return "", err
		}
		e, err := engagement.Find(ctx, tx, coach, id)
		if err != nil {
			return "", err
		}
		for _, c := range e.Seated() {
			if c.Person != person && !j.Told {
				return "", fault.InvalidField("told", "Speak with "+c.Name+" first: the invitation names them.")
			}
		}
		if err := r.Engagement.Invite(ctx, tx, coach.ID, id, engagement.Invitee{Person: person, Word: j.Who.Word}, r.Now()); err != nil {
			return "", err
		}
		if j.Policy != (engagement.PolicyText{}) {
			if err := r.Engagement.Propose(ctx, tx, coach.ID, id, j.Policy, r.Now()); err != nil {
				return "", err
			}
		}
		return id, r.restand(ctx, tx, person, "", byCoach(coach))
	})
	return r.told(err, "invite to engagement")
}

// onceFor carries out an act of a coach, once for its key, and gives the
// engagement that it led to, also when it was carried out before.
func (r *Reception) onceFor(ctx context.Context, coach people.Coach, key once.Key, act func(*pg.Tx) (engagement.ID, error)) (id engagement.ID, err error) {
	if found, err := once.Find(ctx, r.DB, key, &id); found || err != nil {
		return id, err
	}
	err = r.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) (err error) {
		if id, err = act(tx); err != nil {
			return err
		}
		return once.Settle(ctx, tx, key, id, r.Now())
	})
	if once.IsRepeat(err) {
		_, err = once.Find(ctx, r.DB, key, &id)
	}
	return id, err
}

// errSpam keeps an invitation from somebody to whom no letter goes.
func errSpam(field string) error {
	return fault.InvalidField(field, "This person is marked as spam, so no letter goes to them. Take the mark off on their page first.")
}

// newcomer finds the person, or makes them, and lets the coach see them. Nth
// numbers the fields that a complaint is about; nought for none.
func (r *Reception) newcomer(ctx context.Context, tx *pg.Tx, coach people.Coach, n Invitee, nth int) (people.ID, error) {
	field := func(name string) string {
		if nth == 0 {
			return name
		}
		return fmt.Sprintf("%s_%d", name, nth)
	}
	v := booking.Viewer{ID: coach.ID, Role: coach.Role}
	if n.Person == "" {
		made, err := r.newPerson(ctx, tx, coach, n, field)
		if err != nil {
			return "", err
		}
		n.Person = made
	}
	records, err := FindRecords(ctx, tx, v, n.Person)
	if err != nil {
		return "", err
	}
	for _, record := range records {
		switch {
		case record.ID != n.Person:
		case record.Email == "":
			return "", fault.InvalidField(field("email"), "This person has no address. Add one before you invite them.")
		case !record.SpamAt.IsZero():
			return "", errSpam(field("email"))
		default:
			return record.ID, people.HandTo(ctx, tx, record.ID, coach.ID, coach.ID, r.Now())
		}
	}
	return "", ErrNobody
}

// newPerson takes a name and an address, and what the coach was told of how safe
// it is; what somebody has said themselves stands.
func (r *Reception) newPerson(ctx context.Context, tx *pg.Tx, coach people.Coach, n Invitee, field func(string) string) (people.ID, error) {
	name, err := people.CleanName(n.Name)
	if err == nil && name == "" {
		err = fault.InvalidField("name", "Say what they are called.")
	}
	if err != nil {
		return "", renamed(err, field("name"))
	}
	email, err := people.ParseEmail(n.Email)
	if err != nil {
		return "", renamed(err, field("email"))
	}
	if n.Safe != people.Yes && n.Safe != people.No {
		return "", fault.InvalidField(field("safe"), "Say whether it is safe to write to this address.")
	}
	now := r.Now()
	person, created, err := people.FindOrCreate(ctx, tx, email, name, "", true, now)
	if err != nil {
		return "", err
	}
	if works, err := people.WorksHere(ctx, tx, person); err != nil {
		return "", err
	} else if works {
		return "", fault.InvalidField(field("email"), "Somebody who works here cannot be a client here under the same address.")
	}
	if created && n.Safe == people.No {
		said := people.Contact{MayEmail: people.No, MayCall: people.Unknown, MayLeave: people.Unknown}
		if err := r.changeContact(ctx, tx, person, people.Contact{MayEmail: people.Yes, MayCall: people.Unknown, MayLeave: people.Unknown}, said, coach.ID, byCoach(coach)); err != nil {
			return "", err
		}
	}
	return person, people.HandTo(ctx, tx, person, coach.ID, coach.ID, now)
}

// renamed says a complaint about a field under the name that the form gave it.
func renamed(err error, field string) error {
	if said := fault.As(err); said != nil && len(said.Fields) == 1 {
		return fault.InvalidField(field, said.Say)
	}
	return err
}

func byCoach(c people.Coach) audit.Actor { return audit.Actor{Kind: audit.Coach, ID: string(c.ID)} }

func byClient(id people.ID) audit.Actor { return audit.Actor{Kind: audit.Person, ID: string(id)} }

// told wakes whoever sends letters after an act that went well.
func (r *Reception) told(err error, what string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if r.Wake != nil {
		r.Wake()
	}
	return nil
}

// SayContact notes how a client may be reached from now on, as they say it
// themselves. A no to mail holds every letter at once.
func (r *Reception) SayContact(ctx context.Context, client people.ID, said people.Contact, seen int) error {
	err := r.DB.InTxAs(ctx, string(client), func(tx *pg.Tx) error { return r.sayContact(ctx, tx, client, said, seen) })
	return r.told(err, "say contact")
}
