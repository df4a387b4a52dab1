package stripefake

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID       int
	Event    string
	Type     string
	Endpoint string
	Tries    int
	Due      time.Time
	Status   int    // the last answer; 0 where there was none
	Trouble  string // why the last try failed
	Done     bool   // it was answered with 2xx
}

// post is what waits to be delivered and what was.
type post struct {
	last    int
	waiting []*Delivery
	sent    []Delivery
	held    bool
	wake    chan struct{}
}

// threeDays are the waits of Stripe: doubling, for about three days.
func threeDays() []time.Duration {
	var waits []time.Duration
	for wait, total := time.Minute, time.Duration(0); total+wait <= 72*time.Hour; wait *= 2 {
		waits = append(waits, wait)
		total += wait
	}
	return waits
}

// enqueue puts an event into the post of each endpoint that wants it.
func (s *Stripe) enqueue(event *Event) {
	for _, endpoint := range s.endpoints.all {
		if endpoint.Status == "enabled" && slices.ContainsFunc(endpoint.Events, func(name string) bool { return matches(name, event.Type) }) {
			s.post.last++
			s.post.waiting = append(s.post.waiting, &Delivery{ID: s.post.last, Event: event.ID, Type: event.Type, Endpoint: endpoint.ID, Due: s.now()})
		}
	}
}

// pending counts the endpoints that an event has not reached.
func (s *Stripe) pending(event string) int {
	n := 0
	for _, d := range s.post.waiting {
		if d.Event == event {
			n++
		}
	}
	return n
}

func (s *Stripe) dropTo(endpoint string) {
	s.post.waiting = slices.DeleteFunc(s.post.waiting, func(d *Delivery) bool { return d.Endpoint == endpoint })
}

func (s *Stripe) wakePost() {
	select {
	case s.post.wake <- struct{}{}:
	default:
	}
}

// Run delivers what is due and lets time do its work until ctx ends.
func (s *Stripe) Run(ctx context.Context) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		s.mu.Lock()
		s.settle()
		held := s.post.held
		s.mu.Unlock()
		if !held {
			s.Deliver(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.post.wake:
		case <-tick.C:
		}
	}
}

// Hold keeps Run from delivering until Release: a test then sends what it
// likes, in the order it likes.
func (s *Stripe) Hold() { s.hold(true) }

// Release lets Run deliver again.
func (s *Stripe) Release() { s.hold(false) }

func (s *Stripe) hold(held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.post.held = held
	s.wakePost()
}

// Waiting are the deliveries still to be made, the oldest first.
func (s *Stripe) Waiting() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	var waiting []Delivery
	for _, d := range s.post.waiting {
		waiting = append(waiting, *d)
	}
	return waiting
}

// Sent are the tries that were made, the first one first.
func (s *Stripe) Sent() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.post.sent)
}

// Deliver sends everything that is due, in the order in which it happened, and
// answers what came of it.
func (s *Stripe) Deliver(ctx context.Context) []Delivery {
	s.mu.Lock()
	s.settle()
	var ids []int
	for _, d := range s.post.waiting {
		if !d.Due.After(s.now()) {
			ids = append(ids, d.ID)
		}
	}
	s.mu.Unlock()
	return s.Send(ctx, ids...)
}

// Send sends these deliveries now, in this order, due or not; one that has been
// made already is made again, and so is one that is named twice.
func (s *Stripe) Send(ctx context.Context, ids ...int) []Delivery {
	var made []Delivery
	for _, id := range ids {
		if ctx.Err() != nil {
			return made
		}
		if d, ok := s.send(ctx, id); ok {
			made = append(made, d)
		}
	}
	return made
}

// Resend sends an event again to each endpoint that wants it, whether or not it
// has arrived before.
func (s *Stripe) Resend(ctx context.Context, event string) []Delivery {
	s.mu.Lock()
	found := s.events.find(event)
	first := s.post.last + 1
	if found != nil {
		s.enqueue(found)
	}
	last := s.post.last
	s.mu.Unlock()
	var made []Delivery
	for id := first; id <= last; id++ {
		made = append(made, s.Send(ctx, id)...)
	}
	return made
}

// Drop loses deliveries for good.
func (s *Stripe) Drop(ids ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.post.waiting = slices.DeleteFunc(s.post.waiting, func(d *Delivery) bool { return slices.Contains(ids, d.ID) })
}

// Delay makes deliveries due so much later than now.
func (s *Stripe) Delay(by time.Duration, ids ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.post.waiting {
		if slices.Contains(ids, d.ID) {
			d.Due = s.now().Add(by)
		}
	}
}

// send makes one delivery.
func (s *Stripe) send(ctx context.Context, id int) (Delivery, bool) {
	s.mu.Lock()
	d := s.delivery(id)
	if d == nil {
		s.mu.Unlock()
		return Delivery{}, false
	}
	event, endpoint := s.events.find(d.Event), s.endpoints.find(d.Endpoint)
	if event == nil || endpoint == nil {
		s.mu.Unlock()
		return Delivery{}, false
	}
	event.Pending = s.pending(event.ID)
	body, url := event.body(string(endpoint.APIVersion)), endpoint.URL
	signature := Sign(s.settings.Stamp(), body, s.signing(endpoint)...)
	s.mu.Unlock()

	status, trouble := s.knock(ctx, url, body, signature)

	s.mu.Lock()
	defer s.mu.Unlock()
	d.Tries++
	d.Status, d.Trouble, d.Done = status, trouble, status/100 == 2
	s.post.sent = append(s.post.sent, *d)
	waits := s.settings.Retries
	switch {
	case d.Done || d.Tries > len(waits):
		s.post.waiting = slices.DeleteFunc(s.post.waiting, func(w *Delivery) bool { return w.ID == d.ID })
	default:
		d.Due = s.now().Add(waits[d.Tries-1])
	}
	return *d, true
}

// delivery finds one that waits, or makes one anew out of one that was made.
func (s *Stripe) delivery(id int) *Delivery {
	for _, d := range s.post.waiting {
		if d.ID == id {
			return d
		}
	}
	for _, d := range slices.Backward(s.post.sent) {
		if d.ID == id {
			return &d
		}
	}
	return nil
}

// knock posts a body to an endpoint. A redirect is a failure, as with Stripe.
func (s *Stripe) knock(ctx context.Context, url string, body []byte, signature string) (status int, trouble string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	request.Header.Set("Stripe-Signature", signature)
	response, err := s.client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	if response.StatusCode/100 != 2 {
		return response.StatusCode, fmt.Sprintf("answered %d", response.StatusCode)
	}
	return response.StatusCode, ""
}
