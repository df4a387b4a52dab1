package reception_test

import (
	"encoding/json"
	"strings"
	"testing"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// together has two people work with Noor, accepted, and an hour for both.
func (h *house) together() (a, b people.ID, call booking.Booking) {
	h.t.Helper()
	id, a, b := h.engaged(h.noor, "noor")
	h.must(h.accept(a, id, "olive tree"))
	h.must(h.accept(b, id, "apple cart"))
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		typeID, err := practice.SaveType(h.ctx, tx, practice.Type{Slug: "both", Name: "Together", DurationMinutes: 60, Place: practice.Phone, HorizonDays: 60, Lane: practice.Joint})
		if err != nil {
			return err
		}
		return practice.SaveHolders(h.ctx, tx, typeID, []people.ID{h.noor.ID})
	}))
	call, err := h.Booking.BookSession(h.ctx, h.noor, booking.Session{Type: "both", Coach: "noor", Start: at(12, 0), Engagement: id, Phone: "+44 20 7946 1234"}, nil)
	h.must(err)
	return a, b, call
}

func TestAnHourForTwoStandsOnBothCards(t *testing.T) {
	h := newHouse(t)
	a, b, call := h.together()
	for _, id := range []people.ID{a, b} {
		card := h.find(h.noor, id)
		found := 0
		for _, own := range card.Bookings {
			if own.ID == call.ID {
				found++
				if own.PersonID != id || own.Name != card.Records[0].Name {
					t.Errorf("it is not seen as theirs: %+v", own)
				}
			}
		}
		letters := 0
		for _, l := range card.Letters {
			if l.About == string(call.ID) && l.Kind == "call-confirmed" {
				letters++
			}
		}
		if found != 1 || letters != 1 {
			t.Errorf("%d times on the card, %d letters", found, letters)
		}
	}
	h.now = call.End
	h.must(second(h.Booking.Complete(h.ctx, h.noor, call.ID)))
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `delete from office_standing`)
		return err
	}))
	for _, id := range []people.ID{a, b} {
		h.stands(h.noor, id, office.CallHeld)
	}
}

func second[A any](_ A, err error) error { return err }

// The copy that one of them asks for holds nothing that is the other's.
func TestACopyOfOneHoldsNothingOfTheOther(t *testing.T) {
	h := newHouse(t)
	a, b, call := h.together()
	_, err := h.Booking.CancelAs(h.ctx, booking.Client{ID: a}, call.ID, "CANARY reason of one")
	h.must(err)
	first := call.PersonID // whose number it is
	for _, who := range []people.ID{a, b} {
		copied, err := h.Export(h.ctx, h.noor, who)
		h.must(err)
		raw, err := json.Marshal(copied)
		h.must(err)
		text := string(raw)
		if !strings.Contains(text, string(call.ID)) || strings.Contains(text, "CANARY reason of one") != (who == a) {
			t.Errorf("the reason in the copy of %v", who == a)
		}
		if strings.Contains(text, "7946 1234") != (who == first) {
			t.Error("the number is in the copy of the other")
		}
		partner := "Ben Moss"
		if who == b {
			partner = "Person ana"
		}
		if strings.Contains(text, partner) {
			t.Error("the partner is named")
		}
	}
}

// Two partners were taken for one person with two addresses: their hours, their
// letters and what the office keeps of them ran into each other.
func TestTwoWhoWorkTogetherAreNotMadeOnePerson(t *testing.T) {
	h := newHouse(t)
	a, b, _ := h.together()
	h.refused(h.Join(h.ctx, h.noor, a, b), fault.Invalid)
	h.refused(h.Join(h.ctx, h.mara, b, a), fault.Invalid)
	elsewhere := h.book("noor", "elsewhere", at(15, 0)).PersonID
	h.must(h.Join(h.ctx, h.noor, a, elsewhere))
	h.refused(h.Join(h.ctx, h.noor, a, b), fault.Invalid)
	h.must(h.Part(h.ctx, h.noor, elsewhere))
}
