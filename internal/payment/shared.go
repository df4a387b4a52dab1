package payment

import (
	"context"
	"fmt"

	"kintsugi/internal/engagement"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
)

// letterShared tells the other of two that there are sessions for both. It says
// nothing of that, and leads to the page where both see them; who paid, and what,
// stays with whoever paid.
const letterShared = "sessions-shared"

func sharedWords() engagement.Words {
	words := engagement.NewsWords
	words.Path = "/portal/sessions"
	return words
}

// tellOther lets the other client of an engagement know of sessions for both.
func (f *fulfilment) tellOther(ctx context.Context, about string) error {
	if f.order.Engagement == "" {
		return nil
	}
	var others []people.ID
	err := f.tx.Select(ctx, &others, `
		select person_id
		from participant
		where engagement_id = $1 and state = 'accepted' and person_id::text <> $2
		order by person_id`, f.order.Engagement, string(f.order.Buyer))
	if err != nil {
		return fmt.Errorf("find who shares the sessions: %w", err)
	}
	for _, other := range others {
		if err := mail.Post(ctx, f.tx, f.now, mail.Order{Kind: letterShared, About: about, Recipient: string(other)}); err != nil {
			return err
		}
	}
	return nil
}
