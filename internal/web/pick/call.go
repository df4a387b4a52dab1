package pick

import (
	"context"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/slot"
)

// Moving is the choice of another time for a call, as the part call-moving draws
// it.
type Moving struct {
	Picker           Picker
	Action, Op, Back string
	Rule             string // until when the new time is free to change, where it uses sessions
	Next             string // what comes after asking, where the coach accepts first
}

// Cancelling is the question whether to cancel a call, as the part
// call-cancelling draws it.
type Cancelling struct {
	Action, Back string
	Op           string // empty where cancelling twice is the same as once
	Asks         bool   // for a reason
	Reason       string // typed before
	Say          string
}

// Calendar is where a call leads into somebody's own calendar, as the part
// call-calendar draws it.
type Calendar struct {
	File, Google, Outlook string
	Subscribe             string // empty where the calendar is not followed call by call
	Title                 string // what the entry is called
}

// Move offers other times for a call. What was wrong with the last choice it
// says beside the times; of a time that was refused it offers what is near.
func (l Look) Move(ctx context.Context, calls *booking.Service, b booking.Booking, problem string, refused *booking.Refused, now time.Time) (*Moving, error) {
	offer, err := calls.MoveOffer(ctx, b)
	if err != nil {
		return nil, err
	}
	picker, err := l.Pick(offer, now, func(from, to time.Time) ([]slot.Slot, error) {
		return calls.OfferMoveOf(ctx, offer, b, from, to)
	})
	if err != nil {
		return nil, err
	}
	picker.Problem = problem
	if refused != nil {
		picker.OfferInstead(refused.Alternatives, l, now)
	}
	m := &Moving{Picker: picker}
	if b.Credits > 0 {
		m.Rule = "The new time has a limit of its own. " + FreeRule(picker, offer.Practice, now)
	}
	if offer.Type.Approval() > 0 {
		m.Next = "The new time has to be accepted too, and the old one is given up as soon as you ask."
	}
	return m, nil
}
