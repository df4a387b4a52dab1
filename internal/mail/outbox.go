package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/pg"
)

// Order asks for one letter. The same kind of letter about the same change of
// the same thing goes to the same person once; a second order is dropped.
type Order struct {
	Kind      string    // which Composer writes it, such as "booking-confirmed"
	About     string    // the id of what it is about, such as a booking
	Change    int       // which state of it, such as the booking's sequence
	Recipient string    // the person's id
	Stranger  bool      // someone who has proven nothing can cause it: falls under the cap per address
	NotBefore time.Time // for reminders; the zero time means at once
}

// jobKind is the kind of job that sends a letter.
const jobKind = "letter"

// Post queues letters and their jobs in the caller's transaction, in one
// statement however many they are. Nothing is composed or sent here. Wake the runner after the
// commit, or the letter leaves a second later.
func Post(ctx context.Context, tx *pg.Tx, now time.Time, orders ...Order) error {
	if len(orders) == 0 {
		return nil
	}
	type row struct {
		Kind      string    `json:"kind"`
		About     string    `json:"about"`
		Change    int       `json:"change"`
		Recipient string    `json:"recipient"`
		Message   string    `json:"message_id"`
		Stranger  bool      `json:"stranger"`
		NotBefore time.Time `json:"not_before"`
	}
	rows := make([]row, 0, len(orders))
	for _, o := range orders {
		if o.NotBefore.Before(now) {
			o.NotBefore = now
		}
		rows = append(rows, row{o.Kind, o.About, o.Change, o.Recipient, uuid.NewString(), o.Stranger, o.NotBefore.UTC()})
	}
	list, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("post letters: %w", err)
	}
	_, err = tx.Exec(ctx, `
		with posted as (
			insert into letter (kind, about, change, recipient, message_id, stranger, not_before, made_at)
			select kind, about, change, recipient, message_id, stranger, not_before, $2
			from jsonb_to_recordset(cast($1 as jsonb)) as o(
				kind text, about uuid, change integer, recipient uuid, message_id text, stranger boolean, not_before timestamptz)
			on conflict on constraint letter_once do nothing
			returning id, not_before
		)
		select job_add($3, jsonb_build_object('letter', id), not_before) from posted`, string(list), now, jobKind)
	if err != nil {
		return fmt.Errorf("post letters: %w", err)
	}
	return nil
}

// letterArgs is what a letter's job remembers, as Post writes it.
type letterArgs struct {
	Letter string `json:"letter"`
}

// unsent says why a letter shall not leave.
type unsent struct{ status, reason string }

// Error is the sentence for the log.
func (u *unsent) Error() string { return "letter " + u.status + ": " + u.reason }

// Skip is a Composer's answer when the letter is no longer true: cancelled,
// moved, past. The reason is a few plain words without any private one.
func Skip(reason string) error { return &unsent{status: "skipped", reason: reason} }

// Hold is a Composer's answer when the person wants no mail from us.
func Hold(reason string) error { return &unsent{status: "held", reason: reason} }

// asUnsent finds a Skip or Hold in a chain of errors, or nil.
func asUnsent(err error) *unsent {
	var u *unsent
	if errors.As(err, &u) {
		return u
	}
	return nil
}
