package engagement

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"

	"github.com/google/uuid"
)

// LaneID names a lane. It is random and says nothing.
type LaneID string

// Lane is a lane with its key at hand, for sealing and opening what is in it.
type Lane struct {
	ID  LaneID
	key *seal.DataKey // nil where it does not open
}

// errBroken is the answer for what does not open.
var errBroken = fault.Wrap(fault.Internal, BrokenSay, seal.ErrUnopened)

// Seal makes plain unreadable outside this lane and this place.
func (l Lane) Seal(plain []byte, table, column, row string) ([]byte, error) {
	if l.key == nil {
		return nil, errBroken
	}
	return l.key.Seal(plain, seal.Place{Table: table, Column: column, Row: row, Lane: string(l.ID)})
}

// BrokenSay stands on a page in the place of words that do not open, beside what
// does. The alarm was given where they were opened.
const BrokenSay = "What is stored here does not open, so it is not shown. It may have been changed or moved in the database. Whoever runs this site finds an alarm about it."

// Unopened reports whether an error says that a sealed value does not open.
func Unopened(err error) bool { return errors.Is(err, seal.ErrUnopened) }

// Open gives back what was sealed in this lane at this place.
//
// Errors: of Unopened, with BrokenSay for people.
func (l Lane) Open(sealed []byte, table, column, row string) ([]byte, error) {
	if l.key == nil {
		return nil, errBroken // the alarm was about the key
	}
	plain, err := l.key.Open(sealed, seal.Place{Table: table, Column: column, Row: row, Lane: string(l.ID)})
	if err != nil {
		return nil, errBroken
	}
	return plain, nil
}

// EnquiryLane gives the enquiry lane of a person and makes it the first time.
func EnquiryLane(ctx context.Context, tx *pg.Tx, keys *seal.Keyset, person people.ID, now time.Time) (Lane, error) {
	fresh := LaneID(uuid.NewString())
	_, wrapped, err := keys.NewDataKey(string(fresh))
	if err != nil {
		return Lane{}, err
	}
	// One statement for both, since every message waits for it. It sees the lane
	// that was there before, or the one it makes.
	lane, err := openLane(ctx, tx, keys, `
		with made as (
			insert into lane (id, kind, person_id, made_at)
			values ($2, 'enquiry', $1, $3)
			on conflict (person_id) where kind = 'enquiry' do nothing
			returning id
		), keyed as (
			insert into lane_key (lane_id, wrapped)
			select id, $4 from made
			returning lane_id, wrapped
		)
		select lane_id as id, wrapped from keyed
		union all `+selectEnquiry, string(person), fresh, now, wrapped)
	if pg.NoRows(err) {
		// Another act made it while this one waited; by now it can be seen.
		return openLane(ctx, tx, keys, selectEnquiry, string(person))
	}
	return lane, err
}

const selectEnquiry = `
		select l.id, k.wrapped
		from lane l
		join lane_key k on k.lane_id = l.id
		where l.person_id = $1 and l.kind = 'enquiry'`

// ErrErased is the answer for a lane whose key was destroyed.
var ErrErased = fault.New(fault.Gone, "This was erased. Nobody can read it any more.")

// OpenLane gives a lane by its id, and ErrErased where nobody can open it any
// more. Whether the caller may read it is the
// caller's promise; every look is put on record where it is made.
func OpenLane(ctx context.Context, q pg.Conn, keys *seal.Keyset, id LaneID) (Lane, error) {
	lane, err := openLane(ctx, q, keys, `select lane_id as id, wrapped from lane_key where lane_id = $1`, string(id))
	if pg.NoRows(err) {
		return Lane{}, ErrErased
	}
	return lane, err
}

func openLane(ctx context.Context, q pg.Conn, keys *seal.Keyset, query string, args ...any) (Lane, error) {
	var row struct {
		ID      LaneID `db:"id"`
		Wrapped []byte `db:"wrapped"`
	}
	if err := q.Get(ctx, &row, query, args...); err != nil {
		return Lane{}, fmt.Errorf("open lane: %w", err)
	}
	lane, err := LaneOf(keys, row.ID, row.Wrapped)
	if err != nil {
		return Lane{}, fmt.Errorf("open lane: %w", err)
	}
	return lane, nil
}

// LaneOf gives a lane with its key, as it was read beside what lies in the lane.
// Whether the caller may read that is the caller's promise. Where the key itself does not open it is
// a lane without one, in which nothing opens, so that other lanes can be read
// beside it.
func LaneOf(keys *seal.Keyset, id LaneID, wrapped []byte) (Lane, error) {
	key, err := keys.DataKey(wrapped, string(id))
	if err != nil && !Unopened(err) {
		return Lane{}, err
	}
	return Lane{ID: id, key: key}, nil
}
