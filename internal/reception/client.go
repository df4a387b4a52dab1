package reception

import (
	"context"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// AcceptInvitation takes a client in and notes how they may be reached, in their
// own words. The session that typed the word of the coach may set up a second
// proof from then on; one that was asked for none may not, since whoever holds
// the inbox could have opened it.
func (r *Reception) AcceptInvitation(ctx context.Context, client people.ID, session login.SessionID, id engagement.ID, word string, said people.Contact) error {
	var refused *fault.Error
	now := r.Now()
	err := r.DB.InTxAs(ctx, string(client), func(tx *pg.Tx) (err error) {
		if refused, err = r.Engagement.Accept(ctx, tx, client, id, word, now); refused != nil || err != nil {
			return err
		}
		if err := r.bring(ctx, tx, client, id); err != nil {
			return err
		}
		if err := r.sayContact(ctx, tx, client, said, Unseen); err != nil {
			return err
		}
		if err := r.restand(ctx, tx, client, "", byClient(client)); err != nil {
			return err
		}
		e, err := engagement.FindForClient(ctx, tx, client, id)
		if err != nil {
			return err
		}
		if own, _ := e.Client(client); !own.NeedsWord {
			return nil
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

// Unseen stands for the version of a word on being reached that is given without
// a look at what held before.
const Unseen = -1

// ErrContactMoved is the refusal of a yes from a page that does not know of a no.
var ErrContactMoved = fault.New(fault.Conflict, "This was changed in another place since you opened the page, so nothing was saved. What holds now is shown; choose again if it should be otherwise.")

// sayContact notes how a client may be reached, as they say it themselves. What
// they have said already is not noted twice. Whoever looked at an older word than
// the one that holds can say no to more, and takes no no back by accident.
func (r *Reception) sayContact(ctx context.Context, tx *pg.Tx, client people.ID, said people.Contact, seen int) error {
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
	was := history[0]
	if was.ChangedBy == client && was.MayEmail == said.MayEmail && was.MayCall == said.MayCall && was.MayLeave == said.MayLeave {
		return nil
	}
	loosens := func(was, now people.Consent) bool { return was == people.No && now != people.No }
	if seen != Unseen && seen != was.Version && (loosens(was.MayEmail, said.MayEmail) || loosens(was.MayCall, said.MayCall) || loosens(was.MayLeave, said.MayLeave)) {
		return ErrContactMoved
	}
	return r.changeContact(ctx, tx, client, was, said, client, byClient(client))
}

// DeclineInvitation answers with no.
func (r *Reception) DeclineInvitation(ctx context.Context, client people.ID, id engagement.ID) error {
	err := r.DB.InTxAs(ctx, string(client), func(tx *pg.Tx) error {
		if err := r.Engagement.Decline(ctx, tx, client, id, r.Now()); err != nil {
			return err
		}
		return r.restand(ctx, tx, client, leftReason, byClient(client))
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
		if err := r.Engagement.Leave(ctx, tx, client, id, r.Now()); err != nil {
			return err
		}
		return r.restand(ctx, tx, client, leftReason, byClient(client))
	})
	return r.told(err, "leave engagement")
}
