package note

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// selectNote reads notes that the viewer $1 may see, with the version that is
// theirs to see. The join with lane_reader is the rule; row-level security
// stands behind it. The call that a note is about is named to those alone who may
// still know of it. When a draft was begun is its author's alone to know.
const selectNote = `
	select n.id, n.lane_id, l.kind, coalesce(l.engagement_id::text, '') as engagement_id,
		n.author_id, a.name as author_name, coalesce(b.id::text, '') as booking_id,
		coalesce(b.starts_at, timestamptz '0001-01-01 00:00:00+00') as booking_at, coalesce(n.policy_id::text, '') as policy_id,
		case when n.author_id = $1 then n.version else n.shared end as version, coalesce(n.shared, 0) as shared,
		coalesce(n.shared_at, timestamptz '0001-01-01 00:00:00+00') as shared_at,
		coalesce(n.locked_at, timestamptz '0001-01-01 00:00:00+00') as locked_at, coalesce(n.locked_name, '') as locked_name,
		n.locked_hash, n.locked_as, case when n.author_id = $1 then n.made_at else n.shared_at end as made_at, case when n.author_id = $1 then n.changed_at else n.shared_at end as changed_at,
		n.author_id <> $1 and (coalesce(seen.version, 0) < n.shared or coalesce(seen.addenda, 0) < more.addenda) as new,
		more.addenda, v.id as version_id, v.words
	from note n
	join lane_reader r on r.lane_id = n.lane_id and r.person_id = $1
	join lane l on l.id = n.lane_id
	join person a on a.id = n.author_id
	join note_version v on v.note_id = n.id and v.version = case when n.author_id = $1 then n.version else n.shared end
	left join booking b on b.id = n.booking_id and (b.coach_id = $1
		or b.person_id = $1 and not booking_gone($1, b.engagement_id, b.known_lane_id, b.ends_at)
		or exists (
			select from booking_guest g
			where g.booking_id = b.id and g.person_id = $1 and not booking_gone($1, b.engagement_id, b.known_lane_id, b.ends_at)))
	left join note_read seen on seen.note_id = n.id and seen.person_id = $1
	cross join lateral (select count(*) as addenda from note_addendum d where d.note_id = n.id) more
	where (n.shared is not null or n.author_id = $1)`

// selectShared is selectNote with the viewer's own notes as their readers have them.
var selectShared = strings.ReplaceAll(selectNote, ownOf, "false")

// ownOf is the condition by which an author sees more than the readers do.
const ownOf = "n.author_id = $1"

type noteRow struct {
	Note
	VersionID string `db:"version_id"`
	Sealed    []byte `db:"words"`
}

// rowsOf reads notes as a statement on their columns gives them, their words still
// sealed.
func rowsOf(ctx context.Context, tx *pg.Tx, viewer people.ID, query string, args ...any) ([]Note, error) {
	var found []noteRow
	if err := tx.Select(ctx, &found, query, append([]any{string(viewer)}, args...)...); err != nil {
		return nil, fmt.Errorf("list notes: %w", err)
	}
	notes := make([]Note, len(found))
	for i, row := range found {
		n := row.Note
		for _, t := range []*time.Time{&n.BookingAt, &n.SharedAt, &n.LockedAt, &n.MadeAt, &n.ChangedAt} {
			if *t = t.UTC(); t.Year() <= 1 {
				*t = time.Time{}
			}
		}
		n.versionID, n.sealed = row.VersionID, row.Sealed
		notes[i] = n
	}
	return notes, nil
}

// openAll opens the words of notes, with the keys of all their lanes read once.
func (s *Service) openAll(ctx context.Context, tx *pg.Tx, viewer people.ID, notes []Note) error {
	var ids []engagement.LaneID
	known := map[engagement.LaneID]bool{}
	for _, n := range notes {
		if !known[n.Lane] {
			known[n.Lane] = true
			ids = append(ids, n.Lane)
		}
	}
	lanes, err := s.Engagement.Read(ctx, tx, viewer, ids...)
	if err != nil {
		return err
	}
	for i := range notes {
		n := &notes[i]
		lane, has := lanes[n.Lane]
		if !has {
			n.Erased = true
			continue
		}
		if err := n.unseal(lane); err != nil {
			return err
		}
	}
	return nil
}

// find reads one note that the viewer may see, its words still sealed.
func find(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID) (Note, error) {
	return findBy(ctx, tx, selectNote, viewer, id)
}

func findBy(ctx context.Context, tx *pg.Tx, query string, viewer people.ID, id ID) (Note, error) {
	if !isID(string(id)) {
		return Note{}, engagement.ErrNothing
	}
	found, err := rowsOf(ctx, tx, viewer, query+` and n.id = $2`, string(id))
	if err != nil {
		return Note{}, err
	}
	if len(found) == 0 {
		return Note{}, engagement.ErrNothing
	}
	return found[0], nil
}

// Find gives a note that the viewer may see without its words. It opens nothing
// and records no look.
func (s *Service) Find(ctx context.Context, viewer people.ID, id ID) (n Note, err error) {
	err = s.DB.InTxAs(ctx, string(viewer), func(tx *pg.Tx) (err error) {
		n, err = find(ctx, tx, viewer, id)
		return err
	})
	return n, err
}

// Where says which notes are wanted. The zero value is all that the viewer may
// see.
type Where struct {
	Engagement engagement.ID
	Kinds      []engagement.LaneKind // none: all
	Booking    string
	Most       int  // 0: five hundred
	Before     ID   // only what stands below this one in the list; empty: from the latest on
	Shared     bool // the viewer's own too as their readers have them, and no drafts
}

// How many notes a list holds, and how many a search looks through.
const (
	mostNotes  = 500
	mostSought = 5000
)

// List gives the notes that a viewer may see, the latest first. That somebody
// looked at what another wrote is put on record, a line a lane.
func (s *Service) List(ctx context.Context, viewer people.ID, where Where) ([]Note, error) {
	notes, _, err := s.ListPart(ctx, viewer, where)
	return notes, err
}

// ListPart is List with the note below which the list goes on; empty where it
// ends.
func (s *Service) ListPart(ctx context.Context, viewer people.ID, where Where) (notes []Note, goesOn ID, err error) {
	err = s.DB.InTxAs(ctx, string(viewer), func(tx *pg.Tx) (err error) {
		notes, goesOn, err = s.list(ctx, tx, viewer, where, "notes listed")
		return err
	})
	return notes, goesOn, err
}

func (s *Service) list(ctx context.Context, tx *pg.Tx, viewer people.ID, where Where, act string) (notes []Note, goesOn ID, err error) {
	kinds := make([]string, len(where.Kinds))
	for i, k := range where.Kinds {
		kinds[i] = string(k)
	}
	if where.Most == 0 {
		where.Most = mostNotes
	}
	if where.Engagement != "" && !isID(string(where.Engagement)) || where.Booking != "" && !isID(where.Booking) {
		return nil, "", engagement.ErrNothing
	}
	below, query, at := time.Time{}, selectNote, standsAt
	if where.Shared {
		query, at = selectShared, strings.ReplaceAll(standsAt, ownOf, "false")
	}
	if where.Before != "" {
		above, err := findBy(ctx, tx, query, viewer, where.Before)
		if err != nil {
			return nil, "", err
		}
		if !where.holds(above) {
			return nil, "", engagement.ErrNothing
		}
		below = above.at()
	}
	notes, err = rowsOf(ctx, tx, viewer, query+`
		and ($2 = '' or l.engagement_id = cast(nullif($2, '') as uuid))
		and (cardinality(cast($3 as text[])) = 0 or l.kind = any ($3))
		and ($4 = '' or b.id = cast(nullif($4, '') as uuid))
		and ($6 = '' or `+at+` < $7 or `+at+` = $7 and n.id > cast(nullif($6, '') as uuid))
		order by `+at+` desc, n.id
		limit $5 + 1`, string(where.Engagement), pg.Array(kinds), where.Booking, where.Most, string(where.Before), below)
	if err != nil {
		return nil, "", err
	}
	if len(notes) > where.Most {
		notes = notes[:where.Most]
		goesOn = notes[where.Most-1].ID
	}
	if err := s.openAll(ctx, tx, viewer, notes); err != nil {
		return nil, "", err
	}
	return notes, goesOn, s.lookedAt(ctx, tx, viewer, notes, act)
}

// standsAt is by when a note stands in a list: when the call was that it is
// about, or else when it came to the viewer. Note.at gives the same.
const standsAt = `coalesce(b.starts_at, case when n.author_id = $1 then n.made_at else n.shared_at end)`

func (n Note) at() time.Time {
	if !n.BookingAt.IsZero() {
		return n.BookingAt
	}
	return n.MadeAt
}

// holds reports whether a note is among those that are wanted.
func (w Where) holds(n Note) bool {
	return (w.Engagement == "" || n.Engagement == w.Engagement) && (len(w.Kinds) == 0 || slices.Contains(w.Kinds, n.Kind)) &&
		(w.Booking == "" || n.Booking == w.Booking)
}

// lookedAt records a look at the lanes in which others wrote some of the notes.
func (s *Service) lookedAt(ctx context.Context, tx *pg.Tx, viewer people.ID, notes []Note, act string) error {
	done := map[engagement.LaneID]bool{}
	for _, n := range notes {
		if n.Author == viewer || done[n.Lane] {
			continue
		}
		done[n.Lane] = true
		lane, err := engagement.FindLane(ctx, tx, viewer, n.Lane)
		if err != nil {
			return err
		}
		if err := looked(ctx, tx, viewer, act, lane, nil, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// Waiting counts what a viewer has not read yet and still can, in lanes of some
// kinds. It opens nothing.
func (s *Service) Waiting(ctx context.Context, viewer people.ID, kinds ...engagement.LaneKind) (int, error) {
	texts := make([]string, len(kinds))
	for i, k := range kinds {
		texts[i] = string(k)
	}
	var n int
	err := s.DB.InTxAs(ctx, string(viewer), func(tx *pg.Tx) error {
		return tx.Get(ctx, &n, `select count(*) from (`+selectNote+`) n
			where n.new and n.kind = any ($2) and exists (select from lane_key k where k.lane_id = n.lane_id)`, string(viewer), pg.Array(texts))
	})
	if err != nil {
		return 0, fmt.Errorf("count notes: %w", err)
	}
	return n, nil
}

// Hit is a note in which something was found, with the words around it.
type Hit struct {
	Note
	Around string
}

// Search looks for words in the notes of one engagement, by opening those that
// the viewer may read. Nothing is indexed and nothing of it stays.
func (s *Service) Search(ctx context.Context, viewer people.ID, in engagement.ID, sought string) ([]Hit, error) {
	terms := strings.Fields(strings.ToLower(sought))
	if len(terms) == 0 || in == "" {
		return nil, nil
	}
	var hits []Hit
	err := s.DB.InTxAs(ctx, string(viewer), func(tx *pg.Tx) error {
		notes, _, err := s.list(ctx, tx, viewer, Where{Engagement: in, Most: mostSought}, "notes searched")
		if err != nil {
			return err
		}
		for _, n := range notes {
			if n.Broken {
				continue
			}
			if around, found := around(n.Words, terms); found {
				hits = append(hits, Hit{n, around})
			}
		}
		return nil
	})
	return hits, err
}
