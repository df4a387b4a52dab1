package web_test

import (
	"net/url"
	"testing"

	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/stripefake"
)

// Noor gave Ida, who had paid for both, ten pounds back and took no session for
// it. Jon's page of sessions said “Taken back”: he knew that money had gone to her.
func TestMoneyThatGoesBackToOneIsNothingThatTheOtherCanFind(t *testing.T) {
	t.Parallel()
	var both, own payment.OrderID
	w := newWatch(t, func(w *watch) {
		both, _ = w.bought(w.ida, "two-three", w.both())
		own, _ = w.bought(w.ida, "one-three", credit.Holder{Person: w.ida})
	})
	noor := w.signedIn(w.coach("noor").ID)
	refund := func(order payment.OrderID, amount, sessions string) {
		t.Helper()
		form := url.Values{"part": {"1"}, "amount": {amount}, "reason": {"goodwill"}, "sessions": {sessions}, "sure": {"yes"}, "op": {w.first.guard.NewOp(w.now())}}
		if got := w.fetch("POST", "/desk/orders/"+string(order)+"/refund", noor, form); got.status != 303 {
			t.Fatalf("it is not given back: %d %s", got.status, words(got.body))
		}
	}
	heard := func() {
		t.Helper()
		_, err := w.first.payment.Reconcile(w.ctx)
		w.must(err)
	}
	charge := func(order payment.OrderID) string { return w.stripe.ChargeOf(w.stripeSession(order).ID) }
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"hers goes back in part", func() { refund(own, "100.00", "1") }},
		{"hers is disputed and lost", func() {
			id, err := w.stripe.Dispute(charge(own), stripefake.DisputeOf{})
			w.must(err)
			heard()
			w.must(w.stripe.MoveDispute(id, "lost"))
			heard()
		}},
		{"what she paid for both goes back in part, and no session with it", func() { refund(both, "10.00", "0") }},
		{"and more, at Stripe", func() {
			_, err := w.stripe.Refund(charge(both), 1000)
			w.must(err)
			heard()
		}},
	} {
		step.do()
		for what, now := range w.looks() {
			if now != w.was[what] {
				t.Errorf("after %s, %s tells it:\n%s", step.what, what, unlike(w.was[what], now))
				w.was[what] = now
			}
		}
	}
}

// Ida went to her bank when all that she had paid for both was used up. There was
// nothing to hold back, and Jon's page of sessions said “Put on hold”.
func TestABankThatIsAskedWhenNothingIsLeftIsNothingThatTheOtherCanFind(t *testing.T) {
	t.Parallel()
	var order payment.OrderID
	w := newWatch(t, func(w *watch) {
		order, _ = w.bought(w.ida, "two-three", w.both())
	})
	noor := booking.Viewer{ID: w.coach("noor").ID, Role: people.Member}
	for day := range 6 {
		_, err := w.booking.BookSession(w.ctx, noor, booking.Session{Type: "paid", Coach: "noor", Start: hour(9 + 24*(day+2)), Engagement: w.id, Use: true}, nil)
		w.must(err)
	}
	w.was = w.looks()
	heard := func() {
		t.Helper()
		_, err := w.first.payment.Reconcile(w.ctx)
		w.must(err)
	}
	var id string
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"the bank is asked", func() {
			var err error
			id, err = w.stripe.Dispute(w.stripe.ChargeOf(w.stripeSession(order).ID), stripefake.DisputeOf{})
			w.must(err)
			heard()
		}},
		{"it says no", func() { w.must(w.stripe.MoveDispute(id, "won")); heard() }},
	} {
		step.do()
		for what, now := range w.looks() {
			if now != w.was[what] {
				t.Errorf("after %s, %s tells it:\n%s", step.what, what, unlike(w.was[what], now))
				w.was[what] = now
			}
		}
	}
}
