package engagement

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// older is the condition that a value in a lane is not under its newest key.
const older = ` and substring({table}.{column} from 1 for octet_length(k.its_mark)) <> k.its_mark`

// toldEvery is after how many values of a column the progress is told.
const toldEvery = 1000

// reseal seals again, column by column, what lies under older keys in lanes that
// have switched.
func (t *Turn) reseal(ctx context.Context) error {
	var lanes int
	if err := t.DB.Get(ctx, &lanes, `
		select count(*) from lane_key where turn = 'switched'`+rested+` and not lane_id = any ($2)`, t.Wait.Seconds(), t.stuckLanes()); err != nil || lanes == 0 {
		return err
	}
	due := strings.ReplaceAll(older+` and k.its_turn = 'switched'`+rested, " turn_at", " k.its_turn_at")
	for _, c := range t.Columns {
		n := 0
		err := c.each(ctx, t.DB, due, toChange, []any{t.Wait.Seconds()}, func(tx *pg.Tx, values []sealedValue) error {
			done, err := t.resealBatch(ctx, tx, c, values)
			if n/toldEvery < (n+done)/toldEvery {
				t.tell("%s.%s: %d values so far", c.Table, c.Column, n+done)
			}
			n += done
			return err
		})
		if err != nil {
			return err
		}
		if t.turned.Values += n; n > 0 {
			t.tell("%s.%s: %d values sealed again", c.Table, c.Column, n)
		}
	}
	left, err := t.older(ctx, "switched")
	if err != nil {
		return err
	}
	_, err = eachKey(ctx, t.DB, ` and turn = 'switched'`+rested, []any{t.Wait.Seconds()}, func(tx *pg.Tx, id LaneID, _ []byte) error {
		if left[id] > 0 {
			return nil // somebody was changing it, or it does not open
		}
		return step(ctx, tx, id, `turn = 'resealed', turn_at = clock_timestamp()`)
	})
	return err
}

func (t *Turn) resealBatch(ctx context.Context, tx *pg.Tx, c SealedColumn, values []sealedValue) (done int, err error) {
	for _, v := range values {
		at := v.place(c)
		plain, err := t.with.open(v, at)
		if errors.Is(err, seal.ErrUnopened) {
			if !t.broken[at] {
				t.broken[at], t.stuck[v.Lane] = true, true
				t.turned.Broken = append(t.turned.Broken, at)
			}
			continue
		}
		if err != nil {
			return done, err
		}
		key, err := t.with.of(v)
		if err != nil {
			return done, err
		}
		again, err := key.Seal(plain, at)
		if err != nil {
			return done, err
		}
		if !bytes.HasPrefix(again, v.Mark) {
			return done, fmt.Errorf("the key of lane %s seals without its mark", v.Lane)
		}
		if _, err := tx.Exec(ctx, fmt.Sprintf(`update %s set %s = $2 where ctid = cast($1 as tid)`, c.Table, c.Column), v.At, again); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// older counts what lies under older keys in lanes at a step.
func (t *Turn) older(ctx context.Context, turn string) (map[LaneID]int, error) {
	left := map[LaneID]int{}
	for _, c := range t.Columns {
		var rows []struct {
			Lane LaneID `db:"its_lane"`
			N    int    `db:"n"`
		}
		if err := t.DB.Select(ctx, &rows, c.write(`
			select k.its_lane, count(*) as n
			from {table}
			join (select lane_id as its_lane, mark as its_mark from lane_key where turn = $1) k on k.its_lane = ({lane})
			where {table}.{column} is not null`+older+`
			group by k.its_lane`), turn); err != nil {
			return nil, err
		}
		for _, row := range rows {
			left[row.Lane] += row.N
		}
	}
	return left, nil
}
