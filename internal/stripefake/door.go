package stripefake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Request is one call that came in, as it came in.
type Request struct {
	At      time.Time
	Method  string
	Path    string
	Query   string
	Body    string
	Version string // the header Stripe-Version
	Key     string // the header Idempotency-Key
	Status  int    // what was answered; 0 where the connection was cut
	Replay  bool   // the answer was the one kept under the key
}

// call is a request on its way through.
type call struct {
	id     string // from the path
	path   string
	host   string
	params *node
	reqID  string
	key    string
}

// act does what a call asks for; it holds the lock.
type act func(c *call) (any, *refusal)

// answer is what is sent back.
type answer struct {
	status int
	body   []byte
	idle   bool // the work had not begun, so that it isn't kept under a key
	replay bool
}

const bodyMost = 1 << 20

var versionForm = regexp.MustCompile(`^\d{4}-\d\d-\d\d(\.[a-z]+)?$`)

// ServeHTTP answers the API and the pages of the checkout.
func (s *Stripe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/c/") {
		s.checkout.ServeHTTP(w, r)
		return
	}
	if _, pattern := s.mux.Handler(r); pattern == "" {
		s.write(w, newID("req_", 14), refused(&refusal{status: 404, Type: "invalid_request_error",
			Message: fmt.Sprintf("Unrecognized request URL (%s: %s). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.", r.Method, r.URL.Path)}))
		return
	}
	s.mux.ServeHTTP(w, r)
}

// call adds one to the list of what the stand-in knows.
func (s *Stripe) call(pattern string, allowed fields, do act) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMost))
		if err != nil {
			http.Error(w, "the body is too large, or it broke off", http.StatusRequestEntityTooLarge)
			return
		}
		reqID := newID("req_", 14)
		seen := Request{At: s.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(body),
			Version: r.Header.Get("Stripe-Version"), Key: r.Header.Get("Idempotency-Key")}
		trouble := s.takeTrouble(pattern)
		if trouble.Cut && !trouble.Works {
			s.remember(seen)
			panic(http.ErrAbortHandler) // nothing is done, and nobody hears of it
		}
		got := s.answer(r, pattern, allowed, do, string(body), reqID, trouble)
		seen.Status, seen.Replay = got.status, got.replay
		if trouble.Cut {
			seen.Status = 0
		}
		s.remember(seen)
		if trouble.Wait > 0 && trouble.Works {
			wait(r, trouble.Wait)
		}
		if trouble.Cut {
			panic(http.ErrAbortHandler) // the work is done, and nobody hears of it
		}
		w.Header().Set("Stripe-Version", Version)
		if seen.Key != "" {
			w.Header().Set("Idempotency-Key", seen.Key)
		}
		s.write(w, reqID, got)
	})
}

// answer is the way of a call from the door to what is sent back.
func (s *Stripe) answer(r *http.Request, pattern string, allowed fields, do act, body, reqID string, trouble Trouble) answer {
	if no := s.mayEnter(r); no != nil {
		return refused(no)
	}
	if version := r.Header.Get("Stripe-Version"); version != "" && version != Version {
		if !versionForm.MatchString(version) {
			return refused(invalid("", "", "Invalid Stripe API version: %s", version))
		}
		return refused(invalid("", "", "The stand-in speaks API version %s and no other, and this call asks for %s", Version, version))
	}
	return s.kept(r, body, func() answer {
		trouble.linger(r)
		if trouble.before() {
			return refused(trouble.refusal())
		}
		c, no := read(r, body, allowed)
		if no != nil {
			return refused(no)
		}
		c.reqID, c.key = reqID, r.Header.Get("Idempotency-Key")
		s.mu.Lock()
		defer s.mu.Unlock()
		s.settle()
		value, no := do(c)
		if no == nil {
			value, no = s.expand(value, c.params.words("expand"))
		}
		s.wakePost()
		if no != nil {
			return refused(no)
		}
		if trouble.Status != 0 {
			return refused(trouble.refusal())
		}
		return said(value)
	})
}

// mayEnter looks at the secret key: as a bearer, or as the name of basic
// authentication.
func (s *Stripe) mayEnter(r *http.Request) *refusal {
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !bearer {
		key, _, _ = r.BasicAuth()
	}
	switch {
	case key == "":
		return &refusal{status: 401, Type: "invalid_request_error", Message: "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."}
	case !strings.HasPrefix(key, "sk_test_") || len(key) < len("sk_test_")+1 || s.settings.Key != "" && key != s.settings.Key:
		return &refusal{status: 401, Type: "invalid_request_error", Message: "Invalid API Key provided: " + hidden(key)}
	}
	return nil
}

// hidden shows no more of a key than Stripe does.
func hidden(key string) string {
	if len(key) < 12 {
		return strings.Repeat("*", len(key))
	}
	return key[:8] + strings.Repeat("*", len(key)-12) + key[len(key)-4:]
}

// read takes the parameters of a call and holds them to its shape.
func read(r *http.Request, body string, allowed fields) (*call, *refusal) {
	if body != "" && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil, invalid("", "", "Invalid request: the API takes form-encoded bodies, and this one says that it is %q", r.Header.Get("Content-Type"))
	}
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, invalid("", "", "Invalid request: the body isn't form-encoded")
	}
	for name, words := range r.URL.Query() {
		values[name] = append(values[name], words...)
	}
	params, no := readForm(values)
	if no != nil {
		return nil, no
	}
	if no := allowed.check("", params); no != nil {
		return nil, no
	}
	return &call{id: r.PathValue("id"), path: r.URL.Path, host: r.Host, params: params}, nil
}

func said(value any) answer {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		panic("stripefake: an answer can't be written: " + err.Error())
	}
	return answer{status: 200, body: text.Bytes()}
}

func refused(no *refusal) answer {
	got := said(map[string]any{"error": no})
	got.status, got.idle = no.status, !no.begun
	return got
}

func (s *Stripe) write(w http.ResponseWriter, reqID string, got answer) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", reqID)
	if got.replay {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	w.WriteHeader(got.status)
	w.Write(got.body)
}

// Requests are the calls that came in so far, the first one first.
func (s *Stripe) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *Stripe) remember(seen Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, seen)
}

// base is where the pages of the checkout are reached.
func (s *Stripe) base(c *call) string {
	if s.settings.URL != "" {
		return strings.TrimSuffix(s.settings.URL, "/")
	}
	return "http://" + c.host
}
