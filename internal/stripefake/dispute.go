package stripefake

import (
	"fmt"
	"time"
)

// Dispute is a buyer's complaint at their bank. An inquiry (its status begins
// with warning_) moves no money; anything else takes it at once.
type Dispute struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Transactions  []any             `json:"balance_transactions"`
	Charge        string            `json:"charge"`
	Created       int64             `json:"created"`
	Currency      string            `json:"currency"`
	Evidence      map[string]any    `json:"evidence"`
	Details       map[string]any    `json:"evidence_details"`
	Refundable    bool              `json:"is_charge_refundable"`
	Livemode      bool              `json:"livemode"`
	Metadata      map[string]string `json:"metadata"`
	PaymentIntent ref               `json:"payment_intent"`
	MethodDetails map[string]any    `json:"payment_method_details"`
	Reason        string            `json:"reason"`
	Status        string            `json:"status"`

	taken bool // the money is with the bank
}

func (d *Dispute) id() string  { return d.ID }
func (d *Dispute) made() int64 { return d.Created }

// DisputeOf is a complaint.
type DisputeOf struct {
	Inquiry bool   // the bank only asks
	Amount  int64  // 0: the whole charge
	Reason  string // empty: general
}

// disputeFee is what Stripe keeps for each.
const disputeFee = 2000

// Dispute lets a buyer complain about a charge, and answers the dispute's id.
func (s *Stripe) Dispute(charge string, of DisputeOf) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	found := s.charges.find(charge)
	if found == nil || !found.Paid {
		return "", fmt.Errorf("there is no paid charge %s", charge)
	}
	if of.Amount == 0 {
		of.Amount = found.Amount
	}
	if of.Reason == "" {
		of.Reason = "general"
	}
	dispute := s.disputes.add(&Dispute{ID: newID("du_1", 23), Object: "dispute", Amount: of.Amount, Transactions: []any{}, Charge: charge, Created: s.now().Unix(),
		Currency: found.Currency, Evidence: map[string]any{}, Metadata: map[string]string{}, PaymentIntent: found.PaymentIntent, Reason: of.Reason, Status: "needs_response",
		Details:       map[string]any{"due_by": s.now().Add(9 * 24 * time.Hour).Unix(), "has_evidence": false, "past_due": false, "submission_count": 0},
		MethodDetails: map[string]any{"card": map[string]any{"brand": "visa", "network_reason_code": "10.4"}, "type": "card"}})
	found.Disputed = true
	if of.Inquiry {
		dispute.Status, dispute.Refundable = "warning_needs_response", true
		s.happened(nil, "charge.dispute.created", dispute, nil)
	} else {
		s.withdraw(dispute)
		s.happened(nil, "charge.dispute.created", dispute, nil)
		s.happened(nil, "charge.dispute.funds_withdrawn", dispute, nil)
	}
	s.wakePost()
	return dispute.ID, nil
}

// withdraw takes the money and the fee.
func (s *Stripe) withdraw(dispute *Dispute) {
	dispute.taken = true
	line := s.booked("adjustment", "dispute", dispute.ID, dispute.Currency, "Chargeback withdrawal for "+dispute.Charge, -dispute.Amount, disputeFee)
	dispute.Transactions = append(dispute.Transactions, s.transactions.find(string(line)))
}

// MoveDispute brings a dispute to another status: needs_response after an
// inquiry, under_review, warning_under_review, and the ends won, lost,
// warning_closed.
func (s *Stripe) MoveDispute(id, status string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	dispute := s.disputes.find(id)
	if dispute == nil {
		return fmt.Errorf("there is no dispute %s", id)
	}
	if dispute.ended() {
		return fmt.Errorf("the dispute %s has ended: %s", id, dispute.Status)
	}
	s.moveDispute(nil, dispute, status)
	s.wakePost()
	return nil
}

func (s *Stripe) moveDispute(c *call, dispute *Dispute, status string) {
	before := toMap(dispute)
	dispute.Status = status
	dispute.Refundable = status == "warning_under_review" || status == "warning_needs_response"
	switch status {
	case "won":
		line := s.booked("adjustment", "dispute_reversal", dispute.ID, dispute.Currency, "Chargeback reversal for "+dispute.Charge, dispute.Amount, 0)
		dispute.Transactions = append(dispute.Transactions, s.transactions.find(string(line)))
		s.happened(c, "charge.dispute.funds_reinstated", dispute, nil)
		s.happened(c, "charge.dispute.closed", dispute, nil)
	case "lost", "warning_closed":
		s.happened(c, "charge.dispute.closed", dispute, nil)
	default:
		if status == "needs_response" && !dispute.taken {
			s.withdraw(dispute)
			defer s.happened(c, "charge.dispute.funds_withdrawn", dispute, nil)
		}
		s.happened(c, "charge.dispute.updated", dispute, before)
	}
}

func (d *Dispute) ended() bool {
	return d.Status == "won" || d.Status == "lost" || d.Status == "warning_closed"
}

// chargedBack reports whether a charge's money is with the buyer's bank.
func (s *Stripe) chargedBack(charge string) bool {
	for _, d := range s.disputes.all {
		if d.Charge == charge && d.taken && d.Status != "won" {
			return true
		}
	}
	return false
}

func (s *Stripe) listDisputes(c *call) (any, *refusal) {
	p := c.params
	return pageOf(&s.disputes, c.path, p, func(d *Dispute) bool {
		return (!p.has("charge") || p.text("charge") == d.Charge) && (!p.has("payment_intent") || p.text("payment_intent") == string(d.PaymentIntent))
	})
}

func (s *Stripe) readDispute(c *call) (any, *refusal) {
	if dispute := s.disputes.find(c.id); dispute != nil {
		return dispute, nil
	}
	return nil, noSuch("dispute", c.id)
}

// closeDispute accepts a dispute: it is lost.
func (s *Stripe) closeDispute(c *call) (any, *refusal) {
	dispute := s.disputes.find(c.id)
	if dispute == nil {
		return nil, noSuch("dispute", c.id)
	}
	if dispute.ended() {
		return nil, cannot("", "This dispute is already closed")
	}
	s.moveDispute(c, dispute, "lost")
	return dispute, nil
}
