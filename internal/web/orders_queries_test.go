package web_test

import (
	"strings"
	"testing"

	"kintsugi/internal/payment"
	"kintsugi/internal/payment/paymenttest"
	"kintsugi/internal/pg/pgtest"
)

// A list of orders grows for years, and the page of one is opened by everybody
// who comes back from paying. What a page asks of the database is fixed.
func TestPagesOfOrdersAndMoneyAskTheDatabaseAsOftenHoweverManyOrdersThereAre(t *testing.T) {
	db, wire := pgtest.Listened(t)
	s := newShopOn(t, db)
	id := s.paid(s.kit, "one-three")
	papers, err := payment.InvoicesOf(s.ctx, s.db, s.kit, id)
	s.must(err)
	s.paid(s.ida, "two-six")
	s.leaves(s.jon) // what is unused for two waits for a decision
	mara, noor := s.signedIn(s.coach("mara").ID), s.signedIn(s.coach("noor").ID)
	most := []struct {
		path, cookie string
		most         int
	}{
		{"/portal/packages", s.held[s.kit], 7}, {"/portal/packages/one-three", s.held[s.kit], 8}, {"/portal/orders", s.held[s.kit], 5},
		{"/portal/orders/" + string(id), s.held[s.kit], 7}, {"/portal/invoices/" + string(papers[0].ID), s.held[s.kit], 5},
		{"/portal/invoices/" + string(papers[0].ID) + ".pdf", s.held[s.kit], 5},
		{"/desk/money", mara, 11}, {"/desk/orders", mara, 6}, {"/desk/orders/" + string(id), mara, 14}, {"/desk/orders/" + string(id) + "/refund?part=1&amount=100.00", mara, 16}, {"/desk/money/reviews", mara, 3},
		{"/desk", noor, 12}, {"/desk/engagements/" + string(s.id), noor, 19},
	}
	asked := map[string]int{}
	count := func(about string) {
		for _, row := range most {
			if got := s.fetch("GET", row.path, row.cookie, nil); got.status != 200 {
				t.Fatalf("%s: %d", row.path, got.status)
			}
			wire.Reset()
			s.fetch("GET", row.path, row.cookie, nil)
			var said []string
			for _, q := range wire.Statements() {
				said = append(said, strings.Join(strings.Fields(q.Query), " "))
			}
			t.Logf("%s: %s asks %d times", about, row.path, len(said))
			if before, known := asked[row.path]; known && before != len(said) {
				t.Errorf("%s: %s asked %d times before, and now %d times", about, row.path, before, len(said))
			}
			asked[row.path] = len(said)
			if len(said) > row.most {
				t.Errorf("%s: %s asks %d times, want at most %d:\n%.3000s", about, row.path, len(said), row.most, strings.Join(said, "\n"))
			}
		}
	}
	count("one order")
	s.exec(`insert into purchase select (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'made_at', o.made_at - n * interval '1 hour'))).* from purchase o, generate_series(1, 90) n`)
	s.exec(`insert into purchase_part select (jsonb_populate_record(p, jsonb_build_object('purchase_id', o.id))).* from purchase o, purchase_part p where p.purchase_id = $1 and not exists (select from purchase_part t where t.purchase_id = o.id)`, string(id))
	count("many orders")
	paymenttest.Crowd(t, 10_000)
	count("many orders of others")
}
