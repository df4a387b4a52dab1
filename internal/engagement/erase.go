package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// EraseLane makes everything in a lane unreadable for good: its key is
// destroyed, nothing is added any more, and its id goes onto the list that is
// kept beside the keyset, so that the key is destroyed again in an older copy of
// the database before that is served. What lies in the lane stays where it is,
// for whoever must see that it was erased. Twice is once.
//
// A lane of a person without an engagement makes way: whoever writes again gets
// a new one.
func EraseLane(ctx context.Context, tx *pg.Tx, id LaneID, by audit.Actor, now time.Time) error {
	if !isID(string(id)) {
		return ErrNothing
	}
	keys, err := destroyKeys(ctx, tx, []string{string(id)}, now)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into erased_lane (lane_id, erased_at) values ($1, $2)
		on conflict on constraint erased_lane_pkey do nothing`, string(id), now.UTC()); err != nil {
		return fmt.Errorf("erase lane: %w", err)
	}
	if keys == 0 {
		return nil
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: by, Act: "lane erased", About: string(id)})
}

// EraseLanesOf erases the lanes that are some persons' own, of no engagement:
// what they wrote when they asked for a call, what the office kept of them, and
// what they kept for themselves.
func EraseLanesOf(ctx context.Context, tx *pg.Tx, persons []people.ID, by audit.Actor, now time.Time) error {
	var ids []LaneID
	if err := tx.Select(ctx, &ids, `
		select id from lane where person_id = any ($1) and engagement_id is null and kind <> 'erased' order by id`, people.IDs(persons)); err != nil {
		return fmt.Errorf("erase lanes: %w", err)
	}
	for _, id := range ids {
		if err := EraseLane(ctx, tx, id, by, now); err != nil {
			return err
		}
	}
	return nil
}

// destroyKeys destroys the keys of lanes, waiting for whoever writes in them, and
// tells how many there were.
func destroyKeys(ctx context.Context, tx *pg.Tx, ids []string, now time.Time) (int, error) {
	n, err := tx.Exec(ctx, `delete from lane_key where lane_id = any ($1)`, pg.Array(ids))
	if err != nil {
		return 0, fmt.Errorf("destroy lane keys: %w", err)
	}
	if _, err := tx.Exec(ctx, `
		update lane set closed_at = coalesce(closed_at, $2), kind = case when engagement_id is null then 'erased' else kind end
		where id = any ($1)`, pg.Array(ids), now.UTC()); err != nil {
		return 0, fmt.Errorf("destroy lane keys: %w", err)
	}
	return int(n), nil
}
