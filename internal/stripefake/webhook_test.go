package stripefake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/stripefake"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"
)

// receiver is an endpoint that checks signatures with Stripe's own code.
type receiver struct {
	URL string

	mu      sync.Mutex
	secrets []string
	status  int
	got     []stripe.Event
	bad     int
}

func newReceiver(t *testing.T, secrets ...string) *receiver {
	r := &receiver{secrets: secrets, status: 200}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body) // a body that broke off has no good signature
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, secret := range r.secrets {
			event, err := webhook.ConstructEventWithOptions(body, request.Header.Get("Stripe-Signature"), secret, webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true})
			if err == nil {
				if r.status == 200 {
					r.got = append(r.got, event)
				}
				w.WriteHeader(r.status)
				return
			}
		}
		r.bad++
		w.WriteHeader(400)
	}))
	t.Cleanup(server.Close)
	r.URL = server.URL + "/webhooks/stripe"
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) use(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = secrets
}

func (r *receiver) kinds() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var kinds []string
	for _, event := range r.got {
		kinds = append(kinds, string(event.Type))
	}
	return kinds
}

func TestWebhooksAreSignedAsStripesOwnCodeWantsThem(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	to := newReceiver(t, "whsec_one")
	b.Endpoint(to.URL, "whsec_one", "checkout.session.*")
	b.pay(t, b.open(t, nil).ID)
	made := b.Deliver(context.Background())
	if len(made) != 1 || !made[0].Done || !slices.Equal(to.kinds(), []string{"checkout.session.completed"}) {
		t.Fatalf("delivered %+v, got %v, %d bad", made, to.kinds(), to.bad)
	}
	event := to.got[0]
	var session stripe.CheckoutSession
	if err := json.Unmarshal(event.Data.Raw, &session); err != nil || session.PaymentStatus != "paid" || session.ClientReferenceID != "order-1" || session.LineItems != nil {
		t.Fatalf("the session in it: %+v, %v", session, err)
	}
	if event.APIVersion != "2023-10-16" || event.Livemode || event.PendingWebhooks != 1 {
		t.Fatalf("the event: %+v", event)
	}
	if len(b.Waiting()) != 0 {
		t.Fatal("it waits to be sent again")
	}
}

func TestWhatIsNotAnsweredWithTwoHundredIsTriedAgain(t *testing.T) {
	b := newBench(t, stripefake.Settings{Retries: []time.Duration{time.Minute, time.Hour}})
	to := newReceiver(t, "whsec_one")
	b.Endpoint(to.URL, "whsec_one", "checkout.session.completed")
	b.pay(t, b.open(t, nil).ID)
	for i, status := range []int{500, 302} {
		to.answer(status)
		if made := b.Deliver(context.Background()); len(made) != 1 || made[0].Done || made[0].Status != status {
			t.Fatalf("try %d: %+v", i+1, made)
		}
		if again := b.Deliver(context.Background()); len(again) != 0 {
			t.Fatalf("tried again at once: %+v", again)
		}
		b.Pass(time.Hour)
	}
	to.answer(200)
	if made := b.Deliver(context.Background()); len(made) != 1 || !made[0].Done || made[0].Tries != 3 || len(to.got) != 1 {
		t.Fatalf("the last try: %+v", made)
	}
}

func TestAnEndpointIsGivenUpAfterTheLastTry(t *testing.T) {
	b := newBench(t, stripefake.Settings{Retries: []time.Duration{time.Minute}})
	to := newReceiver(t, "whsec_one")
	to.answer(500)
	b.Endpoint(to.URL, "whsec_one", "checkout.session.completed")
	b.pay(t, b.open(t, nil).ID)
	b.Deliver(context.Background())
	b.Pass(time.Minute)
	b.Deliver(context.Background())
	if waiting := b.Waiting(); len(waiting) != 0 {
		t.Fatalf("still waiting: %+v", waiting)
	}
}

func TestDeliveriesCanBeRepeatedReorderedDelayedAndDropped(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	to := newReceiver(t, "whsec_one")
	b.Endpoint(to.URL, "whsec_one", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed")
	b.pay(t, b.open(t, nil).ID)
	w := b.Waiting()
	if len(w) != 4 {
		t.Fatalf("waiting %+v", w)
	}
	b.Drop(w[0].ID)
	b.Delay(time.Hour, w[1].ID)
	b.Send(context.Background(), w[3].ID, w[2].ID, w[3].ID)
	if made := b.Deliver(context.Background()); len(made) != 0 {
		t.Fatalf("a delayed one went out: %+v", made)
	}
	b.Pass(time.Hour)
	b.Deliver(context.Background())
	want := []string{"checkout.session.completed", "payment_intent.succeeded", "checkout.session.completed", "charge.succeeded"}
	if got := to.kinds(); !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	if to.got[0].ID != to.got[2].ID {
		t.Fatal("the repeated one has another id")
	}
	b.Resend(context.Background(), w[0].Event)
	if got := to.kinds(); got[len(got)-1] != "payment_intent.created" {
		t.Fatalf("resent, got %v", got)
	}
}

func TestWhileASecretIsRolledBothSign(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	to := newReceiver(t, "whsec_one")
	endpoint := b.Endpoint(to.URL, "whsec_one", "checkout.session.completed")
	fresh := b.Roll(endpoint, 24*time.Hour)
	deliver := func() bool {
		b.pay(t, b.open(t, nil).ID)
		made := b.Deliver(context.Background())
		return made[len(made)-1].Done
	}
	if !deliver() {
		t.Fatal("the old secret does not sign any more")
	}
	to.use(fresh)
	if !deliver() {
		t.Fatal("the new secret does not sign yet")
	}
	b.Pass(24 * time.Hour)
	to.use("whsec_one")
	if deliver() {
		t.Fatal("the old secret still signs")
	}
}

func TestAnEndpointHasAVersionOfItsOwnAndTellsItsSecretOnce(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	to := newReceiver(t)
	made, err := b.client.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: &to.URL, EnabledEvents: []*string{stripe.String("*")}, APIVersion: stripe.String("2020-08-27")})
	if err != nil || len(made.Secret) < 30 || made.APIVersion != "2020-08-27" || made.Status != "enabled" {
		t.Fatalf("%+v %v", made, err)
	}
	to.use(made.Secret)
	list := b.client.WebhookEndpoints.List(nil)
	if !list.Next() || list.WebhookEndpoint().Secret != "" || list.WebhookEndpoint().URL != to.URL {
		t.Fatalf("listed: %+v %v", list.Current(), list.Err())
	}
	b.pay(t, b.open(t, nil).ID)
	b.Deliver(context.Background())
	if len(to.got) != 5 || to.got[0].APIVersion != "2020-08-27" {
		t.Fatalf("got %v", to.kinds())
	}
	if _, err := b.client.WebhookEndpoints.Update(made.ID, &stripe.WebhookEndpointParams{Disabled: stripe.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	b.pay(t, b.open(t, nil).ID)
	if waiting := b.Waiting(); len(waiting) != 0 {
		t.Fatalf("a disabled endpoint gets %+v", waiting)
	}
	_, err = b.client.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: stripe.String("example.com/hook"), EnabledEvents: []*string{stripe.String("*")}})
	wants(t, err, 400, "invalid_request_error", "url_invalid", "url")
}

func TestEventsCanBeAskedForForThirtyDays(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	b.pay(t, b.open(t, nil).ID)
	b.Pass(24 * time.Hour)
	key := &stripe.CheckoutSessionParams{}
	key.SetIdempotencyKey("expire-1")
	if _, err := b.client.CheckoutSessions.Expire(b.open(t, nil).ID, &stripe.CheckoutSessionExpireParams{Params: key.Params}); err != nil {
		t.Fatal(err)
	}
	ask := func(p *stripe.EventListParams) (kinds []string) {
		t.Helper()
		list := b.client.Events.List(p)
		for list.Next() {
			kinds = append(kinds, string(list.Event().Type))
		}
		if list.Err() != nil {
			t.Fatal(list.Err())
		}
		return kinds
	}
	if got := ask(&stripe.EventListParams{Type: stripe.String("checkout.session.*")}); !slices.Equal(got, []string{"checkout.session.expired", "checkout.session.completed"}) {
		t.Fatalf("by group: %v", got)
	}
	if got := ask(&stripe.EventListParams{Types: []*string{stripe.String("charge.succeeded"), stripe.String("checkout.session.expired")}}); len(got) != 2 {
		t.Fatalf("by names: %v", got)
	}
	if got := ask(&stripe.EventListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: began.Add(time.Hour).Unix()}}); len(got) != 1 {
		t.Fatalf("by time: %v", got)
	}
	events := b.Events()
	last := events[len(events)-1]
	if last.Request.Key != "expire-1" || last.Request.ID == "" || events[0].Request.ID != "" {
		t.Fatalf("what they came of: %+v and %+v", last.Request, events[0].Request)
	}
	b.Pass(29 * 24 * time.Hour)
	if got := ask(&stripe.EventListParams{}); len(got) != 1 {
		t.Fatalf("after thirty days: %v", got)
	}
	_, err := b.client.Events.Get(events[0].ID, nil)
	wants(t, err, 404, "invalid_request_error", "resource_missing", "id")
}

func TestAForgedEventCanBeSignedOrNot(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	body := b.Forged("checkout.session.completed", map[string]any{"id": "cs_test_0", "object": "checkout.session"}, func(event map[string]any) { event["livemode"] = true })
	now := time.Now()
	event, err := webhook.ConstructEvent(body, stripefake.Sign(now, body, "whsec_other", "whsec_one"), "whsec_one")
	if err != nil || !event.Livemode {
		t.Fatalf("%+v %v", event, err)
	}
	for name, header := range map[string]string{
		"another secret": stripefake.Sign(now, body, "whsec_other"),
		"an old one":     stripefake.Sign(now.Add(-time.Hour), body, "whsec_one"),
		"only v0":        stripefake.Sign(now, body),
		"another body":   stripefake.Sign(now, append(slices.Clone(body), ' '), "whsec_one"),
	} {
		if _, err := webhook.ConstructEvent(body, header, "whsec_one"); err == nil {
			t.Errorf("%s was believed", name)
		}
	}
}

func TestTheDelivererSendsByItselfUntilItIsHeld(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	to := newReceiver(t, "whsec_one")
	b.Endpoint(to.URL, "whsec_one", "checkout.session.completed")
	b.DeliverAlways(t)
	arrived := func(n int) error {
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if len(to.kinds()) == n {
				return nil
			}
		}
		return fmt.Errorf("%d arrived, want %d", len(to.kinds()), n)
	}
	b.pay(t, b.open(t, nil).ID)
	if err := arrived(1); err != nil {
		t.Fatal(err)
	}
	b.Hold()
	b.pay(t, b.open(t, nil).ID)
	time.Sleep(20 * time.Millisecond)
	if err := arrived(1); err != nil {
		t.Fatal(err)
	}
	b.Release()
	if err := arrived(2); err != nil {
		t.Fatal(err)
	}
}
