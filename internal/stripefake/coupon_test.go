package stripefake_test

import (
	"testing"
	"time"

	"kintsugi/internal/stripefake"

	"github.com/stripe/stripe-go/v76"
)

func TestACodeIsTakenOnlyWhereItsConditionsHold(t *testing.T) {
	for _, row := range []struct {
		name   string
		coupon func(*stripe.CouponParams)
		code   func(*stripe.PromotionCodeParams)
		before func(*bench)
		taken  bool
	}{
		{"without conditions", nil, nil, nil, true},
		{"switched off", nil, func(p *stripe.PromotionCodeParams) { p.Active = stripe.Bool(false) }, nil, false},
		{"expired", nil, func(p *stripe.PromotionCodeParams) { p.ExpiresAt = stripe.Int64(began.Add(time.Hour).Unix()) }, func(b *bench) { b.Pass(time.Hour) }, false},
		{"whose coupon has expired", func(p *stripe.CouponParams) { p.RedeemBy = stripe.Int64(began.Add(time.Hour).Unix()) }, nil, func(b *bench) { b.Pass(time.Hour) }, false},
		{"for somebody else", nil, func(p *stripe.PromotionCodeParams) { p.Customer = stripe.String("other") }, nil, false},
		{"for more than this", nil, func(p *stripe.PromotionCodeParams) {
			p.Restrictions = &stripe.PromotionCodeRestrictionsParams{MinimumAmount: stripe.Int64(72001), MinimumAmountCurrency: stripe.String("gbp")}
		}, nil, false},
		{"for as much as this", nil, func(p *stripe.PromotionCodeParams) {
			p.Restrictions = &stripe.PromotionCodeRestrictionsParams{MinimumAmount: stripe.Int64(72000), MinimumAmountCurrency: stripe.String("gbp")}
		}, nil, true},
		{"in another currency", func(p *stripe.CouponParams) {
			p.PercentOff, p.AmountOff, p.Currency = nil, stripe.Int64(100), stripe.String("eur")
		}, nil, nil, false},
		{"that leaves less than a card can be charged", func(p *stripe.CouponParams) {
			p.PercentOff, p.AmountOff, p.Currency = nil, stripe.Int64(71990), stripe.String("gbp")
		}, nil, nil, false},
		{"for a first purchase", nil, func(p *stripe.PromotionCodeParams) {
			p.Restrictions = &stripe.PromotionCodeRestrictionsParams{FirstTimeTransaction: stripe.Bool(true)}
		}, nil, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t, stripefake.Settings{})
			ours := &stripe.CouponParams{PercentOff: stripe.Float64(10), Duration: stripe.String("once")}
			if row.coupon != nil {
				row.coupon(ours)
			}
			coupon, err := b.client.Coupons.New(ours)
			if err != nil {
				t.Fatal(err)
			}
			code := &stripe.PromotionCodeParams{Coupon: &coupon.ID, Code: stripe.String("SPRING")}
			if row.code != nil {
				row.code(code)
			}
			if code.Customer != nil {
				other, err := b.client.Customers.New(&stripe.CustomerParams{})
				if err != nil {
					t.Fatal(err)
				}
				code.Customer = &other.ID
			}
			if _, err := b.client.PromotionCodes.New(code); err != nil {
				t.Fatal(err)
			}
			if row.before != nil {
				row.before(b)
			}
			session := b.open(t, func(p *stripe.CheckoutSessionParams) { p.AllowPromotionCodes = stripe.Bool(true) })
			if err := b.UseCode(session.ID, " spring "); (err == nil) != row.taken {
				t.Fatalf("%v", err)
			}
			now := b.read(t, session.ID)
			if (now.AmountTotal < 72000) != row.taken {
				t.Fatalf("the total is %d", now.AmountTotal)
			}
		})
	}
}

func TestACodeForAFirstPurchaseIsNotForAnotherOne(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	customer, err := b.client.Customers.New(&stripe.CustomerParams{Email: stripe.String("sam@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	coupon, err := b.client.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(10), Duration: stripe.String("once")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.client.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: &coupon.ID, Code: stripe.String("FIRST"),
		Restrictions: &stripe.PromotionCodeRestrictionsParams{FirstTimeTransaction: stripe.Bool(true)}}); err != nil {
		t.Fatal(err)
	}
	for i, taken := range []bool{true, false} {
		session := b.open(t, func(p *stripe.CheckoutSessionParams) {
			p.AllowPromotionCodes, p.Customer, p.CustomerEmail, p.CustomerCreation = stripe.Bool(true), &customer.ID, nil, nil
		})
		if err := b.UseCode(session.ID, "FIRST"); (err == nil) != taken {
			t.Fatalf("purchase %d: %v", i+1, err)
		}
		b.pay(t, session.ID)
	}
}
