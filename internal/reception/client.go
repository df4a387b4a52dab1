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
		if err := r.sayContact(ctx, tx, client, said); err != nil {
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

// sayContact notes how a client may be reached, as they say it themselves. What
// they have said already is not noted twice.
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
	was := history[0]
	if was.ChangedBy == client && was.MayEmail == said.MayEmail && was.MayCall == said.MayCall && was.MayLeave == said.MayLeave {
		return nil
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
