package stripefake

import "strings"

// Customer is a customer.
type Customer struct {
	ID              string            `json:"id"`
	Object          string            `json:"object"`
	NextInvoice     int64             `json:"next_invoice_sequence"`
	Address         *Address          `json:"address"`
	Balance         int64             `json:"balance"`
	Created         int64             `json:"created"`
	Currency        ref               `json:"currency"`
	DefaultSource   ref               `json:"default_source"`
	Delinquent      bool              `json:"delinquent"`
	Description     ref               `json:"description"`
	Discount        *struct{}         `json:"discount"`
	Email           ref               `json:"email"`
	InvoicePrefix   string            `json:"invoice_prefix"`
	InvoiceSettings map[string]any    `json:"invoice_settings"`
	Livemode        bool              `json:"livemode"`
	Metadata        map[string]string `json:"metadata"`
	Name            ref               `json:"name"`
	Phone           ref               `json:"phone"`
	Locales         []string          `json:"preferred_locales"`
	Shipping        *struct{}         `json:"shipping"`
	TaxExempt       string            `json:"tax_exempt"`
	TestClock       ref               `json:"test_clock"`
}

// Address is where somebody lives.
type Address struct {
	City    ref `json:"city"`
	Country ref `json:"country"`
	Line1   ref `json:"line1"`
	Line2   ref `json:"line2"`
	Postal  ref `json:"postal_code"`
	State   ref `json:"state"`
}

func (c *Customer) id() string  { return c.ID }
func (c *Customer) made() int64 { return c.Created }

var addressShape = object(fields{"city": clearable, "country": clearable, "line1": clearable, "line2": clearable, "postal_code": clearable, "state": clearable})

var customerShape = fields{
	"address": addressShape, "description": clearable, "email": clearable, "metadata": pairs, "name": clearable, "phone": clearable,
	"preferred_locales": list(text), "tax_exempt": oneOf("exempt", "none", "reverse"), "expand": expanded,
}

func (s *Stripe) createCustomer(c *call) (any, *refusal) {
	customer := s.newCustomer()
	if no := customer.take(c.params); no != nil {
		return nil, no
	}
	s.customers.add(customer)
	s.happened(c, "customer.created", customer, nil)
	return customer, nil
}

func (s *Stripe) newCustomer() *Customer {
	return &Customer{ID: newID("cus_", 14), Object: "customer", NextInvoice: 1, Created: s.now().Unix(), InvoicePrefix: strings.ToUpper(newID("", 8)),
		InvoiceSettings: map[string]any{"custom_fields": nil, "default_payment_method": nil, "footer": nil, "rendering_options": nil},
		Metadata:        map[string]string{}, Locales: []string{}, TaxExempt: "none"}
}

// take puts the parameters of a call onto a customer.
func (c *Customer) take(p *node) *refusal {
	if email := p.text("email"); email != "" && !isAddress(email) {
		return invalid("email", "email_invalid", "Invalid email address: %s", email)
	}
	for name, field := range map[string]*ref{"description": &c.Description, "email": &c.Email, "name": &c.Name, "phone": &c.Phone} {
		if p.has(name) {
			*field = ref(p.text(name))
		}
	}
	if p.has("address") {
		c.Address = readAddress(p.at("address"))
	}
	if p.has("preferred_locales") {
		c.Locales = p.words("preferred_locales")
	}
	if p.has("tax_exempt") {
		c.TaxExempt = p.text("tax_exempt")
	}
	c.Metadata = p.pairs("metadata", c.Metadata)
	return nil
}

func readAddress(p *node) *Address {
	return &Address{City: ref(p.text("city")), Country: ref(p.text("country")), Line1: ref(p.text("line1")),
		Line2: ref(p.text("line2")), Postal: ref(p.text("postal_code")), State: ref(p.text("state"))}
}

// isAddress reports whether a word looks like a mail address.
func isAddress(word string) bool {
	name, host, ok := strings.Cut(word, "@")
	return ok && name != "" && strings.Contains(host, ".") && !strings.ContainsAny(word, " \t\r\n<>,") && !strings.Contains(host, "@") &&
		!strings.HasPrefix(host, ".") && !strings.HasSuffix(host, ".")
}

func (s *Stripe) listCustomers(c *call) (any, *refusal) {
	email := c.params.text("email")
	return pageOf(&s.customers, c.path, c.params, func(k *Customer) bool { return email == "" || string(k.Email) == email })
}

func (s *Stripe) readCustomer(c *call) (any, *refusal) {
	if customer := s.customers.find(c.id); customer != nil {
		return customer, nil
	}
	return nil, noSuch("customer", c.id)
}

func (s *Stripe) changeCustomer(c *call) (any, *refusal) {
	customer := s.customers.find(c.id)
	if customer == nil {
		return nil, noSuch("customer", c.id)
	}
	before := toMap(customer)
	if no := customer.take(c.params); no != nil {
		return nil, no
	}
	s.happened(c, "customer.updated", customer, before)
	return customer, nil
}

func (s *Stripe) deleteCustomer(c *call) (any, *refusal) {
	customer := s.customers.find(c.id)
	if customer == nil {
		return nil, noSuch("customer", c.id)
	}
	s.customers.remove(c.id)
	s.happened(c, "customer.deleted", customer, nil)
	return map[string]any{"id": c.id, "object": "customer", "deleted": true}, nil
}
