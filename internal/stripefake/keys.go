package stripefake

import (
	"net/http"
	"net/url"
	"time"
)

// keyed is what is kept under an idempotency key.
type keyed struct {
	at    time.Time
	path  string
	body  string
	busy  bool
	saved answer
}

// kept does the work of a POST once for its key: the same key and parameters
// get the same answer, an error too once the work had begun; other parameters
// or another address are an error, and so is a use while the first one is
// still at work. A key is forgotten after a day.
func (s *Stripe) kept(r *http.Request, body string, work func() answer) answer {
	key := r.Header.Get("Idempotency-Key")
	if values, err := url.ParseQuery(body); err == nil {
		body = values.Encode() // the same parameters in another order are the same
	}
	if r.Method != http.MethodPost || key == "" {
		return work()
	}
	if len(key) > 255 {
		return refused(invalid("", "", "The idempotency key can be at most 255 characters long"))
	}
	s.mu.Lock()
	had := s.keys[key]
	if had != nil && !had.busy && s.now().Sub(had.at) >= 24*time.Hour {
		had = nil
	}
	switch {
	case had == nil:
		s.keys[key] = &keyed{at: s.now(), path: r.URL.Path, body: body, busy: true}
	case had.path != r.URL.Path:
		s.mu.Unlock()
		return refused(&refusal{status: 400, Type: "idempotency_error", Message: "Keys for idempotent requests can only be used for the same endpoint they were first used for ('" + had.path + "' vs '" + r.URL.Path + "'). Try using a key other than '" + key + "' if you meant to execute a different request."})
	case had.body != body:
		s.mu.Unlock()
		return refused(&refusal{status: 400, Type: "idempotency_error", Message: "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '" + key + "' if you meant to execute a different request."})
	case had.busy:
		s.mu.Unlock()
		return refused(&refusal{status: 409, Type: "idempotency_error", Code: "idempotency_key_in_use", Message: "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): " + key + ". Please try again later."})
	default:
		s.mu.Unlock()
		replay := had.saved
		replay.replay = true
		return replay
	}
	mine := s.keys[key]
	s.mu.Unlock()

	got := work()

	s.mu.Lock()
	defer s.mu.Unlock()
	mine.busy, mine.saved = false, got
	if got.idle {
		delete(s.keys, key)
	}
	return got
}
