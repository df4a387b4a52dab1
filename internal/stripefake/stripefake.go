// Package stripefake is a Stripe on loopback that remembers: customers,
// Checkout Sessions with a page where a visitor pays, fails or pays late,
// refunds, disputes, events and signed webhooks, in the shapes of API version
// 2023-10-16. No money moves. It lets a test or a demonstration play the buyer,
// the bank, the post that loses letters, and the clock.
//
// It answers what our code asks and refuses the rest loudly: a parameter that
// it doesn't know is an error, never ignored. It knows nothing of our orders,
// and it keeps everything in memory.
//
// Where Stripe's documentation leaves something open, it does what is harder on
// the code in front of it, or lets the test choose:
//   - A failed refund stays in the charge's amount_refunded, or leaves it
//     (Settings.UncountFailedRefunds).
//   - refund.created, refund.updated and refund.failed are sent from account
//     version 2024-10-28 on only; charge.refund.updated always.
//   - A session with nothing to pay says no_payment_required while it is open.
//   - A 500 is kept under its idempotency key, a 429 and a 503 are not.
//   - A session has its PaymentIntent from the first attempt to pay on, also
//     where that attempt was declined.
//   - With automatic tax each price has to say whether tax is included.
//   - Included tax is part of amount_subtotal.
package stripefake

import (
	"net/http"
	"sync"
	"time"
)

// Version is the API version whose shapes the stand-in speaks.
const Version = "2023-10-16"

// Settings say how a stand-in begins. The zero value is fine for most tests.
type Settings struct {
	// URL is where the stand-in can be reached from a browser. Empty: where the
	// request came in.
	URL string
	// Key is the only secret key that is let in. Empty: each that begins with
	// sk_test_.
	Key string
	// Now is the clock. Empty: the time of day. Pass moves it on.
	Now func() time.Time
	// AccountVersion is the version that events carry where their endpoint has
	// none of its own. Empty: Version.
	AccountVersion string
	// TaxPercent is what automatic tax comes to. Empty: 20.
	TaxPercent float64
	// Stamp is the time that a webhook is signed with. Empty: the time of day,
	// which is what receivers compare it with.
	Stamp func() time.Time
	// Retries are the waits before a webhook is tried again. Empty: as Stripe,
	// over three days.
	Retries []time.Duration
	// UncountFailedRefunds takes a failed refund out of a charge's running
	// amount_refunded again. Stripe's documentation doesn't say which it does,
	// so that code has to be right with both.
	UncountFailedRefunds bool
}

// Stripe is one account at the stand-in. It is an http.Handler: the API lies
// below /v1/, the pages of its checkout below /c/pay/.
type Stripe struct {
	settings Settings
	mux      *http.ServeMux
	checkout *http.ServeMux
	client   *http.Client

	mu      sync.Mutex
	passed  time.Duration // by how much Pass has moved the clock on
	account Account

	customers    shelf[*Customer]
	sessions     shelf[*Session]
	intents      shelf[*PaymentIntent]
	charges      shelf[*Charge]
	transactions shelf[*BalanceTransaction]
	methods      shelf[*PaymentMethod]
	refunds      shelf[*Refund]
	disputes     shelf[*Dispute]
	taxRates     shelf[*TaxRate]
	coupons      shelf[*Coupon]
	codes        shelf[*PromotionCode]
	events       shelf[*Event]
	endpoints    shelf[*Endpoint]

	later    []due
	keys     map[string]*keyed
	fates    []fated
	troubles []Trouble
	requests []Request

	post post
}

// New opens an account with nothing in it.
func New(settings Settings) *Stripe {
	if settings.Now == nil {
		settings.Now = time.Now
	}
	if settings.Stamp == nil {
		settings.Stamp = time.Now
	}
	if settings.AccountVersion == "" {
		settings.AccountVersion = Version
	}
	if settings.TaxPercent == 0 {
		settings.TaxPercent = 20
	}
	if settings.Retries == nil {
		settings.Retries = threeDays()
	}
	s := &Stripe{settings: settings, keys: map[string]*keyed{}, mux: http.NewServeMux(), checkout: http.NewServeMux()}
	s.account = newAccount(s.now())
	s.post.wake = make(chan struct{}, 1)
	s.client = &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	s.routes()
	return s
}

// routes is the list of what the stand-in knows.
func (s *Stripe) routes() {
	s.call("POST /v1/customers", customerShape, s.createCustomer)
	s.call("GET /v1/customers", paged(fields{"email": text, "created": created}), s.listCustomers)
	s.call("GET /v1/customers/{id}", reading, s.readCustomer)
	s.call("POST /v1/customers/{id}", customerShape, s.changeCustomer)
	s.call("DELETE /v1/customers/{id}", fields{}, s.deleteCustomer)

	s.call("POST /v1/checkout/sessions", sessionShape, s.createSession)
	s.call("GET /v1/checkout/sessions", paged(fields{"customer": text, "payment_intent": text, "status": text, "created": created,
		"customer_details": object(fields{"email": text})}), s.listSessions)
	s.call("GET /v1/checkout/sessions/{id}", reading, s.readSession)
	s.call("POST /v1/checkout/sessions/{id}/expire", reading, s.expireSession)
	s.call("GET /v1/checkout/sessions/{id}/line_items", paged(nil), s.listItems)

	s.call("GET /v1/payment_intents", paged(fields{"customer": text, "created": created}), s.listIntents)
	s.call("GET /v1/payment_intents/{id}", reading, s.readIntent)
	s.call("GET /v1/charges", paged(fields{"customer": text, "payment_intent": text, "created": created}), s.listCharges)
	s.call("GET /v1/charges/{id}", reading, s.readCharge)
	s.call("GET /v1/balance_transactions", paged(fields{"source": text, "type": text, "currency": text, "created": created}), s.listTransactions)
	s.call("GET /v1/balance_transactions/{id}", reading, s.readTransaction)

	s.call("POST /v1/refunds", refundShape, s.createRefund)
	s.call("GET /v1/refunds", paged(fields{"charge": text, "payment_intent": text, "created": created}), s.listRefunds)
	s.call("GET /v1/refunds/{id}", reading, s.readRefund)
	s.call("POST /v1/refunds/{id}", fields{"metadata": pairs, "expand": expanded}, s.changeRefund)
	s.call("GET /v1/disputes", paged(fields{"charge": text, "payment_intent": text, "created": created}), s.listDisputes)
	s.call("GET /v1/disputes/{id}", reading, s.readDispute)
	s.call("POST /v1/disputes/{id}/close", reading, s.closeDispute)

	s.call("POST /v1/tax_rates", taxRateShape, s.createTaxRate)
	s.call("GET /v1/tax_rates", paged(fields{"active": yesno, "inclusive": yesno, "created": created}), s.listTaxRates)
	s.call("GET /v1/tax_rates/{id}", reading, s.readTaxRate)
	s.call("POST /v1/coupons", couponShape, s.createCoupon)
	s.call("GET /v1/coupons", paged(fields{"created": created}), s.listCoupons)
	s.call("GET /v1/coupons/{id}", reading, s.readCoupon)
	s.call("POST /v1/promotion_codes", codeShape, s.createCode)
	s.call("GET /v1/promotion_codes", paged(fields{"active": yesno, "code": text, "coupon": text, "customer": text, "created": created}), s.listCodes)
	s.call("GET /v1/promotion_codes/{id}", reading, s.readCode)
	s.call("POST /v1/promotion_codes/{id}", fields{"active": yesno, "metadata": pairs, "expand": expanded}, s.changeCode)

	s.call("GET /v1/events", paged(fields{"type": text, "types": list(text), "created": created, "delivery_success": yesno}), s.listEvents)
	s.call("GET /v1/events/{id}", reading, s.readEvent)
	s.call("POST /v1/webhook_endpoints", endpointShape, s.createEndpoint)
	s.call("GET /v1/webhook_endpoints", paged(nil), s.listEndpoints)
	s.call("GET /v1/webhook_endpoints/{id}", reading, s.readEndpoint)
	s.call("POST /v1/webhook_endpoints/{id}", endpointChange, s.changeEndpoint)
	s.call("DELETE /v1/webhook_endpoints/{id}", fields{}, s.deleteEndpoint)

	s.call("GET /v1/account", reading, s.readAccount)

	s.checkout.HandleFunc("GET /c/pay/{id}", s.showCheckout)
	s.checkout.HandleFunc("POST /c/pay/{id}", s.actCheckout)
}
