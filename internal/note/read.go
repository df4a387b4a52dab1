package note

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Page is a note opened, with what belongs to it.
type Page struct {
	Note
	LaneInfo engagement.LaneInfo
	Added    []Addendum
	Asides   []Version // saved beside another state; the author's to put together, the newest first
	Versions int       // how many states the viewer can see
}

// Version is one state of a note.
type Version struct {
	Number   int
	Aside    bool
	SavedAt  time.Time
	SharedAt time.Time // zero for a state that its author alone has seen
	Words    Words
	Broken   bool // what is stored does not open; Words say so
}

// Read opens a note. That the viewer looked at what another wrote is put on
// record with it, or it is not opened; that they have read it is theirs alone
// to see.
func (s *Service) Read(ctx context.Context, viewer people.ID, id ID) (Page, error) {
	var p Page
	err := s.DB.InTxAs(ctx, string(viewer), func(tx *pg.Tx) (err error) {
		p, err = s.read(ctx, tx, selectNote, viewer, id)
		return err
	})
	return p, err
}

// ReadShared is Read with the viewer's own note as its readers have it: what they
// changed since is not in it, and a draft is not there.
func (s *Service) ReadShared(ctx context.Context, viewer people.ID, id ID) (Page, error) {
	var p Page
	err := s.DB.InTxAs(ctx, string(viewer), func(tx *pg.Tx) (err error) {
		p, err = s.read(ctx, tx, selectShared, viewer, id)
		return err
	})
	return p, err
}

func (s *Service) read(ctx context.Context, tx *pg.Tx, query string, viewer people.ID, id ID) (Page, error) {
	n, err := findBy(ctx, tx, query, viewer, id)
	if err != nil {
		return Page{}, err
	}
	p := Page{Note: n}
	if p.LaneInfo, err = engagement.FindLane(ctx, tx, viewer, n.Lane); err != nil {
		return Page{}, err
	}
	lanes, err := s.Engagement.Read(ctx, tx, viewer, n.Lane)
	if err != nil {
		return Page{}, err
	}
	lane, has := lanes[n.Lane]
	if !has {
		p.Erased = true
		return p, nil
	}
	if err := p.unseal(lane); err != nil {
		return Page{}, err
	}
	if p.Added, err = addenda(ctx, tx, lane, id); err != nil {
		return Page{}, err
	}
	own := n.Author == viewer
	if p.Versions, err = countVersions(ctx, tx, n, viewer, own && query == selectNote); err != nil {
		return Page{}, err
	}
	if own && query == selectShared {
		return p, nil
	}
	if own {
		p.Asides, err = statesOf(ctx, tx, lane, ` and v.aside and v.settled_at is null`, n.ID, viewer, true)
		return p, err
	}
	if _, err := tx.Exec(ctx, `
		insert into note_read (note_id, person_id, lane_id, version, addenda, read_at) values ($1, $2, $3, $4, $5, $6)
		on conflict on constraint note_read_pkey do update
		set version = greatest(note_read.version, excluded.version), addenda = greatest(note_read.addenda, excluded.addenda), read_at = excluded.read_at`,
		string(id), string(viewer), string(n.Lane), n.SharedNo, len(p.Added), s.Now().UTC()); err != nil {
		return Page{}, fmt.Errorf("note what was read: %w", err)
	}
	return p, looked(ctx, tx, viewer, "note read", p.LaneInfo, map[string]ID{"item": id}, s.Now())
}

// mostStates is how many states are opened at once.
const mostStates = 30

// Versions gives the states of a note that the viewer may see, the newest first:
// the author all of them, others those that were shared. It gives the latest;
// VersionsBefore goes further back.
func (s *Service) Versions(ctx context.Context, viewer people.ID, id ID) (Page, []Version, error) {
	return s.VersionsBefore(ctx, viewer, id, 0)
}

// VersionsBefore is Versions for the states before the one with a number; zero
// for the latest.
func (s *Service) VersionsBefore(ctx context.Context, viewer people.ID, id ID, before int) (Page, []Version, error) {
	var p Page
	var versions []Version
	err := s.DB.InTxAs(ctx, string(viewer), func(tx *pg.Tx) (err error) {
		if p, err = s.read(ctx, tx, selectNote, viewer, id); err != nil || p.Erased {
			return err
		}
		lanes, err := s.Engagement.Read(ctx, tx, viewer, p.Lane)
		if err != nil {
			return err
		}
		lane, has := lanes[p.Lane]
		if !has {
			p.Erased = true // in this very moment
			return nil
		}
		versions, err = statesOf(ctx, tx, lane, ` and ($5 = 0 or v.version < $5)`, p.ID, viewer, p.Author == viewer, before)
		return err
	})
	return p, versions, err
}

// countVersions counts the states of a note that the viewer can look back at.
func countVersions(ctx context.Context, tx *pg.Tx, n Note, viewer people.ID, own bool) (count int, err error) {
	if err := tx.Get(ctx, &count, `
		select count(*) from note_version v
		join lane_reader r on r.lane_id = v.lane_id and r.person_id = $2
		where v.note_id = $1 and not v.aside and (v.shared_at is not null or $3)`, string(n.ID), string(viewer), own); err != nil {
		return 0, fmt.Errorf("count versions: %w", err)
	}
	return count, nil
}

// statesOf opens the latest states of a note, the newest first: of all for its
// author, for others of those that were shared.
func statesOf(ctx context.Context, tx *pg.Tx, lane engagement.Lane, more string, id ID, viewer people.ID, own bool, args ...any) ([]Version, error) {
	var found []struct {
		ID       string    `db:"id"`
		Number   int       `db:"version"`
		Aside    bool      `db:"aside"`
		Words    []byte    `db:"words"`
		SavedAt  time.Time `db:"saved_at"`
		SharedAt time.Time `db:"shared_at"`
	}
	if err := tx.Select(ctx, &found, `
		select v.id, v.version, v.aside, v.words, v.saved_at,
			coalesce(v.shared_at, timestamptz '0001-01-01 00:00:00+00') as shared_at
		from note_version v
		join lane_reader r on r.lane_id = v.lane_id and r.person_id = $2
		where v.note_id = $1 and (v.shared_at is not null or $3)`+more+`
		order by v.version desc
		limit $4`, append([]any{string(id), string(viewer), own, mostStates}, args...)...); err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	versions := make([]Version, 0, len(found))
	for _, row := range found {
		w, broken, err := openOrSay(lane, row.Words, row.ID)
		if err != nil {
			return nil, err
		}
		v := Version{Number: row.Number, Aside: row.Aside, SavedAt: row.SavedAt.UTC(), Words: w, Broken: broken}
		if row.SharedAt = row.SharedAt.UTC(); row.SharedAt.Year() > 1 {
			v.SharedAt = row.SharedAt
		}
		versions = append(versions, v)
	}
	return versions, nil
}

// Merged takes what was saved beside out of sight, once its author has put it
// together with the rest. It stays among the versions.
func (s *Service) Merged(ctx context.Context, author people.ID, id ID) error {
	err := s.DB.InTxAs(ctx, string(author), func(tx *pg.Tx) error {
		n, _, _, err := s.take(ctx, tx, author, id)
		if err != nil {
			return err
		}
		return settle(ctx, tx, n.ID, "", s.Now())
	})
	if err != nil {
		return fmt.Errorf("put note together: %w", err)
	}
	return nil
}
