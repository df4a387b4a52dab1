package stripefake

import (
	"slices"
	"strings"
)

// PromotionCode is what a buyer types to get a coupon.
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

func (c *PromotionCode) id() string  { return c.ID }
func (c *PromotionCode) made() int64 { return c.Created }

var codeShape = fields{
	"coupon": text, "code": text, "active": yesno, "customer": text, "expires_at": whole, "max_redemptions": whole, "metadata": pairs,
	"restrictions": object(fields{"first_time_transaction": yesno, "minimum_amount": whole, "minimum_amount_currency": text}), "expand": expanded,
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
