package stripefake

// Session is a Checkout Session. What lies below the line is the stand-in's
// own.
type Session struct {
	ID                string            `json:"id"`
	Object            string            `json:"object"`
	AfterExpiration   *struct{}         `json:"after_expiration"`
	AllowCodes        *bool             `json:"allow_promotion_codes"`
	AmountSubtotal    int64             `json:"amount_subtotal"`
	AmountTotal       int64             `json:"amount_total"`
	AutomaticTax      AutomaticTax      `json:"automatic_tax"`
	BillingAddress    ref               `json:"billing_address_collection"`
	CancelURL         ref               `json:"cancel_url"`
	ClientReferenceID ref               `json:"client_reference_id"`
	ClientSecret      ref               `json:"client_secret"`
	Consent           *Consent          `json:"consent"`
	ConsentCollection map[string]any    `json:"consent_collection"`
	Created           int64             `json:"created"`
	Currency          string            `json:"currency"`
	Conversion        *struct{}         `json:"currency_conversion"`
	CustomFields      []any             `json:"custom_fields"`
	CustomText        map[string]any    `json:"custom_text"`
	Customer          ref               `json:"customer"`
	CustomerCreation  ref               `json:"customer_creation"`
	CustomerDetails   *CustomerDetails  `json:"customer_details"`
	CustomerEmail     ref               `json:"customer_email"`
	ExpiresAt         int64             `json:"expires_at"`
	Invoice           ref               `json:"invoice"`
	InvoiceCreation   map[string]any    `json:"invoice_creation"`
	Livemode          bool              `json:"livemode"`
	Locale            ref               `json:"locale"`
	Metadata          map[string]string `json:"metadata"`
	Mode              string            `json:"mode"`
	PaymentIntent     ref               `json:"payment_intent"`
	PaymentLink       ref               `json:"payment_link"`
	MethodCollection  ref               `json:"payment_method_collection"`
	MethodConfig      map[string]any    `json:"payment_method_configuration_details"`
	MethodOptions     map[string]any    `json:"payment_method_options"`
	MethodTypes       []string          `json:"payment_method_types"`
	PaymentStatus     string            `json:"payment_status"`
	Phone             map[string]bool   `json:"phone_number_collection"`
	RecoveredFrom     ref               `json:"recovered_from"`
	SetupIntent       ref               `json:"setup_intent"`
	ShippingAddress   *struct{}         `json:"shipping_address_collection"`
	ShippingCost      *struct{}         `json:"shipping_cost"`
	ShippingDetails   *struct{}         `json:"shipping_details"`
	ShippingOptions   []any             `json:"shipping_options"`
	Status            string            `json:"status"`
	SubmitType        ref               `json:"submit_type"`
	Subscription      ref               `json:"subscription"`
	SuccessURL        ref               `json:"success_url"`
	TotalDetails      *TotalDetails     `json:"total_details"`
	UIMode            string            `json:"ui_mode"`
	URL               ref               `json:"url"`

	items     []*lineItem
	off       reduction
	intent    intentData
	taxUpdate bool // the buyer's address may be put onto the customer
}

// AutomaticTax says how far automatic tax has come.
type AutomaticTax struct {
	Enabled   bool           `json:"enabled"`
	Liability map[string]any `json:"liability"`
	Status    ref            `json:"status"`
}

// Consent is what the buyer agreed to on the page.
type Consent struct {
	Promotions ref `json:"promotions"`
	Terms      ref `json:"terms_of_service"`
}

// CustomerDetails is what the buyer gave on the page.
type CustomerDetails struct {
	Address   *Address `json:"address"`
	Email     ref      `json:"email"`
	Name      ref      `json:"name"`
	Phone     ref      `json:"phone"`
	TaxExempt string   `json:"tax_exempt"`
	TaxIDs    []any    `json:"tax_ids"`
}

// intentData is what the session hands on to its PaymentIntent.
type intentData struct {
	description, receipt, descriptor, suffix string
	metadata                                 map[string]string
}

func (s *Session) id() string  { return s.ID }
func (s *Session) made() int64 { return s.Created }

// wantsTerms reports whether the buyer has to agree to the terms on the page.
func (s *Session) wantsTerms() bool {
	return s.ConsentCollection["terms_of_service"] == ref("required")
}

func (s *Stripe) listSessions(c *call) (any, *refusal) {
	p := c.params
	return pageOf(&s.sessions, c.path, p, func(session *Session) bool {
		email := p.at("customer_details").text("email")
		return (!p.has("customer") || p.text("customer") == string(session.Customer)) &&
			(!p.has("payment_intent") || p.text("payment_intent") == string(session.PaymentIntent)) &&
			(!p.has("status") || p.text("status") == session.Status) &&
			(email == "" || session.CustomerDetails != nil && email == string(session.CustomerDetails.Email))
	})
}

func (s *Stripe) readSession(c *call) (any, *refusal) {
	if session := s.sessions.find(c.id); session != nil {
		return session, nil
	}
	return nil, noSuch("checkout.session", c.id)
}

func (s *Stripe) expireSession(c *call) (any, *refusal) {
	session := s.sessions.find(c.id)
	if session == nil {
		return nil, noSuch("checkout.session", c.id)
	}
	if session.Status != "open" {
		return nil, cannot("", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of %s.", session.Status)
	}
	s.lapse(c, session)
	return session, nil
}

// lapse ends a session that nobody paid.
func (s *Stripe) lapse(c *call, session *Session) {
	if session.Status != "open" {
		return
	}
	session.Status, session.URL = "expired", ""
	s.unplan(session.ID)
	if intent := s.intents.find(string(session.PaymentIntent)); intent != nil {
		now := s.now().Unix()
		intent.Status, intent.CanceledAt, intent.CancellationReason = "canceled", &now, "automatic"
		s.happened(c, "payment_intent.canceled", intent, nil)
	}
	s.happened(c, "checkout.session.expired", session, nil)
}

func (s *Stripe) listItems(c *call) (any, *refusal) {
	session := s.sessions.find(c.id)
	if session == nil {
		return nil, noSuch("checkout.session", c.id)
	}
	return session.itemList(c.params)
}
