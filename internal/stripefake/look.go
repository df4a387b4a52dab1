package stripefake

import "fmt"

// What a test asks to know. Each answers a copy, as things stand now.

// Session is a Checkout Session.
func (s *Stripe) Session(id string) (Session, error) {
	return look(s, &s.sessions, "session", id)
}

// PaymentIntent is a PaymentIntent.
func (s *Stripe) PaymentIntent(id string) (PaymentIntent, error) {
	return look(s, &s.intents, "payment intent", id)
}

// Charge is a charge.
func (s *Stripe) Charge(id string) (Charge, error) { return look(s, &s.charges, "charge", id) }

// RefundNow is a refund as it stands.
func (s *Stripe) RefundNow(id string) (Refund, error) { return look(s, &s.refunds, "refund", id) }

// DisputeNow is a dispute as it stands.
func (s *Stripe) DisputeNow(id string) (Dispute, error) { return look(s, &s.disputes, "dispute", id) }

func look[V any, T interface {
	*V
	thing
}](s *Stripe, on *shelf[T], noun, id string) (V, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	found := on.find(id)
	if found == nil {
		var none V
		return none, fmt.Errorf("there is no %s %s", noun, id)
	}
	return copied(*found), nil
}

// Sessions are all Checkout Sessions, the first one first.
func (s *Stripe) Sessions() []Session { return all(s, &s.sessions) }

// Charges are all charges, the first one first.
func (s *Stripe) Charges() []Charge { return all(s, &s.charges) }

// Refunds are all refunds, the first one first.
func (s *Stripe) Refunds() []Refund { return all(s, &s.refunds) }

// Events are all events, the first one first.
func (s *Stripe) Events() []Event { return all(s, &s.events) }

func all[V any, T interface {
	*V
	thing
}](s *Stripe, on *shelf[T]) []V {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var out []V
	for _, t := range on.all {
		out = append(out, copied(*t))
	}
	return out
}

// ChargeOf is the charge that a session was paid with, empty where it wasn't.
func (s *Stripe) ChargeOf(session string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.sessions.find(session); found != nil {
		if intent := s.intents.find(string(found.PaymentIntent)); intent != nil {
			return string(intent.LatestCharge)
		}
	}
	return ""
}
