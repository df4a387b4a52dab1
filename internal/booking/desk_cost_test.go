package booking_test

import (
	"fmt"
	"testing"

	"kintsugi/internal/people"
	"kintsugi/internal/pg/pgtest"
)

// A coach opens their day many times a day, for years.
func TestTheDeskReadsAFewRowsAmongOldBookings(t *testing.T) {
	h := newHouse(t)
	for i := range 15 {
		h.book(fmt.Sprint("p", i), at(9+i%8, 0).AddDate(0, 0, i/5*7+i%3))
	}
	h.now = monday.AddDate(0, 0, 5)
	mara := h.mara()
	listened, wire := pgtest.Listened(t)
	h.DB = listened
	look := func() []pgtest.Statement {
		t.Helper()
		wire.Reset()
		ids := []people.ID{mara.ID}
		_, err := h.Schedule(h.ctx, mara, ids, monday, monday.AddDate(0, 0, 7))
		h.must(err)
		_, err = h.Occupied(h.ctx, mara, ids, monday, monday.AddDate(0, 0, 7))
		h.must(err)
		_, err = h.Requests(h.ctx, mara, ids)
		h.must(err)
		_, err = h.News(h.ctx, mara, ids, h.now.AddDate(0, 0, -1))
		h.must(err)
		_, err = h.Unmarked(h.ctx, mara, ids)
		h.must(err)
		_, err = h.Unarrived(h.ctx, mara, ids)
		h.must(err)
		return wire.Statements()
	}
	asked := look()
	if len(asked) != 6 {
		t.Fatalf("the desk asks %d times", len(asked))
	}
	h.age(t, 50_000)
	for _, r := range h.explain(t, asked) {
		// Fifteen bookings and what is joined to them; one reading of all would be
		// above fifty thousand rows.
		if r.rows > 400 || r.blocks > 150 {
			t.Errorf("%d rows and %d blocks are read for\n%s", r.rows, r.blocks, r.plan)
		}
	}
	if again := look(); len(again) != 6 {
		t.Errorf("the desk asks %d times among old bookings", len(again))
	}
}
