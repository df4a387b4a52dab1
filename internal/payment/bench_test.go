package payment_test

import (
	"testing"
	"time"

	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// BenchmarkKnock is Stripe's word that something was paid, from the first byte to
// the commit, and its floor: the same statements, heard on the wire, prepared, and
// nothing else. Ours also fetches the session from Stripe's stand-in and seals the
// event. Both take turns on one order, which is unpaid again in between.
func BenchmarkKnock(b *testing.B) {
	db, wire := pgtest.Listened(b)
	h := newHouse(b)
	s := h.service(db)
	h.bought(h.cleo, "solo-three") // so that a series of invoices and a wallet are there
	session := h.page(h.place(h.cleo, "solo-three"))
	h.pays(session)
	body := h.wordOf(session)
	owner := pgtest.Owner(b)
	unpaid := func() {
		h.must(owner.InTx(h.ctx, func(tx *pg.Tx) error {
			for _, statement := range []string{
				`delete from stripe_event_body`, `delete from stripe_event`,
				`delete from invoice i using payment p, checkout c where p.id = i.payment_id and c.id = p.checkout_id and c.session_id = $1`,
				`delete from credit_movement m using credit_lot l, checkout c where l.id = m.lot_id and starts_with(l.source, c.purchase_id::text) and c.session_id = $1`,
				`delete from credit_lot l using checkout c where starts_with(l.source, c.purchase_id::text) and c.session_id = $1`,
				`delete from payment p using checkout c where c.id = p.checkout_id and c.session_id = $1`,
				`update purchase_part t set status = 'open' from checkout c where c.purchase_id = t.purchase_id and c.session_id = $1`,
				`update purchase o set status = 'open' from checkout c where c.purchase_id = o.id and c.session_id = $1`,
				`update checkout set state = 'open', payment_intent = null, look = 0 where session_id = $1`,
				`delete from letter`, `delete from job`,
			} {
				args := []any{session}
				if len(statement) < 40 {
					args = nil
				}
				if _, err := tx.Exec(h.ctx, statement, args...); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	ours := func() { h.must(s.Knock(h.ctx, body, sign(body))) }
	for range 3 { // until statements are prepared
		unpaid()
		wire.Reset()
		ours()
	}
	heard := wire.Statements()
	if n := h.letters("order-receipt"); n != 1 {
		b.Fatalf("%d receipts", n)
	}
	var lot string
	h.must(h.db.Get(h.ctx, &lot, `select l.id from credit_lot l join checkout c on starts_with(l.source, c.purchase_id::text) where c.session_id = $1`, session))
	h.must(owner.InTx(h.ctx, exec(h.ctx, `alter table credit_lot alter column id set default '`+lot+`'`))) // what follows names it
	takeTurns(b, unpaid, ours, pgtest.Replay(b, heard))
	if n := h.letters("order-receipt"); n != 1 {
		b.Errorf("%d receipts", n)
	}
}

// BenchmarkOrderPage is what the page of an order reads of money, and the same
// statements alone.
func BenchmarkOrderPage(b *testing.B) {
	db, wire := pgtest.Listened(b)
	h := newHouse(b)
	o, _ := h.bought(h.sam, "in-parts")
	ours := func() {
		if _, err := payment.Find(h.ctx, db, h.sam, o.ID); err != nil {
			b.Fatal(err)
		}
		if papers, err := payment.InvoicesOf(h.ctx, db, h.sam, o.ID); err != nil || len(papers) != 1 {
			b.Fatal(papers, err)
		}
	}
	for range 3 {
		wire.Reset()
		ours()
	}
	takeTurns(b, func() {}, ours, pgtest.Replay(b, wire.Statements()))
}

// takeTurns times ours and the floor in turn, each after ready, and reports what
// share of the floor's speed ours reaches.
func takeTurns(b *testing.B, ready, ours, floor func()) {
	acts := []func(){ours, floor}
	for range 8 { // until statements are prepared and planned for all values
		for _, act := range acts {
			ready()
			act()
		}
	}
	var took [2]time.Duration
	for b.Loop() {
		for i, act := range acts {
			ready()
			began := time.Now()
			act()
			took[i] += time.Since(began)
		}
	}
	b.ReportMetric(float64(took[1])/float64(took[0]), "floor/ours")
	b.ReportMetric(float64(took[0].Microseconds())/1000/float64(b.N), "ms/ours")
	b.ReportMetric(float64(took[1].Microseconds())/1000/float64(b.N), "ms/floor")
}
