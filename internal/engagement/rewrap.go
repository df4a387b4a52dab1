package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// WrappedTables are where this room keeps what lies wrapped under the keyset.
func WrappedTables() []string { return []string{"lane_key"} }

// TurnBegan tells since when a turn of the lanes' data keys has been under way;
// zero when none is.
func TurnBegan(ctx context.Context, q pg.Conn) (time.Time, error) {
	var began time.Time
	err := q.Get(ctx, &began, `select began_at from lane_key_turning`)
	if pg.NoRows(err) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("find turn of lane keys: %w", err)
	}
	return began.UTC(), nil
}

// Rewrap wraps the keys of all lanes again under the primary key of the keyset,
// each in a transaction of its own, so that it can run beside a busy server and
// go on after a stop. Told, when given, hears now and then how many are done;
// they are returned as well.
func Rewrap(ctx context.Context, db *pg.DB, keys *seal.Keyset, told func(done int)) (int, error) {
	done := 0
	_, err := eachKey(ctx, db, ``, nil, func(tx *pg.Tx, id LaneID, wrapped []byte) error {
		again, err := keys.Rewrap(wrapped, string(id))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update lane_key set wrapped = $2 where lane_id = $1`, id, again); err != nil {
			return err
		}
		if done++; told != nil && done%keysPerBatch == 0 {
			told(done)
		}
		return nil
	})
	if err != nil {
		return done, fmt.Errorf("rewrap lane keys: %w", err)
	}
	return done, nil
}

// keysPerBatch is how many keys are looked up at once; mostTries is how often
// a key is waited for that somebody holds.
const (
	keysPerBatch = 100
	mostTries    = 10
)

// eachKey does something to each lane key of which where holds, one transaction
// a key: whoever writes in a lane keeps its key as it is, and two keys held at
// once could wait for each other. A key that was destroyed meanwhile, or of which
// where holds no more, is passed over.
func eachKey(ctx context.Context, db *pg.DB, where string, args []any, do func(tx *pg.Tx, id LaneID, wrapped []byte) error) (done int, err error) {
	after := LaneID("00000000-0000-0000-0000-000000000000")
	for {
		var ids []LaneID
		if err := db.Select(ctx, &ids, fmt.Sprintf(`
			select lane_id from lane_key where true %s and lane_id > $%d order by lane_id limit %d`, where, len(args)+1, keysPerBatch), append(args[:len(args):len(args)], after)...); err != nil {
			return done, err
		}
		if len(ids) == 0 {
			return done, nil
		}
		for _, id := range ids {
			take := func() error {
				return db.InTx(ctx, func(tx *pg.Tx) error {
					var wrapped []byte
					err := tx.Get(ctx, &wrapped, fmt.Sprintf(`
						select wrapped from lane_key where true %s and lane_id = $%d for update`, where, len(args)+1), append(args[:len(args):len(args)], id)...)
					if pg.NoRows(err) {
						return nil
					}
					if err != nil {
						return err
					}
					if err := do(tx, id, wrapped); err != nil {
						return fmt.Errorf("key of lane %s: %w", id, err)
					}
					done++
					return nil
				})
			}
			err := take()
			for tries := 1; pg.IsDeadlock(err) && tries < mostTries; tries++ {
				err = take() // somebody writes in the lane for long
			}
			if err != nil {
				return done, err
			}
		}
		after = ids[len(ids)-1]
	}
}
