package note

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// Begin starts a draft in a lane that its author may write in. Booking names
// the call that it is about; it may be empty. The same key begins it once.
//
// Errors: engagement.ErrNothing, ErrLaneClosed, ErrLaneWaits; Invalid.
func (s *Service) Begin(ctx context.Context, author people.ID, lane engagement.LaneID, booking string, w Words, key once.Key) (ID, error) {
	w, err := clean(w)
	if err != nil {
		return "", err
	}
	var id ID
	if found, err := once.Find(ctx, s.DB, key, &id); found || err != nil {
		return id, err
	}
	id = ID(uuid.NewString())
	err = s.DB.InTxAs(ctx, string(author), func(tx *pg.Tx) error {
		if err := s.begin(ctx, tx, author, lane, booking, id, w); err != nil {
			return err
		}
		return once.Settle(ctx, tx, key, id, s.Now())
	})
	if once.IsRepeat(err) {
		_, err = once.Find(ctx, s.DB, key, &id)
		return id, err
	}
	if err != nil {
		return "", fmt.Errorf("begin note: %w", err)
	}
	return id, nil
}

func (s *Service) begin(ctx context.Context, tx *pg.Tx, author people.ID, id engagement.LaneID, booking string, note ID, w Words) error {
	now := s.Now()
	lane, info, err := s.Engagement.Write(ctx, tx, author, id)
	if err != nil {
		return err
	}
	if booking != "" {
		may, err := MayBeAbout(ctx, tx, info, booking)
		if err != nil {
			return err
		}
		if !may {
			return engagement.ErrNothing
		}
	}
	policy, err := policyOf(ctx, tx, info.Engagement)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into note (id, lane_id, author_id, booking_id, policy_id, version, made_at, changed_at)
		values ($1, $2, $3, nullif($4, '')::uuid, nullif($5, '')::uuid, 1, $6, $6)`,
		string(note), string(id), string(author), booking, string(policy), now.UTC())
	if err != nil {
		return fmt.Errorf("begin note: %w", err)
	}
	if err := keep(ctx, tx, lane, note, 1, false, w, now); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: actorIn(info, author), Act: "note begun", About: string(info.ID), Detail: map[string]ID{"item": note}})
}

// MayBeAbout reports whether a note in a lane may be about a call: each of the
// lane's readers knows of the call already, since a note about it tells them that
// it was, and when. It is a call of the engagement's coach with somebody in it,
// and each client who reads the lane has a seat in it.
func MayBeAbout(ctx context.Context, q pg.Conn, in engagement.LaneInfo, booking string) (bool, error) {
	if !isID(booking) {
		return false, nil
	}
	var may bool
	if err := q.Get(ctx, &may, `
		select exists (
			select from booking b
			join engagement e on e.id = nullif($2, '')::uuid and e.coach_id = b.coach_id
			left join booking_guest g on g.booking_id = b.id
			where b.id = $1 and (b.engagement_id is null or b.engagement_id = e.id)
			  and exists (
				select from participant m
				where m.engagement_id = e.id and m.state in ('accepted', 'left') and m.person_id in (b.person_id, g.person_id))
			  and not exists (
				select from lane_reader r
				join lane_member m on m.lane_id = r.lane_id and m.person_id = r.person_id and m.part = 'client'
				where r.lane_id = $3
				  and (not coalesce(r.person_id in (b.person_id, g.person_id), false)
				       or booking_gone(r.person_id, b.engagement_id, b.known_lane_id, b.ends_at))))`,
		booking, string(in.Engagement), string(in.ID)); err != nil {
		return false, fmt.Errorf("look for the call of a note: %w", err)
	}
	return may, nil
}

// policyOf is the policy in force in an engagement, or nothing.
func policyOf(ctx context.Context, tx *pg.Tx, in engagement.ID) (engagement.PolicyID, error) {
	if in == "" {
		return "", nil
	}
	versions, err := engagement.Policies(ctx, tx, in)
	if err != nil {
		return "", err
	}
	held, _ := engagement.InForce(versions)
	return held.ID, nil
}

// keep adds one state of a note.
func keep(ctx context.Context, tx *pg.Tx, lane engagement.Lane, note ID, version int, aside bool, w Words, now time.Time) error {
	row := uuid.NewString()
	sealed, err := seal(lane, w, row)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into note_version (id, note_id, lane_id, version, aside, words, saved_at)
		values ($1, $2, $3, $4, $5, $6, $7)`, row, string(note), string(lane.ID), version, aside, sealed, now.UTC()); err != nil {
		return fmt.Errorf("keep note: %w", err)
	}
	return nil
}

// Saved is what came of saving.
type Saved struct {
	// Version is what its writer has before them now. Who saved beside another
	// state stays where they were until they have looked at both.
	Version int
	At      time.Time
	// Theirs is what another tab or device saved meanwhile, when this was saved
	// beside it; both are kept.
	Theirs *Words
}

// Save keeps what the author typed. Seen is the version that they had before
// them. When another one was saved meanwhile nothing is lost: what was typed is
// kept beside it, and both come back to be put together.
func (s *Service) Save(ctx context.Context, author people.ID, id ID, seen int, w Words) (Saved, error) {
	w, err := clean(w)
	if err != nil {
		return Saved{}, err
	}
	var saved Saved
	err = s.DB.InTxAs(ctx, string(author), func(tx *pg.Tx) error {
		n, lane, _, err := s.take(ctx, tx, author, id)
		if err != nil {
			return err
		}
		now := s.Now()
		switch {
		case n.Words == w:
			saved = Saved{Version: n.Version, At: n.ChangedAt}
			return nil
		case seen == n.Version:
			saved, err = s.save(ctx, tx, n, lane, w, now)
		default:
			saved, err = s.saveBeside(ctx, tx, n, lane, seen, w, now)
		}
		return err
	})
	if err != nil {
		return Saved{}, fmt.Errorf("save note: %w", err)
	}
	return saved, nil
}

// save adds a state and makes it the one that stands. Every state stays, however
// often a page saves by itself.
func (s *Service) save(ctx context.Context, tx *pg.Tx, n Note, lane engagement.Lane, w Words, now time.Time) (Saved, error) {
	version, err := nextState(ctx, tx, n.ID)
	if err != nil {
		return Saved{}, err
	}
	if err := keep(ctx, tx, lane, n.ID, version, false, w, now); err != nil {
		return Saved{}, err
	}
	if _, err := tx.Exec(ctx, `update note set version = $2, changed_at = $3 where id = $1`, string(n.ID), version, now.UTC()); err != nil {
		return Saved{}, fmt.Errorf("save note: %w", err)
	}
	return Saved{Version: version, At: now}, nil
}

// saveBeside keeps what a page says that fell behind, and leaves the state that
// stands standing, so that whoever goes on writing there is not disturbed. A page
// on which nothing was typed since it was opened has nothing to keep.
func (s *Service) saveBeside(ctx context.Context, tx *pg.Tx, n Note, lane engagement.Lane, seen int, w Words, now time.Time) (Saved, error) {
	states, err := statesOf(ctx, tx, lane, ` and (v.version = $5 or v.aside and v.settled_at is null)`, n.ID, n.Author, true, seen)
	if err != nil {
		return Saved{}, err
	}
	theirs := n.Words
	saved := Saved{Version: seen, At: now, Theirs: &theirs}
	var held []int // what this says too, because its page went on saving
	for _, v := range states {
		switch {
		case v.Words == w && v.Aside:
			return saved, nil
		case v.Words == w:
			return Saved{Version: seen, At: n.ChangedAt}, nil
		case v.Aside && v.Words.Title == w.Title && strings.HasPrefix(w.Body, v.Words.Body):
			held = append(held, v.Number)
		}
	}
	version, err := nextState(ctx, tx, n.ID)
	if err != nil {
		return Saved{}, err
	}
	if err := keep(ctx, tx, lane, n.ID, version, true, w, now); err != nil {
		return Saved{}, err
	}
	for _, number := range held {
		if err := settle(ctx, tx, n.ID, ` and version = $3`, now, number); err != nil {
			return Saved{}, err
		}
	}
	return saved, nil
}

func nextState(ctx context.Context, tx *pg.Tx, id ID) (version int, err error) {
	if err := tx.Get(ctx, &version, `select max(version) + 1 from note_version where note_id = $1`, string(id)); err != nil {
		return 0, fmt.Errorf("save note: %w", err)
	}
	return version, nil
}

// settle takes what was saved beside out of sight. It stays among the versions.
func settle(ctx context.Context, tx *pg.Tx, id ID, which string, now time.Time, args ...any) error {
	if _, err := tx.Exec(ctx, `
		update note_version set settled_at = $2 where note_id = $1 and aside and settled_at is null`+which, append([]any{string(id), now.UTC()}, args...)...); err != nil {
		return fmt.Errorf("settle note: %w", err)
	}
	return nil
}

// take holds an own note that can be changed until the transaction ends.
func (s *Service) take(ctx context.Context, tx *pg.Tx, author people.ID, id ID) (Note, engagement.Lane, engagement.LaneInfo, error) {
	fail := func(err error) (Note, engagement.Lane, engagement.LaneInfo, error) {
		return Note{}, engagement.Lane{}, engagement.LaneInfo{}, err
	}
	if !isID(string(id)) {
		return fail(engagement.ErrNothing)
	}
	if err := tx.Lock(ctx, "note "+string(id)); err != nil {
		return fail(err)
	}
	n, err := find(ctx, tx, author, id)
	if err != nil {
		return fail(err)
	}
	if n.Author != author {
		return fail(errNotYours)
	}
	if n.State() == Locked {
		return fail(ErrLocked)
	}
	lane, info, err := s.Engagement.Write(ctx, tx, author, n.Lane)
	if err != nil {
		return fail(err)
	}
	if n.Words, err = open(lane, n.sealed, n.versionID); engagement.Unopened(err) {
		return fail(errBroken)
	}
	if err != nil {
		return fail(err)
	}
	return n, lane, info, nil
}

// Discard throws a draft away that nobody else has ever seen.
func (s *Service) Discard(ctx context.Context, author people.ID, id ID) error {
	err := s.DB.InTxAs(ctx, string(author), func(tx *pg.Tx) error {
		if !isID(string(id)) {
			return engagement.ErrNothing
		}
		if err := tx.Lock(ctx, "note "+string(id)); err != nil {
			return err
		}
		n, err := find(ctx, tx, author, id)
		if err != nil {
			return err
		}
		if n.Author != author {
			return errNotYours
		}
		if n.State() != Draft && n.Kind != engagement.PersonalLane {
			return fault.New(fault.Conflict, "What was shared stays. Correct it, or add to it.")
		}
		if n.State() == Locked {
			return ErrLocked
		}
		info, err := engagement.FindLane(ctx, tx, author, n.Lane)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from note where id = $1`, string(id)); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{At: s.Now(), Actor: actorIn(info, author), Act: "note discarded", About: string(info.ID), Detail: map[string]ID{"item": id}})
	})
	if err != nil {
		return fmt.Errorf("discard note: %w", err)
	}
	return nil
}
