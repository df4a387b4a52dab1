package stripefake

import "strings"

// Coupon is a reduction.
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

func (c *Coupon) id() string  { return c.ID }
func (c *Coupon) made() int64 { return c.Created }

var couponShape = fields{
	"id": text, "amount_off": whole, "currency": text, "duration": oneOf("forever", "once", "repeating"), "duration_in_months": whole,
	"max_redemptions": whole, "metadata": pairs, "name": most(40), "percent_off": decimal, "redeem_by": whole, "expand": expanded,
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
