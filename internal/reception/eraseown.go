package reception

import (
	"context"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// EraseOwnLanes erases lanes of a client that are theirs to erase, all of them or
// none.
func (r *Reception) EraseOwnLanes(ctx context.Context, client people.ID, ids []engagement.LaneID) error {
	if len(ids) == 0 {
		return fault.InvalidField("lane", "Choose what should be erased.")
	}
	err := r.DB.InTxAs(ctx, string(client), func(tx *pg.Tx) error {
		for _, id := range ids {
			if err := r.Engagement.EraseOwn(ctx, tx, client, id, r.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return r.told(err, "erase own lanes")
}
