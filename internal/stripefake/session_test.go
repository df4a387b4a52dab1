package stripefake_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/stripefake"

	"github.com/stripe/stripe-go/v76"
)

func TestANewSessionHasNoPaymentIntent(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	session := b.open(t, nil)
	if session.PaymentIntent != nil || session.Status != "open" || session.PaymentStatus != "unpaid" || session.Livemode {
		t.Fatalf("a new session: %+v", session)
	}
	if session.AmountSubtotal != 72000 || session.AmountTotal != 72000 || session.Currency != "gbp" || session.ClientReferenceID != "order-1" || session.Metadata["order"] != "order-1" {
		t.Fatalf("the session does not say what was asked for: %+v", session)
	}
	if !strings.HasPrefix(session.URL, b.URL+"/c/pay/cs_test_") || session.ExpiresAt != began.Add(24*time.Hour).Unix() {
		t.Fatalf("url %s, expires %d", session.URL, session.ExpiresAt)
	}
	if len(b.Events()) != 0 {
		t.Fatalf("opening a session is no event: %v", b.kinds())
	}
}

func TestPayingASessionMakesAnIntentAChargeAndACustomer(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	session := b.open(t, nil)
	back := b.pay(t, session.ID)
	if back != "http://127.0.0.1/portal/orders/1?session_id="+session.ID {
		t.Fatalf("sent back to %s", back)
	}
	paid := b.read(t, session.ID, "payment_intent.latest_charge.balance_transaction", "line_items", "customer", "total_details.breakdown")
	if paid.Status != "complete" || paid.PaymentStatus != "paid" || paid.URL != "" || paid.Customer.Email != "sam@example.com" {
		t.Fatalf("after paying: %s %s url %q customer %+v", paid.Status, paid.PaymentStatus, paid.URL, paid.Customer)
	}
	intent := paid.PaymentIntent
	if intent.Status != "succeeded" || intent.Amount != 72000 || intent.AmountReceived != 72000 || intent.Metadata["order"] != "order-1" {
		t.Fatalf("the intent: %+v", intent)
	}
	charge := intent.LatestCharge
	if !charge.Paid || charge.Amount != 72000 || charge.Metadata["order"] != "order-1" || charge.PaymentIntent.ID != intent.ID || charge.Refunds != nil {
		t.Fatalf("the charge: %+v", charge)
	}
	if line := charge.BalanceTransaction; line.Amount != 72000 || line.Net != 72000-line.Fee || line.Fee != 1100 {
		t.Fatalf("the balance: %+v", line)
	}
	if items := paid.LineItems; len(items.Data) != 1 || items.Data[0].Description != "Six sessions" || items.Data[0].AmountTotal != 72000 || items.Data[0].Price.UnitAmount != 72000 {
		t.Fatalf("the lines: %+v", items)
	}
	want := []string{"payment_intent.created", "customer.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"}
	if got := b.kinds(); !slices.Equal(got, want) {
		t.Fatalf("events %v, want %v", got, want)
	}
	if _, err := b.Pay(session.ID, stripefake.Buyer{}); err == nil {
		t.Fatal("a session was paid twice")
	}
}

func TestAFullyDiscountedSessionNeverHasAPaymentIntent(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	coupon, err := b.client.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(100), Duration: stripe.String("once")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.client.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: &coupon.ID, Code: stripe.String("GIFT"), MaxRedemptions: stripe.Int64(1)}); err != nil {
		t.Fatal(err)
	}
	session := b.open(t, func(p *stripe.CheckoutSessionParams) { p.AllowPromotionCodes = stripe.Bool(true) })
	if err := b.UseCode(session.ID, "nonsense"); err != stripefake.ErrNoCode {
		t.Fatalf("a code that nobody made: %v", err)
	}
	if err := b.UseCode(session.ID, "gift"); err != nil {
		t.Fatal(err)
	}
	b.pay(t, session.ID)
	done := b.read(t, session.ID, "total_details.breakdown")
	if done.Status != "complete" || done.PaymentStatus != "no_payment_required" || done.PaymentIntent != nil {
		t.Fatalf("a free session: %s %s %v", done.Status, done.PaymentStatus, done.PaymentIntent)
	}
	if done.AmountSubtotal != 72000 || done.AmountTotal != 0 || done.TotalDetails.AmountDiscount != 72000 || len(done.TotalDetails.Breakdown.Discounts) != 1 {
		t.Fatalf("its amounts: %+v", done.TotalDetails)
	}
	if b.ChargeOf(session.ID) != "" {
		t.Fatal("a free session has a charge")
	}
	again := b.open(t, func(p *stripe.CheckoutSessionParams) { p.AllowPromotionCodes = stripe.Bool(true) })
	if err := b.UseCode(again.ID, "GIFT"); err != stripefake.ErrNoCode {
		t.Fatalf("a code that is used up: %v", err)
	}
}

// Such a session needs no payment from the start, and is not complete before
// the buyer says so: who looks at the payment status alone gives away too soon.
func TestASessionThatIsFreeFromTheStartIsOpenAllTheSame(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	coupon, err := b.client.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(100), Duration: stripe.String("forever")})
	if err != nil {
		t.Fatal(err)
	}
	session := b.open(t, func(p *stripe.CheckoutSessionParams) {
		p.Discounts = []*stripe.CheckoutSessionDiscountParams{{Coupon: &coupon.ID}}
	})
	if session.Status != "open" || session.PaymentStatus != "no_payment_required" || session.AmountTotal != 0 {
		t.Fatalf("%+v", session)
	}
	if _, err := b.PayLate(session.ID, stripefake.Buyer{}, time.Hour, false); err != stripefake.ErrNoMethod {
		t.Fatalf("nothing was paid late: %v", err)
	}
	b.pay(t, session.ID)
	if got := b.kinds(); got[len(got)-1] != "checkout.session.completed" || slices.Contains(got, "payment_intent.created") {
		t.Fatalf("events %v", got)
	}
}

func TestALatePaymentSettlesOrFailsDaysLater(t *testing.T) {
	for _, fails := range []bool{false, true} {
		b := newBench(t, stripefake.Settings{})
		session := b.open(t, nil)
		if _, err := b.PayLate(session.ID, stripefake.Buyer{}, 72*time.Hour, fails); err != nil {
			t.Fatal(err)
		}
		now := b.read(t, session.ID, "payment_intent")
		if now.Status != "complete" || now.PaymentStatus != "unpaid" || now.PaymentIntent.Status != "processing" {
			t.Fatalf("just after: %s %s %s", now.Status, now.PaymentStatus, now.PaymentIntent.Status)
		}
		b.Pass(71 * time.Hour)
		if after := b.read(t, session.ID); after.PaymentStatus != "unpaid" {
			t.Fatalf("too early: %s", after.PaymentStatus)
		}
		b.Pass(2 * time.Hour)
		after, last := b.read(t, session.ID, "payment_intent"), b.Events()[len(b.Events())-1]
		status, intent, event := stripe.CheckoutSessionPaymentStatus("paid"), stripe.PaymentIntentStatus("succeeded"), "checkout.session.async_payment_succeeded"
		if fails {
			status, intent, event = "unpaid", "requires_payment_method", "checkout.session.async_payment_failed"
		}
		if after.PaymentStatus != status || after.PaymentIntent.Status != intent || last.Type != event {
			t.Fatalf("fails %v: %s %s %s", fails, after.PaymentStatus, after.PaymentIntent.Status, last.Type)
		}
		if last.Created != began.Add(72*time.Hour).Unix() {
			t.Fatalf("the event happened at %d, not when the money did", last.Created)
		}
	}
}

func TestALatePaymentCanBeSettledAtOnce(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	session := b.open(t, nil)
	if _, err := b.PayLate(session.ID, stripefake.Buyer{}, 72*time.Hour, false); err != nil {
		t.Fatal(err)
	}
	if !b.Settle(session.ID) || b.read(t, session.ID).PaymentStatus != "paid" || b.Settle(session.ID) {
		t.Fatalf("%+v", b.read(t, session.ID))
	}
}

func TestADeclinedCardLeavesTheSessionOpen(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	session := b.open(t, func(p *stripe.CheckoutSessionParams) { p.AllowPromotionCodes = stripe.Bool(true) })
	if err := b.Decline(session.ID, stripefake.Buyer{}, "insufficient_funds"); err != nil {
		t.Fatal(err)
	}
	still := b.read(t, session.ID, "payment_intent.latest_charge")
	if still.Status != "open" || still.PaymentIntent.Status != "requires_payment_method" || still.PaymentIntent.LastPaymentError.DeclineCode != "insufficient_funds" ||
		still.PaymentIntent.LatestCharge.Paid {
		t.Fatalf("after a decline: %+v", still)
	}
	first := still.PaymentIntent.ID
	coupon, err := b.client.Coupons.New(&stripe.CouponParams{AmountOff: stripe.Int64(2000), Currency: stripe.String("gbp"), Duration: stripe.String("once")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.client.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: &coupon.ID, Code: stripe.String("SPRING")}); err != nil {
		t.Fatal(err)
	}
	if err := b.UseCode(session.ID, "SPRING"); err != nil {
		t.Fatal(err)
	}
	b.pay(t, session.ID)
	if paid := b.read(t, session.ID, "payment_intent.latest_charge"); paid.PaymentIntent.ID != first || paid.PaymentStatus != "paid" || paid.PaymentIntent.LatestCharge.Amount != 70000 {
		t.Fatalf("the second attempt: %+v", paid.PaymentIntent)
	}
}

func TestASessionExpiresByItselfOrWhenItIsAskedTo(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	asked, alone := b.open(t, nil), b.open(t, func(p *stripe.CheckoutSessionParams) { p.ExpiresAt = stripe.Int64(began.Add(30 * time.Minute).Unix()) })
	expired, err := b.client.CheckoutSessions.Expire(asked.ID, nil)
	if err != nil || expired.Status != "expired" || expired.URL != "" {
		t.Fatalf("expired: %+v, %v", expired, err)
	}
	b.Pass(29 * time.Minute)
	if b.read(t, alone.ID).Status != "open" {
		t.Fatal("expired too early")
	}
	b.Pass(time.Minute)
	if b.read(t, alone.ID).Status != "expired" {
		t.Fatal("did not expire")
	}
	if got := b.kinds(); !slices.Equal(got, []string{"checkout.session.expired", "checkout.session.expired"}) {
		t.Fatalf("events %v", got)
	}
	if _, err := b.Pay(alone.ID, stripefake.Buyer{}); err != stripefake.ErrNotOpen {
		t.Fatalf("an expired session was paid: %v", err)
	}
	paid := b.open(t, nil)
	b.pay(t, paid.ID)
	_, err = b.client.CheckoutSessions.Expire(paid.ID, nil)
	wants(t, err, 400, "invalid_request_error", "", "")
	b.Pass(25 * time.Hour)
	if b.read(t, paid.ID).Status != "complete" {
		t.Fatal("a paid session expired")
	}
}

func TestTaxIsIncludedOrOnTopToThePenny(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	rate, err := b.client.TaxRates.New(&stripe.TaxRateParams{DisplayName: stripe.String("VAT"), Percentage: stripe.Float64(7.7), Inclusive: stripe.Bool(false)})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name               string
		automatic          string // tax behaviour
		rates              bool
		unit, total, taxed int64
	}{
		{"none", "", false, 9999, 9999, 0},
		{"a rate on top", "", true, 9999, 10769, 770},
		{"automatic, on top", "exclusive", false, 9999, 11999, 2000},
		{"automatic, included", "inclusive", false, 9999, 9999, 1667},
	} {
		session := b.open(t, func(p *stripe.CheckoutSessionParams) {
			p.LineItems[0].PriceData.UnitAmount = stripe.Int64(row.unit)
			if row.rates {
				p.LineItems[0].TaxRates = []*string{&rate.ID}
			}
			if row.automatic != "" {
				p.LineItems[0].PriceData.TaxBehavior = &row.automatic
				p.AutomaticTax = &stripe.CheckoutSessionAutomaticTaxParams{Enabled: stripe.Bool(true)}
			}
		})
		if row.automatic != "" && (session.AutomaticTax.Status != "requires_location_inputs" || session.TotalDetails.AmountTax != 0) {
			t.Errorf("%s: before the buyer says where they are: %+v", row.name, session.AutomaticTax)
		}
		b.pay(t, session.ID)
		paid := b.read(t, session.ID, "payment_intent", "total_details.breakdown")
		if paid.AmountSubtotal != row.unit || paid.AmountTotal != row.total || paid.TotalDetails.AmountTax != row.taxed || paid.PaymentIntent.Amount != row.total {
			t.Errorf("%s: subtotal %d total %d tax %d paid %d", row.name, paid.AmountSubtotal, paid.AmountTotal, paid.TotalDetails.AmountTax, paid.PaymentIntent.Amount)
		}
		if row.taxed != 0 && (len(paid.TotalDetails.Breakdown.Taxes) != 1 || paid.TotalDetails.Breakdown.Taxes[0].Amount != row.taxed) {
			t.Errorf("%s: breakdown %+v", row.name, paid.TotalDetails.Breakdown)
		}
	}
}

func TestADiscountComesOffBeforeTax(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	coupon, err := b.client.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(25.5), Duration: stripe.String("once")})
	if err != nil {
		t.Fatal(err)
	}
	rate, err := b.client.TaxRates.New(&stripe.TaxRateParams{DisplayName: stripe.String("VAT"), Percentage: stripe.Float64(20), Inclusive: stripe.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	session := b.open(t, func(p *stripe.CheckoutSessionParams) {
		p.Discounts = []*stripe.CheckoutSessionDiscountParams{{Coupon: &coupon.ID}}
		p.LineItems[0].PriceData.UnitAmount = stripe.Int64(3333)
		p.LineItems[0].Quantity = stripe.Int64(2)
		p.LineItems[0].TaxRates = []*string{&rate.ID}
	})
	// 25.5 % of 6666 is 1699.83; a sixth of the 4966 left is 827.67.
	if session.AmountSubtotal != 6666 || session.TotalDetails.AmountDiscount != 1700 || session.AmountTotal != 4966 || session.TotalDetails.AmountTax != 828 {
		t.Fatalf("subtotal %d discount %d total %d tax %d", session.AmountSubtotal, session.TotalDetails.AmountDiscount, session.AmountTotal, session.TotalDetails.AmountTax)
	}
}
