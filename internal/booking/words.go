package booking

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/pg"
)

// Words are what a person wrote, opened for the coach.
type Words struct {
	Message, PartnerName, PartnerEmail, Reason string
}

// ReadWords opens what the person wrote, for the coach alone, and puts the look
// on record in the same transaction: without the record nothing is shown.
func (s *Service) ReadWords(ctx context.Context, link string) (Booking, Words, error) {
	b, side, err := s.ByLink(ctx, link)
	if err != nil {
		return Booking{}, Words{}, err
	}
	if side != ByCoach {
		return Booking{}, Words{}, ErrNoBooking
	}
	var out Words
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		if err := recordLook(ctx, tx, b, s.Now()); err != nil {
			return err
		}
		out, err = s.openWords(ctx, tx, b)
		return err
	})
	return b, out, err
}

func (s *Service) openWords(ctx context.Context, q pg.Conn, b Booking) (Words, error) {
	if b.LaneID == "" {
		return Words{}, nil
	}
	var sealed struct {
		Words  []byte `db:"words"`
		Reason []byte `db:"reason"`
	}
	if err := q.Get(ctx, &sealed, `select words, reason from booking where id = $1`, b.ID); err != nil {
		return Words{}, fmt.Errorf("read words: %w", err)
	}
	lane, err := engagement.OpenLane(ctx, q, s.Keys, engagement.LaneID(b.LaneID))
	if err != nil {
		return Words{}, err
	}
	var out Words
	if sealed.Words != nil {
		plain, err := lane.Open(sealed.Words, "booking", "words", string(b.ID))
		if err != nil {
			return Words{}, fmt.Errorf("read words: %w", err)
		}
		var w words
		if err := json.Unmarshal(plain, &w); err != nil {
			return Words{}, fmt.Errorf("read words: %w", err)
		}
		out.Message, out.PartnerName, out.PartnerEmail = w.Message, w.PartnerName, w.PartnerEmail
	}
	if sealed.Reason != nil {
		plain, err := lane.Open(sealed.Reason, "booking", "reason", string(b.ID))
		if err != nil {
			return Words{}, fmt.Errorf("read reason: %w", err)
		}
		out.Reason = string(plain)
	}
	return out, nil
}

func recordLook(ctx context.Context, tx *pg.Tx, b Booking, now time.Time) error {
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: b.actor(ByCoach), Act: "enquiry read", About: string(b.ID)})
}
