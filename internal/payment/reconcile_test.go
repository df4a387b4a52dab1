package payment_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"
)

// PAY-06: the webhook never came, and nobody opened the page again.
func TestAComparisonFindsWhatNobodyTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	_, err := h.fake.Pay(session, atStripe)
	h.must(err)
	report := h.reconcile()
	h.is(o, payment.Paid, 6)
	if len(report.Mended) != 1 || report.Events == 0 || report.Charges != 1 {
		t.Errorf("reports %+v", report)
	}
	var printed bytes.Buffer
	report.Print(&printed)
	if !strings.Contains(printed.String(), "mended: 1\n") || !strings.Contains(printed.String(), "needs a person: 0") {
		t.Errorf("prints %s", printed.String())
	}
	// Once more there is nothing to mend, and nothing happens again.
	if again := h.reconcile(); len(again.Mended) != 0 {
		t.Errorf("mends again: %v", again.Mended)
	}
	h.events()
	h.is(o, payment.Paid, 6)
}

// A refund that was made three weeks after everything else, while our server was
// off for a month, was never noticed.
func TestAComparisonAfterAMonthFindsOldRefundsAndDisputesThatEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, session := h.bought(h.sam, "rebuild-six")
	other, second := h.bought(h.sam, "solo-three")
	dispute, err := h.fake.Dispute(h.fake.ChargeOf(second), stripefake.DisputeOf{})
	h.must(err)
	h.events()
	h.reconcile()
	pass := func(d time.Duration) {
		h.fake.Pass(d)
		h.now = h.now.Add(d)
		h.s.Wall = func() time.Time { return h.now }
	}
	pass(20 * 24 * time.Hour)
	_, err = h.fake.Refund(h.fake.ChargeOf(session), 0)
	h.must(err)
	h.must(h.fake.MoveDispute(dispute, "lost"))
	pass(25 * 24 * time.Hour)
	h.reconcile()
	h.is(o, payment.Refunded, 0)
	h.is(other, payment.Paid, 0)
	if wrong := h.equal(); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// Every call that we make is one that Stripe takes, and tells it nothing that is
// not its business.
func TestEverythingThatIsAskedOfStripeIsTakenThereAndTellsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, session := h.bought(h.sam, "rebuild-six")
	h.bought(h.alex, "taxed")
	parts, _ := h.bought(h.alex, "in-parts")
	_, err := h.fake.Pay(h.page(parts), atStripe)
	h.must(err)
	dropped := h.place(h.cleo, "solo-three")
	h.page(dropped)
	_, err = h.s.Drop(h.ctx, h.cleo, dropped.ID)
	h.must(err)
	_, err = h.refund(o, 12000, 1)
	h.must(err)
	_, err = h.fake.Dispute(h.fake.ChargeOf(session), stripefake.DisputeOf{Amount: 1000})
	h.must(err)
	h.events()
	h.reconcile()
	if _, err := h.s.Examine(h.ctx); err != nil {
		t.Error(err)
	}
	if word, err := h.s.MakeEndpoint(h.ctx); err != nil || !strings.HasPrefix(word, "whsec_") {
		t.Errorf("made an endpoint with %q %v", word, err)
	}
	if _, err := h.s.MakeEndpoint(h.ctx); err == nil {
		t.Error("made a second endpoint")
	}
	h.discreet()
	for _, r := range h.fake.Requests() {
		if r.Version != stripefake.Version {
			t.Errorf("%s %s speaks version %s", r.Method, r.Path, r.Version)
		}
		if r.Method == "POST" && r.Key == "" {
			t.Errorf("%s %s has no key", r.Method, r.Path)
		}
	}
	stripetest.Accepted(t, h.fake.Requests())
}

// F56: a thousand events, of which a tenth never came, a third came twice and a
// third in another order.
func TestAThousandEventsAreMadeRightByOnePass(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	for n := 0; len(h.fake.Events()) < 1000; n++ {
		what := []string{"solo-three", "rebuild-six", "in-parts", "taxed"}[random.IntN(4)]
		var buyer people.ID
		h.in(func(tx *pg.Tx) (err error) {
			buyer, _, err = people.FindOrCreate(h.ctx, tx, fmt.Sprintf("visitor%d@example.com", n), "A Visitor", "Europe/London", true, h.now)
			return err
		})
		o := h.place(buyer, what)
		session := h.page(o)
		switch random.IntN(10) {
		case 0: // somebody thought better of it
			_, err := h.s.Drop(h.ctx, buyer, o.ID)
			h.must(err)
			continue
		case 1:
			_, err := h.fake.PayLate(session, atStripe, time.Hour, random.IntN(2) == 0)
			h.must(err)
			h.fake.Settle(session)
		default:
			_, err := h.fake.Pay(session, atStripe)
			h.must(err)
		}
		if random.IntN(3) == 0 { // most close the window on Stripe's page
			if _, err := h.s.Returned(h.ctx, buyer, o.ID, session); err != nil {
				t.Fatal(err)
			}
		}
		charge := h.fake.ChargeOf(session)
		if now, err := h.fake.Session(session); err != nil || now.PaymentStatus != "paid" {
			continue
		}
		switch random.IntN(5) {
		case 0:
			h.fake.NextRefund(charge, stripefake.RefundFate{Pending: true, Fails: random.IntN(2) == 0})
			id, err := h.fake.Refund(charge, 5000)
			h.must(err)
			h.fake.Settle(id)
		case 1:
			_, err := h.fake.Refund(charge, 0)
			h.must(err)
		case 2:
			id, err := h.fake.Dispute(charge, stripefake.DisputeOf{Inquiry: random.IntN(3) == 0})
			h.must(err)
			if now, _ := h.fake.DisputeNow(id); !strings.HasPrefix(now.Status, "warning") {
				h.must(h.fake.MoveDispute(id, []string{"won", "lost", "under_review"}[random.IntN(3)]))
			}
		}
	}
	began := time.Now()
	var queue []string
	for _, e := range h.fake.Events() {
		if random.IntN(100) < 10 {
			continue
		}
		queue = append(queue, e.ID)
		if random.IntN(100) < 30 {
			queue = append(queue, e.ID)
		}
	}
	for i := range queue {
		if random.IntN(100) < 30 {
			j := random.IntN(len(queue))
			queue[i], queue[j] = queue[j], queue[i]
		}
	}
	for _, id := range queue {
		if err := h.knock(h.fake.Body(id)); err != nil {
			t.Fatalf("event: %v", err)
		}
	}
	h.reconcile()
	t.Logf("%d events, %d orders at Stripe, %d deliveries, taken in %v", len(h.fake.Events()), len(h.fake.Sessions()), len(queue), time.Since(began))
	if wrong := h.equal(); len(wrong) > 0 {
		t.Errorf("after one pass: %s", strings.Join(wrong, "\n"))
	}
	if again := h.reconcile(); len(again.Mended) != 0 {
		t.Errorf("a second pass mends %v", again.Mended)
	}
}
