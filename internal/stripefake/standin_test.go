package stripefake_test

import (
	"errors"
	"testing"
	"time"

	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
)

// bench is a stand-in and Stripe's own client in front of it.
type bench struct {
	*stripetest.Stripe
	client *client.API
}

var began = time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)

func newBench(t *testing.T, settings stripefake.Settings) *bench {
	t.Helper()
	settings.Now = func() time.Time { return began }
	fake := stripetest.Start(t, settings)
	return &bench{Stripe: fake, client: clientOf(fake.URL, stripetest.Key)}
}

// clientOf is Stripe's own client, which tries nothing twice.
func clientOf(url, key string) *client.API {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: &url, MaxNetworkRetries: stripe.Int64(0), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}, EnableTelemetry: stripe.Bool(false)})
	api := &client.API{}
	api.Init(key, &stripe.Backends{API: backend})
	return api
}

// purchase is what an order asks Stripe for.
func purchase() *stripe.CheckoutSessionParams {
	p := &stripe.CheckoutSessionParams{
		Mode:              stripe.String("payment"),
		ClientReferenceID: stripe.String("order-1"),
		CustomerEmail:     stripe.String("sam@example.com"),
		CustomerCreation:  stripe.String("always"),
		SuccessURL:        stripe.String("http://127.0.0.1/portal/orders/1?session_id={CHECKOUT_SESSION_ID}"),
		CancelURL:         stripe.String("http://127.0.0.1/portal/orders/1"),
		LineItems: []*stripe.CheckoutSessionLineItemParams{{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{Currency: stripe.String("gbp"), UnitAmount: stripe.Int64(72000),
				ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String("Six sessions")}},
		}},
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: map[string]string{"order": "order-1"}},
	}
	p.AddMetadata("order", "order-1")
	return p
}

func (b *bench) open(t *testing.T, change func(*stripe.CheckoutSessionParams)) *stripe.CheckoutSession {
	t.Helper()
	p := purchase()
	if change != nil {
		change(p)
	}
	session, err := b.client.CheckoutSessions.New(p)
	if err != nil {
		t.Fatalf("a session was not opened: %v", err)
	}
	return session
}

func (b *bench) read(t *testing.T, id string, expand ...string) *stripe.CheckoutSession {
	t.Helper()
	p := &stripe.CheckoutSessionParams{}
	for _, path := range expand {
		p.AddExpand(path)
	}
	session, err := b.client.CheckoutSessions.Get(id, p)
	if err != nil {
		t.Fatalf("a session could not be read: %v", err)
	}
	return session
}

func (b *bench) pay(t *testing.T, id string) string {
	t.Helper()
	back, err := b.Pay(id, stripefake.Buyer{Email: "sam@example.com", Name: "Sam"})
	if err != nil {
		t.Fatalf("a session was not paid: %v", err)
	}
	return back
}

// kinds are the events so far, by their names.
func (b *bench) kinds() []string {
	var names []string
	for _, event := range b.Events() {
		names = append(names, event.Type)
	}
	return names
}

// wants takes apart what Stripe's client made of a refusal.
func wants(t *testing.T, err error, status int, kind stripe.ErrorType, code stripe.ErrorCode, param string) {
	t.Helper()
	var said *stripe.Error
	if !errors.As(err, &said) {
		t.Fatalf("got %v, want a refusal", err)
	}
	if said.HTTPStatusCode != status || said.Type != kind || said.Code != code || said.Param != param {
		t.Fatalf("refused with %d %s %q about %q (%s), want %d %s %q about %q", said.HTTPStatusCode, said.Type, said.Code, said.Param, said.Msg, status, kind, code, param)
	}
	if said.RequestID == "" || said.Msg == "" {
		t.Fatalf("the refusal has no request id or no words: %+v", said)
	}
}
