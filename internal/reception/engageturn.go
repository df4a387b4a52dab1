package reception

import (
	"context"

	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/office"
	"kintsugi/internal/once"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// CoachAct is an act of a coach on an engagement as a whole.
type CoachAct string

// The acts.
const (
	PauseIt  CoachAct = "pause"
	ReopenIt CoachAct = "reopen"
	EndIt    CoachAct = "end"
)

// TurnEngagement pauses an engagement, ends it or goes on with it. Those who are
// in it are told that there is something to see. Reason is one of the office's
// and asked for at an end alone: it stands at the desk.
//
// Errors: Invalid with fields act, reason.
func (r *Reception) TurnEngagement(ctx context.Context, coach people.Coach, id engagement.ID, act CoachAct, reason string) error {
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
		if act == EndIt && was.CoachID == coach.ID && office.SayChoice(office.Reasons(), reason) == "" {
			return fault.InvalidField("reason", "Choose why it ended; the nearest one will do.")
		}
		if err := turn(ctx, tx, coach.ID, id); err != nil {
			return err
		}
		now, err := engagement.Find(ctx, tx, coach, id)
		if err != nil || now.State == was.State {
			return err
		}
		for _, c := range was.Accepted() {
			if err := r.Engagement.PostNews(ctx, tx, c.Person, string(id), r.Now()); err != nil {
				return err
			}
		}
		return r.restandAll(ctx, tx, was, reason, coach)
	})
	return r.told(err, string(act)+" engagement")
}

// ProposePolicy puts another text on keeping secrets before the clients.
func (r *Reception) ProposePolicy(ctx context.Context, coach people.Coach, id engagement.ID, text engagement.PolicyText, key once.Key) error {
	_, err := r.onceFor(ctx, coach, key, func(tx *pg.Tx) (engagement.ID, error) {
		return id, r.Engagement.Propose(ctx, tx, coach.ID, id, text, r.Now())
	})
	return r.told(err, "propose policy")
}

// WithdrawInvitation takes an invitation back that nobody has accepted.
func (r *Reception) WithdrawInvitation(ctx context.Context, coach people.Coach, id engagement.ID, client people.ID) error {
	err := r.DB.InTxAs(ctx, string(coach.ID), func(tx *pg.Tx) error {
		if err := r.Engagement.Withdraw(ctx, tx, coach.ID, id, client, r.Now()); err != nil {
			return err
		}
		return r.restand(ctx, tx, client, leftReason, byCoach(coach))
	})
	return r.told(err, "withdraw invitation")
}

// GiveWord gives a client another word, in a call.
func (r *Reception) GiveWord(ctx context.Context, coach people.Coach, id engagement.ID, client people.ID, word string, key once.Key) error {
	_, err := r.onceFor(ctx, coach, key, func(tx *pg.Tx) (engagement.ID, error) {
		return id, r.Engagement.Reword(ctx, tx, coach.ID, id, engagement.Invitee{Person: client, Word: word}, r.Now())
	})
	return r.told(err, "give another word")
}

// HandEngagement gives an engagement to another coach, who reads nothing of what
// was written before, and gives the one that follows.
func (r *Reception) HandEngagement(ctx context.Context, by people.Coach, id engagement.ID, to people.ID, key once.Key) (next engagement.ID, err error) {
	if !isID(string(to)) {
		return "", errNoCoach
	}
	next, err = r.onceFor(ctx, by, key, func(tx *pg.Tx) (engagement.ID, error) {
		coach, err := people.FindCoachByID(ctx, tx, to)
		if err != nil {
			return "", errNoCoach
		}
		was, err := engagement.Find(ctx, tx, by, id)
		if err != nil {
			return "", err
		}
		next, err := r.Engagement.HandOver(ctx, tx, by, id, coach, r.Now())
		if err != nil {
			return "", err
		}
		if err := credit.Follow(ctx, tx, id, next); err != nil {
			return "", err
		}
		if err := payment.Follow(ctx, tx, id, next); err != nil {
			return "", err
		}
		for _, c := range was.Accepted() {
			if err := people.HandTo(ctx, tx, c.Person, coach.ID, by.ID, r.Now()); err != nil {
				return "", err
			}
		}
		return next, r.restandAll(ctx, tx, was, leftReason, by)
	})
	return next, r.told(err, "hand engagement over")
}

var errNoCoach = fault.InvalidField("coach", "Choose a coach who works here now.")
