package intake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
)

// Answered is one version of what somebody sent.
type Answered struct {
	Version    int
	Answers    questions.Answers
	SentAt     time.Time
	Policy     engagement.PolicyID // how secrets were kept when it was sent; may be empty
	Signatures []Signature
	Broken     bool // something of it does not open, and is left out
}

// again is what a change of these answers begins with: what was signed is signed
// anew, and a consent that was taken back is asked for again.
func (a Answered) again() questions.Answers {
	next := a.holds()
	for _, g := range a.Signatures {
		if g.Typed {
			delete(next, g.Key)
		}
	}
	return next
}

// holds are the answers without the consents that were taken back.
func (a Answered) holds() questions.Answers {
	next := questions.Answers{}
	for key, answer := range a.Answers {
		if !slices.ContainsFunc(a.Signatures, func(g Signature) bool { return g.Key == key && !g.Holds() }) {
			next[key] = answer
		}
	}
	return next
}

// Filled is a sheet with what was sent on it, in the words of the version of the
// form that was answered.
type Filled struct {
	Sheet
	Asks     practice.FormVersion
	Versions []Answered // the newest first; none before it was sent
	Lane     engagement.LaneInfo
}

// Read opens what was sent to somebody who may read it. A look at another's
// answers is put on record in the same transaction; at one's own it is none.
func (s *Service) Read(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID, now time.Time) (Filled, error) {
	sheet, err := Find(ctx, tx, viewer, id)
	if err != nil {
		return Filled{}, err
	}
	f := Filled{Sheet: sheet}
	if f.Asks, err = practice.FindFormVersion(ctx, tx, sheet.Form, sheet.Version); err != nil {
		return Filled{}, err
	}
	if f.Lane, err = engagement.FindLane(ctx, tx, viewer, sheet.Lane); err != nil {
		return Filled{}, err
	}
	if sheet.Erased || sheet.Sent == 0 {
		return f, nil
	}
	lane, err := s.key(ctx, tx, viewer, sheet.Lane)
	if err != nil {
		return Filled{}, err
	}
	if f.Versions, err = readSentAs(ctx, tx, lane, viewer, id); err != nil {
		return Filled{}, err
	}
	slices.Reverse(f.Versions)
	asked := func(g Signature) int {
		return slices.IndexFunc(f.Asks.Questions, func(q questions.Question) bool { return q.Key == g.Key })
	}
	for _, v := range f.Versions {
		slices.SortStableFunc(v.Signatures, func(a, b Signature) int { return asked(a) - asked(b) })
	}
	if viewer == sheet.Person {
		return f, nil
	}
	by := byCoach(viewer)
	if !slices.ContainsFunc(f.Lane.Readers, func(r engagement.Reader) bool { return r.Coach && r.Person == viewer }) {
		by = byClient(viewer)
		f.forTheOther()
	}
	return f, audit.Record(ctx, tx, audit.Entry{At: now, Actor: by, Act: "form answers read", About: sheet.about(),
		Detail: map[string]any{"item": string(id), "versions": len(f.Versions)}})
}

// forTheOther leaves of a sheet what the other client reads: what counted when both
// had answered, and what was sent since. What was changed before that was never
// theirs, nor is that it was; and under which address somebody signs is between
// them and the practice. So is a consent that was taken back before both had
// answered; and that one was taken back once the space is closed is nothing for
// whoever has left.
func (f *Filled) forTheOther() {
	last := len(f.Versions) - 1 // the oldest one that they read
	for i, v := range f.Versions {
		if !v.SentAt.After(f.SharedAt) {
			last = i
			break
		}
	}
	before := len(f.Versions) - 1 - last
	f.Versions, f.Sent = f.Versions[:last+1], f.Sent-before
	for i := range f.Versions {
		v := &f.Versions[i]
		v.Version -= before
		var read []Signature
		for _, g := range v.Signatures {
			g.Email = ""
			switch {
			case g.Holds():
			case !g.TakenBackAt.After(f.SharedAt):
				delete(v.Answers, g.Key)
				continue
			case !f.Lane.ClosedAt.IsZero() && !g.TakenBackAt.Before(f.Lane.ClosedAt):
				g.TakenBackAt = time.Time{}
			}
			read = append(read, g)
		}
		v.Signatures = read
	}
}

// readSent gives the versions of what somebody sent themselves, the oldest first.
func readSent(ctx context.Context, q pg.Conn, lane engagement.Lane, sheet Sheet) ([]Answered, error) {
	return readSentAs(ctx, q, lane, sheet.Person, sheet.ID)
}

func readSentAs(ctx context.Context, q pg.Conn, lane engagement.Lane, viewer people.ID, id ID) ([]Answered, error) {
	var rows []struct {
		ID      string              `db:"id"`
		Version int                 `db:"version"`
		Answers []byte              `db:"answers"`
		SentAt  time.Time           `db:"sent_at"`
		Policy  engagement.PolicyID `db:"policy_id"`
	}
	if err := q.Select(ctx, &rows, `
		select a.id, a.version, a.answers, a.sent_at, coalesce(a.policy_id::text, '') as policy_id
		from sheet_answer a
		join lane_reader r on r.lane_id = a.lane_id and r.person_id = $2
		where a.sheet_id = $1
		order by a.version`, id, viewer); err != nil {
		return nil, fmt.Errorf("list answers: %w", err)
	}
	signatures, lost, err := readSignatures(ctx, q, lane, viewer, id)
	if err != nil {
		return nil, err
	}
	all := make([]Answered, 0, len(rows))
	for _, row := range rows {
		answers, err := openAnswers(lane, row.Answers, "sheet_answer", row.ID)
		broken := engagement.Unopened(err)
		if err != nil && !broken {
			return nil, err
		}
		all = append(all, Answered{Version: row.Version, Answers: answers, SentAt: row.SentAt.UTC(), Policy: row.Policy,
			Signatures: signatures[row.ID], Broken: broken || lost[row.ID]})
	}
	return all, nil
}

// Change is a question that is answered otherwise in one version than in the one
// before.
type Change struct {
	Question    questions.Question
	Before, Now string // in words; empty where it was left open or not asked
}

// Changes lists what one version says otherwise than another, in the order of
// the form.
func Changes(d questions.Definition, before, now questions.Answers) []Change {
	var list []Change
	for _, q := range d.Questions {
		if q.Asks() && !slices.Equal(before[q.Key], now[q.Key]) {
			list = append(list, Change{q, q.Said(before[q.Key]), q.Said(now[q.Key])})
		}
	}
	return list
}
