// Package credit owns sessions that were paid for or given: the wallet of an
// engagement, for sessions of both clients, and the wallet of a person, for
// their own; the lots in them; and the movements, which are the whole truth.
// A balance is the sum of the movements of a lot, kept by the database as they
// are written, and never below zero. A movement is never changed or taken out:
// what was wrong is put right by another one.
//
// The room knows neither prices nor payments, and of a booking only its id and
// its hour. Acts take part in the caller's transaction.
package credit

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
	"kintsugi/internal/practice"

	"github.com/google/uuid"
)

// WalletID and LotID name a wallet and sessions that came together. They are
// random and say nothing.
type (
	WalletID string
	LotID    string
)

// BookingID is a booking as the room above names it.
type BookingID string

// Holder is whose sessions they are: exactly one of the two is set. The wallet
// of a person is there without any engagement, so that somebody new can buy
// before the work begins.
type Holder struct {
	Engagement engagement.ID // for sessions of both clients
	Person     people.ID     // for their own
}

// HolderFor gives whose wallet pays for a type: the engagement's for a joint
// one, the person's for any other.
func HolderFor(lane string, of engagement.ID, person people.ID) Holder {
	if lane == practice.Joint {
		return Holder{Engagement: of}
	}
	return Holder{Person: person}
}

// Joint reports whether it is the wallet of an engagement.
func (h Holder) Joint() bool { return h.Engagement != "" }

func (h Holder) check() error {
	if isID(string(h.Engagement)) == isID(string(h.Person)) || h.Engagement != "" && h.Person != "" {
		return fmt.Errorf("credit: a wallet belongs to an engagement or to a person, not to %+v", h)
	}
	return nil
}

// Kind is what a movement was.
type Kind string

// The kinds of movements. Those without an amount say what became of a session
// that is taken already, or of the lot as a whole.
const (
	Granted   Kind = "grant"
	Used      Kind = "use"
	Moved     Kind = "move" // the hour it was used for is another now
	Returned  Kind = "return"
	Forfeited Kind = "forfeit"   // it stays used: called off too late, or nobody came
	Reinstate Kind = "reinstate" // that was taken back
	Expired   Kind = "expire"
	Revoked   Kind = "revoke" // the money went back
	Frozen    Kind = "freeze" // the payment is in question
	Thawed    Kind = "thaw"
	Adjusted  Kind = "adjust"
	Extended  Kind = "extend" // it lasts longer
)

// NoCredit is the slug of every refusal for want of a session, for programs.
const NoCredit = "no-credit"

// The refusals of an act on sessions.
var (
	ErrNoCredit = fault.Named(fault.Conflict, NoCredit, "There is no session left that can be used for this.")
	ErrOnHold   = fault.Named(fault.Conflict, NoCredit, "These sessions are on hold for now. Your coach can say more.")
	ErrNothing  = fault.New(fault.NotFound, "There is nothing here by that name.")
)

// tooLate is the refusal of an hour after the last day on which what is left
// can be used.
func tooLate(until string) error {
	return fault.Named(fault.Conflict, NoCredit,
		"What is left can be used for sessions that begin on or before "+SayDate(until)+", and this hour is later.")
}

func notEnough(needed, left int) error {
	return fault.Named(fault.Conflict, NoCredit,
		fmt.Sprintf("This takes %d sessions, and %d can be used for it.", needed, left))
}

// FreeUntil gives the instant until which a session can be moved or called off
// without losing it. A notice of whole days is counted on the calendar and the
// clock of the practice: two days before Monday 10:00 is Saturday 10:00, also
// when the clocks change in between. Where that time of day was there twice it
// is the later one; where it was skipped, the end of the gap. Any other notice
// is time that passes.
func FreeUntil(start time.Time, notice time.Duration, zone *time.Location) time.Time {
	const day = 24 * time.Hour
	if notice%day != 0 {
		return start.Add(-notice).UTC()
	}
	at := start.In(zone)
	year, month, date := at.Date()
	// The same label on an earlier day, first as if the clock had no seams.
	label := time.Date(year, month, date-int(notice/day), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
	var found time.Time
	for _, near := range []time.Duration{-day, day} {
		_, offset := label.Add(near).In(zone).Zone()
		t := label.Add(-time.Duration(offset) * time.Second)
		if t.In(zone).Format(time.DateTime) == label.Format(time.DateTime) && t.After(found) {
			found = t
		}
	}
	if !found.IsZero() {
		return found
	}
	return endOfGap(label, zone)
}

// endOfGap gives the first instant whose label is not before the one that was
// skipped.
func endOfGap(label time.Time, zone *time.Location) time.Time {
	low, high := label.Add(-26*time.Hour), label.Add(26*time.Hour)
	for high.Sub(low) > time.Second {
		middle := low.Add(high.Sub(low) / 2).Truncate(time.Second)
		if middle.In(zone).Format(time.DateTime) < label.Format(time.DateTime) {
			low = middle
		} else {
			high = middle
		}
	}
	return high.Truncate(time.Minute).UTC()
}

// dateOf is the date of an instant in a zone, as the database compares it.
func dateOf(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.DateOnly) }

// SayDate says a date as people do: "Tuesday 8 December 2026".
func SayDate(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format("Monday 2 January 2006")
}

// lock takes the wallet of a holder first, so that acts on it follow one another.
func lock(ctx context.Context, tx *pg.Tx, h Holder, now time.Time) (id WalletID, found bool, err error) {
	err = tx.Get(ctx, &id, `
		update wallet set touched_at = $3
		where engagement_id = nullif($1, '')::uuid or person_id = nullif($2, '')::uuid
		returning id`, string(h.Engagement), string(h.Person), now.UTC())
	if pg.NoRows(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("take wallet: %w", err)
	}
	return id, true, nil
}

// movement is one line to be written.
type movement struct {
	lot       LotID
	kind      Kind
	amount    int
	key       string
	reason    string // by a rule
	words     words  // of a coach
	by        audit.Actor
	booking   BookingID
	startsAt  time.Time
	typ       string
	expiresOn string
}

// write adds a line. One with this key on this lot is there already the second
// time, and nothing more happens.
func write(ctx context.Context, tx *pg.Tx, m movement, now time.Time) (added bool, err error) {
	var starts *time.Time
	if !m.startsAt.IsZero() {
		at := m.startsAt.UTC()
		starts = &at
	}
	lane, sealed, err := m.words.seal(ctx, tx, m.lot, m.key, now)
	if err != nil {
		return false, err
	}
	rows, err := tx.Exec(ctx, `
		insert into credit_movement (lot_id, kind, amount, key, reason, actor_kind, actor, booking_id, starts_at, type, expires_on, at, lane_id, words)
		values ($1, $2, $3, $4, $5, $6, nullif($7, '')::uuid, nullif($8, '')::uuid, $9, $10, nullif($11, '')::date, $12, nullif($13, '')::uuid, $14)
		on conflict on constraint credit_movement_key_key do nothing`,
		m.lot, m.kind, m.amount, m.key, m.reason, string(m.by.Kind), m.by.ID, string(m.booking), starts, m.typ, m.expiresOn, now.UTC(), string(lane), sealed)
	if pg.Violates(err, "credit_lot_never_below_zero") {
		return false, ErrNoCredit
	}
	if err != nil {
		return false, fmt.Errorf("write %s: %w", m.kind, err)
	}
	return rows > 0, nil
}

func typesJSON(types practice.Slugs) (string, error) {
	raw, err := json.Marshal(types)
	return string(raw), err
}

func isID(text string) bool { return len(text) == 36 && uuid.Validate(text) == nil }
