package stripefake

import (
	"fmt"
	"time"
)

// Refund is money given back, or on its way back.
type Refund struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Amount             int64             `json:"amount"`
	BalanceTransaction ref               `json:"balance_transaction"`
	Charge             string            `json:"charge"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
	Destination        map[string]any    `json:"destination_details,omitempty"`
	FailureTransaction ref               `json:"failure_balance_transaction,omitempty"`
	FailureReason      ref               `json:"failure_reason,omitempty"`
	Metadata           map[string]string `json:"metadata"`
	PaymentIntent      ref               `json:"payment_intent"`
	Reason             ref               `json:"reason"`
	ReceiptNumber      ref               `json:"receipt_number"`
	SourceReversal     ref               `json:"source_transfer_reversal"`
	Status             string            `json:"status"`
	TransferReversal   ref               `json:"transfer_reversal"`
}

func (r *Refund) id() string  { return r.ID }
func (r *Refund) made() int64 { return r.Created }

var refundShape = fields{"charge": text, "payment_intent": text, "amount": whole, "metadata": pairs,
	"reason": oneOf("duplicate", "fraudulent", "requested_by_customer"), "expand": expanded}

// RefundFate is what becomes of the next refund. The zero value succeeds at
// once, as a refund to a card does.
type RefundFate struct {
	Pending bool          // it is on its way first; without it, it has succeeded first
	After   time.Duration // for so long; 0: until Settle where it is pending
	Fails   bool          // it comes to nothing in the end, as refunds to a closed card do
	Reason  string        // why it failed; empty: expired_or_canceled_card
}

// NextRefund plans what becomes of the next refund of a charge, or of any where
// none is named.
func (s *Stripe) NextRefund(charge string, fate RefundFate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fates = append(s.fates, fated{charge, fate})
}

type fated struct {
	charge string
	fate   RefundFate
}

func (s *Stripe) createRefund(c *call) (any, *refusal) {
	p := c.params
	charge, no := s.toRefund(p)
	if no != nil {
		return nil, no
	}
	amount := charge.Amount - charge.AmountRefunded
	if p.has("amount") {
		amount = p.number("amount")
	}
	return s.refund(c, charge, amount, p.has("amount"), p.text("reason"), p.pairs("metadata", nil))
}

// toRefund finds the charge that is meant.
func (s *Stripe) toRefund(p *node) (*Charge, *refusal) {
	switch {
	case p.has("charge") && p.has("payment_intent"):
		return nil, invalid("", "parameters_exclusive", "You may only specify one of these parameters: charge, payment_intent.")
	case p.has("charge"):
		charge := s.charges.find(p.text("charge"))
		if charge == nil {
			return nil, noSuchParam("charge", "charge", p.text("charge"))
		}
		return charge, nil
	case p.has("payment_intent"):
		intent := s.intents.find(p.text("payment_intent"))
		if intent == nil {
			return nil, noSuchParam("payment_intent", "payment_intent", p.text("payment_intent"))
		}
		charge := s.charges.find(string(intent.LatestCharge))
		if charge == nil {
			return nil, cannot("payment_intent_unexpected_state", "This PaymentIntent (%s) does not have a successful charge to refund.", intent.ID)
		}
		return charge, nil
	}
	return nil, invalid("", "parameter_missing", "One of the following params should be provided for this request: payment_intent or charge.")
}

// refund gives money back.
func (s *Stripe) refund(c *call, charge *Charge, amount int64, asked bool, reason string, metadata map[string]string) (*Refund, *refusal) {
	left := charge.Amount - charge.AmountRefunded
	switch {
	case !charge.Paid:
		return nil, cannot("charge_not_refundable", "Charge %s has not been paid and cannot be refunded.", charge.ID)
	case charge.Refunded || left == 0:
		return nil, cannot("charge_already_refunded", "Charge %s has already been refunded.", charge.ID)
	case s.chargedBack(charge.ID):
		return nil, cannot("charge_disputed", "Charge %s has been charged back; cannot issue a refund.", charge.ID)
	case asked && amount < 1:
		return nil, invalid("amount", "parameter_invalid_integer", "Invalid positive integer")
	case amount > left:
		no := cannot("", "Refund amount (%d) is greater than unrefunded amount on charge (%d)", amount, left)
		no.Param = "amount"
		return nil, no
	}
	fate := s.fate(charge)
	refund := s.refunds.add(&Refund{ID: newID("re_3", 23), Object: "refund", Amount: amount, Charge: charge.ID, Created: s.now().Unix(), Currency: charge.Currency,
		Metadata: metadata, PaymentIntent: charge.PaymentIntent, Reason: ref(reason), Status: "succeeded",
		Destination: map[string]any{"card": map[string]any{"type": "refund"}, "type": "card"}})
	refund.BalanceTransaction = s.booked("refund", "refund", refund.ID, refund.Currency, "REFUND FOR CHARGE", -amount, 0)
	if fate.Pending {
		refund.Status = "pending"
	}
	charge.AmountRefunded += amount
	charge.Refunded = charge.AmountRefunded == charge.Amount
	s.happened(c, "charge.refunded", charge, map[string]any{"amount_refunded": charge.AmountRefunded - amount, "refunded": false})
	s.happenedSince(c, "2024-10-28", "refund.created", refund, nil)
	end := func() { s.endRefund(refund, fate) }
	switch {
	case fate.After > 0 && (fate.Pending || fate.Fails):
		s.at(s.now().Add(fate.After), refund.ID, end)
	case fate.Pending:
		s.at(s.now().Add(100*365*24*time.Hour), refund.ID, end)
	case fate.Fails:
		end()
	}
	return refund, nil
}

// fate takes what is planned for a refund of this charge.
func (s *Stripe) fate(charge *Charge) RefundFate {
	for i, planned := range s.fates {
		if planned.charge == "" || planned.charge == charge.ID {
			s.fates = append(s.fates[:i:i], s.fates[i+1:]...)
			return planned.fate
		}
	}
	return RefundFate{}
}

// endRefund is when a refund arrives or comes back.
func (s *Stripe) endRefund(refund *Refund, fate RefundFate) {
	before := toMap(refund)
	if !fate.Fails {
		refund.Status = "succeeded"
		s.happened(nil, "charge.refund.updated", refund, before)
		s.happenedSince(nil, "2024-10-28", "refund.updated", refund, before)
		return
	}
	refund.Status, refund.FailureReason = "failed", ref(fate.Reason)
	if fate.Reason == "" {
		refund.FailureReason = "expired_or_canceled_card"
	}
	refund.FailureTransaction = s.booked("refund_failure", "refund_failure", refund.ID, refund.Currency, "REFUND FAILURE", refund.Amount, 0)
	if s.settings.UncountFailedRefunds {
		charge := s.charges.find(refund.Charge)
		charge.AmountRefunded -= refund.Amount
		charge.Refunded = false
	}
	s.happened(nil, "charge.refund.updated", refund, before)
	s.happenedSince(nil, "2024-10-28", "refund.updated", refund, before)
	s.happenedSince(nil, "2024-10-28", "refund.failed", refund, nil)
}

// happenedSince writes an event that Stripe has sent since a version only.
func (s *Stripe) happenedSince(c *call, version, kind string, object any, before map[string]any) {
	if s.settings.AccountVersion >= version {
		s.happened(c, kind, object, before)
	}
}

// Refund gives money back as somebody at Stripe's own dashboard does; 0 is all
// that is left. It answers the refund's id.
func (s *Stripe) Refund(charge string, amount int64) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	found := s.charges.find(charge)
	if found == nil {
		return "", fmt.Errorf("there is no charge %s", charge)
	}
	asked := amount != 0
	if !asked {
		amount = found.Amount - found.AmountRefunded
	}
	refund, no := s.refund(nil, found, amount, asked, "requested_by_customer", map[string]string{})
	if no != nil {
		return "", fmt.Errorf("%s", no.Message)
	}
	s.wakePost()
	return refund.ID, nil
}

// refundsOf is the list of a charge's refunds, as far as it is shown inside the
// charge.
func (s *Stripe) refundsOf(charge string) any {
	list, _ := pageOf(&s.refunds, "/v1/charges/"+charge+"/refunds", nil, func(r *Refund) bool { return r.Charge == charge }) // without parameters nothing is refused
	return list
}

func (s *Stripe) listRefunds(c *call) (any, *refusal) {
	p := c.params
	return pageOf(&s.refunds, c.path, p, func(r *Refund) bool {
		return (!p.has("charge") || p.text("charge") == r.Charge) && (!p.has("payment_intent") || p.text("payment_intent") == string(r.PaymentIntent))
	})
}

func (s *Stripe) readRefund(c *call) (any, *refusal) {
	if refund := s.refunds.find(c.id); refund != nil {
		return refund, nil
	}
	return nil, noSuch("refund", c.id)
}

func (s *Stripe) changeRefund(c *call) (any, *refusal) {
	refund := s.refunds.find(c.id)
	if refund == nil {
		return nil, noSuch("refund", c.id)
	}
	before := toMap(refund)
	refund.Metadata = c.params.pairs("metadata", refund.Metadata)
	s.happened(c, "charge.refund.updated", refund, before)
	return refund, nil
}
