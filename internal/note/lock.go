package note

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/words"

	"github.com/google/uuid"
)

// Lock signs a note with the author's name. From then on it never changes; the
// database refuses it too. A draft in the coach's own lane can be locked as it
// is; elsewhere what is locked is what the readers have.
func (s *Service) Lock(ctx context.Context, author people.ID, id ID, seen int, name string) error {
	name, err := words.Line("name", name, 200)
	if err != nil {
		return err
	}
	err = s.DB.InTxAs(ctx, string(author), func(tx *pg.Tx) error {
		n, lane, info, err := s.take(ctx, tx, author, id)
		switch {
		case err != nil:
			return err
		case n.Version != seen:
			return errChanged
		case n.Words.Empty():
			return fault.InvalidField("body", "Write something before you sign it.")
		case n.Unshared():
			return fault.New(fault.Conflict, "You have changed it since you shared it. Share what it says now, then sign it.")
		case n.SharedNo == 0 && info.Kind != engagement.CoachLane:
			return fault.New(fault.Conflict, "Share it first: what is signed is what its readers have.")
		}
		if n.SharedNo == 0 {
			if err := s.share(ctx, tx, n.ID, n.Version, author, info); err != nil {
				return err
			}
		}
		now := s.Now().UTC()
		sealed, err := lane.Seal(signed(n.ID, n.Words, name, now), "note", "locked_hash", string(id))
		if err != nil {
			return err
		}
		as, err := lane.Seal([]byte(name), "note", "locked_as", string(id))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update note set locked_at = $2, locked_as = $3, locked_hash = $4 where id = $1`,
			string(id), now, as, sealed); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actorIn(info, author), Act: "note locked", About: string(info.ID), Detail: map[string]ID{"item": id}})
	})
	if err != nil {
		return fmt.Errorf("lock note: %w", err)
	}
	return nil
}

// signed is what a signature stands for: the note, its exact words, the name and
// the second. It is kept sealed: of a short note the bare sum would tell whoever
// holds a copy of the database when they have guessed it.
func signed(id ID, w Words, name string, at time.Time) []byte {
	text, err := json.Marshal([]any{"note signed", id, w, name, at.UTC().Unix()})
	if err != nil {
		panic(err) // texts and a number are JSON
	}
	sum := sha256.Sum256(text)
	return sum[:]
}

// Verified reports whether a locked note still says what was signed.
func (n Note) Verified() bool {
	return n.State() == Locked && !n.Erased && bytes.Equal(n.LockedHash, signed(n.ID, n.Words, n.LockedName, n.LockedAt))
}

// Addendum is what was added to a locked note.
type Addendum struct {
	ID         string    `db:"id"`
	Author     people.ID `db:"author_id"`
	AuthorName string    `db:"author_name"`
	MadeAt     time.Time `db:"made_at"`
	Text       string    `db:"-"`
}

// AddTo adds a word to a locked note, for its author. Its readers are told. The
// same key adds it once.
func (s *Service) AddTo(ctx context.Context, author people.ID, id ID, text string, key once.Key) error {
	text, err := words.Text("text", text, LongestBody)
	if err != nil {
		return err
	}
	if text == "" {
		return fault.InvalidField("text", "Write what you want to add.")
	}
	var done bool
	if found, err := once.Find(ctx, s.DB, key, &done); found || err != nil {
		return err
	}
	err = s.DB.InTxAs(ctx, string(author), func(tx *pg.Tx) error {
		n, err := find(ctx, tx, author, id)
		if err != nil {
			return err
		}
		if n.Author != author {
			return errNotYours
		}
		if n.State() != Locked {
			return fault.New(fault.Conflict, "This note is not locked, so change the note itself.")
		}
		lane, info, err := s.Engagement.Write(ctx, tx, author, n.Lane)
		if err != nil {
			return err
		}
		row, now := uuid.NewString(), s.Now()
		sealed, err := lane.Seal([]byte(text), "note_addendum", "words", row)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			insert into note_addendum (id, note_id, lane_id, author_id, words, made_at) values ($1, $2, $3, $4, $5, $6)`,
			row, string(id), string(lane.ID), string(author), sealed, now.UTC()); err != nil {
			return err
		}
		for _, reader := range info.Readers {
			if reader.Person != author && !reader.Coach {
				if err := s.Engagement.PostNews(ctx, tx, reader.Person, row, now); err != nil {
					return err
				}
			}
		}
		if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: actorIn(info, author), Act: "note added to", About: string(info.ID), Detail: map[string]ID{"item": id}}); err != nil {
			return err
		}
		return once.Settle(ctx, tx, key, true, now)
	})
	if err != nil && !once.IsRepeat(err) {
		return fmt.Errorf("add to note: %w", err)
	}
	s.wake()
	return nil
}

func addenda(ctx context.Context, tx *pg.Tx, lane engagement.Lane, id ID) ([]Addendum, error) {
	var found []struct {
		Addendum
		Sealed []byte `db:"words"`
	}
	if err := tx.Select(ctx, &found, `
		select d.id, d.author_id, p.name as author_name, d.made_at, d.words
		from note_addendum d
		join person p on p.id = d.author_id
		where d.note_id = $1 and d.lane_id = $2
		order by d.made_at, d.id`, string(id), string(lane.ID)); err != nil {
		return nil, fmt.Errorf("list addenda: %w", err)
	}
	list := make([]Addendum, len(found))
	for i, row := range found {
		plain, err := lane.Open(row.Sealed, "note_addendum", "words", row.ID)
		switch {
		case engagement.Unopened(err):
			plain = []byte(engagement.BrokenSay)
		case err != nil:
			return nil, fmt.Errorf("open addendum: %w", err)
		}
		list[i] = row.Addendum
		list[i].MadeAt, list[i].Text = row.MadeAt.UTC(), string(plain)
	}
	return list, nil
}
