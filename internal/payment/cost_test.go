package payment_test

import (
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/credit"
	"kintsugi/internal/payment"
	"kintsugi/internal/payment/paymenttest"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// A shop that has sold for years must not be slower for whoever buys today: what
// is asked of the database does not grow with what others bought.
func TestAHundredThousandOrdersOfOthersCostNothing(t *testing.T) {
	h := newHouse(t)
	o, _ := h.bought(h.cleo, "solo-three")
	joint, _ := h.bought(h.sam, "in-parts")
	papers, err := payment.InvoicesOf(h.ctx, h.db, h.cleo, o.ID)
	h.must(err)
	// Two more payments whose word is still to come, one for each time.
	var words [][]byte
	for range 2 {
		h.now = h.now.Add(time.Minute)
		session := h.page(h.place(h.cleo, "solo-three"))
		h.pays(session)
		words = append(words, h.wordOf(session))
		// The next is another order, though this one's word has not come.
		h.in(exec(h.ctx, `update purchase set status = 'processing' where buyer_id = $1 and status = 'open'`, h.cleo))
	}
	again := h.fake.Body(h.fake.Events()[0].ID)
	h.must(h.knock(again))
	h.must(h.db.Close())

	member := payment.Viewer{ID: h.mara.ID, Role: people.Member}
	acts := []struct {
		about string
		// Blocks of a table that may be read all the same: a page of the desk has a
		// hundred orders; the months are sums over all payments, which are read once,
		// and once to name the currency of what was refunded; what is owed reads the
		// lots of which something is left, by an index of those alone.
		sums int
		act  func(s *payment.Service) error
	}{
		{"an order", 0, func(s *payment.Service) error { _, err := s.Find(h.ctx, nil, h.cleo, o.ID); return err }},
		{"all orders of a buyer", 0, func(s *payment.Service) error { _, err := s.OrdersOf(h.ctx, nil, h.cleo); return err }},
		{"documents of an order", 0, func(s *payment.Service) error { _, err := payment.InvoicesOf(h.ctx, s.DB, h.cleo, o.ID); return err }},
		{"a document", 0, func(s *payment.Service) error {
			_, err := payment.FindInvoice(h.ctx, s.DB, h.cleo, papers[0].ID)
			return err
		}},
		{"a buyer's sessions", 0, func(s *payment.Service) error { _, err := credit.OfClient(h.ctx, s.DB, h.cleo, true); return err }},
		{"a couple's sessions", 0, func(s *payment.Service) error { _, err := credit.OfClient(h.ctx, s.DB, h.alex, true); return err }},
		{"where they went", 0, func(s *payment.Service) error {
			_, err := credit.LedgerOfClient(h.ctx, s.DB, h.keys, h.cleo, true)
			return err
		}},
		{"what a part granted", 0, func(s *payment.Service) error {
			_, err := credit.BySource(h.ctx, s.DB, joint.Parts[0].Source())
			return err
		}},
		{"Stripe's word that something was paid", 0, func(s *payment.Service) error {
			body := words[0]
			words = words[1:]
			return s.Knock(h.ctx, body, sign(body))
		}},
		{"Stripe's word once more", 0, func(s *payment.Service) error {
			body := again
			return s.Knock(h.ctx, body, sign(body))
		}},
		{"an order at the desk", 0, func(s *payment.Service) error { _, err := s.FindFor(h.ctx, h.owner, joint.ID); return err }},
		{"its documents at the desk", 0, func(s *payment.Service) error { _, err := s.InvoicesFor(h.ctx, h.owner, joint.ID); return err }},
		{"orders at the desk", 500, func(s *payment.Service) error { _, err := s.Orders(h.ctx, h.owner, nil, payment.Mark{}); return err }},
		{"orders of a coach", 0, func(s *payment.Service) error { _, err := s.Orders(h.ctx, member, nil, payment.Mark{}); return err }},
		{"money by month", 3600, func(s *payment.Service) error { _, err := s.Months(h.ctx, h.owner); return err }},
		{"money by month of a coach", 0, func(s *payment.Service) error { _, err := s.Months(h.ctx, member); return err }},
		{"what is to come", 0, func(s *payment.Service) error { _, err := s.StillToCome(h.ctx, h.owner); return err }},
		{"what is to come to a coach", 0, func(s *payment.Service) error { _, err := s.StillToCome(h.ctx, member); return err }},
		{"sessions owed", 150, func(s *payment.Service) error { _, err := credit.Owed(h.ctx, s.DB, h.now); return err }},
		{"what waits for a person", 0, func(s *payment.Service) error { _, err := payment.Reviews(h.ctx, s.DB); return err }},
	}
	ask := func() (costs []pgtest.Cost) {
		for _, a := range acts {
			costs = append(costs, pgtest.CostOf(t, func(db *pg.DB) error { return a.act(h.service(db)) }))
		}
		return costs
	}
	before := ask()
	began := time.Now()
	paymenttest.Crowd(t, 100_000)
	t.Logf("the crowd came in %s", time.Since(began))
	after := ask()
	for i, a := range acts {
		was, is := before[i], after[i]
		t.Logf("%-40s %2d statements, %4d blocks; before %2d, %4d", a.about, len(is.Statements), is.Blocks(), len(was.Statements), was.Blocks())
		if len(is.Statements) != len(was.Statements) {
			t.Errorf("%s asks %d times, and did %d times before", a.about, len(is.Statements), len(was.Statements))
		}
		if table := grown(was, is, max(a.sums, 60)); table != "" {
			t.Errorf("%s reads what others bought:%s", a.about, table)
		}
	}
}

// grown lists the tables of which many more blocks were touched. An index over a
// hundred thousand has two levels more than one over three, each time it is asked;
// the smallest of these tables has thousands of blocks.
func grown(was, is pgtest.Cost, more int) string {
	var lines []string
	for table, n := range is.Tables {
		if n > was.Tables[table]+more {
			lines = append(lines, fmt.Sprintf("\n%s: %d blocks, before %d", table, n, was.Tables[table]))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}
