package stripefake

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// sessionWord is what Stripe puts the session's id in the place of.
const sessionWord = "{CHECKOUT_SESSION_ID}"

// Buyer is somebody at the page of a session.
type Buyer struct {
	Email   string // where the session doesn't know it already
	Name    string
	Country string // two letters; empty: GB
	Method  string // empty: the first that fits
	Terms   bool   // agrees to the terms where they are asked for
}

// What can go wrong at the page. The page shows it, and the session stays open.
var (
	ErrNotOpen  = errors.New("this session is not open")
	ErrNoMethod = errors.New("this session doesn't take that way of paying")
	ErrNoTerms  = errors.New("the terms have to be agreed to")
	ErrNoEmail  = errors.New("a mail address is needed")
	ErrNoCode   = errors.New("this code is invalid")
)

// Pay pays a session at once, and answers where the buyer is sent.
func (s *Stripe) Pay(session string, buyer Buyer) (back string, err error) {
	return s.visit(session, func(at *Session) error {
		if err := s.ready(at, &buyer, at.first(false)); err != nil {
			return err
		}
		if at.AmountTotal == 0 {
			s.complete(at, "no_payment_required", buyer)
			return nil
		}
		if _, late := lateMethods[buyer.Method]; late {
			return ErrNoMethod
		}
		intent := s.intentOf(at)
		s.join(at, intent, buyer)
		charge := s.charge(at, intent, buyer)
		s.took(charge)
		intent.Status, intent.AmountReceived, intent.LastError = "succeeded", intent.Amount, nil
		s.happened(nil, "charge.succeeded", charge, nil)
		s.happened(nil, "payment_intent.succeeded", intent, nil)
		s.complete(at, "paid", buyer)
		return nil
	})
}

// PayLate pays a session by a bank debit that arrives, or fails, so long after.
func (s *Stripe) PayLate(session string, buyer Buyer, after time.Duration, fails bool) (back string, err error) {
	return s.visit(session, func(at *Session) error {
		if err := s.ready(at, &buyer, at.first(true)); err != nil {
			return err
		}
		if _, late := lateMethods[buyer.Method]; !late || at.AmountTotal == 0 {
			return ErrNoMethod
		}
		intent := s.intentOf(at)
		s.join(at, intent, buyer)
		charge := s.charge(at, intent, buyer)
		charge.Status = "pending"
		intent.Status = "processing"
		s.happened(nil, "payment_intent.processing", intent, nil)
		s.happened(nil, "charge.pending", charge, nil)
		s.complete(at, "unpaid", buyer)
		s.at(s.now().Add(after), at.ID, func() { s.arrive(at, intent, charge, fails) })
		return nil
	})
}

// arrive ends a late payment.
func (s *Stripe) arrive(session *Session, intent *PaymentIntent, charge *Charge, fails bool) {
	if fails {
		message := "The customer's account has insufficient funds to cover this payment."
		charge.Status, charge.FailureCode, charge.FailureMessage = "failed", "insufficient_funds", ref(message)
		intent.Status, intent.PaymentMethod = "requires_payment_method", ""
		intent.LastError = map[string]any{"code": "payment_intent_payment_attempt_failed", "decline_code": "insufficient_funds", "message": message, "type": "card_error", "charge": charge.ID}
		s.happened(nil, "charge.failed", charge, nil)
		s.happened(nil, "payment_intent.payment_failed", intent, nil)
		s.happened(nil, "checkout.session.async_payment_failed", session, nil)
		return
	}
	s.took(charge)
	intent.Status, intent.AmountReceived = "succeeded", intent.Amount
	session.PaymentStatus = "paid"
	s.happened(nil, "charge.succeeded", charge, nil)
	s.happened(nil, "payment_intent.succeeded", intent, nil)
	s.happened(nil, "checkout.session.async_payment_succeeded", session, nil)
}

// declines are why a bank refuses a card, and what the buyer is told.
var declines = map[string]string{
	"generic_decline":    "Your card was declined.",
	"insufficient_funds": "Your card has insufficient funds.",
	"expired_card":       "Your card has expired.",
	"incorrect_cvc":      "Your card's security code is incorrect.",
}

// Decline lets the buyer's card be refused: the session stays open.
func (s *Stripe) Decline(session string, buyer Buyer, why string) error {
	message, known := declines[why]
	if !known {
		why, message = "generic_decline", declines["generic_decline"]
	}
	_, err := s.visit(session, func(at *Session) error {
		if err := s.ready(at, &buyer, at.first(false)); err != nil {
			return err
		}
		if at.AmountTotal == 0 {
			return ErrNoMethod
		}
		intent := s.intentOf(at)
		charge := s.charge(at, intent, buyer)
		code := "card_declined"
		if why == "expired_card" || why == "incorrect_cvc" {
			code = why
		}
		charge.Status, charge.FailureCode, charge.FailureMessage = "failed", ref(code), ref(message)
		charge.Outcome = map[string]any{"network_status": "declined_by_network", "reason": why, "risk_level": "normal", "risk_score": 12,
			"seller_message": "The bank did not return any further details with this decline.", "type": "issuer_declined"}
		intent.Status, intent.PaymentMethod = "requires_payment_method", ""
		intent.LastError = map[string]any{"charge": charge.ID, "code": code, "decline_code": why, "message": message, "type": "card_error"}
		s.happened(nil, "charge.failed", charge, nil)
		s.happened(nil, "payment_intent.payment_failed", intent, nil)
		return nil
	})
	return err
}

// UseCode enters a promotion code at the page of a session.
func (s *Stripe) UseCode(session, word string) error {
	_, err := s.visit(session, func(at *Session) error {
		if at.Status != "open" {
			return ErrNotOpen
		}
		if at.AllowCodes == nil || !*at.AllowCodes {
			return ErrNoCode
		}
		before := at.off
		found, ok := s.typed(at, word)
		if !ok {
			return ErrNoCode
		}
		at.off = found
		at.count(s.settings.TaxPercent)
		if bounded(at.AmountTotal, at.Currency) != nil {
			at.off = before
			at.count(s.settings.TaxPercent)
			return ErrNoCode
		}
		at.PaymentStatus = "unpaid"
		if at.AmountTotal == 0 {
			at.PaymentStatus = "no_payment_required"
		}
		return nil
	})
	return err
}

// visit lets somebody act at the page of a session.
func (s *Stripe) visit(id string, act func(*Session) error) (back string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	session := s.sessions.find(id)
	if session == nil {
		return "", fmt.Errorf("there is no session %s", id)
	}
	if err := act(session); err != nil {
		return "", err
	}
	s.wakePost()
	return strings.ReplaceAll(string(session.SuccessURL), sessionWord, session.ID), nil
}

// ready looks at whether the buyer gave all that the session wants.
func (s *Stripe) ready(session *Session, buyer *Buyer, method string) error {
	if buyer.Method == "" {
		buyer.Method = method
	}
	if buyer.Country == "" {
		buyer.Country = "GB"
	}
	known := session.CustomerDetails
	if known != nil && known.Email != "" {
		buyer.Email = string(known.Email)
	}
	switch {
	case session.Status != "open":
		return ErrNotOpen
	case session.wantsTerms() && !buyer.Terms:
		return ErrNoTerms
	case !isAddress(buyer.Email):
		return ErrNoEmail
	case session.AmountTotal > 0 && !slices.Contains(session.MethodTypes, buyer.Method):
		return ErrNoMethod
	}
	if session.AutomaticTax.Status == "requires_location_inputs" {
		session.AutomaticTax.Status = "complete"
		session.count(s.settings.TaxPercent)
	}
	return nil
}

// first is the session's first late way of paying, or its first prompt one.
func (s *Session) first(late bool) string {
	for _, name := range s.MethodTypes {
		if _, is := lateMethods[name]; is == late {
			return name
		}
	}
	return ""
}

// join makes the customer that the session asked for.
func (s *Stripe) join(session *Session, intent *PaymentIntent, buyer Buyer) {
	if session.Customer == "" && session.CustomerCreation == "always" {
		customer := s.customers.add(s.newCustomer())
		customer.Email, customer.Name = ref(buyer.Email), ref(buyer.Name)
		session.Customer = ref(customer.ID)
		s.happened(nil, "customer.created", customer, nil)
	}
	if intent != nil {
		intent.Customer = session.Customer
	}
}

// charge makes the charge of one attempt.
func (s *Stripe) charge(session *Session, intent *PaymentIntent, buyer Buyer) *Charge {
	billing := BillingDetails{Address: Address{Country: ref(buyer.Country)}, Email: ref(buyer.Email), Name: ref(buyer.Name)}
	method := s.methods.add(&PaymentMethod{ID: newID("pm_1", 23), Object: "payment_method", Billing: billing, Created: s.now().Unix(), Customer: intent.Customer,
		Metadata: map[string]string{}, Type: buyer.Method})
	details := map[string]any{"type": buyer.Method, buyer.Method: map[string]any{}}
	prefix := "py_3"
	if buyer.Method == "card" {
		prefix = "ch_3"
		card := map[string]any{"brand": "visa", "checks": map[string]any{"address_line1_check": nil, "address_postal_code_check": "pass", "cvc_check": "pass"},
			"country": "GB", "exp_month": 12, "exp_year": s.now().Year() + 2, "fingerprint": newID("", 16), "funding": "credit", "last4": "4242", "three_d_secure": nil, "wallet": nil}
		method.Card = card
		details["card"] = card
	}
	charge := s.charges.add(&Charge{ID: newID(prefix, 23), Object: "charge", Amount: intent.Amount, Billing: billing, CalculatedDescript: ref(s.statement(session)),
		Created: s.now().Unix(), Currency: intent.Currency, Customer: intent.Customer, Description: intent.Description, Fraud: map[string]any{},
		Metadata: copied(intent.Metadata), PaymentIntent: ref(intent.ID), PaymentMethod: ref(method.ID), MethodDetails: details, ReceiptEmail: intent.ReceiptEmail,
		Descriptor: intent.Descriptor, DescriptorSuffix: intent.DescriptorSuffix})
	intent.LatestCharge, intent.PaymentMethod = ref(charge.ID), ref(method.ID)
	return charge
}

// statement is what stands on the buyer's card statement.
func (s *Stripe) statement(session *Session) string {
	switch {
	case session.intent.suffix != "":
		return strings.ToUpper(s.account.StatementDescriptor + "* " + session.intent.suffix)
	case session.intent.descriptor != "":
		return session.intent.descriptor
	}
	return s.account.StatementDescriptor
}

// complete ends a session at which somebody paid, or had nothing to pay.
func (s *Stripe) complete(session *Session, status string, buyer Buyer) {
	s.join(session, nil, buyer)
	session.off.redeem()
	session.Status, session.PaymentStatus, session.URL = "complete", status, ""
	details := &CustomerDetails{Address: &Address{Country: ref(buyer.Country)}, Email: ref(buyer.Email), Name: ref(buyer.Name), TaxExempt: "none", TaxIDs: []any{}}
	if had := session.CustomerDetails; had != nil && had.Name != "" && buyer.Name == "" {
		details.Name = had.Name
	}
	session.CustomerDetails = details
	if session.ConsentCollection != nil {
		session.Consent = &Consent{}
		if session.wantsTerms() {
			session.Consent.Terms = "accepted"
		}
	}
	s.unplan(session.ID)
	s.happened(nil, "checkout.session.completed", session, nil)
}
