package booking

import (
	"context"
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

// keepNote seals the coach's words to the person in the person's lane. They
// belong to the booking as it stands after this act: the letter only says that
// there are words, the page behind its link shows them.
func (s *Service) keepNote(ctx context.Context, tx *pg.Tx, b Booking, words string) error {
	if words == "" {
		return nil
	}
	lane, err := engagement.EnquiryLane(ctx, tx, s.Keys, b.PersonID, b.ChangedAt)
	if err != nil {
		return err
	}
	sealed, err := lane.Seal([]byte(words), "booking", "note", string(b.ID))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		update booking set note = $2, note_change = $3, lane_id = $4 where id = $1`, b.ID, sealed, b.Change, lane.ID); err != nil {
		return fmt.Errorf("keep words to the person: %w", err)
	}
	return nil
}

// Note opens the coach's words to the person, for the person. It is empty when
// there are none about how the booking stands now.
func (s *Service) Note(ctx context.Context, q pg.Conn, b Booking) (string, error) {
	if !b.HasNote {
		return "", nil
	}
	var sealed []byte
	if err := q.Get(ctx, &sealed, `select note from booking where id = $1`, b.ID); err != nil {
		return "", fmt.Errorf("read words to the person: %w", err)
	}
	lane, err := engagement.OpenLane(ctx, q, s.Keys, engagement.LaneID(b.LaneID))
	if err != nil {
		return "", err
	}
	plain, err := lane.Open(sealed, "booking", "note", string(b.ID))
	if err != nil {
		return "", fmt.Errorf("read words to the person: %w", err)
	}
	return string(plain), nil
}
