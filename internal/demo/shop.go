package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kintsugi/internal/stripefake"
)

// Shop stands in for Stripe in a demonstration: packages can be bought, and no
// money moves. Its API answers on a port of this machine; the page on which
// people pay is part of the demonstration's own site, so that it opens wherever
// the site does. What it knows is gone when it stops.
type Shop struct {
	key, word string
	listener  net.Listener
	server    *http.Server
	fake      atomic.Pointer[stripefake.Stripe]
	busy      sync.WaitGroup
}

// OpenShop opens its port; it answers once it has begun.
func OpenShop() (*Shop, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Shop{key: "sk_test_" + strings.ToLower(rand.Text()), word: "whsec_" + strings.ToLower(rand.Text()), listener: listener}
	s.server = &http.Server{Handler: http.HandlerFunc(s.answer), ReadHeaderTimeout: 5 * time.Second}
	s.busy.Go(func() { _ = s.server.Serve(listener) }) // ends when it is closed
	return s, nil
}

// Environ are the settings with which the program pays here.
func (s *Shop) Environ() []string {
	return []string{"STRIPE_SECRET_KEY=" + s.key, "STRIPE_WEBHOOK_SECRET=" + s.word, "STRIPE_API_BASE=http://" + s.listener.Addr().String()}
}

// Begin answers for a site from now on and sends it what happens, until ctx
// ends.
func (s *Shop) Begin(ctx context.Context, site string, now func() time.Time) {
	fake := stripefake.New(stripefake.Settings{URL: site, Key: s.key, Now: now})
	fake.UseVersion(fake.Endpoint(site+"/webhooks/stripe", s.word), stripefake.Version)
	s.fake.Store(fake)
	s.busy.Go(func() { fake.Run(ctx) })
}

func (s *Shop) answer(w http.ResponseWriter, r *http.Request) {
	if fake := s.fake.Load(); fake != nil {
		fake.ServeHTTP(w, r)
		return
	}
	http.Error(w, "not yet", http.StatusServiceUnavailable)
}

// Checkout answers with the pages on which people pay, and with nothing else.
func (s *Shop) Checkout() http.Handler { return http.HandlerFunc(s.answer) }

// Close stops it. The context that it began with has to have ended.
func (s *Shop) Close() error {
	err := s.server.Close()
	s.busy.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
