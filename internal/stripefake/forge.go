package stripefake

import "encoding/json"

// Forged is an event that never happened, for tests of what mustn't be
// believed: its body as it would be sent, with an id of its own. Change may put
// anything into it, such as livemode or another version.
func (s *Stripe) Forged(kind string, object any, change func(event map[string]any)) []byte {
	s.mu.Lock()
	event := &Event{ID: newID("evt_1", 23), Object: "event", APIVersion: s.settings.AccountVersion, Created: s.now().Unix(), Type: kind}
	s.mu.Unlock()
	text, err := json.Marshal(object)
	if err != nil {
		panic("stripefake: an object can't be written: " + err.Error())
	}
	event.Data.Object = text
	made := toMap(event)
	if change != nil {
		change(made)
	}
	body, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		panic("stripefake: an event can't be written: " + err.Error())
	}
	return body
}

// Body is an event as the endpoint gets it, so that a test can send it itself.
func (s *Stripe) Body(event string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.events.find(event)
	if found == nil {
		return nil
	}
	return found.body("")
}
