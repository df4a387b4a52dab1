package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/mail"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// sayCredits adds to a letter what the call means for the sessions that it was
// booked with: until when it is free to change, or what became of them.
func (b Booking) sayCredits(ctx context.Context, q pg.Conn, sc script, l *mail.Letter, now time.Time) error {
	if b.Credits == 0 {
		return nil
	}
	if b.Status.Live() {
		if sc.side == ByPerson {
			l.Facts = append(l.Facts, mail.Fact{Label: "Free to move or cancel", Value: b.FreeSay(now)})
		} else {
			l.Facts = append(l.Facts, mail.Fact{Label: "Booked with", Value: Sessions(b.Credits) + " of theirs"})
		}
		return nil
	}
	all, err := credit.Standings(ctx, q, []credit.BookingID{credit.BookingID(b.ID)})
	if err != nil {
		return err
	}
	l.Paragraphs = append(l.Paragraphs, b.StandingSay(all[credit.BookingID(b.ID)]))
	return nil
}

// FreeSay says until when a call that uses sessions is free to change for its
// client, on their clock, and what is true afterwards.
func (b Booking) FreeSay(now time.Time) string {
	if !now.After(b.FreeUntil) {
		return "Until " + civil.WhenExact(b.FreeUntil, practice.Zone(b.Timezone)) + ". Later " + counts(b.Credits) + "."
	}
	return "That was until " + civil.WhenExact(b.FreeUntil, practice.Zone(b.Timezone)) + ". Now " + counts(b.Credits) + "."
}

func counts(n int) string {
	if n == 1 {
		return "the session counts as used, also when you cancel"
	}
	return fmt.Sprintf("the %d sessions count as used, also when you cancel", n)
}

// StandingSay says what became of the sessions of a call that is over or was
// called off.
func (b Booking) StandingSay(s credit.Standing) string {
	one := b.Credits == 1
	switch {
	case s.Credits == 0 && one:
		return "The session that it was booked with can be used again."
	case s.Credits == 0:
		return "The sessions that it was booked with can be used again."
	case s.Lost && one:
		return "The session that it was booked with counts as used."
	case s.Lost:
		return "The sessions that it was booked with count as used."
	}
	return "It used " + Sessions(s.Credits) + "."
}

// Sessions says a number of them: "1 session", "4 sessions".
func Sessions(n int) string {
	if n == 1 {
		return "1 session"
	}
	return fmt.Sprintf("%d sessions", n)
}
