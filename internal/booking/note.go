package booking

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// checkNote cleans the coach's words to a person.
func checkNote(words string) (string, error) {
	if words = cleanText(words); utf8.RuneCountInString(words) > maxReason {
		return "", &fault.Error{Kind: fault.Invalid, Slug: "invalid", Say: "Your words are longer than 1,000 characters.",
			Fields: []fault.Field{{Name: "words", Say: "Shorten this to 1,000 characters, or leave it out."}}}
	}
	return words, nil
}

// keepNote seals the coach's words to the person in the person's lane, and to
// two clients in each one's own. They belong to the booking as it stands after
// this act: the letter only says that there are words, the page behind its link
// shows them.
func (s *Service) keepNote(ctx context.Context, tx *pg.Tx, b Booking, words string) error {
	if words == "" {
		return nil
	}
	for _, own := range b.Clients() {
		lane, err := engagement.EnquiryLane(ctx, tx, s.Keys, own.PersonID, own.ChangedAt)
		if err != nil {
			return err
		}
		sealed, err := lane.Seal([]byte(words), own.table(), "note", string(own.ID))
		if err != nil {
			return err
		}
		query := `
			update booking set note = $2, note_change = $3, lane_id = $4,
				words = case when lane_id = $4 then words end, reason = case when lane_id = $4 then reason end
			where id = $1`
		if own.second {
			query = `
				update booking_guest set note = $2, note_change = $3, lane_id = $4,
					reason = case when lane_id = $4 then reason end
				where booking_id = $1`
		}
		if _, err := tx.Exec(ctx, query, own.ID, sealed, own.Change, lane.ID); err != nil {
			return fmt.Errorf("keep words to the person: %w", err)
		}
	}
	return nil
}

// table is where the words between this client and the coach are kept.
func (b Booking) table() string {
	if b.second {
		return "booking_guest"
	}
	return "booking"
}

// Note opens the coach's words to the person, for the person. It is empty when
// there are none about how the booking stands now.
func (s *Service) Note(ctx context.Context, q pg.Conn, b Booking) (string, error) {
	if !b.HasNote {
		return "", nil
	}
	sealed, err := b.sealed(ctx, q)
	if err != nil {
		return "", err
	}
	lane, err := engagement.OpenLane(ctx, q, s.Keys, engagement.LaneID(b.LaneID))
	if errors.Is(err, engagement.ErrErased) {
		return engagement.ErrErased.Say, nil
	}
	if err != nil {
		return "", err
	}
	plain, err := lane.Open(sealed.Note, b.table(), "note", string(b.ID))
	if err != nil {
		return engagement.BrokenSay, nil // the alarm has been given
	}
	return string(plain), nil
}
