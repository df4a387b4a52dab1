package stripefake_test

import (
	"testing"
	"time"

	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"

	"github.com/stripe/stripe-go/v76"
)

// Each call and parameter that the stand-in takes is one that Stripe takes, as
// far as Stripe's description of its API says.
func TestWhatTheStandInTakesStripeTakes(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	customer, err := b.client.Customers.New(&stripe.CustomerParams{Email: stripe.String("sam@example.com"), Name: stripe.String("Sam"), Phone: stripe.String("+44"),
		Description: stripe.String("x"), PreferredLocales: []*string{stripe.String("en")}, TaxExempt: stripe.String("none"),
		Address: &stripe.AddressParams{Country: stripe.String("GB"), City: stripe.String("Leeds"), Line1: stripe.String("1"), Line2: stripe.String("2"), PostalCode: stripe.String("3"), State: stripe.String("4")}})
	must(err)
	_, err = b.client.Customers.Update(customer.ID, &stripe.CustomerParams{Metadata: map[string]string{"person": "1"}})
	must(err)
	coupon, err := b.client.Coupons.New(&stripe.CouponParams{ID: stripe.String("spring"), AmountOff: stripe.Int64(500), Currency: stripe.String("gbp"), Duration: stripe.String("once"),
		Name: stripe.String("Spring"), MaxRedemptions: stripe.Int64(5), RedeemBy: stripe.Int64(began.Add(time.Hour).Unix())})
	must(err)
	code, err := b.client.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: &coupon.ID, Code: stripe.String("SPRING"), Active: stripe.Bool(true), Customer: &customer.ID,
		ExpiresAt: stripe.Int64(began.Add(time.Hour).Unix()), MaxRedemptions: stripe.Int64(5),
		Restrictions: &stripe.PromotionCodeRestrictionsParams{FirstTimeTransaction: stripe.Bool(false), MinimumAmount: stripe.Int64(100), MinimumAmountCurrency: stripe.String("gbp")}})
	must(err)
	rate, err := b.client.TaxRates.New(&stripe.TaxRateParams{DisplayName: stripe.String("VAT"), Percentage: stripe.Float64(7.7), Inclusive: stripe.Bool(true), Country: stripe.String("GB"),
		Jurisdiction: stripe.String("GB"), TaxType: stripe.String("vat"), Description: stripe.String("x")})
	must(err)
	session := b.open(t, func(p *stripe.CheckoutSessionParams) {
		p.Customer, p.CustomerEmail, p.CustomerCreation = &customer.ID, nil, nil
		p.CustomerUpdate = &stripe.CheckoutSessionCustomerUpdateParams{Address: stripe.String("auto"), Name: stripe.String("auto")}
		p.ExpiresAt, p.Locale, p.SubmitType = stripe.Int64(began.Add(time.Hour).Unix()), stripe.String("en-GB"), stripe.String("pay")
		p.BillingAddressCollection, p.UIMode = stripe.String("required"), stripe.String("hosted")
		p.PaymentMethodTypes = []*string{stripe.String("card"), stripe.String("bacs_debit")}
		p.Discounts = []*stripe.CheckoutSessionDiscountParams{{PromotionCode: &code.ID}}
		p.LineItems[0].TaxRates = []*string{&rate.ID}
		p.LineItems[0].PriceData.TaxBehavior = stripe.String("inclusive")
		p.LineItems[0].PriceData.ProductData.Description = stripe.String("x")
		p.LineItems[0].PriceData.ProductData.TaxCode = stripe.String("txcd_20030000")
		p.ConsentCollection = &stripe.CheckoutSessionConsentCollectionParams{TermsOfService: stripe.String("required")}
		p.CustomText = &stripe.CheckoutSessionCustomTextParams{
			Submit:                   &stripe.CheckoutSessionCustomTextSubmitParams{Message: stripe.String("x")},
			TermsOfServiceAcceptance: &stripe.CheckoutSessionCustomTextTermsOfServiceAcceptanceParams{Message: stripe.String("x")},
			AfterSubmit:              &stripe.CheckoutSessionCustomTextAfterSubmitParams{Message: stripe.String("x")},
		}
		p.PaymentIntentData.Description, p.PaymentIntentData.StatementDescriptorSuffix = stripe.String("x"), stripe.String("Sessions")
		p.PaymentIntentData.ReceiptEmail = stripe.String("sam@example.com")
	})
	_, err = b.Pay(session.ID, stripefake.Buyer{Terms: true})
	must(err)
	b.read(t, session.ID, "payment_intent.latest_charge.balance_transaction", "line_items", "total_details.breakdown", "customer")
	charge := b.ChargeOf(session.ID)
	refund, err := b.client.Refunds.New(&stripe.RefundParams{Charge: &charge, Amount: stripe.Int64(100), Reason: stripe.String("requested_by_customer")})
	must(err)
	_, err = b.client.Refunds.Get(refund.ID, nil)
	must(err)
	_, err = b.client.CheckoutSessions.Expire(b.open(t, nil).ID, nil)
	must(err)
	endpoint, err := b.client.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: stripe.String("https://example.com/webhooks/stripe"), APIVersion: stripe.String("2023-10-16"),
		Description: stripe.String("x"), EnabledEvents: []*string{stripe.String("checkout.session.completed"), stripe.String("charge.refund.updated"), stripe.String("charge.dispute.funds_withdrawn")}})
	must(err)
	_, err = b.client.WebhookEndpoints.Update(endpoint.ID, &stripe.WebhookEndpointParams{Disabled: stripe.Bool(false)})
	must(err)
	_, err = b.client.WebhookEndpoints.Del(endpoint.ID, nil)
	must(err)
	_, err = b.client.Accounts.Get()
	must(err)
	b.client.CheckoutSessions.List(&stripe.CheckoutSessionListParams{Customer: &customer.ID}).Next()
	b.client.CheckoutSessions.ListLineItems(&stripe.CheckoutSessionListLineItemsParams{Session: &session.ID}).Next()
	b.client.PaymentIntents.List(&stripe.PaymentIntentListParams{Customer: &customer.ID}).Next()
	b.client.Charges.List(&stripe.ChargeListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThan: 1}}).Next()
	b.client.Refunds.List(&stripe.RefundListParams{Charge: &charge}).Next()
	b.client.Disputes.List(&stripe.DisputeListParams{Charge: &charge}).Next()
	b.client.Events.List(&stripe.EventListParams{Types: []*string{stripe.String("charge.refunded")}, CreatedRange: &stripe.RangeQueryParams{LesserThan: 9, GreaterThanOrEqual: 1}}).Next()
	b.client.PromotionCodes.List(&stripe.PromotionCodeListParams{Code: stripe.String("SPRING"), Active: stripe.Bool(true)}).Next()
	b.client.BalanceTransactions.List(&stripe.BalanceTransactionListParams{Source: &charge}).Next()

	for _, request := range b.Requests() {
		if request.Status != 200 {
			t.Errorf("the stand-in refuses %s %s %s with %d", request.Method, request.Path, request.Body, request.Status)
		}
	}
	stripetest.Accepted(t, b.Requests())
}
