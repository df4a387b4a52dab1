package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// change is what the audit says of an act on a booking: hours and states.
type change struct {
	From   *time.Time `json:"from,omitempty"`
	To     *time.Time `json:"to,omitempty"`
	Was    Status     `json:"was,omitempty"`
	Status Status     `json:"status,omitempty"`

	Against string `json:"against,omitempty"` // rules that were passed over for the new hour
}

// errClosed is the answer to moving or calling off what is over.
var errClosed = fault.Named(fault.Conflict, BookingClosed,
	"This call is over or has been called off, so it cannot be changed any more. You can book a new one.")

// write stores where a booking stands now and puts the act on record, both in
// one statement.
func write(ctx context.Context, tx *pg.Tx, b Booking, by audit.Actor, act string, was Booking) error {
	detail := change{Was: was.Status, Status: b.Status}
	if !b.Start.Equal(was.Start) {
		detail.From, detail.To, detail.Against = &was.Start, &b.Start, b.Against
	}
	raw, err := audit.Entry{Detail: detail}.DetailJSON()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		with changed as (
			update booking
			set status = $2, starts_at = $3, ends_at = $4, change = $5, ended_by = $6,
			    changed_at = $7, expires_at = $8, accepted_at = $9, moved_from = $10, against = $15, free_until = $16
			where id = $1
			returning id
		)
		select audit_record($7, $11, nullif($12, '')::uuid, $13, id, $14) from changed`,
		b.ID, b.Status, b.Start, b.End, b.Change, b.EndedBy, b.ChangedAt, instant(b.ExpiresAt), instant(b.AcceptedAt), instant(b.MovedFrom),
		string(by.Kind), by.ID, act, raw, b.Against, instant(b.FreeUntil))
	if err != nil {
		return fmt.Errorf("%s: %w", act, err)
	}
	return nil
}

// actor names a side of the booking for the audit.
func (b Booking) actor(side Party) audit.Actor {
	switch side {
	case ByPerson:
		return audit.Actor{Kind: audit.Person, ID: string(b.PersonID)}
	case ByCoach:
		return audit.Actor{Kind: audit.Coach, ID: string(b.CoachID)}
	}
	return audit.Actor{Kind: audit.System}
}
