package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"
)

// withAndWithout are a desk in the light with scripts and a phone in the dark
// without.
func withAndWithout() map[string][]browsertest.Option {
	return map[string][]browsertest.Option{
		"desk-light": {browsertest.Size(1280, 900), browsertest.StillPages(), browsertest.Timezone("Europe/London")},
		"phone-dark": {browsertest.Phone(), browsertest.Dark(), browsertest.StillPages(), browsertest.ScriptsOff(), browsertest.Timezone("Europe/London")},
	}
}

// browser is somebody who is signed in, in a browser of their own.
func (s *shop) browser(t *testing.T, who people.ID, name string, options ...browsertest.Option) *guest {
	t.Helper()
	g := s.buyer(t, name, options...)
	g.Open(s.base + "/robots.txt")
	token := s.held[who]
	if token == "" {
		token = s.signedIn(who)
	}
	browsertest.Eval[string](g.Tab, `document.cookie = "kintsugi=`+token+`;path=/"`)
	return g
}

// code makes a promotion code at Stripe that takes so much in a hundred off.
func (s *shop) code(word, percent string) {
	s.t.Helper()
	make := func(path string, form url.Values) (id string) {
		request, err := http.NewRequest("POST", s.stripe.URL+path, strings.NewReader(form.Encode()))
		s.must(err)
		request.Header.Set("Authorization", "Bearer "+stripetest.Key)
		request.Header.Set("Stripe-Version", stripefake.Version)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := http.DefaultClient.Do(request)
		s.must(err)
		defer res.Body.Close()
		var made struct {
			ID string `json:"id"`
		}
		s.must(json.NewDecoder(res.Body).Decode(&made))
		if made.ID == "" {
			s.t.Fatalf("%s is answered %d", path, res.StatusCode)
		}
		return made.ID
	}
	coupon := make("/v1/coupons", url.Values{"percent_off": {percent}, "duration": {"once"}})
	make("/v1/promotion_codes", url.Values{"coupon": {coupon}, "code": {word}})
}

// PAY-13: a code takes everything off. The order is paid, the sessions are there,
// and no paper speaks of a payment that there never was.
func TestACodeThatTakesEverythingOffInABrowser(t *testing.T) {
	t.Parallel()
	for name, options := range withAndWithout() {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.code("WELCOME", "100")
			ida := s.browser(t, s.ida, name+"-free", options...)
			ida.Open(s.base + "/portal/packages/one-three")
			ida.here("Three for one")
			ida.Click("#agreed")
			ida.Click("#begin")
			press(t, ida.Tab, "Order and pay £300.00")
			ida.WaitText("h1", "Pay 300.00 GBP")
			ida.Type("input[name=code]", "WELCOME")
			ida.Click("form:has(input[name=code]) button")
			ida.WaitText("table", "Discount")
			ida.pays("0.00 GBP")
			ida.here("Three for one")
			ida.WaitText("main", "Nothing was to be paid, and the sessions are yours to use.")
			ida.WaitText("dl.details", "Taken off £300.00")
			ida.lacks("pi_", "Pay £")
			order := payment.OrderID(ida.URL()[strings.LastIndex(ida.URL(), "/")+1 : strings.Index(ida.URL(), "?")])
			if at := s.stripeSession(order); at.PaymentIntent != "" || at.AmountTotal != 0 {
				t.Errorf("Stripe has a payment %q of %d", at.PaymentIntent, at.AmountTotal)
			}
			press(t, ida.Tab, "Invoice and receipt")
			ida.here("Invoice and receipt")
			ida.WaitText("main", "Paid £0.00")
			ida.WaitText("main", "Nothing was to be paid")
			ida.lacks("pi_", "receipt for your payment")
			ida.Open(s.base + "/portal/sessions")
			ida.here("Sessions left")
			ida.WaitText("main", "3 sessions left")

			noor := s.browser(t, s.coach("noor").ID, name+"-free-coach", options...)
			noor.Open(s.base + "/desk/orders/" + string(order))
			noor.here("Three for one")
			noor.WaitText("main", "Taken off £300.00")
			noor.WaitText("main", "3 given, 0 used, 3 left")
			noor.lacks("pi_", "Give money back")
		})
	}
}

// PAY-38: the bank of one of two asks for its money back. The coach sees what is on
// hold and why; the payer is told that it is their bank; the partner learns that
// nothing new can be booked for now, and nothing of money. Then it is won.
func TestADisputeInABrowser(t *testing.T) {
	t.Parallel()
	for name, options := range withAndWithout() {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			order := s.paid(s.ida, "two-six")
			dispute, err := s.stripe.Dispute(s.stripe.ChargeOf(s.stripeSession(order).ID), stripefake.DisputeOf{})
			s.must(err)
			heard := func() {
				t.Helper()
				_, err := s.first.payment.Reconcile(s.ctx)
				s.must(err)
			}
			heard()

			noor := s.browser(t, s.coach("noor").ID, name+"-dispute-coach", options...)
			noor.Open(s.base + "/desk/orders/" + string(order))
			noor.here("Six for two")
			noor.WaitText("main", "6 left, on hold")
			noor.WaitText("main", "What was not used is on hold until it is settled.")
			noor.Open(s.base + "/desk/engagements/" + string(s.id) + "/sessions")
			noor.WaitText("main", "On hold: nothing new can be booked with these")
			noor.here("Sessions")
			ida := s.browser(t, s.ida, name+"-dispute-payer", options...)
			ida.Open(s.base + "/portal/orders/" + string(order))
			ida.here("Six for two")
			ida.WaitText("main", "Your bank is looking into a payment of this order.")
			jon := s.browser(t, s.jon, name+"-dispute-partner", options...)
			for who, at := range map[*guest]string{ida: "/portal/sessions", jon: "/portal/sessions"} {
				who.Open(s.base + at)
				who.here("Sessions left")
				who.WaitText("main", "6 sessions left")
				who.WaitText("main", "On hold for now: what is arranged stands, and nothing new can be booked with these.")
				who.WaitText("main", "Put on hold")
				who.lacks("Book with these", "bank", "Bank", "disput", "Disput", "720.00")
			}

			s.must(s.stripe.MoveDispute(dispute, "won"))
			heard()
			noor.Open(s.base + "/desk/orders/" + string(order))
			noor.here("Six for two")
			noor.WaitText("main", "Won: the money is here again.")
			noor.lacks("on hold")
			noor.Open(s.base + "/desk/engagements/" + string(s.id) + "/sessions")
			noor.WaitText("main", "No longer on hold")
			noor.lacks("On hold: nothing new")
			ida.Open(s.base + "/portal/orders/" + string(order))
			ida.WaitText("main", "It is paid, and the sessions are yours to use.")
			jon.Open(s.base + "/portal/sessions")
			jon.here("Sessions left")
			jon.WaitText("main", "Book with these")
			jon.WaitText("main", "No longer on hold")
			jon.lacks("On hold for now", "bank", "disput", "720.00")
		})
	}
}
