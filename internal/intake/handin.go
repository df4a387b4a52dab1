package intake

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"

	"github.com/google/uuid"
)

// handing is a draft on its way to become a version of what was sent.
type handing struct {
	sheet   Sheet
	asks    practice.FormVersion
	answers questions.Answers
	last    Answered // what was sent before; without a version where nothing was
}

// HandIn sends what stands in the draft, as the page saw it. From now on those
// can read it who were named there; the draft is gone. What is the same as was
// sent last is no new version. It answers the version that counts now.
//
// Errors: those of Save; ErrElsewhere; Invalid with the questions' inputs as
// fields.
func (s *Service) HandIn(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID, seen Seen, key once.Key, now time.Time) (int, error) {
	sheet, lane, err := s.takeToWrite(ctx, tx, viewer, id)
	if err != nil {
		return 0, err
	}
	w, err := s.finish(ctx, tx, lane, sheet, seen)
	if err != nil {
		return 0, err
	}
	version := w.last.Version
	if version == 0 || !same(w.answers, w.last.holds()) {
		version++
		if err := s.keep(ctx, tx, lane, w, version, now); err != nil {
			return 0, err
		}
	}
	if _, err := tx.Exec(ctx, `delete from sheet_draft where sheet_id = $1 and person_id = $2`, id, viewer); err != nil {
		return 0, fmt.Errorf("send answers: %w", err)
	}
	return version, once.Settle(ctx, tx, key, version, now)
}

// finish reads the draft as answers that can be sent.
func (s *Service) finish(ctx context.Context, tx *pg.Tx, lane engagement.Lane, sheet Sheet, seen Seen) (handing, error) {
	w := handing{sheet: sheet}
	if seen.Sent != sheet.Sent {
		return w, ErrSent
	}
	draft, err := readDraft(ctx, tx, lane, sheet)
	if err != nil {
		return w, err
	}
	if draft.Version != seen.Draft {
		return w, ErrElsewhere
	}
	if w.asks, err = practice.FindFormVersion(ctx, tx, sheet.Form, sheet.Version); err != nil {
		return w, err
	}
	var problems []fault.Field
	if w.answers, problems = questions.Finish(w.asks.Definition, draft.Answers); len(problems) > 0 {
		return w, &fault.Error{Kind: fault.Invalid, Say: "Some answers are missing or cannot be used yet.", Fields: problems}
	}
	if sheet.Sent > 0 {
		sent, err := readSent(ctx, tx, lane, sheet)
		if err != nil {
			return w, err
		}
		w.last = sent[len(sent)-1]
	}
	return w, nil
}

// keep writes a version down, with what it signs, and does what follows.
func (s *Service) keep(ctx context.Context, tx *pg.Tx, lane engagement.Lane, w handing, version int, now time.Time) error {
	policy, err := inForce(ctx, tx, w.sheet.Engagement)
	if err != nil {
		return err
	}
	answer := uuid.NewString()
	sealed, err := sealAnswers(lane, w.answers, "sheet_answer", answer)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into sheet_answer (id, sheet_id, lane_id, person_id, version, answers, policy_id, sent_at)
		values ($1, $2, $3, $4, $5, $6, nullif($7, '')::uuid, $8)`,
		answer, w.sheet.ID, w.sheet.Lane, w.sheet.Person, version, sealed, string(policy.ID), now.UTC()); err != nil {
		return fmt.Errorf("send answers: %w", err)
	}
	if err := s.endConsents(ctx, tx, lane, w, now); err != nil {
		return err
	}
	if err := s.keepSignatures(ctx, tx, lane, w, answer, now); err != nil {
		return err
	}
	sheet, err := s.share(ctx, tx, w.sheet, now)
	if err != nil {
		return err
	}
	if err := s.postAnswered(ctx, tx, sheet, now); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: byClient(sheet.Person), Act: "form answered", About: sheet.about(),
		Detail: map[string]any{"item": string(sheet.ID), "version": version}})
}

// endConsents takes those consents back that a change leaves out.
func (s *Service) endConsents(ctx context.Context, tx *pg.Tx, lane engagement.Lane, w handing, now time.Time) error {
	if w.last.Version == 0 {
		return nil
	}
	all, _, err := readSignatures(ctx, tx, lane, w.sheet.Person, w.sheet.ID)
	if err != nil {
		return err
	}
	for _, g := range w.last.Signatures {
		if !g.Typed && !w.answers.Has(g.Key) {
			if err := takeBack(ctx, tx, all, g.Key, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// share marks a sheet as answered. The last of a round lets both clients read
// both, and the other is told that there is something to see.
func (s *Service) share(ctx context.Context, tx *pg.Tx, sheet Sheet, now time.Time) (Sheet, error) {
	if sheet.State == Submitted {
		return sheet, nil
	}
	if _, err := tx.Exec(ctx, `update sheet set state = 'submitted', state_at = $2 where id = $1`, sheet.ID, now.UTC()); err != nil {
		return sheet, fmt.Errorf("send answers: %w", err)
	}
	if sheet.Round == "" {
		return sheet, nil
	}
	if _, err := tx.Exec(ctx, `select sheet_share($1, $2)`, sheet.Round, now.UTC()); err != nil {
		return sheet, fmt.Errorf("share answers: %w", err)
	}
	sheet, err := findOwn(ctx, tx, sheet.Person, sheet.ID)
	if err != nil || sheet.SharedAt.IsZero() {
		return sheet, err
	}
	others, err := list(ctx, tx, sheet.Person, ` and s.round_id = $2 and s.person_id <> $1`, sheet.Round)
	for _, o := range others {
		if err := postShared(ctx, tx, o, now); err != nil {
			return sheet, err
		}
	}
	return sheet, err
}
