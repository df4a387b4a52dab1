package booking

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Words are what a person wrote, opened for the coach.
type Words struct {
	Message, PartnerName, PartnerEmail, Reason string
	Note                                       string // what the coach wrote to them
	Erased                                     bool   // something was erased, and is left out
	Broken                                     bool   // something does not open, and is left out
}

// Lost says in a sentence that something is left out, and why; it is empty
// where nothing is.
func (w Words) Lost() string {
	switch {
	case w.Broken:
		return engagement.BrokenSay
	case w.Erased:
		return engagement.ErrErased.Say
	}
	return ""
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
	out, err := s.lookAt(ctx, b, b.actor(ByCoach))
	return b, out, err
}

// ReadWordsFor is ReadWords by somebody who is signed in: by the coach of the
// booking, and by nobody else of the practice.
func (s *Service) ReadWordsFor(ctx context.Context, v Viewer, id ID) (Booking, Words, error) {
	b, err := s.FindFor(ctx, v, id)
	if err != nil {
		return Booking{}, Words{}, err
	}
	if b.CoachID != v.ID || v.Role == people.Assistant {
		return Booking{}, Words{}, ErrNotHere
	}
	out, err := s.lookAt(ctx, b, v.actor())
	return b, out, err
}

// lookAt opens what was written with a booking and puts the look on record.
func (s *Service) lookAt(ctx context.Context, b Booking, by audit.Actor) (out Words, err error) {
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		now := s.Now()
		for _, own := range b.wrote() {
			if err := recordLook(ctx, tx, own, by, now); err != nil {
				return err
			}
		}
		out, err = s.openWords(ctx, tx, b)
		return err
	})
	return out, err
}

// openWords opens what stands with a booking for its coach: what came with it,
// the reason of whoever called it off, and the coach's own words.
func (s *Service) openWords(ctx context.Context, q pg.Conn, b Booking) (Words, error) {
	var out Words
	for _, own := range b.wrote() {
		if own.LaneID == "" {
			continue
		}
		if err := s.openOwn(ctx, q, own, &out); err != nil {
			return Words{}, err
		}
	}
	return out, nil
}

// wrote gives the booking as each client has it between whom and the coach
// something stands with it; a call of one always.
func (b Booking) wrote() []Booking {
	var all []Booking
	for _, person := range []people.ID{b.PersonID, b.Guest.ID} {
		if own, is := b.seat(person); is && (own.LaneID != "" || b.Guest.ID == "") {
			all = append(all, own)
		}
	}
	return all
}

func (s *Service) openOwn(ctx context.Context, q pg.Conn, b Booking, out *Words) error {
	sealed, err := b.sealed(ctx, q)
	if err != nil {
		return err
	}
	lane, err := engagement.OpenLane(ctx, q, s.Keys, engagement.LaneID(b.LaneID))
	if errors.Is(err, engagement.ErrErased) {
		out.Erased = true
		return nil
	}
	if err != nil {
		return err
	}
	// What does not open is left out, so that the rest can still be read.
	open := func(sealed []byte, column string) []byte {
		if sealed == nil {
			return nil
		}
		plain, err := lane.Open(sealed, b.table(), column, string(b.ID))
		out.Broken = out.Broken || err != nil
		return plain
	}
	if plain := open(sealed.Words, "words"); plain != nil {
		var w words
		if err := json.Unmarshal(plain, &w); err != nil {
			return fmt.Errorf("read words: %w", err)
		}
		out.Message, out.PartnerName, out.PartnerEmail = w.Message, w.PartnerName, w.PartnerEmail
	}
	if plain := open(sealed.Reason, "reason"); plain != nil {
		out.Reason = string(plain)
	}
	if b.HasNote {
		out.Note = string(open(sealed.Note, "note"))
	}
	return nil
}

// sealedWords are what stands with a booking, between one client and the coach.
type sealedWords struct {
	Words  []byte `db:"words"`
	Reason []byte `db:"reason"`
	Note   []byte `db:"note"`
}

// sealed reads the words of the client from whose seat the booking is seen.
func (b Booking) sealed(ctx context.Context, q pg.Conn) (sealedWords, error) {
	query := `select words, reason, note from booking where id = $1`
	if b.second {
		query = `select null::bytea as words, reason, note from booking_guest where booking_id = $1`
	}
	var sealed sealedWords
	if err := q.Get(ctx, &sealed, query, b.ID); err != nil {
		return sealedWords{}, fmt.Errorf("read words: %w", err)
	}
	return sealed, nil
}

// SealedColumns are where this room keeps sealed words.
func SealedColumns() []engagement.SealedColumn {
	return []engagement.SealedColumn{
		{Table: "booking", Column: "words", Row: "id", Lane: "lane_id"},
		{Table: "booking", Column: "reason", Row: "id", Lane: "lane_id"},
		{Table: "booking", Column: "note", Row: "id", Lane: "lane_id"},
		{Table: "booking_guest", Column: "reason", Row: "booking_id", Lane: "lane_id"},
		{Table: "booking_guest", Column: "note", Row: "booking_id", Lane: "lane_id"},
	}
}

// recordLook puts on record that the words of the client from whose seat the
// booking is seen were looked at: of a call for two, the other one is not told.
func recordLook(ctx context.Context, tx *pg.Tx, b Booking, by audit.Actor, now time.Time) error {
	return audit.Record(ctx, tx, audit.Entry{At: now, Actor: by, Act: "enquiry read", About: string(b.ID), Detail: map[string]people.ID{"of": b.PersonID}})
}
