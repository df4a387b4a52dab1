package stripefake

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

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

// lateMethods are those that pay days later, each with its currencies.
var lateMethods = map[string][]string{
	"acss_debit": {"cad", "usd"}, "au_becs_debit": {"aud"}, "bacs_debit": {"gbp"}, "boleto": {"brl"}, "customer_balance": {"eur", "gbp", "usd", "jpy", "mxn"},
	"konbini": {"jpy"}, "oxxo": {"mxn"}, "sepa_debit": {"eur"}, "sofort": {"eur"}, "us_bank_account": {"usd"},
}

// promptMethods are those that pay at once.
var promptMethods = []string{"affirm", "afterpay_clearpay", "alipay", "bancontact", "card", "cashapp", "eps", "giropay", "grabpay", "ideal", "klarna", "link", "p24",
	"paynow", "paypal", "pix", "revolut_pay", "swish", "wechat_pay"}

func method(path string, n *node) *refusal {
	if _, late := lateMethods[n.word]; !late && !slices.Contains(promptMethods, n.word) {
		return invalid(path, "", "Invalid %s: must be one of %s", path, strings.Join(promptMethods, ", "))
	}
	return nil
}

var customText = object(fields{"message": most(1200)})

// locales are the languages of Stripe's page.
var locales = strings.Fields("auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW")

var sessionShape = fields{
	"mode":                       oneOf("payment", "setup", "subscription"),
	"ui_mode":                    oneOf("hosted", "embedded"),
	"success_url":                text,
	"cancel_url":                 text,
	"client_reference_id":        most(200),
	"customer":                   text,
	"customer_email":             text,
	"customer_creation":          oneOf("always", "if_required"),
	"customer_update":            object(fields{"address": oneOf("auto", "never"), "name": oneOf("auto", "never"), "shipping": oneOf("auto", "never")}),
	"metadata":                   pairs,
	"expires_at":                 whole,
	"locale":                     oneOf(locales...),
	"allow_promotion_codes":      yesno,
	"billing_address_collection": oneOf("auto", "required"),
	"currency":                   text,
	"submit_type":                oneOf("auto", "book", "donate", "pay"),
	"automatic_tax":              object(fields{"enabled": yesno}),
	"tax_id_collection":          object(fields{"enabled": yesno}),
	"phone_number_collection":    object(fields{"enabled": yesno}),
	"invoice_creation":           object(fields{"enabled": yesno}),
	"consent_collection":         object(fields{"promotions": oneOf("auto", "none"), "terms_of_service": oneOf("none", "required")}),
	"custom_text": object(fields{"after_submit": customText, "shipping_address": customText, "submit": customText,
		"terms_of_service_acceptance": customText}),
	"discounts":            list(object(fields{"coupon": text, "promotion_code": text})),
	"payment_method_types": list(method),
	"payment_intent_data": object(fields{"description": most(1000), "metadata": pairs, "receipt_email": text, "statement_descriptor": most(22),
		"statement_descriptor_suffix": most(22), "setup_future_usage": oneOf("off_session", "on_session"), "capture_method": oneOf("automatic", "automatic_async", "manual")}),
	"line_items": list(object(fields{
		"quantity":  whole,
		"tax_rates": list(text),
		"price_data": object(fields{
			"currency": text, "unit_amount": whole, "tax_behavior": oneOf("exclusive", "inclusive", "unspecified"),
			"product_data": object(fields{"name": text, "description": most(40000), "metadata": pairs, "tax_code": text, "images": list(text)}),
		}),
	})),
	"expand": expanded,
}

func (s *Stripe) createSession(c *call) (any, *refusal) {
	p := c.params
	now := s.now()
	session := &Session{
		ID: newID("cs_test_a1", 56), Object: "checkout.session", Created: now.Unix(), Mode: p.text("mode"), Status: "open", PaymentStatus: "unpaid", UIMode: "hosted",
		SuccessURL: ref(p.text("success_url")), CancelURL: ref(p.text("cancel_url")), ClientReferenceID: ref(p.text("client_reference_id")),
		Customer: ref(p.text("customer")), CustomerEmail: ref(p.text("customer_email")), CustomerCreation: ref(p.text("customer_creation")),
		Locale: ref(p.text("locale")), SubmitType: ref(p.text("submit_type")), BillingAddress: ref(p.text("billing_address_collection")),
		Metadata: p.pairs("metadata", nil), CustomFields: []any{}, ShippingOptions: []any{}, MethodOptions: map[string]any{},
		Phone: map[string]bool{"enabled": p.at("phone_number_collection").yes("enabled")}, InvoiceCreation: nil,
		CustomText: map[string]any{"after_submit": nil, "shipping_address": nil, "submit": nil, "terms_of_service_acceptance": nil},
		ExpiresAt:  now.Unix() + 24*60*60,
	}
	if p.has("allow_promotion_codes") {
		allow := p.yes("allow_promotion_codes")
		session.AllowCodes = &allow
	}
	for _, look := range []func(*Session, *node) *refusal{
		s.lookAtKind, s.lookAtAddresses, s.lookAtBuyer, s.lookAtTimes, s.readItems, s.readDiscounts, s.readTax, s.readMethods, s.readIntentData, s.readTexts,
	} {
		if no := look(session, p); no != nil {
			return nil, no
		}
	}
	session.count(s.settings.TaxPercent)
	if no := bounded(session.AmountTotal, session.Currency); no != nil {
		return nil, no
	}
	if session.AmountTotal == 0 {
		session.PaymentStatus = "no_payment_required"
	}
	session.URL = ref(fmt.Sprintf("%s/c/pay/%s", s.base(c), session.ID))
	s.sessions.add(session)
	s.at(unix(session.ExpiresAt), session.ID, func() { s.lapse(nil, session) })
	return session, nil
}

// lookAtKind refuses what this session can't be.
func (s *Stripe) lookAtKind(session *Session, p *node) *refusal {
	switch {
	case !p.has("mode"):
		return missing("mode")
	case session.Mode != "payment":
		return invalid("mode", "", "The stand-in knows mode payment only, and this is %s", session.Mode)
	case p.has("ui_mode") && p.text("ui_mode") != "hosted":
		return invalid("ui_mode", "", "The stand-in knows hosted pages only")
	case !p.has("line_items"):
		return missing("line_items")
	case p.at("invoice_creation").yes("enabled"):
		return invalid("invoice_creation", "", "The stand-in makes no invoices")
	case p.at("payment_intent_data").text("capture_method") == "manual":
		return invalid("payment_intent_data[capture_method]", "", "The stand-in captures at once")
	case p.has("allow_promotion_codes") && p.has("discounts"):
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: allow_promotion_codes, discounts.")
	}
	return nil
}

func (s *Stripe) lookAtAddresses(session *Session, p *node) *refusal {
	if !p.has("success_url") {
		return missing("success_url")
	}
	for _, param := range []string{"success_url", "cancel_url"} {
		if p.has(param) && !isURL(p.text(param)) {
			return invalid(param, "url_invalid", "Not a valid URL")
		}
	}
	return nil
}

// isURL reports whether a word is an address that Stripe sends people to.
func isURL(word string) bool {
	u, err := url.Parse(strings.ReplaceAll(word, sessionWord, "x"))
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(word) <= 5000 && !strings.ContainsAny(word, " \t\r\n")
}

func (s *Stripe) lookAtBuyer(session *Session, p *node) *refusal {
	switch {
	case p.has("customer") && p.has("customer_email"):
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: customer, customer_email.")
	case p.has("customer") && p.has("customer_creation"):
		return invalid("", "parameters_exclusive", "You may only specify one of these parameters: customer, customer_creation.")
	case p.has("customer_update") && !p.has("customer"):
		return invalid("customer_update", "", "`customer_update` can only be used with `customer`")
	case p.has("customer_email") && !isAddress(p.text("customer_email")):
		return invalid("customer_email", "email_invalid", "Invalid email address: %s", p.text("customer_email"))
	}
	if p.has("customer") {
		customer := s.customers.find(p.text("customer"))
		if customer == nil {
			return noSuchParam("customer", "customer", p.text("customer"))
		}
		session.CustomerDetails = &CustomerDetails{Address: customer.Address, Email: customer.Email, Name: customer.Name, Phone: customer.Phone, TaxExempt: customer.TaxExempt, TaxIDs: []any{}}
		session.taxUpdate = p.at("customer_update").text("address") == "auto"
		return nil
	}
	if session.CustomerCreation == "" {
		session.CustomerCreation = "if_required"
	}
	if session.CustomerEmail != "" {
		session.CustomerDetails = &CustomerDetails{Email: session.CustomerEmail, TaxExempt: "none"}
	}
	return nil
}

func (s *Stripe) lookAtTimes(session *Session, p *node) *refusal {
	if !p.has("expires_at") {
		return nil
	}
	session.ExpiresAt = p.number("expires_at")
	switch life := session.ExpiresAt - session.Created; {
	case life < 30*60:
		return invalid("expires_at", "", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
	case life > 24*60*60:
		return invalid("expires_at", "", "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
	}
	return nil
}

func (s *Stripe) readDiscounts(session *Session, p *node) *refusal {
	rows := p.rows("discounts")
	if len(rows) == 0 {
		return nil
	}
	if len(rows) > 1 {
		return invalid("discounts", "", "You can only apply one discount to a Checkout Session")
	}
	row := rows[0]
	if row.has("coupon") == row.has("promotion_code") {
		return invalid("discounts[0]", "parameters_exclusive", "You may only specify one of these parameters: coupon, promotion_code.")
	}
	if row.has("coupon") {
		coupon := s.coupons.find(row.text("coupon"))
		if coupon == nil {
			return noSuchParam("discounts[0][coupon]", "coupon", row.text("coupon"))
		}
		if !s.redeemable(coupon) {
			return invalid("discounts[0][coupon]", "", "Coupon %s is expired and cannot be applied.", coupon.ID)
		}
		session.off = reduction{coupon: coupon}
	} else {
		code := s.codes.find(row.text("promotion_code"))
		if code == nil {
			return noSuchParam("discounts[0][promotion_code]", "promotion code", row.text("promotion_code"))
		}
		if !s.usable(code) {
			return invalid("discounts[0][promotion_code]", "", "This promotion code is no longer active.")
		}
		session.off = reduction{code.Coupon, code}
	}
	if coupon := session.off.coupon; coupon.AmountOff != nil && string(coupon.Currency) != session.Currency {
		return invalid("discounts[0]", "", "The coupon %s is in %s, and the Checkout Session is in %s", coupon.ID, coupon.Currency, session.Currency)
	}
	return nil
}

func (s *Stripe) readMethods(session *Session, p *node) *refusal {
	session.MethodTypes = p.words("payment_method_types")
	for _, name := range session.MethodTypes {
		if currencies, late := lateMethods[name]; late && !slices.Contains(currencies, session.Currency) {
			return invalid("payment_method_types", "", "The currency provided (%s) is invalid for one of the payment method types: %s", session.Currency, name)
		}
	}
	if len(session.MethodTypes) > 0 {
		return nil
	}
	// What the account's settings offer: cards, and the country's bank debit.
	session.MethodTypes = []string{"card"}
	for _, name := range []string{"acss_debit", "au_becs_debit", "bacs_debit", "sepa_debit", "us_bank_account"} {
		if lateMethods[name][0] == session.Currency {
			session.MethodTypes = append(session.MethodTypes, name)
		}
	}
	session.MethodConfig = map[string]any{"id": "pmc_" + s.account.ID[5:], "parent": nil}
	return nil
}

var descriptorLetter = regexp.MustCompile(`[A-Za-z]`)

func (s *Stripe) readIntentData(session *Session, p *node) *refusal {
	data := p.at("payment_intent_data")
	session.intent = intentData{description: data.text("description"), receipt: data.text("receipt_email"), descriptor: data.text("statement_descriptor"),
		suffix: data.text("statement_descriptor_suffix"), metadata: data.pairs("metadata", nil)}
	if word := session.intent.receipt; word != "" && !isAddress(word) {
		return invalid("payment_intent_data[receipt_email]", "email_invalid", "Invalid email address: %s", word)
	}
	for _, param := range []string{"statement_descriptor", "statement_descriptor_suffix"} {
		word := data.text(param)
		if strings.ContainsAny(word, `<>\'"*`) {
			return invalid("payment_intent_data["+param+"]", "", "The statement descriptor contains a character that isn't allowed")
		}
		if word != "" && !descriptorLetter.MatchString(word) || param == "statement_descriptor" && word != "" && len(word) < 5 {
			return invalid("payment_intent_data["+param+"]", "", "The statement descriptor must be at least 5 characters and contain at least one letter")
		}
	}
	return nil
}

func (s *Stripe) readTexts(session *Session, p *node) *refusal {
	if texts := p.at("custom_text"); texts != nil {
		for name, part := range texts.below {
			session.CustomText[name] = map[string]any{"message": part.text("message")}
		}
	}
	if collect := p.at("consent_collection"); collect != nil {
		session.ConsentCollection = map[string]any{"payment_method_reuse_agreement": nil, "promotions": ref(collect.text("promotions")), "terms_of_service": ref(collect.text("terms_of_service"))}
		if collect.text("terms_of_service") == "required" && s.account.termsURL == "" {
			return invalid("consent_collection[terms_of_service]", "", "You cannot collect consent to your terms of service unless a URL is set in the Stripe Dashboard.")
		}
	}
	if p.at("custom_text").has("terms_of_service_acceptance") && p.at("consent_collection").text("terms_of_service") != "required" {
		return invalid("custom_text[terms_of_service_acceptance]", "", "`custom_text[terms_of_service_acceptance]` needs `consent_collection[terms_of_service]` to be `required`")
	}
	return nil
}

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
