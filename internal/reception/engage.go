package reception

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Invitee is somebody to work with: a person whom the practice knows, or a name
// and an address.
type Invitee struct {
	Person people.ID // empty for somebody new
	Name   string
	Email  string
	Word   string
}

// StartEngagement turns a call that was held into work with one or two people:
// each is invited by a letter of their own and stands as invited at the desk.
//
// Errors: Invalid with fields name_N, email_N, word_N, clients, policy, policy_text.
func (r *Reception) StartEngagement(ctx context.Context, coach people.Coach, clients []Invitee, policy engagement.PolicyText) (id engagement.ID, err error) {
	now := r.Now()
	err = r.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) error {
		var invited []engagement.Invitee
		for i, n := range clients {
			person, err := r.newcomer(ctx, tx, coach, n, i+1)
			if err != nil {
				return err
			}
			invited = append(invited, engagement.Invitee{Person: person, Word: n.Word})
		}
		if id, err = r.Engagement.Start(ctx, tx, coach.ID, invited, policy, now); err != nil {
			return err
		}
		for _, one := range invited {
			if err := r.stand(ctx, tx, one.Person, office.Invited, byCoach(coach)); err != nil {
				return err
			}
		}
		return nil
	})
	return id, r.told(err, "start engagement")
}

// InviteToEngagement asks another person into work that goes on.
func (r *Reception) InviteToEngagement(ctx context.Context, coach people.Coach, id engagement.ID, who Invitee) error {
	err := r.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) error {
		person, err := r.newcomer(ctx, tx, coach, who, 0)
		if err != nil {
			return err
		}
		if err := r.Engagement.Invite(ctx, tx, coach.ID, id, engagement.Invitee{Person: person, Word: who.Word}, r.Now()); err != nil {
			return err
		}
		return r.stand(ctx, tx, person, office.Invited, byCoach(coach))
	})
	return r.told(err, "invite to engagement")
}

// newcomer finds the person, or makes them, and lets the coach see them.
func (r *Reception) newcomer(ctx context.Context, tx *pg.Tx, coach people.Coach, n Invitee, nth int) (people.ID, error) {
	field := func(name string) string {
		if nth == 0 {
			return name
		}
		return fmt.Sprintf("%s_%d", name, nth)
	}
	now := r.Now()
	if n.Person != "" {
		records, err := FindRecords(ctx, tx, booking.Viewer{ID: coach.ID, Role: coach.Role}, n.Person)
		if err != nil {
			return "", err
		}
		for _, record := range records {
			if record.ID == n.Person {
				if record.Email == "" {
					return "", fault.InvalidField(field("email"), "This person has no address. Add one before you invite them.")
				}
				return record.ID, people.HandTo(ctx, tx, record.ID, coach.ID, coach.ID, now)
			}
		}
		return "", ErrNobody
	}
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
	person, _, err := people.FindOrCreate(ctx, tx, email, name, "", true, now)
	if err != nil {
		return "", err
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

// AcceptInvitation takes a client in and notes how they may be reached, in their
// own words. Their session may set up a second proof from then on.
func (r *Reception) AcceptInvitation(ctx context.Context, client people.ID, session login.SessionID, id engagement.ID, word string, said people.Contact) error {
	var refused *fault.Error
	now := r.Now()
	err := r.DB.InTxAs(ctx, string(client), func(tx *pg.Tx) (err error) {
		if refused, err = r.Engagement.Accept(ctx, tx, client, id, word, now); refused != nil || err != nil {
			return err
		}
		if err := r.sayContact(ctx, tx, client, said); err != nil {
			return err
		}
		if err := r.stand(ctx, tx, client, office.Client, audit.Actor{Kind: audit.Person, ID: string(client)}); err != nil {
			return err
		}
		return login.Vouch(ctx, tx, session, now)
	})
	if refused != nil && err == nil {
		return refused
	}
	return r.told(err, "accept invitation")
}

// RecallWord takes the word of a coach once more, for a client who has no second
// proof yet.
func (r *Reception) RecallWord(ctx context.Context, client people.ID, session login.SessionID, word string) error {
	var refused *fault.Error
	err := r.DB.InTxAs(ctx, string(client), func(tx *pg.Tx) (err error) {
		if refused, err = r.Engagement.Recall(ctx, tx, client, word); refused != nil || err != nil {
			return err
		}
		return login.Vouch(ctx, tx, session, r.Now())
	})
	if refused != nil && err == nil {
		return refused
	}
	return r.told(err, "recall word")
}

// sayContact notes how a client may be reached, as they say it themselves.
func (r *Reception) sayContact(ctx context.Context, tx *pg.Tx, client people.ID, said people.Contact) error {
	if err := tx.Lock(ctx, "person "+string(client)); err != nil {
		return err
	}
	person, err := people.Find(ctx, tx, client)
	if err != nil {
		return err
	}
	history, err := people.ContactHistory(ctx, tx, person)
	if err != nil {
		return err
	}
	return r.changeContact(ctx, tx, client, history[0], said, client, audit.Actor{Kind: audit.Person, ID: string(client)})
}

// DeclineInvitation answers with no.
func (r *Reception) DeclineInvitation(ctx context.Context, client people.ID, id engagement.ID) error {
	err := r.DB.InTxAs(ctx, string(client), func(tx *pg.Tx) error {
		return r.Engagement.Decline(ctx, tx, client, id, r.Now())
	})
	return r.told(err, "decline invitation")
}

// SignPolicy puts a client's name under how secrets are kept.
func (r *Reception) SignPolicy(ctx context.Context, client people.ID, id engagement.ID, policy engagement.PolicyID, name string) error {
	err := r.DB.InTxAs(ctx, string(client), func(tx *pg.Tx) error {
		return r.Engagement.Sign(ctx, tx, client, id, policy, name, r.Now())
	})
	return r.told(err, "sign policy")
}

// LeaveEngagement ends a client's part, alone and at once.
func (r *Reception) LeaveEngagement(ctx context.Context, client people.ID, id engagement.ID) error {
	err := r.DB.InTxAs(ctx, string(client), func(tx *pg.Tx) error {
		return r.Engagement.Leave(ctx, tx, client, id, r.Now())
	})
	return r.told(err, "leave engagement")
}

// CoachActs are the acts of a coach on an engagement that need nothing more.
type CoachAct string

// The acts.
const (
	PauseIt  CoachAct = "pause"
	ReopenIt CoachAct = "reopen"
	EndIt    CoachAct = "end"
)

// TurnEngagement pauses an engagement, ends it or goes on with it. Its clients
// are told that there is something to see.
func (r *Reception) TurnEngagement(ctx context.Context, coach people.Coach, id engagement.ID, act CoachAct) error {
	turn := map[CoachAct]func(context.Context, *pg.Tx, people.ID, engagement.ID) error{
		PauseIt: func(ctx context.Context, tx *pg.Tx, who people.ID, id engagement.ID) error {
			return r.Engagement.Pause(ctx, tx, who, id, r.Now())
		},
		ReopenIt: func(ctx context.Context, tx *pg.Tx, who people.ID, id engagement.ID) error {
			return r.Engagement.Reopen(ctx, tx, who, id, r.Now())
		},
		EndIt: func(ctx context.Context, tx *pg.Tx, who people.ID, id engagement.ID) error {
			return r.Engagement.End(ctx, tx, who, id, r.Now())
		},
	}[act]
	if turn == nil {
		return fault.InvalidField("act", "Choose what should happen.")
	}
	err := r.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) error {
		was, err := engagement.Find(ctx, tx, coach, id)
		if err != nil {
			return err
		}
		if err := turn(ctx, tx, coach.ID, id); err != nil {
			return err
		}
		for _, c := range was.Accepted() {
			if err := r.Engagement.PostNews(ctx, tx, c.Person, string(id), r.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return r.told(err, string(act)+" engagement")
}

// ProposePolicy puts another text on keeping secrets before the clients.
func (r *Reception) ProposePolicy(ctx context.Context, coach people.Coach, id engagement.ID, text engagement.PolicyText) error {
	err := r.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) error {
		return r.Engagement.Propose(ctx, tx, coach.ID, id, text, r.Now())
	})
	return r.told(err, "propose policy")
}

// WithdrawInvitation takes an invitation back that nobody has accepted.
func (r *Reception) WithdrawInvitation(ctx context.Context, coach people.Coach, id engagement.ID, client people.ID) error {
	err := r.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) error {
		return r.Engagement.Withdraw(ctx, tx, coach.ID, id, client, r.Now())
	})
	return r.told(err, "withdraw invitation")
}

// HandEngagement gives an engagement to another coach, who reads nothing of what
// was written before.
func (r *Reception) HandEngagement(ctx context.Context, by people.Coach, id engagement.ID, to people.ID) (next engagement.ID, err error) {
	if !isID(string(to)) {
		return "", fault.InvalidField("coach", "Choose a coach who works here now.")
	}
	err = r.DB.InTxAs(ctx, string(by.ID), func(tx *pg.Tx) error {
		coach, err := people.FindCoachByID(ctx, tx, to)
		if err != nil {
			return fault.InvalidField("coach", "Choose a coach who works here now.")
		}
		was, err := engagement.Find(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if next, err = r.Engagement.HandOver(ctx, tx, by, id, coach, r.Now()); err != nil {
			return err
		}
		for _, c := range was.Accepted() {
			if err := people.HandTo(ctx, tx, c.Person, coach.ID, by.ID, r.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return next, r.told(err, "hand engagement over")
}

// stand notes at the desk where somebody stands, and leaves the rest of what the
// office keeps as it is.
func (r *Reception) stand(ctx context.Context, tx *pg.Tx, person people.ID, stage office.Stage, by audit.Actor) error {
	was, err := office.Find(ctx, tx, r.Keys, []people.ID{person})
	if err != nil {
		return err
	}
	was.Stage, was.Reason = stage, ""
	return office.Place(ctx, tx, r.Keys, []people.ID{person}, was, by, r.Now())
}

func byCoach(c people.Coach) audit.Actor { return audit.Actor{Kind: audit.Coach, ID: string(c.ID)} }

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
