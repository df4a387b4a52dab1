package payment

import (
	"context"
	"encoding/json"
	"fmt"

	"kintsugi/internal/engagement"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// The kinds of letters of this room. None says what it is about: a partner may
// read it, and to have bought something is private.
const (
	letterReceipt = "order-receipt"
	letterFailed  = "order-failed"
	letterCoach   = "order-changed-coach"
)

// tell lets the buyer know that there is something to see. The letter itself is
// held wherever mail is not safe.
func (f *fulfilment) tell(ctx context.Context, kind, about string) error {
	if f.order.Buyer == "" {
		return nil
	}
	return mail.Post(ctx, f.tx, f.now, mail.Order{Kind: kind, About: about, Recipient: string(f.order.Buyer)})
}

// tellCoach lets whoever works with the buyer on what was bought know, and the
// owner where nobody does yet.
func (f *fulfilment) tellCoach(ctx context.Context, about string) error {
	types, err := json.Marshal(f.order.Types)
	if err != nil {
		return err
	}
	var coaches []people.ID
	if err := f.tx.Select(ctx, &coaches, `
		with theirs as (
			select distinct e.coach_id
			from engagement e
			left join participant m on m.engagement_id = e.id and m.person_id = $2 and m.state = 'accepted'
			where e.state <> 'ended' and (e.id = $1 or $1::uuid is null and m.person_id is not null and exists (
				select from appointment_type y
				join type_coach k on k.type_id = y.id and k.coach_id = e.coach_id
				where $3::jsonb @> to_jsonb(y.slug))))
		select coach_id from theirs
		union all
		select c.person_id from coach c where c.role = 'owner' and c.active and not exists (select from theirs)
		order by 1`, holderID(f.order.Engagement), nobody(f.order.Buyer), string(types)); err != nil {
		return fmt.Errorf("find coach to tell: %w", err)
	}
	for _, coach := range coaches {
		if err := mail.Post(ctx, f.tx, f.now, mail.Order{Kind: letterCoach, About: about, Recipient: string(coach)}); err != nil {
			return err
		}
	}
	return nil
}

func holderID(id engagement.ID) any {
	if id == "" {
		return nil
	}
	return string(id)
}

// Composers write the letters of this room.
func (s *Service) Composers() map[string]mail.Composer {
	coachWords := engagement.Words{Subject: "something has changed", Say: "Something has changed that you may want to look at. Sign in to see it.", Path: "/desk/money"}
	buyerWords := engagement.NewsWords
	buyerWords.Path = "/portal/orders"
	all := map[string]mail.Composer{}
	for kind, words := range map[string]engagement.Words{letterReceipt: buyerWords, letterFailed: buyerWords, letterShared: sharedWords(), letterCoach: coachWords} {
		all[kind] = func(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
			return s.Engagement.Neutral(ctx, q, people.ID(l.Recipient), words)
		}
	}
	return all
}
