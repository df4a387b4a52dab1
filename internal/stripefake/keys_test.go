package stripefake_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/stripefake"

	"github.com/stripe/stripe-go/v76"
)

func keyed(key string) *stripe.CheckoutSessionParams {
	p := purchase()
	p.SetIdempotencyKey(key)
	return p
}

func TestTheSameKeyAndBodyGetTheSameAnswer(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	first, err := b.client.CheckoutSessions.New(keyed("order-1"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.client.CheckoutSessions.New(keyed("order-1"))
	if err != nil {
		t.Fatal(err)
	}
	if first.ID != second.ID || len(b.Sessions()) != 1 || second.LastResponse.Header.Get("Idempotent-Replayed") != "true" || first.LastResponse.Header.Get("Idempotent-Replayed") != "" {
		t.Fatalf("%s and %s, %d sessions", first.ID, second.ID, len(b.Sessions()))
	}
	// The answer is what it was, even when the session has moved on.
	b.pay(t, first.ID)
	third, err := b.client.CheckoutSessions.New(keyed("order-1"))
	if err != nil || third.Status != "open" {
		t.Fatalf("the kept answer changed: %s %v", third.Status, err)
	}
}

func TestTheSameParametersInAnotherOrderAreTheSame(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	header := map[string]string{"Idempotency-Key": "customer-1"}
	_, first := post(t, b.URL+"/v1/customers", "name=Sam&metadata[a]=1&metadata[b]=2", header)
	response, second := post(t, b.URL+"/v1/customers", "metadata[b]=2&metadata[a]=1&name=Sam", header)
	if first != second || response.Header.Get("Idempotent-Replayed") != "true" {
		t.Fatalf("%s and %s", first, second)
	}
}

func TestTheSameKeyWithAnotherBodyOrAddressIsAnError(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	if _, err := b.client.CheckoutSessions.New(keyed("order-1")); err != nil {
		t.Fatal(err)
	}
	other := keyed("order-1")
	other.ClientReferenceID = stripe.String("order-2")
	_, err := b.client.CheckoutSessions.New(other)
	wants(t, err, 400, "idempotency_error", "", "")
	customer := &stripe.CustomerParams{}
	customer.SetIdempotencyKey("order-1")
	_, err = b.client.Customers.New(customer)
	wants(t, err, 400, "idempotency_error", "", "")
	if len(b.Sessions()) != 1 {
		t.Fatal("something was opened")
	}
	// The same parameters at another address are another request.
	header := map[string]string{"Idempotency-Key": "expire-1"}
	post(t, b.URL+"/v1/checkout/sessions/"+b.Sessions()[0].ID+"/expire", "", header)
	if response, body := post(t, b.URL+"/v1/customers", "", header); response.StatusCode != 400 || !strings.Contains(body, "idempotency_error") {
		t.Fatalf("%d %s", response.StatusCode, body)
	}
}

func TestAKeyIsForgottenAfterADay(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	first, err := b.client.CheckoutSessions.New(keyed("order-1"))
	if err != nil {
		t.Fatal(err)
	}
	b.Pass(24 * time.Hour)
	second, err := b.client.CheckoutSessions.New(keyed("order-1"))
	if err != nil || second.ID == first.ID {
		t.Fatalf("%s again, %v", second.ID, err)
	}
}

func TestARefusalAboutParametersKeepsNothingUnderTheKey(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	wrong := keyed("order-1")
	wrong.SuccessURL = nil
	_, err := b.client.CheckoutSessions.New(wrong)
	wants(t, err, 400, "invalid_request_error", "parameter_missing", "success_url")
	if _, err := b.client.CheckoutSessions.New(keyed("order-1")); err != nil {
		t.Fatalf("the key is taken: %v", err)
	}
}

func TestARefusalOfTheActIsKeptUnderTheKey(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	session := b.open(t, nil)
	b.pay(t, session.ID)
	charge := b.ChargeOf(session.ID)
	if _, err := b.Refund(charge, 0); err != nil {
		t.Fatal(err)
	}
	refund := func() error {
		p := &stripe.RefundParams{Charge: &charge}
		p.SetIdempotencyKey("refund-1")
		_, err := b.client.Refunds.New(p)
		return err
	}
	wants(t, refund(), 400, "invalid_request_error", "charge_already_refunded", "")
	wants(t, refund(), 400, "invalid_request_error", "charge_already_refunded", "")
	requests := b.Requests()
	if last := requests[len(requests)-1]; !last.Replay {
		t.Fatal("the second answer was worked out anew")
	}
}

func TestTwoCallsWithOneKeyAtOnceAreAConflict(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	let, reached := make(chan struct{}), make(chan struct{})
	b.Trouble(stripefake.Trouble{Call: "POST /v1/checkout/sessions", Hold: let, Reached: reached})
	var first error
	var both sync.WaitGroup
	both.Go(func() { _, first = b.client.CheckoutSessions.New(keyed("order-1")) })
	<-reached
	_, err := b.client.CheckoutSessions.New(keyed("order-1"))
	wants(t, err, 409, "idempotency_error", "idempotency_key_in_use", "")
	close(let)
	both.Wait()
	if first != nil || len(b.Sessions()) != 1 {
		t.Fatalf("the first call: %v, %d sessions", first, len(b.Sessions()))
	}
}

func TestACallThatIsLostWasDoneOnceUnderItsKey(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	b.Trouble(stripefake.Trouble{Call: "POST /v1/checkout/sessions", Works: true, Cut: true})
	if _, err := b.client.CheckoutSessions.New(keyed("order-1")); err == nil || strings.Contains(err.Error(), "Status") {
		t.Fatalf("the connection was not cut: %v", err)
	}
	session, err := b.client.CheckoutSessions.New(keyed("order-1"))
	if err != nil || len(b.Sessions()) != 1 || b.Sessions()[0].ID != session.ID {
		t.Fatalf("%d sessions, %v", len(b.Sessions()), err)
	}
}

func TestACallThatIsCutOffAtOnceDoesNothing(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	b.Trouble(stripefake.Trouble{Cut: true}, stripefake.Trouble{Call: "POST /v1/checkout/sessions", Wait: time.Minute, Status: 503})
	if _, err := b.client.CheckoutSessions.New(keyed("order-1")); err == nil || len(b.Sessions()) != 0 {
		t.Fatalf("%d sessions, %v", len(b.Sessions()), err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	p := keyed("order-1")
	p.Context = ctx
	start := time.Now()
	if _, err := b.client.CheckoutSessions.New(p); err == nil || time.Since(start) < 50*time.Millisecond {
		t.Fatalf("it did not wait: %v", err)
	}
	if len(b.Sessions()) != 0 {
		t.Fatal("a session was opened")
	}
}

func TestAFiveHundredIsKeptUnderItsKeyAndALimitIsNot(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	b.Trouble(stripefake.Trouble{Status: 500})
	for range 2 {
		_, err := b.client.CheckoutSessions.New(keyed("order-1"))
		wants(t, err, 500, "api_error", "", "")
	}
	if _, err := b.client.CheckoutSessions.New(keyed("order-1 again")); err != nil {
		t.Fatal(err)
	}
	b.Trouble(stripefake.Trouble{Status: 429})
	_, err := b.client.CheckoutSessions.New(keyed("order-2"))
	wants(t, err, 429, "invalid_request_error", "rate_limit", "")
	if _, err := b.client.CheckoutSessions.New(keyed("order-2")); err != nil {
		t.Fatalf("the limit was kept: %v", err)
	}
}
