package note

import (
	"context"
	"fmt"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// Share gives the version that the author has before them to the readers of
// its lane. What was shared before stays to be seen, as what it said then. Told
// are those readers whom a letter reaches, with no word of what it is.
func (s *Service) Share(ctx context.Context, author people.ID, id ID, seen int) error {
	err := s.DB.InTxAs(ctx, string(author), func(tx *pg.Tx) error {
		n, _, info, err := s.take(ctx, tx, author, id)
		switch {
		case err != nil:
			return err
		case n.Kind == engagement.PersonalLane:
			return fault.New(fault.Conflict, "This is for you alone. To share it, make a copy for somebody.")
		case n.Words.Empty():
			return fault.InvalidField("body", "Write something before you share it.")
		case n.Version != seen:
			return errChanged
		case n.SharedNo == n.Version:
			return nil
		}
		return s.share(ctx, tx, n.ID, n.Version, author, info)
	})
	if err != nil {
		return fmt.Errorf("share note: %w", err)
	}
	s.wake()
	return nil
}

// errChanged tells an author that what they are about to share is no longer what
// they saw.
var errChanged = fault.New(fault.Conflict, "This note was changed in another tab or on another device. Look at it once more before you share it; nothing was lost.")

func (s *Service) share(ctx context.Context, tx *pg.Tx, id ID, version int, author people.ID, info engagement.LaneInfo) error {
	now := s.Now()
	if _, err := tx.Exec(ctx, `
		update note_version set shared_at = $3 where note_id = $1 and version = $2 and shared_at is null`, string(id), version, now.UTC()); err != nil {
		return fmt.Errorf("share note: %w", err)
	}
	if _, err := tx.Exec(ctx, `update note set shared = $2, shared_at = $3 where id = $1`, string(id), version, now.UTC()); err != nil {
		return fmt.Errorf("share note: %w", err)
	}
	for _, reader := range info.Readers {
		if reader.Person == author || reader.Coach {
			continue // a coach finds it at the desk
		}
		if err := s.Engagement.PostNews(ctx, tx, reader.Person, string(id), now); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actorIn(info, author), Act: "note shared", About: string(info.ID),
		Detail: map[string]any{"item": id, "version": version}})
}

// Copy gives the words of an own note to the readers of another lane, as a note
// of its own that they see at once. The note it was made from, and that there is
// one, stays where it was.
func (s *Service) Copy(ctx context.Context, author people.ID, id ID, to engagement.LaneID, key once.Key) (ID, error) {
	var copied ID
	if found, err := once.Find(ctx, s.DB, key, &copied); found || err != nil {
		return copied, err
	}
	copied = ID(uuid.NewString())
	err := s.DB.InTxAs(ctx, string(author), func(tx *pg.Tx) error {
		n, err := find(ctx, tx, author, id)
		if err != nil {
			return err
		}
		if n.Author != author {
			return errNotYours
		}
		if n.Lane == to {
			return fault.InvalidField("lane", "It is there already. Choose whom else it is for.")
		}
		one := []Note{n}
		if err := s.openAll(ctx, tx, author, one); err != nil {
			return err
		}
		if one[0].Broken {
			return errBroken
		}
		if one[0].Erased || one[0].Words.Empty() {
			return engagement.ErrNothing
		}
		if err := s.begin(ctx, tx, author, to, "", copied, one[0].Words); err != nil {
			return err
		}
		info, err := engagement.FindLane(ctx, tx, author, to)
		if err != nil {
			return err
		}
		if info.Kind != engagement.PersonalLane {
			if err := s.share(ctx, tx, copied, 1, author, info); err != nil {
				return err
			}
		}
		return once.Settle(ctx, tx, key, copied, s.Now())
	})
	if once.IsRepeat(err) {
		_, err = once.Find(ctx, s.DB, key, &copied)
		return copied, err
	}
	if err != nil {
		return "", fmt.Errorf("copy note: %w", err)
	}
	s.wake()
	return copied, nil
}
