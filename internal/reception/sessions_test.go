package reception_test

import (
	"errors"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
)

// What somebody has paid for is not erased with them by the way.
func TestWhoeverHasSessionsLeftIsNotErasedAndNotForgotten(t *testing.T) {
	h := newHouse(t)
	b := h.book("noor", "ana", at(9, 0))
	h.now = at(12, 0)
	var lot credit.Lot
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) (err error) {
		lot, err = credit.Grant(h.ctx, tx, credit.GrantOf{Holder: credit.Holder{Person: b.PersonID}, Sessions: 1, Types: practice.Slugs{"call"}, ValidDays: 10,
			Source: "order", Key: "order", By: audit.Actor{Kind: audit.System}}, h.now)
		return err
	}))
	h.refused(h.Erase(h.ctx, h.noor, b.PersonID), fault.Conflict)
	h.now = h.now.AddDate(2, 0, 0)
	h.must(h.Booking.ForgetOld(h.ctx))
	if n := h.count(`select count(*) from person where id = $1`, b.PersonID); n != 1 {
		t.Error("somebody who bought was forgotten as an old enquiry")
	}
	h.must(credit.Expire(h.ctx, h.DB, h.now))
	h.must(h.Erase(h.ctx, h.noor, b.PersonID))
	if n := h.count(`select count(*) from credit_movement where lot_id = $1 and actor is null`, lot.ID); n != 2 {
		t.Errorf("%d lines stayed without a name", n)
	}
}

// One person had a free call with Noor, and Noor read in a number that they work
// with another coach, or have bought something.
func TestACoachCountsAsClientsOnlyThoseWhoAreTheirs(t *testing.T) {
	h := newHouse(t)
	b := h.book("noor", "ana", at(9, 0))
	h.now = at(12, 0)
	counts := func(v booking.Viewer) [2]int {
		t.Helper()
		f, err := reception.Count(h.ctx, h.DB, v, h.now)
		h.must(err)
		return [2]int{f.Held, f.Became}
	}
	works := func(coach people.ID) {
		t.Helper()
		h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
			id, err := h.Engagement.Start(h.ctx, tx, coach, []engagement.Invitee{{Person: b.PersonID, Word: "harbour"}}, engagement.ReadyPolicy(engagement.Confidential, "X"), h.now)
			if err != nil {
				return err
			}
			_, err = h.Engagement.Accept(h.ctx, tx, b.PersonID, id, "harbour", h.now)
			return err
		}))
	}
	works(h.mara.ID)
	if noor, mara := counts(h.noor), counts(h.mara); noor != [2]int{1, 0} || mara != [2]int{1, 1} {
		t.Errorf("Noor counts %v, the owner %v", noor, mara)
	}
	works(h.noor.ID)
	if noor := counts(h.noor); noor != [2]int{1, 1} {
		t.Errorf("of her own client Noor counts %v", noor)
	}
}

// The server broke when somebody was to be erased who had ever been asked into work
// with a coach. Whoever has said no is erased; whoever is in it, was, or may still
// answer, is not, and the reason is said.
func TestWhoeverHasBeenInWorkIsNotErasedAndWhoeverSaidNoIs(t *testing.T) {
	for about, row := range map[string]struct {
		answer  func(h *house, who people.ID, id engagement.ID) error
		refused bool
	}{
		"no answer yet": {func(*house, people.ID, engagement.ID) error { return nil }, true},
		"said no": {func(h *house, who people.ID, id engagement.ID) error {
			return h.DB.InTx(h.ctx, func(tx *pg.Tx) error { return h.Engagement.Decline(h.ctx, tx, who, id, h.now) })
		}, false},
		"in it": {func(h *house, who people.ID, id engagement.ID) error {
			return h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
				_, err := h.Engagement.Accept(h.ctx, tx, who, id, "harbour", h.now)
				return err
			})
		}, true},
	} {
		t.Run(about, func(t *testing.T) {
			h := newHouse(t)
			b := h.book("noor", "ana", at(9, 0))
			h.now = at(12, 0)
			var id engagement.ID
			h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) (err error) {
				id, err = h.Engagement.Start(h.ctx, tx, h.noor.ID, []engagement.Invitee{{Person: b.PersonID, Word: "harbour"}}, engagement.ReadyPolicy(engagement.Confidential, "X"), h.now)
				return err
			}))
			h.must(row.answer(h, b.PersonID, id))
			h.now = h.now.Add(time.Hour)
			err := h.Erase(h.ctx, h.noor, b.PersonID)
			if !row.refused {
				h.must(err)
			} else if !errors.Is(err, reception.ErrWorked) {
				t.Errorf("answered %v", err)
			}
		})
	}
}
