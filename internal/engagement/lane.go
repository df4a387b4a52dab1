package engagement

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// LaneKind says for whom a lane is.
type LaneKind string

// The kinds of lanes that things are written in.
const (
	CoachLane      LaneKind = "coach"      // the coach alone
	IndividualLane LaneKind = "individual" // one client and the coach
	SafetyLane     LaneKind = "safety"     // one client and the coach, open before anything is signed
	JointLane      LaneKind = "joint"      // the clients and the coach
	PersonalLane   LaneKind = "personal"   // one client alone; of no engagement
)

// LaneInfo is a lane as one of its readers sees it.
type LaneInfo struct {
	ID         LaneID    `db:"id"`
	Kind       LaneKind  `db:"kind"`
	Engagement ID        `db:"engagement_id"` // empty for a personal lane
	Of         people.ID `db:"person_id"`     // the client; empty for joint and coach lanes
	MadeAt     time.Time `db:"made_at"`
	OpenedAt   time.Time `db:"opened_at"` // zero while it waits for signatures
	ClosedAt   time.Time `db:"closed_at"` // zero while something can be added
	Readers    []Reader  `db:"-"`         // the viewer among them
	Past       []Reader  `db:"-"`         // who could read it before, and cannot any more
}

// Reader is somebody who may read a lane.
type Reader struct {
	Lane   LaneID    `db:"lane_id"`
	Person people.ID `db:"person_id"`
	Name   string    `db:"name"`
	Coach  bool      `db:"coach"`
	Since  time.Time `db:"since"`
	Until  time.Time `db:"until"` // zero while they can read
	Reads  bool      `db:"reads"` // not while a coach is suspended, either
}

// Waits reports whether the lane is not open yet, because somebody has not
// signed how secrets are kept.
func (l LaneInfo) Waits() bool { return l.Kind == IndividualLane && l.OpenedAt.IsZero() }

// Writable reports whether something can be added.
func (l LaneInfo) Writable() bool { return l.ClosedAt.IsZero() && !l.Waits() }

// Private reports whether the lane is one that a partner must not see, so that a
// client gives a second proof before it opens. The one about safety is open
// without, for the first hours, as long as they have none.
func (l LaneInfo) Private() bool { return l.Kind == IndividualLane || l.Kind == PersonalLane }

// Tag is the lane in the fewest words, as the viewer would say them.
func (l LaneInfo) Tag(viewer people.ID) string {
	coach := l.isCoach(viewer)
	switch l.Kind {
	case PersonalLane:
		return "only me"
	case CoachLane:
		return "coach only"
	case JointLane:
		if coach {
			return "both of them and me"
		}
		return "both of us and our coach"
	}
	if !coach {
		return "me and my coach"
	}
	// A coach has two such spaces and says something else in each.
	for _, r := range l.Readers {
		switch {
		case r.Person != l.Of:
		case l.Kind == SafetyLane:
			return r.Name + " and me, about safety"
		default:
			return r.Name + " and me"
		}
	}
	return "one of them and me"
}

// Who says in one sentence who will be able to read what is written.
func (l LaneInfo) Who(viewer people.ID) string {
	var names []string
	for _, r := range l.Readers {
		switch {
		case r.Person == viewer:
		case r.Coach:
			names = append(names, r.Name+" (your coach)")
		default:
			names = append(names, r.Name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "Only you can read this."
	}
	all := append([]string{"you"}, names...)
	said := strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
	return "This can be read by " + said + ", and by nobody else."
}

func (l LaneInfo) isCoach(viewer people.ID) bool {
	return slices.ContainsFunc(l.Readers, func(r Reader) bool { return r.Coach && r.Person == viewer })
}

// Lanes lists the lanes that a viewer may read: of one engagement, or of all and
// their personal one when none is named. They come in one order by what they are
// for; in the order in which they were made it would show which of two clients has
// answered first. It takes two statements.
func Lanes(ctx context.Context, q pg.Conn, viewer people.ID, in ID) ([]LaneInfo, error) {
	if in != "" && !isID(string(in)) {
		return nil, ErrNothing
	}
	return lanes(ctx, q, viewer, ` and ($2 = '' or l.engagement_id = cast(nullif($2, '') as uuid))`, string(in))
}

// FindLane gives a lane that the viewer may read.
func FindLane(ctx context.Context, q pg.Conn, viewer people.ID, id LaneID) (LaneInfo, error) {
	if !isID(string(id)) {
		return LaneInfo{}, ErrNothing
	}
	found, err := lanes(ctx, q, viewer, ` and l.id = $2`, string(id))
	if err != nil {
		return LaneInfo{}, err
	}
	if len(found) == 0 {
		return LaneInfo{}, ErrNothing
	}
	return found[0], nil
}

func lanes(ctx context.Context, q pg.Conn, viewer people.ID, where string, args ...any) ([]LaneInfo, error) {
	var found []LaneInfo
	if err := q.Select(ctx, &found, `
		select l.id, l.kind, coalesce(l.engagement_id::text, '') as engagement_id, coalesce(l.person_id::text, '') as person_id, l.made_at,
			coalesce(l.opened_at, timestamptz '0001-01-01 00:00:00+00') as opened_at,
			coalesce(l.closed_at, timestamptz '0001-01-01 00:00:00+00') as closed_at
		from lane_reader r
		join lane l on l.id = r.lane_id
		where r.person_id = $1`+where+`
		order by array_position(array['coach', 'individual', 'safety', 'joint'], l.kind), l.made_at, l.id`, append([]any{string(viewer)}, args...)...); err != nil {
		return nil, fmt.Errorf("list lanes: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	ids, at := make([]string, len(found)), map[LaneID]int{}
	for i := range found {
		l := &found[i]
		for _, t := range []*time.Time{&l.MadeAt, &l.OpenedAt, &l.ClosedAt} {
			if *t = t.UTC(); t.Year() <= 1 {
				*t = time.Time{}
			}
		}
		ids[i], at[l.ID] = string(l.ID), i
	}
	var readers []Reader
	if err := q.Select(ctx, &readers, `
		select m.lane_id, m.person_id, p.name, m.part = 'coach' as coach, m.since,
			coalesce(m.until, timestamptz '0001-01-01 00:00:00+00') as until, r.person_id is not null as reads
		from lane_member m
		left join lane_reader r on r.lane_id = m.lane_id and r.person_id = m.person_id
		join person p on p.id = m.person_id
		where m.lane_id = any ($1)
		order by m.lane_id, p.name, m.person_id`, pg.Array(ids)); err != nil {
		return nil, fmt.Errorf("list readers: %w", err)
	}
	for _, r := range readers {
		l := &found[at[r.Lane]]
		r.Since, r.Until = r.Since.UTC(), r.Until.UTC()
		switch {
		case r.Reads:
			r.Until = time.Time{}
			l.Readers = append(l.Readers, r)
		case r.Until.Year() > 1:
			l.Past = append(l.Past, r)
		}
	}
	return found, nil
}

// The refusals to add to a lane that takes nothing now.
var (
	ErrLaneClosed = fault.New(fault.Conflict, "Nothing can be added here any more. What was written stays readable.")
	ErrLaneWaits  = fault.New(fault.Conflict, "This opens once everybody has signed how secrets are kept.")
)

// Read gives the keys of lanes to a viewer who may read them, in one statement;
// a lane that is not theirs is left out.
func (s *Service) Read(ctx context.Context, q pg.Conn, viewer people.ID, ids ...LaneID) (map[LaneID]Lane, error) {
	texts := make([]string, 0, len(ids))
	for _, id := range ids {
		if isID(string(id)) {
			texts = append(texts, string(id))
		}
	}
	var rows []struct {
		ID      LaneID `db:"lane_id"`
		Wrapped []byte `db:"wrapped"`
	}
	if err := q.Select(ctx, &rows, `
		select k.lane_id, k.wrapped
		from lane_reader r
		join lane_key k on k.lane_id = r.lane_id
		where r.person_id = $1 and r.lane_id = any ($2)`, viewer, pg.Array(texts)); err != nil {
		return nil, fmt.Errorf("read lanes: %w", err)
	}
	open := make(map[LaneID]Lane, len(rows))
	for _, row := range rows {
		lane, err := LaneOf(s.Keys, row.ID, row.Wrapped)
		if err != nil {
			return nil, fmt.Errorf("read lanes: %w", err)
		}
		open[row.ID] = lane
	}
	return open, nil
}

// Write gives a lane to one of its readers for adding to it, and keeps its key
// and its state as they are until the transaction ends.
//
// Errors: ErrNothing, ErrLaneClosed, ErrLaneWaits.
func (s *Service) Write(ctx context.Context, tx *pg.Tx, viewer people.ID, id LaneID) (Lane, LaneInfo, error) {
	info, err := FindLane(ctx, tx, viewer, id)
	if err != nil {
		return Lane{}, LaneInfo{}, err
	}
	var row struct {
		Wrapped []byte `db:"wrapped"`
		Closed  bool   `db:"closed"`
	}
	err = tx.Get(ctx, &row, `
		select k.wrapped, l.closed_at is not null as closed
		from lane l
		join lane_key k on k.lane_id = l.id
		where l.id = $1
		for share of l, k`, string(id))
	switch {
	case pg.NoRows(err):
		return Lane{}, LaneInfo{}, ErrNothing // it was erased
	case err != nil:
		return Lane{}, LaneInfo{}, fmt.Errorf("write in lane: %w", err)
	case row.Closed:
		return Lane{}, info, ErrLaneClosed
	case info.Waits():
		return Lane{}, info, ErrLaneWaits
	}
	key, err := s.Keys.DataKey(row.Wrapped, string(id))
	if Unopened(err) {
		return Lane{}, info, errBroken
	}
	if err != nil {
		return Lane{}, LaneInfo{}, fmt.Errorf("write in lane: %w", err)
	}
	return Lane{ID: id, key: key}, info, nil
}

// Personal gives the lane that a client has for themselves, and makes it the
// first time.
func (s *Service) Personal(ctx context.Context, tx *pg.Tx, person people.ID, now time.Time) (LaneID, error) {
	if err := tx.Lock(ctx, "personal lane "+string(person)); err != nil {
		return "", err
	}
	var id LaneID
	err := tx.Get(ctx, &id, `select id from lane where person_id = $1 and kind = 'personal'`, person)
	if !pg.NoRows(err) {
		return id, err
	}
	return s.addLane(ctx, tx, newLane{kind: PersonalLane, of: person, clients: []people.ID{person}}, now)
}

// newLane is a lane to be made, with its readers.
type newLane struct {
	kind       LaneKind
	engagement ID
	of         people.ID
	coach      people.ID // a reader, where there is one
	clients    []people.ID
}

func (s *Service) makeLane(ctx context.Context, tx *pg.Tx, n newLane, now time.Time) error {
	_, err := s.addLane(ctx, tx, n, now)
	return err
}

// addLane makes a lane, its key and its readers, in this transaction: the
// database lets nobody be added later.
func (s *Service) addLane(ctx context.Context, tx *pg.Tx, n newLane, now time.Time) (LaneID, error) {
	id := LaneID(uuid.NewString())
	_, wrapped, err := s.Keys.NewDataKey(string(id))
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `
		insert into lane (id, kind, person_id, engagement_id, made_at)
		values ($1, $2, nullif($3, '')::uuid, nullif($4, '')::uuid, $5)`, id, n.kind, string(n.of), string(n.engagement), now.UTC()); err != nil {
		return "", fmt.Errorf("make %s lane: %w", n.kind, err)
	}
	if _, err := tx.Exec(ctx, `insert into lane_key (lane_id, wrapped) values ($1, $2)`, id, wrapped); err != nil {
		return "", fmt.Errorf("make %s lane: %w", n.kind, err)
	}
	if _, err := tx.Exec(ctx, `
		insert into lane_member (lane_id, person_id, part, since)
		select cast($1 as uuid), nullif($2, '')::uuid, 'coach', cast($4 as timestamptz) where $2 <> ''
		union all
		select cast($1 as uuid), c, 'client', cast($4 as timestamptz) from unnest(cast($3 as uuid[])) as named (c)`, id, string(n.coach), people.IDs(n.clients), now.UTC()); err != nil {
		return "", fmt.Errorf("name readers of %s lane: %w", n.kind, err)
	}
	return id, nil
}

func closeLanes(ctx context.Context, tx *pg.Tx, now time.Time, where string, args ...any) error {
	if _, err := tx.Exec(ctx, `update lane set closed_at = $1 where closed_at is null`+where, append([]any{now.UTC()}, args...)...); err != nil {
		return fmt.Errorf("close lanes: %w", err)
	}
	return nil
}
