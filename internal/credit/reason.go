package credit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// longestReason bounds the reason a coach gives, in characters. Whoever holds
// the wallet reads it: it is no place for what was said in a session.
const longestReason = 200

// checkReason cleans the reason that a coach gives.
func checkReason(text string) (string, error) {
	text, err := people.CleanText("reason", text, longestReason)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(text) == "" {
		return "", fault.InvalidField("reason", "Say in a few words why. Whoever has these sessions can read it.")
	}
	return text, nil
}

// words are what a coach writes with an act: sealed where whoever has the
// sessions and the coach can read. None are written where the text is empty.
type words struct {
	keys *seal.Keyset
	text string
}

// written cleans a reason and makes words of it.
func written(keys *seal.Keyset, reason string) (words, error) {
	text, err := checkReason(reason)
	return words{keys, text}, err
}

// SealedColumns are where this room keeps sealed words.
func SealedColumns() []engagement.SealedColumn {
	return []engagement.SealedColumn{{Table: "credit_movement", Column: "words", Row: "lot_id || ' ' || key", Lane: "lane_id"}}
}

func wordsRow(lot LotID, key string) string { return string(lot) + " " + key }

// seal gives the words of a movement as they are kept, and the lane they are
// kept in.
func (w words) seal(ctx context.Context, tx *pg.Tx, lot LotID, key string, now time.Time) (engagement.LaneID, []byte, error) {
	if w.text == "" {
		return "", nil, nil
	}
	lane, err := laneOf(ctx, tx, w.keys, lot, now)
	if err != nil {
		return "", nil, fmt.Errorf("keep reason: %w", err)
	}
	sealed, err := lane.Seal([]byte(w.text), "credit_movement", "words", wordsRow(lot, key))
	return lane.ID, sealed, err
}

// laneOf gives the lane for words about a lot: the joint one of an engagement,
// or the coach's while there is none, and for a person's own sessions the one
// that is theirs and the practice's before and beside all work.
func laneOf(ctx context.Context, tx *pg.Tx, keys *seal.Keyset, lot LotID, now time.Time) (engagement.Lane, error) {
	var whose struct {
		Person people.ID         `db:"person_id"`
		Lane   engagement.LaneID `db:"lane_id"`
	}
	err := tx.Get(ctx, &whose, `
		select coalesce(w.person_id::text, '') as person_id, coalesce((
			select n.id::text
			from lane n
			join lane_key k on k.lane_id = n.id
			where n.engagement_id = w.engagement_id and n.kind in ('joint', 'coach')
			order by n.kind = 'joint' desc, n.closed_at desc nulls first, n.id
			limit 1), '') as lane_id
		from credit_lot l
		join wallet w on w.id = l.wallet_id
		where l.id = $1`, lot)
	if err != nil {
		return engagement.Lane{}, err
	}
	if whose.Person != "" {
		return engagement.EnquiryLane(ctx, tx, keys, whose.Person, now)
	}
	return engagement.OpenLane(ctx, tx, keys, whose.Lane)
}

// line is a movement with its words as they are kept.
type line struct {
	Movement
	Key     string            `db:"key"`
	Lane    engagement.LaneID `db:"lane_id"`
	Wrapped []byte            `db:"wrapped"`
	Words   []byte            `db:"words"`
}

// open puts the words of a line where its reason stands. What was erased is
// empty; what does not open says so.
func (l *line) open(keys *seal.Keyset) error {
	if len(l.Words) == 0 || len(l.Wrapped) == 0 {
		return nil
	}
	lane, err := engagement.LaneOf(keys, l.Lane, l.Wrapped)
	if err != nil {
		return fmt.Errorf("open reason: %w", err)
	}
	plain, err := lane.Open(l.Words, "credit_movement", "words", wordsRow(l.Lot, l.Key))
	if engagement.Unopened(err) {
		plain, err = []byte(engagement.BrokenSay), nil
	}
	l.Reason = string(plain)
	return err
}
