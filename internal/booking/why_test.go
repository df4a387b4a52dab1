package booking_test

import (
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
)

// Whatever else is said about a moment, it is called free exactly when the
// engine offers it, through all the rules at once.
func TestWhyAgreesWithTheEngineOnEveryMinute(t *testing.T) {
	h := newHouse(t, func(p *practice.Type) { p.NoticeMinutes, p.BeforeMinutes, p.HorizonDays = 26*60, 5, 1 })
	mara, err := people.FindCoach(h.ctx, h.DB, "mara")
	h.must(err)
	h.must(h.DB.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, `insert into busy (coach_id, calendar, uid, starts_at, ends_at) values ($1, 'c', 'u', $2, $3)`,
			mara.ID, monday.Add(30*time.Hour), monday.Add(31*time.Hour))
		return err
	}))
	viewer := booking.Viewer{ID: mara.ID, Role: people.Member}
	for days := range 3 {
		date := slot.DateOf(monday.AddDate(0, 0, days))
		from := date.Start(time.UTC)
		offered, err := h.Offer(h.ctx, booking.OfferQuery{Type: "call", Coach: "mara", From: from, To: from.AddDate(0, 0, 1)})
		h.must(err)
		free := map[time.Time]bool{}
		for _, s := range offered.Slots {
			free[s.Start] = true
		}
		for minutes := 0; minutes < 24*60; minutes += 10 {
			w, err := h.Why(h.ctx, viewer, booking.WhyQuery{Type: "call", Coach: "mara", Date: date, Minutes: minutes})
			h.must(err)
			if len(w.Starts) != 1 || len(w.Free) != len(offered.Slots) {
				t.Fatalf("%s %d: %d starts, %d free", date, minutes, len(w.Starts), len(w.Free))
			}
			j := w.Starts[0]
			stands := j.Fit != booking.Fits || j.Rule != slot.Offered || j.Full || len(j.Bookings)+len(j.Busy) > 0 || j.Unread
			if open := j.First == slot.Offered; open != free[j.Start] || open == stands {
				t.Errorf("%s: %+v, offered %v", j.Start, j, free[j.Start])
			}
		}
	}
}

func TestWhyTellsACoachNothingOfAnother(t *testing.T) {
	h := newHouse(t)
	noor, err := people.FindCoach(h.ctx, h.DB, "noor")
	h.must(err)
	for _, q := range []booking.WhyQuery{{Type: "call", Coach: "mara"}, {Type: "call", Coach: "nobody"}, {Type: "nothing", Coach: "noor"}} {
		q.Date = slot.DateOf(monday)
		if _, err := h.Why(h.ctx, booking.Viewer{ID: noor.ID, Role: people.Member}, q); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%+v: %v", q, err)
		}
	}
}
