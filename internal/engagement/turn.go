package engagement

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// Turn gives every lane a new data key and seals again under it whatever lies in
// the lane, while people read and write.
//
// A reader may have read a lane's key before a step and a value after it, or the
// other way round, so every step leaves a key that opens whatever anybody can
// hold, and the next one waits until all who may have begun before it have
// ended: first a spare key is added, then it seals, then what lies under the old
// one is sealed again, then the old one is dropped. Each lane remembers its step,
// so that a turn that was stopped goes on where it was.
type Turn struct {
	DB      *pg.DB // as the owner of the tables
	Keys    *seal.Keyset
	Columns []SealedColumn
	Wait    time.Duration    // longer than anybody works with what they have read
	Told    func(say string) // hears of the progress; may be nil

	with   keyring
	began  time.Time
	broken map[seal.Place]bool
	stuck  map[LaneID]bool // lanes in which something does not open
	turned Turned
}

// Turned is what a turn has done.
type Turned struct {
	Lanes  int          // with a new key and nothing under the old one
	Values int          // that were sealed again
	Broken []seal.Place // that do not open; their lanes keep the old key beside the new one
}

// LongEnough is how long a step waits beside a program that runs.
const LongEnough = pg.LongestTx + 10*time.Second

// Run turns the keys of all lanes that there were when it began, which may have
// been in a run that was stopped.
func (t *Turn) Run(ctx context.Context) (Turned, error) {
	t.with, t.broken, t.stuck = keyring{keys: t.Keys}, map[seal.Place]bool{}, map[LaneID]bool{}
	if err := seesAllRows(ctx, t.DB, t.Columns); err != nil {
		return t.turned, err
	}
	err := t.begin(ctx)
	for err == nil {
		for _, step := range []func(context.Context) error{t.addSpares, t.useSpares, t.reseal, t.dropOlder} {
			if err == nil {
				err = step(ctx)
			}
		}
		if err != nil {
			break
		}
		var more bool
		if more, err = t.await(ctx); err == nil && !more {
			return t.turned, t.end(ctx)
		}
	}
	return t.turned, fmt.Errorf("turn lane keys: %w", err)
}

func (t *Turn) tell(text string, args ...any) {
	if t.Told != nil {
		t.Told(fmt.Sprintf(text, args...))
	}
}

// begin finds out since when the turn runs.
func (t *Turn) begin(ctx context.Context) error {
	return t.DB.InTx(ctx, func(tx *pg.Tx) error {
		made, err := tx.Exec(ctx, `
			insert into lane_key_turning (began_at) values (clock_timestamp())
			on conflict on constraint lane_key_turning_pkey do nothing`)
		if err != nil {
			return err
		}
		if made == 0 {
			t.tell("going on with the turn that was stopped")
		}
		return tx.Get(ctx, &t.began, `select began_at from lane_key_turning`)
	})
}

func (t *Turn) end(ctx context.Context) error {
	return t.DB.InTx(ctx, func(tx *pg.Tx) error {
		var now time.Time
		if err := tx.Get(ctx, &now, `select clock_timestamp()`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from lane_key_turning where began_at = $1`, t.began); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: audit.Actor{Kind: audit.Operator}, Act: "lane keys made anew",
			Detail: map[string]int{"lanes": t.turned.Lanes, "values": t.turned.Values, "values that do not open": len(t.turned.Broken)}})
	})
}

// rested is the condition that nobody works any more with what was before a step.
const rested = ` and turn_at < clock_timestamp() - make_interval(secs => $1)`

func (t *Turn) addSpares(ctx context.Context) error {
	n, err := eachKey(ctx, t.DB, ` and turn is null and made_at < $1`, []any{t.began}, func(tx *pg.Tx, id LaneID, wrapped []byte) error {
		again, err := t.Keys.AddSpare(wrapped, string(id))
		if err != nil {
			return err
		}
		return step(ctx, tx, id, `wrapped = $2, turn = 'spare', turn_at = clock_timestamp()`, again)
	})
	if n > 0 {
		t.tell("%d lanes have a new key at hand", n)
	}
	return err
}

func (t *Turn) useSpares(ctx context.Context) error {
	n, err := eachKey(ctx, t.DB, ` and turn = 'spare'`+rested, []any{t.Wait.Seconds()}, func(tx *pg.Tx, id LaneID, wrapped []byte) error {
		again, mark, err := t.Keys.UseSpare(wrapped, string(id))
		if err != nil {
			return err
		}
		return step(ctx, tx, id, `wrapped = $2, mark = $3, turn = 'switched', turn_at = clock_timestamp()`, again, mark)
	})
	if n > 0 {
		t.tell("%d lanes seal with their new key", n)
	}
	return err
}

// dropOlder takes the older keys away where nothing lies under them.
func (t *Turn) dropOlder(ctx context.Context) error {
	left, err := t.older(ctx, "resealed")
	if err != nil {
		return err
	}
	n := 0
	_, err = eachKey(ctx, t.DB, ` and turn = 'resealed'`+rested, []any{t.Wait.Seconds()}, func(tx *pg.Tx, id LaneID, wrapped []byte) error {
		if left[id] > 0 {
			return step(ctx, tx, id, `turn = 'switched', turn_at = clock_timestamp()`)
		}
		again, err := t.Keys.DropOlder(wrapped, string(id))
		if err != nil {
			return err
		}
		n++
		return step(ctx, tx, id, `wrapped = $2, turn = null, turn_at = null, made_at = clock_timestamp()`, again)
	})
	if t.turned.Lanes += n; n > 0 {
		t.tell("%d lanes are under their new key alone", n)
	}
	return err
}

// await waits until another step can be done, and tells whether one is left.
func (t *Turn) await(ctx context.Context) (more bool, err error) {
	var left struct {
		Lanes int     `db:"lanes"`
		Wait  float64 `db:"wait"`
	}
	// Until the last of them has rested, so that each column is walked through once.
	if err := t.DB.Get(ctx, &left, `
		select count(*) as lanes,
			case when bool_or(turn is null) then 0
			     else coalesce(greatest(0, $3 + extract(epoch from max(turn_at) - clock_timestamp())), 0) end::float8 as wait
		from lane_key
		where (turn is not null or made_at < $1) and not (lane_id = any ($2) and turn = 'switched')`,
		t.began, t.stuckLanes(), t.Wait.Seconds()); err != nil || left.Lanes == 0 {
		return false, err
	}
	wait := time.Duration(left.Wait*float64(time.Second)) + 50*time.Millisecond
	if wait > time.Second {
		t.tell("waiting %s for those who are at work, %d lanes to go", wait.Round(time.Second), left.Lanes)
	}
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(wait):
		return true, nil
	}
}

func (t *Turn) stuckLanes() any {
	ids := make([]string, 0, len(t.stuck))
	for id := range t.stuck {
		ids = append(ids, string(id))
	}
	return pg.Array(ids)
}

func step(ctx context.Context, tx *pg.Tx, id LaneID, set string, args ...any) error {
	_, err := tx.Exec(ctx, `update lane_key set `+set+` where lane_id = $1`, append([]any{id}, args...)...)
	return err
}
