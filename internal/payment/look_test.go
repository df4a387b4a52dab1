package payment_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/payment"
	"kintsugi/internal/stripefake"
)

// slowly lets Stripe answer the next call of a kind late: what it says is what
// was true when it was asked.
func (h *house) slowly(call string) (asked chan struct{}) {
	asked = make(chan struct{})
	h.fake.Trouble(stripefake.Trouble{Call: call, Works: true, Wait: 900 * time.Millisecond, Reached: asked})
	return asked
}

// A page was asked for before it was paid on, and the answer came after the
// payment had been written down: the order was open again.
func TestAnAnswerThatComesLateUndoesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	asked, done := h.slowly("GET /v1/checkout/sessions/{id}"), make(chan error)
	go func() {
		_, err := h.s.Returned(h.ctx, h.sam, o.ID, session)
		done <- err
	}()
	<-asked
	time.Sleep(200 * time.Millisecond) // it is answered by now, and on its way
	_, err := h.fake.PayLate(session, atStripe, 72*time.Hour, false)
	h.must(err)
	h.events()
	h.is(o, payment.Processing, 0)
	h.must(<-done)
	h.is(o, payment.Processing, 0)
}

// A refund that had failed was pending again, and the sessions were gone with it.
func TestARefundThatIsToldLateUndoesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, session := h.bought(h.sam, "rebuild-six")
	h.fake.NextRefund(h.fake.ChargeOf(session), stripefake.RefundFate{Pending: true, Fails: true})
	refund, err := h.fake.Refund(h.fake.ChargeOf(session), 0)
	h.must(err)
	charge, err := h.fake.Charge(h.fake.ChargeOf(session))
	h.must(err)
	asked, done := h.slowly("GET /v1/refunds"), make(chan error)
	go func() { done <- h.knock(h.fake.Forged("charge.refunded", charge, nil)) }() // one that the comparison does not hear as well
	<-asked
	time.Sleep(200 * time.Millisecond)
	h.fake.Settle(refund)
	h.reconcile()
	h.is(o, payment.Paid, 6)
	h.must(<-done)
	h.is(o, payment.Paid, 6)
	if wrong := h.equal(); len(wrong) > 0 {
		t.Error(wrong)
	}
}

// Money came in on a page that names an order of ours and that nobody here had
// opened.
func TestMoneyOnAPageThatNobodyOpenedWaitsForAPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	h.page(o)
	_, err := h.fake.Pay(h.openAtStripe(o, 1), atStripe)
	h.must(err)
	h.events()
	for range 2 {
		needs := h.reconcile().Needs
		if len(needs) != 1 || needs[0].Kind != "unknown" || needs[0].Order != o.ID || needs[0].Detail["amount"] != "72000" {
			t.Errorf("needs %+v", needs)
		}
	}
	h.is(o, payment.Open, 0)
}

// What stood in for Stripe named payments by their ids alone, whatever it was
// asked for, and nothing that was paid ever counted.
func TestWhatIsNamedByItsIDAloneIsAskedFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	there, err := url.Parse(h.fake.URL)
	h.must(err)
	forward := httputil.NewSingleHostReverseProxy(there)
	terse := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query()
		for key := range asked {
			if strings.HasPrefix(key, "expand") {
				asked.Del(key)
			}
		}
		r.URL.RawQuery = asked.Encode()
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(terse.Close)
	h.s.Stripe.APIBase = terse.URL
	o, _ := h.bought(h.sam, "rebuild-six")
	h.is(o, payment.Paid, 6)
	_, err = h.refund(o, 36000, 3)
	h.must(err)
	h.is(o, payment.PartRefunded, 3)
}

// A look took its number, Stripe was slow to hear it, and a later one that had seen
// less was written down first. The word that the money was on its way counted as
// heard and had changed nothing; so did the word that it had arrived.
func TestALookThatSawMoreIsNotLostBehindOneThatBeganLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	reached, hold, done := make(chan struct{}), make(chan struct{}), make(chan error)
	h.fake.Trouble(stripefake.Trouble{Call: "GET /v1/checkout/sessions/{id}", Hold: hold, Reached: reached})
	now, err := h.fake.Session(session)
	h.must(err)
	go func() { done <- h.knock(h.fake.Forged("checkout.session.completed", now, nil)) }()
	<-reached
	_, err = h.s.Returned(h.ctx, h.sam, o.ID, session)
	h.must(err)
	h.is(o, payment.Open, 0)
	h.pays(session)
	close(hold)
	h.must(<-done)
	h.is(o, payment.Paid, 6)
}

// The other way round: what had seen less was written down over what had seen more,
// because it had begun a moment later.
func TestALookThatSawLessIsNotWrittenOverOneThatBeganEarlier(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	reached, hold, done := make(chan struct{}), make(chan struct{}), make(chan error, 2)
	h.fake.Trouble(stripefake.Trouble{Call: "GET /v1/checkout/sessions/{id}", Hold: hold, Reached: reached})
	look := func() {
		_, err := h.s.Returned(h.ctx, h.sam, o.ID, session)
		done <- err
	}
	go look()
	<-reached
	asked := h.slowly("GET /v1/checkout/sessions/{id}")
	go look()
	<-asked
	time.Sleep(200 * time.Millisecond) // it is answered by now, and on its way
	_, err := h.fake.PayLate(session, atStripe, 72*time.Hour, false)
	h.must(err)
	close(hold)
	h.must(<-done)
	h.is(o, payment.Processing, 0)
	h.must(<-done)
	h.is(o, payment.Processing, 0)
}

// PAY-11: Stripe itself showed less than it had shown before, as a copy of its books
// that lags behind may. The page was open again for ever, or the buyer was told that
// what they had paid had come to nothing.
func TestWhatWasPaidStaysPaidWhenStripeShowsLessThanBefore(t *testing.T) {
	t.Parallel()
	for about, lags := range map[string]func(session map[string]any){
		"not paid on yet": func(x map[string]any) {
			x["status"], x["payment_status"], x["payment_intent"] = "open", "unpaid", nil
		},
		"on its way": func(x map[string]any) { x["payment_status"] = "unpaid" },
		"came to nothing": func(x map[string]any) {
			x["payment_status"] = "unpaid"
			x["payment_intent"].(map[string]any)["status"] = "requires_payment_method"
		},
	} {
		t.Run(about, func(t *testing.T) {
			h := newHouse(t)
			o, session := h.bought(h.sam, "rebuild-six")
			h.events()
			there, err := url.Parse(h.fake.URL)
			h.must(err)
			forward := httputil.NewSingleHostReverseProxy(there)
			asked := 0
			forward.ModifyResponse = func(r *http.Response) error {
				if r.Request.URL.Path != "/v1/checkout/sessions/"+session {
					return nil
				}
				asked++
				var x map[string]any
				if err := json.NewDecoder(r.Body).Decode(&x); err != nil {
					return err
				}
				lags(x)
				body, err := json.Marshal(x)
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
				r.Header.Del("Content-Length")
				return err
			}
			behind := httptest.NewServer(forward)
			t.Cleanup(behind.Close)
			other := h.service(h.db)
			other.Stripe.APIBase = behind.URL
			now, err := h.fake.Session(session)
			h.must(err)
			word := h.fake.Forged("checkout.session.async_payment_failed", now, nil)
			h.must(other.Knock(h.ctx, word, sign(word)))
			if asked != 1 {
				t.Errorf("Stripe was asked %d times", asked)
			}
			h.is(o, payment.Paid, 6)
			if n := h.letters("order-failed"); n != 0 {
				t.Errorf("%d letters say that it came to nothing", n)
			}
			if report := h.reconcile(); report.Sessions != 0 || len(report.Mended) != 0 {
				t.Errorf("%d pages can be paid on, and %q was mended", report.Sessions, report.Mended)
			}
		})
	}
}
