package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// Onward is where a sheet can be passed on to: the same space, in the work of
// the coach who has taken over.
type Onward struct {
	Lane   engagement.LaneInfo
	Who    string    // who will be able to read it there
	Done   ID        // the sheet there, once it was passed on
	DoneAt time.Time // when
	shared bool      // the other client reads it there, as they do here
}

// Coach is the name of who has taken over.
func (o Onward) Coach() string {
	for _, r := range o.Lane.Readers {
		if r.Coach {
			return r.Name
		}
	}
	return ""
}

// ErrNotOnward tells that a sheet cannot be passed on there, or not now.
var ErrNotOnward = fault.New(fault.Conflict, "This cannot be passed on now. Look at the form once more, please: it says who would read it.")

// Onwards lists where the viewer can pass on a sheet of their own that they have
// sent, and where they have. A space that is not open yet is not among them.
func Onwards(ctx context.Context, q pg.Conn, viewer people.ID, id ID) ([]Onward, error) {
	sheet, err := findOwn(ctx, q, viewer, id)
	if err != nil || sheet.State != Submitted || sheet.Erased {
		return nil, err
	}
	var works []engagement.ID
	if err := q.Select(ctx, &works, `
		select e.id
		from engagement e
		join participant m on m.engagement_id = e.id and m.person_id = $2 and m.state = 'accepted'
		where e.follows_id = $1
		order by e.made_at, e.id`, string(sheet.Engagement), string(viewer)); err != nil {
		return nil, fmt.Errorf("find coach after: %w", err)
	}
	if len(works) == 0 {
		return nil, nil
	}
	here, err := engagement.FindLane(ctx, q, viewer, sheet.Lane)
	if err != nil {
		return nil, err
	}
	var done []struct {
		ID   ID                `db:"id"`
		Lane engagement.LaneID `db:"lane_id"`
		At   time.Time         `db:"passed_at"`
	}
	if err := q.Select(ctx, &done, `
		select s.id, s.lane_id, s.passed_at from sheet s where s.passed_from = $1 and s.person_id = $2 order by s.id`, string(id), string(viewer)); err != nil {
		return nil, fmt.Errorf("find what was passed on: %w", err)
	}
	var list []Onward
	for _, work := range works {
		lanes, err := engagement.Lanes(ctx, q, viewer, work)
		if err != nil {
			return nil, err
		}
		for _, l := range lanes {
			if l.Kind != sheet.Kind {
				continue
			}
			o := Onward{Lane: l, shared: !sheet.SharedAt.IsZero() && knew(here, l)}
			there := sheet
			if there.Round = ""; !o.shared {
				there.SharedAt = time.Time{}
			}
			o.Who = there.ReadBy(l, viewer)
			for _, d := range done {
				if d.Lane == l.ID {
					o.Done, o.DoneAt = d.ID, d.At.UTC()
				}
			}
			if o.Done != "" || l.Writable() {
				list = append(list, o)
			}
		}
	}
	return list, nil
}

// knew reports whether each client who reads there reads here too.
func knew(here, there engagement.LaneInfo) bool {
	for _, r := range there.Readers {
		if !r.Coach && !slices.ContainsFunc(here.Readers, func(o engagement.Reader) bool { return o.Person == r.Person }) {
			return false
		}
	}
	return true
}

// PassOn writes a sheet that its client has sent once more into a space of the
// work with the coach who has taken over: every version, with what was signed,
// as it stood and when. What stays behind stays as it was. It is passed on by
// the one who answered it, and once: a second call gives the same sheet. Of a
// sheet in the joint lane it takes their own answers alone, and the other client
// reads there what they read here.
//
// Errors: ErrNothing, ErrNotOnward; of Unopened where something does not open.
func (s *Service) PassOn(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID, to engagement.LaneID, key once.Key, now time.Time) (ID, error) {
	sheet, err := takeOwn(ctx, tx, viewer, id)
	if err != nil {
		return "", err
	}
	all, err := Onwards(ctx, tx, viewer, id)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(o Onward) bool { return o.Lane.ID == to })
	if i < 0 {
		return "", ErrNotOnward
	}
	if all[i].Done != "" {
		return all[i].Done, nil
	}
	from, err := s.key(ctx, tx, viewer, sheet.Lane)
	if err != nil {
		return "", err
	}
	lane, _, err := s.Engagement.Write(ctx, tx, viewer, to)
	if err != nil {
		return "", err
	}
	versions, err := readSent(ctx, tx, from, sheet)
	if err != nil {
		return "", err
	}
	passed := ID(uuid.NewString())
	if _, err := tx.Exec(ctx, `
		insert into sheet (id, lane_id, person_id, form_id, form_version, sent_by, occasion, sent_at, state, state_at, shared_at, passed_from, passed_at)
		select $1, $2, s.person_id, s.form_id, s.form_version, s.sent_by, s.occasion, s.sent_at, s.state, s.state_at,
			case when cast($3 as boolean) then s.shared_at end, s.id, $4
		from sheet s
		where s.id = $5 and s.person_id = $6`, passed, to, all[i].shared, now.UTC(), id, viewer); err != nil {
		return "", fmt.Errorf("pass on: %w", err)
	}
	for _, v := range versions {
		if err := passVersion(ctx, tx, lane, passed, viewer, v); err != nil {
			return "", err
		}
	}
	copied, err := findOwn(ctx, tx, viewer, passed)
	if err != nil {
		return "", err
	}
	if err := s.postAnswered(ctx, tx, copied, now); err != nil {
		return "", err
	}
	if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: byClient(viewer), Act: "form answers passed on", About: copied.about(),
		Detail: map[string]any{"item": string(passed), "versions": len(versions)}}); err != nil {
		return "", err
	}
	return passed, once.Settle(ctx, tx, key, passed, now)
}

// passVersion writes one version down in another lane, with what it signs.
func passVersion(ctx context.Context, tx *pg.Tx, lane engagement.Lane, passed ID, viewer people.ID, v Answered) error {
	if v.Broken {
		return fault.New(fault.Conflict, engagement.BrokenSay)
	}
	answer := uuid.NewString()
	sealed, err := sealAnswers(lane, v.Answers, "sheet_answer", answer)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into sheet_answer (id, sheet_id, lane_id, person_id, version, answers, policy_id, sent_at)
		values ($1, $2, $3, $4, $5, $6, nullif($7, '')::uuid, $8)`,
		answer, passed, lane.ID, viewer, v.Version, sealed, string(v.Policy), v.SentAt); err != nil {
		return fmt.Errorf("pass on answers: %w", err)
	}
	for _, g := range v.Signatures {
		plain, err := json.Marshal(signed{Key: g.Key, Label: g.Label, Text: g.Text, Name: g.Name, Email: g.Email, Form: g.Form, Typed: g.Typed})
		if err != nil {
			return fmt.Errorf("pass on signature: %w", err)
		}
		id := uuid.NewString()
		body, err := lane.Seal(plain, "sheet_signature", "body", id)
		if err != nil {
			return err
		}
		var ended *time.Time
		if !g.Holds() {
			ended = &g.TakenBackAt
		}
		if _, err := tx.Exec(ctx, `
			insert into sheet_signature (id, answer_id, sheet_id, lane_id, person_id, body, text_hash, signed_at, taken_back_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			id, answer, passed, lane.ID, viewer, body, g.Hash, g.SignedAt, ended); err != nil {
			return fmt.Errorf("pass on signature: %w", err)
		}
	}
	return nil
}
