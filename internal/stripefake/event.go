package stripefake

import (
	"encoding/json"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Event says that something happened, with the object as it was then.
type Event struct {
	ID         string       `json:"id"`
	Object     string       `json:"object"`
	APIVersion string       `json:"api_version"`
	Created    int64        `json:"created"`
	Data       EventData    `json:"data"`
	Livemode   bool         `json:"livemode"`
	Pending    int          `json:"pending_webhooks"`
	Request    EventRequest `json:"request"`
	Type       string       `json:"type"`
}

// EventData is the object, and what an update changed about it.
type EventData struct {
	Object   json.RawMessage `json:"object"`
	Previous map[string]any  `json:"previous_attributes,omitempty"`
}

// EventRequest is the call that it came of, empty where it came by itself.
type EventRequest struct {
	ID  ref `json:"id"`
	Key ref `json:"idempotency_key"`
}

func (e *Event) id() string  { return e.ID }
func (e *Event) made() int64 { return e.Created }

// kept is how long events can be asked for.
const keptFor = 30 * 24 * time.Hour

// happened writes an event and puts it into the post. Before is the object as
// it was, where this is an update.
func (s *Stripe) happened(c *call, kind string, object any, before map[string]any) {
	text, err := json.Marshal(object)
	if err != nil {
		panic("stripefake: an event can't be written: " + err.Error())
	}
	event := &Event{ID: newID("evt_1", 23), Object: "event", APIVersion: s.settings.AccountVersion, Created: s.now().Unix(), Data: EventData{Object: text}, Type: kind}
	if c != nil {
		event.Request = EventRequest{ref(c.reqID), ref(c.key)}
	}
	if before != nil {
		event.Data.Previous = changed(before, toMap(object))
	}
	s.events.add(event)
	s.enqueue(event)
}

// changed are the attributes that were otherwise before.
func changed(before, after map[string]any) map[string]any {
	previous := map[string]any{}
	for name, was := range before {
		if !reflect.DeepEqual(was, after[name]) {
			previous[name] = was
		}
	}
	return previous
}

// body is an event as an endpoint with this version gets it.
func (e *Event) body(version string) []byte {
	sent := *e
	if version != "" {
		sent.APIVersion = version
	}
	text, err := json.MarshalIndent(sent, "", "  ")
	if err != nil {
		panic("stripefake: an event can't be written: " + err.Error())
	}
	return text
}

func (s *Stripe) listEvents(c *call) (any, *refusal) {
	p := c.params
	if p.has("type") && p.has("types") {
		return nil, invalid("", "parameters_exclusive", "You may only specify one of these parameters: type, types.")
	}
	kinds := p.words("types")
	if len(kinds) > 20 {
		return nil, invalid("types", "", "You may only specify up to 20 types")
	}
	if p.has("type") {
		kinds = []string{p.text("type")}
	}
	since := s.now().Add(-keptFor).Unix()
	return pageOf(&s.events, c.path, p, func(e *Event) bool {
		e.Pending = s.pending(e.ID)
		return e.Created > since && (len(kinds) == 0 || slices.ContainsFunc(kinds, func(kind string) bool { return matches(kind, e.Type) })) &&
			(!p.has("delivery_success") || p.yes("delivery_success") == (e.Pending == 0))
	})
}

func (s *Stripe) readEvent(c *call) (any, *refusal) {
	event := s.events.find(c.id)
	if event == nil || event.Created <= s.now().Add(-keptFor).Unix() {
		return nil, noSuch("event", c.id)
	}
	event.Pending = s.pending(event.ID)
	return event, nil
}

// matches reports whether a name, or a group such as charge.*, means a type.
func matches(pattern, kind string) bool {
	if pattern == "*" {
		return true
	}
	group, all := strings.CutSuffix(pattern, "*")
	if all {
		return strings.HasPrefix(kind, group)
	}
	return path.Clean(pattern) == kind
}
