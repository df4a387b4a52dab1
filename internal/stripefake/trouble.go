package stripefake

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Trouble is what befalls one call.
type Trouble struct {
	// Call is which: the method and address as in the list of routes, such as
	// "POST /v1/checkout/sessions" or "POST /v1/checkout/sessions/{id}/expire".
	// Empty: the next one, whichever it is.
	Call string
	// Status is answered in place of what would be: 500, 503, 429. A 500 is
	// kept under the call's idempotency key, as Stripe does; 429 and 503 turn
	// the call away at the door and keep nothing.
	Status int
	// Works does the work all the same; only the answer is lost.
	Works bool
	// Cut ends the connection without an answer.
	Cut bool
	// Wait is how long the answer takes, by the clock on the wall: before the
	// work, or after it where Works is set. It ends early when the caller goes.
	Wait time.Duration
	// Hold keeps the call at work until it is closed.
	Hold <-chan struct{}
	// Reached is closed when the call is at work.
	Reached chan<- struct{}
}

// Trouble plans what befalls the next calls, each once.
func (s *Stripe) Trouble(planned ...Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.troubles = append(s.troubles, planned...)
}

// takeTrouble takes the first one out of the plan that is meant for this call.
func (s *Stripe) takeTrouble(pattern string) Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, t := range s.troubles {
		if t.Call == "" || t.Call == pattern {
			s.troubles = slices.Delete(s.troubles, i, i+1)
			return t
		}
	}
	return Trouble{Works: true}
}

// before reports whether the call comes to nothing.
func (t Trouble) before() bool { return t.Status != 0 && !t.Works }

func (t Trouble) refusal() *refusal {
	switch t.Status {
	case http.StatusTooManyRequests:
		return &refusal{status: 429, Type: "invalid_request_error", Code: "rate_limit", Message: "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."}
	case http.StatusServiceUnavailable:
		return &refusal{status: 503, Type: "api_error", Message: "Stripe is not available right now."}
	}
	return &refusal{status: t.Status, Type: "api_error", Message: fmt.Sprintf("An unknown error occurred (%d)", t.Status), begun: true}
}

// linger is the time before the work.
func (t Trouble) linger(r *http.Request) {
	if t.Wait > 0 && !t.Works {
		wait(r, t.Wait)
	}
	if t.Reached != nil {
		close(t.Reached)
	}
	if t.Hold != nil {
		<-t.Hold
	}
}

// wait waits, no longer than the caller does.
func wait(r *http.Request, d time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(d):
	}
}
