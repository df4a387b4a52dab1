package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/questions"

	"github.com/google/uuid"
)

// SignatureID names a consent or a signature. It is random and says nothing.
type SignatureID string

// Signature is what a client agreed to or signed: the exact words as they stood,
// who, when. Nobody signs for somebody else.
type Signature struct {
	ID          SignatureID
	Key         string    // of the question
	Label       string    // what was asked
	Text        string    // the exact words
	Hash        string    // of these words
	Name        string    // as typed; of a consent, as the client is called here
	Email       string    // of their account, at that moment
	Person      people.ID // their account
	Form        string    // fingerprint of all that the form asked
	Typed       bool      // a signature; else a consent
	SignedAt    time.Time
	TakenBackAt time.Time // zero while it holds
	Whole       bool      // the words are still the ones that were signed
}

// Holds reports whether it was not taken back.
func (s Signature) Holds() bool { return s.TakenBackAt.IsZero() }

// signed is what is sealed of a signature.
type signed struct {
	Key, Label, Text, Name, Email, Form string
	Typed                               bool
}

// keepSignatures writes down what a version of the answers agrees to and signs.
func (s *Service) keepSignatures(ctx context.Context, tx *pg.Tx, lane engagement.Lane, w handing, answer string, now time.Time) error {
	who, err := people.Find(ctx, tx, w.sheet.Person)
	if err != nil {
		return err
	}
	for _, one := range questions.SignedIn(w.asks.Definition, w.answers) {
		q, _ := w.asks.Find(one.Key)
		body := signed{Key: one.Key, Label: q.Label, Text: one.Text, Name: one.Name, Email: who.Email, Form: w.asks.Hash, Typed: one.Name != ""}
		if !body.Typed {
			body.Name = who.Name
		}
		plain, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("keep signature: %w", err)
		}
		id := uuid.NewString()
		sealed, err := lane.Seal(plain, "sheet_signature", "body", id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			insert into sheet_signature (id, answer_id, sheet_id, lane_id, person_id, body, text_hash, signed_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id, answer, w.sheet.ID, w.sheet.Lane, w.sheet.Person, sealed, one.Hash, now.UTC()); err != nil {
			return fmt.Errorf("keep signature: %w", err)
		}
	}
	return nil
}

// signatureRow is a signature as it lies in the database.
type signatureRow struct {
	ID          SignatureID `db:"id"`
	Answer      string      `db:"answer_id"`
	Person      people.ID   `db:"person_id"`
	Body        []byte      `db:"body"`
	Hash        string      `db:"text_hash"`
	SignedAt    time.Time   `db:"signed_at"`
	TakenBackAt *time.Time  `db:"taken_back_at"`
}

// readSignatures gives what was agreed to and signed in a sheet, by the version
// of the answers that it belongs to, and of which versions one does not open.
func readSignatures(ctx context.Context, q pg.Conn, lane engagement.Lane, viewer people.ID, id ID) (all map[string][]Signature, lost map[string]bool, err error) {
	var rows []signatureRow
	if err := q.Select(ctx, &rows, `
		select g.id, g.answer_id, g.person_id, g.body, g.text_hash, g.signed_at, g.taken_back_at
		from sheet_signature g
		join lane_reader r on r.lane_id = g.lane_id and r.person_id = $2
		where g.sheet_id = $1
		order by g.signed_at, g.id`, id, viewer); err != nil {
		return nil, nil, fmt.Errorf("list signatures: %w", err)
	}
	all, lost = map[string][]Signature{}, map[string]bool{}
	for _, row := range rows {
		plain, err := lane.Open(row.Body, "sheet_signature", "body", string(row.ID))
		if engagement.Unopened(err) {
			lost[row.Answer] = true
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("open signature: %w", err)
		}
		var body signed
		if err := json.Unmarshal(plain, &body); err != nil {
			return nil, nil, fmt.Errorf("open signature: %w", err)
		}
		g := Signature{ID: row.ID, Key: body.Key, Label: body.Label, Text: body.Text, Hash: row.Hash, Name: body.Name, Email: body.Email,
			Person: row.Person, Form: body.Form, Typed: body.Typed, SignedAt: row.SignedAt.UTC(), Whole: questions.Verifies(body.Text, row.Hash)}
		if row.TakenBackAt != nil {
			g.TakenBackAt = row.TakenBackAt.UTC()
		}
		all[row.Answer] = append(all[row.Answer], g)
	}
	return all, lost, nil
}

// ErrSigned is the refusal to take back what is no consent.
var ErrSigned = fault.New(fault.Conflict, "A signature says what was so when it was given, so it is not taken back. Talk to your coach if something has changed.")

// TakeBack ends a consent from now on, by the one who gave it, also where
// nothing more can be written. That it was given stays on record.
func (s *Service) TakeBack(ctx context.Context, tx *pg.Tx, viewer people.ID, id ID, which SignatureID, now time.Time) error {
	sheet, err := takeOwn(ctx, tx, viewer, id)
	if err != nil {
		return err
	}
	lane, err := s.key(ctx, tx, viewer, sheet.Lane)
	if err != nil {
		return err
	}
	all, _, err := readSignatures(ctx, tx, lane, viewer, id)
	if err != nil {
		return err
	}
	found := Signature{}
	for _, list := range all {
		for _, g := range list {
			if g.ID == which {
				found = g
			}
		}
	}
	switch {
	case found.ID == "":
		return engagement.ErrNothing
	case found.Typed:
		return ErrSigned
	case !found.Holds():
		return nil
	}
	if err := takeBack(ctx, tx, all, found.Key, now); err != nil {
		return err
	}
	if err := s.postAnswered(ctx, tx, sheet, now); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: byClient(viewer), Act: "consent taken back", About: sheet.about(),
		Detail: map[string]string{"item": string(id), "consent": string(which)}})
}

// takeBack ends what was given to one question, in every version in which it
// still holds.
func takeBack(ctx context.Context, tx *pg.Tx, all map[string][]Signature, key string, now time.Time) error {
	var ids []string
	for _, list := range all {
		for _, g := range list {
			if g.Key == key && !g.Typed && g.Holds() {
				ids = append(ids, string(g.ID))
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `
		update sheet_signature set taken_back_at = greatest($2, signed_at)
		where id = any ($1) and taken_back_at is null`, pg.Array(ids), now.UTC()); err != nil {
		return fmt.Errorf("take back consent: %w", err)
	}
	return nil
}
