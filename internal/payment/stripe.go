package payment

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"kintsugi/internal/fault"
)

// apiOnce makes the client of Stripe's API the first time it is needed.
type apiOnce struct {
	once sync.Once
	api  *client.API
}

// stripePatience bounds one call, and stripeTries how often the library calls
// again by itself, with the same idempotency key.
const (
	stripePatience = 6 * time.Second
	stripeTries    = 1
)

// stripe gives the client. It is silent, since what Stripe says may repeat what
// a buyer typed there, and tells nobody how long we took.
func (s *Service) stripe() *client.API {
	s.api.once.Do(func() {
		conf := &stripe.BackendConfig{
			HTTPClient:        &http.Client{Timeout: stripePatience},
			LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
			MaxNetworkRetries: stripe.Int64(stripeTries),
			EnableTelemetry:   stripe.Bool(false),
		}
		if s.Stripe.APIBase != "" {
			conf.URL = stripe.String(s.Stripe.APIBase)
		}
		backend := stripe.GetBackendWithConfig(stripe.APIBackend, conf)
		s.api.api = client.New(s.Stripe.SecretKey.Reveal(), &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
	})
	return s.api.api
}

func isLive(key string) bool { return strings.Contains(key, "_live_") }

// params are what every call has.
func params(ctx context.Context) stripe.Params { return stripe.Params{Context: ctx} }

// keyed is params for a call that must happen once.
func keyed(ctx context.Context, key string) stripe.Params {
	return stripe.Params{Context: ctx, IdempotencyKey: stripe.String(key)}
}

// listed is what every list has.
func listed(ctx context.Context) stripe.ListParams {
	return stripe.ListParams{Context: ctx, Limit: stripe.Int64(100)}
}

// stripeSaid gives the answer of Stripe in an error, or nil when it gave none.
func stripeSaid(err error) *stripe.Error {
	var said *stripe.Error
	if errors.As(err, &said) {
		return said
	}
	return nil
}

// isMissing reports whether Stripe knows no such thing in this account.
func isMissing(err error) bool {
	said := stripeSaid(err)
	return said != nil && said.HTTPStatusCode == http.StatusNotFound
}

// isRefused reports whether Stripe has said no for good: nothing happened, and
// the same question has the same answer.
func isRefused(err error) bool {
	said := stripeSaid(err)
	return said != nil && said.HTTPStatusCode >= 400 && said.HTTPStatusCode < 500 &&
		said.HTTPStatusCode != http.StatusConflict && said.HTTPStatusCode != http.StatusTooManyRequests
}

// isBusy reports whether the same question is being answered at this moment.
func isBusy(err error) bool {
	said := stripeSaid(err)
	return said != nil && said.HTTPStatusCode == http.StatusConflict
}

// isBroken reports whether Stripe answered that something broke there. It keeps
// that answer for the key of the question, so asking again needs another key.
func isBroken(err error) bool {
	said := stripeSaid(err)
	return said != nil && said.HTTPStatusCode >= 500
}

// stripeError is an error as it may stand in a log: Stripe's own text can hold
// what a buyer typed.
type stripeError struct{ act, said string }

// Error is the sentence for the log.
func (e stripeError) Error() string { return e.act + ": Stripe: " + e.said }

// wordless takes Stripe's words out of an error.
func wordless(act string, err error) error {
	if err == nil {
		return nil
	}
	said := stripeSaid(err)
	switch {
	case said == nil && errors.Is(err, context.DeadlineExceeded):
		return stripeError{act, "took too long"}
	case said == nil && errors.Is(err, context.Canceled):
		return stripeError{act, "was not waited for"}
	case said == nil:
		return stripeError{act, "does not answer"}
	}
	text := http.StatusText(said.HTTPStatusCode) + " " + string(said.Type)
	for _, more := range []string{string(said.Code), said.Param, said.RequestID} {
		if more != "" {
			text += " " + more
		}
	}
	return stripeError{act, text}
}

// away is the error for people when Stripe does not answer.
func away(act string, err error) error {
	return &fault.Error{
		Kind: fault.Unavailable, Slug: "stripe-away", RetryAfter: 5, Err: wordless(act, err),
		Say: "The payment page cannot be reached right now. Your order is kept and nothing was charged; please try again in a moment.",
	}
}
