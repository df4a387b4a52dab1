package stripefake

// PaymentIntent is the attempt to be paid. A session has one as soon as a buyer
// tries to pay, not before, and never where there is nothing to pay.
type PaymentIntent struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Amount             int64             `json:"amount"`
	AmountCapturable   int64             `json:"amount_capturable"`
	AmountDetails      map[string]any    `json:"amount_details"`
	AmountReceived     int64             `json:"amount_received"`
	Application        ref               `json:"application"`
	ApplicationFee     *int64            `json:"application_fee_amount"`
	AutomaticMethods   *struct{}         `json:"automatic_payment_methods"`
	CanceledAt         *int64            `json:"canceled_at"`
	CancellationReason ref               `json:"cancellation_reason"`
	CaptureMethod      string            `json:"capture_method"`
	ClientSecret       string            `json:"client_secret"`
	Confirmation       string            `json:"confirmation_method"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
	Customer           ref               `json:"customer"`
	Description        ref               `json:"description"`
	Invoice            ref               `json:"invoice"`
	LastError          map[string]any    `json:"last_payment_error"`
	LatestCharge       ref               `json:"latest_charge"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	NextAction         *struct{}         `json:"next_action"`
	OnBehalfOf         ref               `json:"on_behalf_of"`
	PaymentMethod      ref               `json:"payment_method"`
	MethodConfig       map[string]any    `json:"payment_method_configuration_details"`
	MethodOptions      map[string]any    `json:"payment_method_options"`
	MethodTypes        []string          `json:"payment_method_types"`
	Processing         *struct{}         `json:"processing"`
	ReceiptEmail       ref               `json:"receipt_email"`
	Review             ref               `json:"review"`
	FutureUsage        ref               `json:"setup_future_usage"`
	Shipping           *struct{}         `json:"shipping"`
	Source             ref               `json:"source"`
	Descriptor         ref               `json:"statement_descriptor"`
	DescriptorSuffix   ref               `json:"statement_descriptor_suffix"`
	Status             string            `json:"status"`
	TransferData       *struct{}         `json:"transfer_data"`
	TransferGroup      ref               `json:"transfer_group"`
}

// PaymentMethod is what a buyer paid with.
type PaymentMethod struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Billing  BillingDetails    `json:"billing_details"`
	Created  int64             `json:"created"`
	Customer ref               `json:"customer"`
	Livemode bool              `json:"livemode"`
	Metadata map[string]string `json:"metadata"`
	Type     string            `json:"type"`
	Card     map[string]any    `json:"card,omitempty"`
}

// BillingDetails are the buyer's own.
type BillingDetails struct {
	Address Address `json:"address"`
	Email   ref     `json:"email"`
	Name    ref     `json:"name"`
	Phone   ref     `json:"phone"`
}

func (p *PaymentIntent) id() string  { return p.ID }
func (p *PaymentIntent) made() int64 { return p.Created }
func (m *PaymentMethod) id() string  { return m.ID }
func (m *PaymentMethod) made() int64 { return m.Created }

// intentOf is the session's PaymentIntent; it comes into being with the first
// attempt.
func (s *Stripe) intentOf(session *Session) *PaymentIntent {
	if intent := s.intents.find(string(session.PaymentIntent)); intent != nil {
		intent.Amount = session.AmountTotal
		return intent
	}
	id := newID("pi_3", 23)
	intent := &PaymentIntent{ID: id, Object: "payment_intent", Amount: session.AmountTotal, AmountDetails: map[string]any{"tip": map[string]any{}}, CaptureMethod: "automatic",
		ClientSecret: id + newID("_secret_", 25), Confirmation: "automatic", Created: s.now().Unix(), Currency: session.Currency, Customer: session.Customer,
		Description: ref(session.intent.description), Metadata: session.intent.metadata, MethodConfig: session.MethodConfig, MethodOptions: map[string]any{},
		MethodTypes: session.MethodTypes, ReceiptEmail: ref(session.intent.receipt), Descriptor: ref(session.intent.descriptor),
		DescriptorSuffix: ref(session.intent.suffix), Status: "requires_payment_method"}
	s.intents.add(intent)
	session.PaymentIntent = ref(id)
	s.happened(nil, "payment_intent.created", intent, nil)
	return intent
}

func (s *Stripe) listIntents(c *call) (any, *refusal) {
	p := c.params
	return pageOf(&s.intents, c.path, p, func(i *PaymentIntent) bool { return !p.has("customer") || p.text("customer") == string(i.Customer) })
}

func (s *Stripe) readIntent(c *call) (any, *refusal) {
	if intent := s.intents.find(c.id); intent != nil {
		return intent, nil
	}
	return nil, noSuch("payment_intent", c.id)
}
