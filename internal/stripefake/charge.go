package stripefake

import "time"

// Charge is money taken, or tried to be taken.
type Charge struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Amount             int64             `json:"amount"`
	AmountCaptured     int64             `json:"amount_captured"`
	AmountRefunded     int64             `json:"amount_refunded"`
	Application        ref               `json:"application"`
	ApplicationFee     ref               `json:"application_fee"`
	ApplicationAmount  *int64            `json:"application_fee_amount"`
	BalanceTransaction ref               `json:"balance_transaction"`
	Billing            BillingDetails    `json:"billing_details"`
	CalculatedDescript ref               `json:"calculated_statement_descriptor"`
	Captured           bool              `json:"captured"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
	Customer           ref               `json:"customer"`
	Description        ref               `json:"description"`
	Disputed           bool              `json:"disputed"`
	FailureTransaction ref               `json:"failure_balance_transaction"`
	FailureCode        ref               `json:"failure_code"`
	FailureMessage     ref               `json:"failure_message"`
	Fraud              map[string]any    `json:"fraud_details"`
	Invoice            ref               `json:"invoice"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	OnBehalfOf         ref               `json:"on_behalf_of"`
	Outcome            map[string]any    `json:"outcome"`
	Paid               bool              `json:"paid"`
	PaymentIntent      ref               `json:"payment_intent"`
	PaymentMethod      ref               `json:"payment_method"`
	MethodDetails      map[string]any    `json:"payment_method_details"`
	ReceiptEmail       ref               `json:"receipt_email"`
	ReceiptNumber      ref               `json:"receipt_number"`
	ReceiptURL         ref               `json:"receipt_url"`
	Refunded           bool              `json:"refunded"`
	Review             ref               `json:"review"`
	Shipping           *struct{}         `json:"shipping"`
	SourceTransfer     ref               `json:"source_transfer"`
	Descriptor         ref               `json:"statement_descriptor"`
	DescriptorSuffix   ref               `json:"statement_descriptor_suffix"`
	Status             string            `json:"status"`
	TransferData       *struct{}         `json:"transfer_data"`
	TransferGroup      ref               `json:"transfer_group"`
}

// BalanceTransaction is one line of the account's own money.
type BalanceTransaction struct {
	ID           string   `json:"id"`
	Object       string   `json:"object"`
	Amount       int64    `json:"amount"`
	AvailableOn  int64    `json:"available_on"`
	Created      int64    `json:"created"`
	Currency     string   `json:"currency"`
	Description  ref      `json:"description"`
	ExchangeRate *float64 `json:"exchange_rate"`
	Fee          int64    `json:"fee"`
	FeeDetails   []any    `json:"fee_details"`
	Net          int64    `json:"net"`
	Category     string   `json:"reporting_category"`
	Source       string   `json:"source"`
	Status       string   `json:"status"`
	Type         string   `json:"type"`
}

func (c *Charge) id() string              { return c.ID }
func (c *Charge) made() int64             { return c.Created }
func (b *BalanceTransaction) id() string  { return b.ID }
func (b *BalanceTransaction) made() int64 { return b.Created }

// booked writes a line of the account's money.
func (s *Stripe) booked(kind, category, source, currency, about string, amount, fee int64) ref {
	now := s.now()
	line := &BalanceTransaction{ID: newID("txn_3", 23), Object: "balance_transaction", Amount: amount, AvailableOn: now.Add(48 * time.Hour).Unix(), Created: now.Unix(),
		Currency: currency, Description: ref(about), Fee: fee, FeeDetails: []any{}, Net: amount - fee, Category: category, Source: source, Status: "pending", Type: kind}
	if fee != 0 {
		line.FeeDetails = append(line.FeeDetails, map[string]any{"amount": fee, "application": nil, "currency": currency, "description": "Stripe processing fees", "type": "stripe_fee"})
	}
	s.transactions.add(line)
	return ref(line.ID)
}

// fee is what Stripe keeps of a charge.
func fee(amount int64) int64 { return rounded(amount, 1.5, 100) + 20 }

// took marks a charge as paid.
func (s *Stripe) took(charge *Charge) {
	charge.Paid, charge.Captured, charge.AmountCaptured, charge.Status = true, true, charge.Amount, "succeeded"
	charge.BalanceTransaction = s.booked("charge", "charge", charge.ID, charge.Currency, string(charge.Description), charge.Amount, fee(charge.Amount))
	charge.Outcome = map[string]any{"network_status": "approved_by_network", "reason": nil, "risk_level": "normal", "risk_score": 12, "seller_message": "Payment complete.", "type": "authorized"}
	charge.ReceiptURL = "https://pay.stripe.com/receipts/payment/standin"
}

func (s *Stripe) listCharges(c *call) (any, *refusal) {
	p := c.params
	return pageOf(&s.charges, c.path, p, func(charge *Charge) bool {
		return (!p.has("customer") || p.text("customer") == string(charge.Customer)) &&
			(!p.has("payment_intent") || p.text("payment_intent") == string(charge.PaymentIntent))
	})
}

func (s *Stripe) readCharge(c *call) (any, *refusal) {
	if charge := s.charges.find(c.id); charge != nil {
		return charge, nil
	}
	return nil, noSuch("charge", c.id)
}

func (s *Stripe) listTransactions(c *call) (any, *refusal) {
	p := c.params
	return pageOf(&s.transactions, c.path, p, func(line *BalanceTransaction) bool {
		return (!p.has("source") || p.text("source") == line.Source) && (!p.has("type") || p.text("type") == line.Type) &&
			(!p.has("currency") || p.text("currency") == line.Currency)
	})
}

func (s *Stripe) readTransaction(c *call) (any, *refusal) {
	if line := s.transactions.find(c.id); line != nil {
		return line, nil
	}
	return nil, noSuch("balance transaction", c.id)
}
