package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"

	"github.com/google/uuid"
)

// OfficeLane gives the lane of what the office writes about a person's hours
// and money, and makes it the first time. The staff who see the person read it.
func OfficeLane(ctx context.Context, tx *pg.Tx, keys *seal.Keyset, person people.ID, now time.Time) (Lane, error) {
	fresh := LaneID(uuid.NewString())
	_, wrapped, err := keys.NewDataKey(string(fresh))
	if err != nil {
		return Lane{}, err
	}
	if _, err := tx.Exec(ctx, `
		with made as (
			insert into lane (id, kind, person_id, made_at)
			values ($1, 'office', $2, $3)
			on conflict (person_id) where kind = 'office' do nothing
			returning id
		)
		insert into lane_key (lane_id, wrapped)
		select id, $4 from made`, fresh, person, now, wrapped); err != nil {
		return Lane{}, fmt.Errorf("make office lane: %w", err)
	}
	lane, _, err := FindOfficeLane(ctx, tx, keys, person)
	return lane, err
}

// FindOfficeLane gives the office lane of a person, and false when the office
// has never written anything.
func FindOfficeLane(ctx context.Context, q pg.Conn, keys *seal.Keyset, person people.ID) (Lane, bool, error) {
	lane, err := openLane(ctx, q, keys, `
		select l.id, k.wrapped
		from lane l
		join lane_key k on k.lane_id = l.id
		where l.person_id = $1 and l.kind = 'office'`, string(person))
	if pg.NoRows(err) {
		return Lane{}, false, nil
	}
	return lane, err == nil, err
}
