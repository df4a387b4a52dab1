package stripefake

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

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
