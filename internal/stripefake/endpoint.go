package stripefake

import (
	"regexp"
	"slices"
	"strconv"
	"time"
)

// Endpoint is where webhooks are sent.
type Endpoint struct {
	ID          string            `json:"id"`
	Object      string            `json:"object"`
	APIVersion  ref               `json:"api_version"`
	Application ref               `json:"application"`
	Created     int64             `json:"created"`
	Description ref               `json:"description"`
	Events      []string          `json:"enabled_events"`
	Livemode    bool              `json:"livemode"`
	Metadata    map[string]string `json:"metadata"`
	Status      string            `json:"status"`
	URL         string            `json:"url"`

	secrets []secret // the one in use first
}

// secret signs until its time is over; without a time it always does.
type secret struct {
	word  string
	until time.Time
}

func (e *Endpoint) id() string  { return e.ID }
func (e *Endpoint) made() int64 { return e.Created }

var eventName = regexp.MustCompile(`^(\*|[a-z_]+(\.[a-z_]+)*(\.\*)?)$`)

func eventWord(path string, n *node) *refusal {
	if refused := text(path, n); refused != nil {
		return refused
	}
	if !eventName.MatchString(n.word) {
		return invalid(path, "", "Invalid %s: %s is not the name of an event", path, n.word)
	}
	return nil
}

func versionWord(path string, n *node) *refusal {
	if !versionForm.MatchString(n.word) {
		return invalid(path, "", "Invalid API version: %s", n.word)
	}
	return nil
}

var (
	endpointShape = fields{"url": text, "enabled_events": list(eventWord), "api_version": versionWord, "description": clearable, "metadata": pairs,
		"connect": yesno, "expand": expanded}
	endpointChange = fields{"url": text, "enabled_events": list(eventWord), "disabled": yesno, "description": clearable, "metadata": pairs, "expand": expanded}
)

func (s *Stripe) createEndpoint(c *call) (any, *refusal) {
	p := c.params
	for _, name := range []string{"url", "enabled_events"} {
		if !p.has(name) {
			return nil, missing(name)
		}
	}
	if !isURL(p.text("url")) {
		return nil, invalid("url", "url_invalid", "Invalid URL: An explicit scheme (such as https) must be provided.")
	}
	endpoint := s.addEndpoint(p.text("url"), newID("whsec_", 32), p.text("api_version"), p.words("enabled_events"))
	endpoint.Description, endpoint.Metadata = ref(p.text("description")), p.pairs("metadata", nil)
	answer := toMap(endpoint)
	answer["secret"] = endpoint.secrets[0].word // told this once
	return answer, nil
}

func (s *Stripe) addEndpoint(url, word, version string, events []string) *Endpoint {
	return s.endpoints.add(&Endpoint{ID: newID("we_1", 23), Object: "webhook_endpoint", APIVersion: ref(version), Created: s.now().Unix(), Events: events,
		Metadata: map[string]string{}, Status: "enabled", URL: url, secrets: []secret{{word: word}}})
}

func (s *Stripe) listEndpoints(c *call) (any, *refusal) {
	return pageOf(&s.endpoints, c.path, c.params, nil)
}

func (s *Stripe) readEndpoint(c *call) (any, *refusal) {
	if endpoint := s.endpoints.find(c.id); endpoint != nil {
		return endpoint, nil
	}
	return nil, noSuch("webhook endpoint", c.id)
}

func (s *Stripe) changeEndpoint(c *call) (any, *refusal) {
	p := c.params
	endpoint := s.endpoints.find(c.id)
	if endpoint == nil {
		return nil, noSuch("webhook endpoint", c.id)
	}
	if p.has("url") {
		if !isURL(p.text("url")) {
			return nil, invalid("url", "url_invalid", "Invalid URL: An explicit scheme (such as https) must be provided.")
		}
		endpoint.URL = p.text("url")
	}
	if p.has("enabled_events") {
		endpoint.Events = p.words("enabled_events")
	}
	if p.has("description") {
		endpoint.Description = ref(p.text("description"))
	}
	if p.has("disabled") {
		endpoint.Status = map[bool]string{true: "disabled", false: "enabled"}[p.yes("disabled")]
	}
	endpoint.Metadata = p.pairs("metadata", endpoint.Metadata)
	return endpoint, nil
}

func (s *Stripe) deleteEndpoint(c *call) (any, *refusal) {
	if s.endpoints.find(c.id) == nil {
		return nil, noSuch("webhook endpoint", c.id)
	}
	s.endpoints.remove(c.id)
	s.dropTo(c.id)
	return map[string]any{"id": c.id, "object": "webhook_endpoint", "deleted": true}, nil
}

// Endpoint adds an endpoint with a secret of one's own choice; it gets all
// events unless some are named. It answers the endpoint's id.
func (s *Stripe) Endpoint(url, word string, events ...string) string {
	if len(events) == 0 {
		events = []string{"*"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addEndpoint(url, word, "", events).ID
}

// UseVersion pins an endpoint to an API version, or to none.
func (s *Stripe) UseVersion(endpoint, version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustEndpoint(endpoint).APIVersion = ref(version)
}

// Roll gives an endpoint a new secret. The old one still signs for so long,
// beside the new one.
func (s *Stripe) Roll(endpoint string, overlap time.Duration) (word string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.mustEndpoint(endpoint)
	for i := range e.secrets {
		if e.secrets[i].until.IsZero() {
			e.secrets[i].until = s.now().Add(overlap)
		}
	}
	word = newID("whsec_", 32)
	e.secrets = slices.Insert(e.secrets, 0, secret{word: word})
	return word
}

// signing are the secrets that sign now.
func (s *Stripe) signing(e *Endpoint) []string {
	var words []string
	for _, secret := range e.secrets {
		if secret.until.IsZero() || s.now().Before(secret.until) {
			words = append(words, secret.word)
		}
	}
	return words
}

func (s *Stripe) mustEndpoint(id string) *Endpoint {
	endpoint := s.endpoints.find(id)
	if endpoint == nil {
		panic("stripefake: there is no endpoint " + strconv.Quote(id))
	}
	return endpoint
}
