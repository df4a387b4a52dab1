package booking_test

import (
	"testing"

	"kintsugi/internal/pg/pgtest"
)

func TestZZ(t *testing.T) {
	h := newHouse(t)
	db, w := pgtest.Listened(t)
	h.DB = db
	w.Reset()
	h.book("ana", at(10, 0))
	for i, s := range w.Statements() {
		t.Log(i, s.Query, s.Args)
	}
	t.Log(w.Trips())
	w.Reset()
	r := ask("bea", at(11, 0))
	r.Message = "hello"
	_, err := h.Book(h.ctx, r)
	h.must(err)
	t.Log(w.Trips(), len(w.Statements()))
	w.Reset()
	r = ask("cea", at(12, 0))
	r.Type = "either"
	_, err = h.Book(h.ctx, r)
	h.must(err)
	t.Log(w.Trips(), len(w.Statements()))
	w.Reset()
	_, _, err = h.Reschedule(h.ctx, h.link(h.book("d", at(13, 0))), at(14, 0), r.Key)
	h.must(err)
	t.Log(w.Trips(), len(w.Statements()))
}
