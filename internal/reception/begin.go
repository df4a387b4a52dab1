package reception

import (
	"context"

	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// bring takes along what somebody bought before they were taken into an
// engagement: sessions for two become those of the work, and the forms that go
// out with a first purchase are sent.
func (r *Reception) bring(ctx context.Context, tx *pg.Tx, client people.ID, id engagement.ID) error {
	if err := payment.Begin(ctx, tx, client, id, r.Now()); err != nil {
		return err
	}
	return (&intake.Service{Engagement: r.Engagement}).SendBought(ctx, tx, id, r.Now())
}
