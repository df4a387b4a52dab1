package stripefake

import (
	"slices"
	"strings"
)

// Coupon is a reduction; PromotionCode is what a buyer types to get it.
type Coupon struct {
	ID               string            `json:"id"`
	Object           string            `json:"object"`
	AmountOff        *int64            `json:"amount_off"`
	Created          int64             `json:"created"`
	Currency         ref               `json:"currency"`
	Duration         string            `json:"duration"`
	DurationInMonths *int64            `json:"duration_in_months"`
	Livemode         bool              `json:"livemode"`
	MaxRedemptions   *int64            `json:"max_redemptions"`
	Metadata         map[string]string `json:"metadata"`
	Name             ref               `json:"name"`
	PercentOff       *float64          `json:"percent_off"`
	RedeemBy         *int64            `json:"redeem_by"`
	TimesRedeemed    int64             `json:"times_redeemed"`
	Valid            bool              `json:"valid"`
}

// PromotionCode is a word for a coupon.
type PromotionCode struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	Active         bool              `json:"active"`
	Code           string            `json:"code"`
	Coupon         *Coupon           `json:"coupon"`
	Created        int64             `json:"created"`
	Customer       ref               `json:"customer"`
	ExpiresAt      *int64            `json:"expires_at"`
	Livemode       bool              `json:"livemode"`
	MaxRedemptions *int64            `json:"max_redemptions"`
	Metadata       map[string]string `json:"metadata"`
	Restrictions   Restrictions      `json:"restrictions"`
	TimesRedeemed  int64             `json:"times_redeemed"`
}

// Restrictions are what a purchase must be for a promotion code.
type Restrictions struct {
	FirstTime       bool   `json:"first_time_transaction"`
	MinimumAmount   *int64 `json:"minimum_amount"`
	MinimumCurrency ref    `json:"minimum_amount_currency"`
}

func (c *Coupon) id() string         { return c.ID }
func (c *Coupon) made() int64        { return c.Created }
func (c *PromotionCode) id() string  { return c.ID }
func (c *PromotionCode) made() int64 { return c.Created }

var couponShape = fields{
	"id": text, "amount_off": whole, "currency": text, "duration": oneOf("forever", "once", "repeating"), "duration_in_months": whole,
	"max_redemptions": whole, "metadata": pairs, "name": most(40), "percent_off": decimal, "redeem_by": whole, "expand": expanded,
}

var codeShape = fields{
	"coupon": text, "code": text, "active": yesno, "customer": text, "expires_at": whole, "max_redemptions": whole, "metadata": pairs,
	"restrictions": object(fields{"first_time_transaction": yesno, "minimum_amount": whole, "minimum_amount_currency": text}), "expand": expanded,
}

func (s *Stripe) createCoupon(c *call) (any, *refusal) {
	p := c.params
	coupon := &Coupon{ID: p.text("id"), Object: "coupon", Created: s.now().Unix(), Duration: "once", Metadata: p.pairs("metadata", nil),
		Name: ref(p.text("name")), Valid: true, MaxRedemptions: optional(p, "max_redemptions"), RedeemBy: optional(p, "redeem_by"),
		DurationInMonths: optional(p, "duration_in_months"), AmountOff: optional(p, "amount_off")}
	if coupon.ID == "" {
		coupon.ID = newID("", 8)
	}
	if p.has("duration") {
		coupon.Duration = p.text("duration")
	}
	if p.has("percent_off") {
		percent := p.decimal("percent_off")
		if percent <= 0 || percent > 100 {
			return nil, invalid("percent_off", "", "Invalid decimal: must be greater than 0 and at most 100")
		}
		coupon.PercentOff = &percent
	}
	switch {
	case (coupon.PercentOff == nil) == (coupon.AmountOff == nil):
		return nil, invalid("", "parameter_missing", "You must pass exactly one of percent_off and amount_off")
	case coupon.AmountOff != nil && !p.has("currency"):
		return nil, missing("currency")
	case coupon.AmountOff != nil && *coupon.AmountOff < 1:
		return nil, invalid("amount_off", "parameter_invalid_integer", "Invalid positive integer")
	case coupon.Duration == "repeating" && coupon.DurationInMonths == nil:
		return nil, missing("duration_in_months")
	case s.coupons.find(coupon.ID) != nil:
		return nil, cannot("resource_already_exists", "Coupon already exists.")
	}
	if coupon.AmountOff != nil {
		coupon.Currency = ref(strings.ToLower(p.text("currency")))
	}
	s.coupons.add(coupon)
	s.happened(c, "coupon.created", coupon, nil)
	return coupon, nil
}

func optional(p *node, name string) *int64 {
	if !p.has(name) {
		return nil
	}
	number := p.number(name)
	return &number
}

func (s *Stripe) listCoupons(c *call) (any, *refusal) {
	return pageOf(&s.coupons, c.path, c.params, nil)
}

func (s *Stripe) readCoupon(c *call) (any, *refusal) {
	if coupon := s.coupons.find(c.id); coupon != nil {
		return coupon, nil
	}
	return nil, noSuch("coupon", c.id)
}

func (s *Stripe) createCode(c *call) (any, *refusal) {
	p := c.params
	if !p.has("coupon") {
		return nil, missing("coupon")
	}
	coupon := s.coupons.find(p.text("coupon"))
	if coupon == nil {
		return nil, noSuchParam("coupon", "coupon", p.text("coupon"))
	}
	if p.has("customer") && s.customers.find(p.text("customer")) == nil {
		return nil, noSuchParam("customer", "customer", p.text("customer"))
	}
	code := &PromotionCode{ID: newID("promo_", 24), Object: "promotion_code", Active: !p.has("active") || p.yes("active"), Code: p.text("code"),
		Coupon: coupon, Created: s.now().Unix(), Customer: ref(p.text("customer")), ExpiresAt: optional(p, "expires_at"),
		MaxRedemptions: optional(p, "max_redemptions"), Metadata: p.pairs("metadata", nil)}
	if code.Code == "" {
		code.Code = strings.ToUpper(newID("", 8))
	}
	if limits := p.at("restrictions"); limits != nil {
		code.Restrictions = Restrictions{FirstTime: limits.yes("first_time_transaction"), MinimumAmount: optional(limits, "minimum_amount"),
			MinimumCurrency: ref(limits.text("minimum_amount_currency"))}
	}
	for _, other := range s.codes.all {
		if code.Active && s.usable(other) && strings.EqualFold(other.Code, code.Code) && other.Customer == code.Customer {
			return nil, cannot("", "An active promotion code with `code: %s` already exists.", code.Code)
		}
	}
	s.codes.add(code)
	s.happened(c, "promotion_code.created", code, nil)
	return code, nil
}

func (s *Stripe) listCodes(c *call) (any, *refusal) {
	p := c.params
	return pageOf(&s.codes, c.path, p, func(code *PromotionCode) bool {
		return (!p.has("active") || p.yes("active") == code.Active) && (!p.has("code") || strings.EqualFold(p.text("code"), code.Code)) &&
			(!p.has("coupon") || p.text("coupon") == code.Coupon.ID) && (!p.has("customer") || p.text("customer") == string(code.Customer))
	})
}

func (s *Stripe) readCode(c *call) (any, *refusal) {
	if code := s.codes.find(c.id); code != nil {
		return code, nil
	}
	return nil, noSuch("promotion code", c.id)
}

func (s *Stripe) changeCode(c *call) (any, *refusal) {
	code := s.codes.find(c.id)
	if code == nil {
		return nil, noSuch("promotion code", c.id)
	}
	before := toMap(code)
	if c.params.has("active") {
		code.Active = c.params.yes("active")
	}
	code.Metadata = c.params.pairs("metadata", code.Metadata)
	s.happened(c, "promotion_code.updated", code, before)
	return code, nil
}

// usable reports whether a code can still be redeemed.
func (s *Stripe) usable(code *PromotionCode) bool {
	now := s.now().Unix()
	return code.Active && s.redeemable(code.Coupon) && (code.ExpiresAt == nil || now < *code.ExpiresAt) &&
		(code.MaxRedemptions == nil || code.TimesRedeemed < *code.MaxRedemptions)
}

func (s *Stripe) redeemable(coupon *Coupon) bool {
	return coupon.Valid && (coupon.RedeemBy == nil || s.now().Unix() < *coupon.RedeemBy) &&
		(coupon.MaxRedemptions == nil || coupon.TimesRedeemed < *coupon.MaxRedemptions)
}

// reduction is a coupon, and the code it came by, on a session.
type reduction struct {
	coupon *Coupon
	code   *PromotionCode
}

// redeem counts a reduction that was used.
func (r reduction) redeem() {
	if r.coupon == nil {
		return
	}
	r.coupon.TimesRedeemed++
	if r.coupon.MaxRedemptions != nil && r.coupon.TimesRedeemed >= *r.coupon.MaxRedemptions {
		r.coupon.Valid = false
	}
	if r.code != nil {
		r.code.TimesRedeemed++
		if r.code.MaxRedemptions != nil && r.code.TimesRedeemed >= *r.code.MaxRedemptions {
			r.code.Active = false
		}
	}
}

// typed finds what a buyer of a session means by a code.
func (s *Stripe) typed(session *Session, word string) (reduction, bool) {
	for _, code := range slices.Backward(s.codes.all) {
		if !strings.EqualFold(code.Code, strings.TrimSpace(word)) || !s.usable(code) || !s.allowed(session, code) {
			continue
		}
		return reduction{code.Coupon, code}, true
	}
	return reduction{}, false
}

// allowed reports whether a code's conditions hold for a session.
func (s *Stripe) allowed(session *Session, code *PromotionCode) bool {
	limits := code.Restrictions
	if code.Customer != "" && code.Customer != session.Customer {
		return false
	}
	if limits.MinimumAmount != nil && (session.AmountSubtotal < *limits.MinimumAmount || string(limits.MinimumCurrency) != session.Currency) {
		return false
	}
	if code.Coupon.AmountOff != nil && string(code.Coupon.Currency) != session.Currency {
		return false
	}
	if limits.FirstTime {
		// A session that makes no customer can't tell who is new.
		if session.Customer == "" && session.CustomerCreation != "always" {
			return false
		}
		return session.Customer == "" || !slices.ContainsFunc(s.charges.all, func(c *Charge) bool { return c.Customer == session.Customer && c.Paid })
	}
	return true
}
