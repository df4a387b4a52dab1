package engagement

import (
	"context"
	"fmt"
	"strings"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// SealedColumn is a column in which sealed words lie. Each room says which ones
// are its own, so that the words can be sealed again under a new key.
type SealedColumn struct {
	Table, Column string
	Row           string // expression over the table: the Row of the place it was sealed at
	Lane          string // expression over the table: the lane it was sealed in
}

// sealedValue is one value as it lies in the database.
type sealedValue struct {
	At      string `db:"at"` // where the row lies just now
	Row     string `db:"place"`
	Lane    LaneID `db:"its_lane"`
	Wrapped []byte `db:"its_wrapped"`
	Mark    []byte `db:"its_mark"`
	Sealed  []byte `db:"sealed"`
}

// write puts the column into a statement.
func (c SealedColumn) write(query string) string {
	return strings.NewReplacer("{table}", c.Table, "{column}", c.Column, "{row}", c.Row, "{lane}", c.Lane).Replace(query)
}

func (v sealedValue) place(c SealedColumn) seal.Place {
	return seal.Place{Table: c.Table, Column: c.Column, Row: v.Row, Lane: string(v.Lane)}
}

// The values of a column are walked through a few pages of the table at a time,
// and of these so many values.
const (
	pagesAtOnce  = 8
	valuesAtOnce = 50
)

// toChange makes a walk keep others from changing the values it is given until it
// is done with them, and pass over those that somebody is changing.
const toChange = `
		for no key update of {table} skip locked`

// each walks through the values of a column in lanes that have a key, those of
// which where holds; a lane's key is its_wrapped there, its step its_turn. Every
// batch is a transaction of its own.
//
// Pages, because in their order the database finds what comes next without
// looking through the table again.
func (c SealedColumn) each(ctx context.Context, db *pg.DB, where, lock string, args []any, do func(tx *pg.Tx, values []sealedValue) error) error {
	var pages int
	if err := db.Get(ctx, &pages, `select pg_relation_size($1::regclass) / current_setting('block_size')::int`, c.Table); err != nil {
		return fmt.Errorf("walk through %s: %w", c.Table, err)
	}
	n := len(args)
	query := c.write(`
		select {table}.ctid::text as at, cast(({row}) as text) as place, k.its_lane, k.its_wrapped, k.its_mark, {table}.{column} as sealed
		from {table}
		join (
			select lane_id as its_lane, wrapped as its_wrapped, coalesce(mark, '') as its_mark, turn as its_turn, turn_at as its_turn_at
			from lane_key
		) k on k.its_lane = ({lane})
		where {table}.{column} is not null` + where + fmt.Sprintf(`
		  and {table}.ctid > cast($%d as tid) and {table}.ctid < cast($%d as tid)
		order by {table}.ctid
		limit %d`, n+1, n+2, valuesAtOnce) + lock)
	for page := 0; page < pages; page += pagesAtOnce {
		after, before := fmt.Sprintf("(%d,0)", page), fmt.Sprintf("(%d,0)", page+pagesAtOnce)
		for more := true; more; {
			err := db.InTx(ctx, func(tx *pg.Tx) error {
				var values []sealedValue
				if err := tx.Select(ctx, &values, query, append(args[:n:n], after, before)...); err != nil {
					return err
				}
				if more = len(values) == valuesAtOnce; more {
					after = values[len(values)-1].At
				}
				return do(tx, values)
			})
			if err != nil {
				return fmt.Errorf("walk through %s: %w", c.Table, err)
			}
		}
	}
	return nil
}

// errNotOwner keeps whoever would not see all rows from concluding anything.
var errNotOwner = fault.New(fault.Forbidden, "This is done by the role that owns the tables, because no other sees all of them: give its name in DATABASE_URL.")

// seesAllRows fails where row-level security would hide a sealed value.
func seesAllRows(ctx context.Context, q pg.Conn, columns []SealedColumn) error {
	for _, c := range columns {
		var hidden bool
		if err := q.Get(ctx, &hidden, `select row_security_active($1::regclass)`, c.Table); err != nil {
			return fmt.Errorf("look at %s: %w", c.Table, err)
		}
		if hidden {
			return errNotOwner
		}
	}
	return nil
}

// CheckSealed opens every sealed value, as the owner of the tables, and gives the
// places of those that do not open and how many there are in all. What was
// erased is passed over.
func CheckSealed(ctx context.Context, db *pg.DB, keys *seal.Keyset, columns []SealedColumn) (broken []seal.Place, looked int, err error) {
	if err := seesAllRows(ctx, db, columns); err != nil {
		return nil, 0, err
	}
	with := keyring{keys: keys}
	for _, c := range columns {
		err := c.each(ctx, db, ``, ``, nil, func(_ *pg.Tx, values []sealedValue) error {
			for _, v := range values {
				looked++
				if _, err := with.open(v, v.place(c)); err != nil {
					broken = append(broken, v.place(c))
				}
			}
			return nil
		})
		if err != nil {
			return nil, looked, err
		}
	}
	return broken, looked, nil
}

// keyring remembers the data key that it unwrapped last: values of one lane often
// lie side by side.
type keyring struct {
	keys    *seal.Keyset
	wrapped string
	lane    LaneID
	key     *seal.DataKey
}

func (k *keyring) of(v sealedValue) (*seal.DataKey, error) {
	if k.key == nil || k.lane != v.Lane || k.wrapped != string(v.Wrapped) {
		key, err := k.keys.DataKey(v.Wrapped, string(v.Lane))
		if err != nil {
			return nil, err
		}
		k.key, k.lane, k.wrapped = key, v.Lane, string(v.Wrapped)
	}
	return k.key, nil
}

func (k *keyring) open(v sealedValue, at seal.Place) ([]byte, error) {
	key, err := k.of(v)
	if err != nil {
		return nil, err
	}
	return key.Open(v.Sealed, at)
}
