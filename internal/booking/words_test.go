package booking_test

import (
	"strings"
	"testing"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/pg"
)

// A coach pressed "Show what they wrote" of somebody who had been erased, and
// read that something had gone wrong.
func TestWordsThatWereErasedReadAsErased(t *testing.T) {
	h := newHouse(t)
	asked := ask("sam", at(9, 0))
	asked.Message = "words of before"
	b, err := h.Book(h.ctx, asked)
	h.must(err)
	b, err = booking.Find(h.ctx, h.DB, b.ID)
	h.must(err)
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		return engagement.EraseLane(h.ctx, tx, engagement.LaneID(b.LaneID), audit.Actor{Kind: audit.Operator}, at(8, 0))
	}))
	_, words, err := h.ReadWords(h.ctx, h.coachLink(b))
	if err != nil || !words.Erased || words.Message != "" || words.Lost() != engagement.ErrErased.Say {
		t.Errorf("%+v, %v", words, err)
	}
	// Whoever writes again does so in a new space; what was erased stays so.
	if _, _, err = h.Cancel(h.ctx, h.link(b), "I cannot come"); err != nil {
		t.Fatal(err)
	}
	_, words, err = h.ReadWords(h.ctx, h.coachLink(b))
	if err != nil || words.Reason != "I cannot come" || words.Message != "" || words.Broken {
		t.Errorf("%+v, %v", words, err)
	}
}

// Somebody with access to the database gave one person's reason to another's
// booking. It is shown to nobody, and the rest still is.
func TestAReasonThatWasMovedToAnotherBookingIsNotShown(t *testing.T) {
	h := newHouse(t)
	var calls []booking.Booking
	for i, who := range []string{"sam", "kim"} {
		asked := ask(who, at(9+i, 0))
		asked.Message = "message of " + who
		b, err := h.Book(h.ctx, asked)
		h.must(err)
		if b, _, err = h.Cancel(h.ctx, h.link(b), "reason of "+who); err != nil {
			t.Fatal(err)
		}
		calls = append(calls, b)
	}
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `update booking set reason = (select reason from booking where id = $2) where id = $1`, calls[0].ID, calls[1].ID)
		return err
	}))
	_, words, err := h.ReadWords(h.ctx, h.coachLink(calls[0]))
	if err != nil || words.Reason != "" || words.Message != "message of sam" || !strings.Contains(words.Lost(), "does not open") {
		t.Errorf("%+v, %v", words, err)
	}
}
