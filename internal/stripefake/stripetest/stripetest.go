// Package stripetest lends tests a Stripe: the stand-in on a port of its own,
// and the question to Stripe's mock whether the calls that were made to it are
// calls that Stripe takes.
package stripetest

import (
	"context"
	"net/http/httptest"
	"testing"

	"kintsugi/internal/stripefake"
)

// Key is a secret key that the stand-in takes.
const Key = "sk_test_standin"

// Stripe is a stand-in that runs.
type Stripe struct {
	*stripefake.Stripe
	URL string // its address, for STRIPE_API_BASE
}

// Start runs a stand-in on loopback until the test ends. Nothing is delivered
// by itself: the test calls Deliver, or Run.
func Start(t testing.TB, settings stripefake.Settings) *Stripe {
	t.Helper()
	if settings.Key == "" {
		settings.Key = Key
	}
	s := stripefake.New(settings)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &Stripe{Stripe: s, URL: server.URL}
}

// DeliverAlways delivers by itself from now on, until the test ends.
func (s *Stripe) DeliverAlways(t testing.TB) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-done })
}
