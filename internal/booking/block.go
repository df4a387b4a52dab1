package booking

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// BlockID names a blocked time. It is random.
type BlockID string

// Block is time that a coach keeps free: nothing is offered in it.
type Block struct {
	ID      BlockID   `db:"id"`
	CoachID people.ID `db:"coach_id"`
	Start   time.Time `db:"starts_at"`
	End     time.Time `db:"ends_at"`
	Label   string    `db:"label"` // for the office; empty for everyone but the coach
}

// Occupied is time of a coach that is taken without a booking.
type Occupied struct {
	Block
	Outside bool `db:"outside"` // read from an outside calendar; it has no id
}

// ErrNoBlock is the one answer for a block that does not exist and for one that
// is not the viewer's.
var ErrNoBlock = fault.New(fault.NotFound, "There is no such blocked time here.")

const (
	maxLabel     = 80                   // characters
	longestBlock = 366 * 24 * time.Hour // longer ones are holidays without an end
)

// BlockTime keeps a time free. Bookings that lie in it stay; they are the
// coach's to move. A second copy of the same act gives the first one's block.
func (s *Service) BlockTime(ctx context.Context, v Viewer, b Block, key once.Key) (Block, error) {
	b.Label = cleanText(b.Label)
	switch {
	case !v.everyone() && b.CoachID != v.ID:
		return Block{}, ErrNoCoach
	case b.Start.IsZero() || !b.Start.Before(b.End):
		return Block{}, fault.InvalidField("to", "The end must come after the beginning.")
	case b.End.Sub(b.Start) > longestBlock:
		return Block{}, fault.InvalidField("until", "A time can be blocked for a year at most.")
	case !b.End.After(s.Now()):
		return Block{}, fault.InvalidField("to", "This time has passed already.")
	case utf8.RuneCountInString(b.Label) > maxLabel:
		return Block{}, fault.InvalidField("label", "Shorten this to 80 characters.")
	}
	b.ID, b.Start, b.End = BlockID(uuid.NewString()), b.Start.UTC(), b.End.UTC()
	key.Fingerprint = s.Links.Fingerprint("block", string(v.ID), string(b.CoachID), b.Start.Format(time.RFC3339), b.End.Format(time.RFC3339), b.Label)
	var was BlockID
	if done, err := once.Find(ctx, s.DB, key, &was); done || err != nil {
		b.ID = was
		return b, err
	}
	now := s.Now()
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		// Whoever is booking with this coach now is waited for, so that what they
		// were shown as free is not blocked between the look and the write.
		if err := tx.Lock(ctx, coachLock(b.CoachID)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			insert into block (id, coach_id, starts_at, ends_at, label, made_at)
			values ($1, $2, $3, $4, $5, $6)`, b.ID, b.CoachID, b.Start, b.End, b.Label, now); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: v.actor(), Act: "time blocked", About: string(b.ID), Detail: b.detail()}); err != nil {
			return err
		}
		return once.Settle(ctx, tx, key, b.ID, now)
	})
	if once.IsRepeat(err) {
		_, err = once.Find(ctx, s.DB, key, &b.ID)
		return b, err
	}
	if pg.Violates(err, "block_coach_exists") {
		return Block{}, ErrNoCoach
	}
	if err != nil {
		return Block{}, fmt.Errorf("block time: %w", err)
	}
	return b, nil
}

// detail is what the audit says of a block: whose and when, never the label.
func (b Block) detail() any {
	return map[string]any{"coach": b.CoachID, "from": b.Start, "to": b.End}
}

// FindBlock gives a block that the viewer may see; its label only to its coach.
func (s *Service) FindBlock(ctx context.Context, v Viewer, id BlockID) (Block, error) {
	return findBlock(ctx, s.DB, v, id, "")
}

func findBlock(ctx context.Context, q pg.Conn, v Viewer, id BlockID, suffix string) (Block, error) {
	if !isUUID(string(id)) {
		return Block{}, ErrNoBlock
	}
	var b Block
	err := q.Get(ctx, &b, `
		select k.id, k.coach_id, k.starts_at, k.ends_at, case when k.coach_id = $3 then k.label else '' end as label
		from block k
		where k.id = $1 and (cast($2 as boolean) or k.coach_id = $3)`+suffix, id, v.everyone(), v.ID)
	if pg.NoRows(err) {
		return Block{}, ErrNoBlock
	}
	if err != nil {
		return Block{}, fmt.Errorf("find block: %w", err)
	}
	b.Start, b.End = b.Start.UTC(), b.End.UTC()
	return b, nil
}

// Unblock opens a blocked time again.
func (s *Service) Unblock(ctx context.Context, v Viewer, id BlockID) error {
	return s.DB.InTx(ctx, func(tx *pg.Tx) error {
		b, err := findBlock(ctx, tx, v, id, ` for update of k`)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from block where id = $1`, id); err != nil {
			return fmt.Errorf("unblock: %w", err)
		}
		return audit.Record(ctx, tx, audit.Entry{At: s.Now(), Actor: v.actor(), Act: "time opened", About: string(id), Detail: b.detail()})
	})
}

// Occupied lists, in one statement, what takes the time of some coaches without
// being a booking: blocked time, and busy time of outside calendars.
func (s *Service) Occupied(ctx context.Context, v Viewer, coaches []people.ID, from, to time.Time) ([]Occupied, error) {
	ids := make([]string, len(coaches))
	for i, id := range coaches {
		ids[i] = string(id)
	}
	var found []Occupied
	err := s.DB.Select(ctx, &found, `
		select k.id::text as id, k.coach_id, k.starts_at, k.ends_at,
		       case when k.coach_id = $3 then k.label else '' end as label, false as outside
		from block k
		where k.coach_id = any ($1) and (cast($2 as boolean) or k.coach_id = $3) and k.starts_at < $5 and k.ends_at > $4
		union all
		select '', b.coach_id, b.starts_at, b.ends_at, '', true
		from busy b
		where b.coach_id = any ($1) and (cast($2 as boolean) or b.coach_id = $3) and b.starts_at < $5 and b.ends_at > $4
		order by starts_at, ends_at, id`, pg.Array(ids), v.everyone(), v.ID, from, to)
	if err != nil {
		return nil, fmt.Errorf("list what is taken: %w", err)
	}
	for i := range found {
		found[i].Start, found[i].End = found[i].Start.UTC(), found[i].End.UTC()
	}
	return found, nil
}
