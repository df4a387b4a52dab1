package stripefake_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"

	"github.com/stripe/stripe-go/v76"
)

// What the stand-in answers carries every field that Stripe's own fixtures
// carry, and each is of the same kind where both have one.
func TestAnswersCarryTheFieldsOfStripesFixtures(t *testing.T) {
	mock := stripetest.Mock(t)
	b := newBench(t, stripefake.Settings{})
	session := b.open(t, nil)
	b.pay(t, session.ID)
	charge := b.ChargeOf(session.ID)
	paid, err := b.Session(session.ID)
	if err != nil {
		t.Fatal(err)
	}
	refund, err := b.Refund(charge, 100)
	if err != nil {
		t.Fatal(err)
	}
	dispute, err := b.Dispute(charge, stripefake.DisputeOf{})
	if err != nil {
		t.Fatal(err)
	}
	took, err := b.Charge(charge)
	if err != nil {
		t.Fatal(err)
	}
	coupon, err := b.client.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(25.5), Duration: stripe.String("once"), Name: stripe.String("x"), RedeemBy: stripe.Int64(began.Add(time.Hour).Unix())})
	if err != nil {
		t.Fatal(err)
	}
	code, err := b.client.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: &coupon.ID, ExpiresAt: stripe.Int64(began.Add(time.Hour).Unix())})
	if err != nil {
		t.Fatal(err)
	}
	rate, err := b.client.TaxRates.New(&stripe.TaxRateParams{DisplayName: stripe.String("VAT"), Percentage: stripe.Float64(19), Inclusive: stripe.Bool(false)})
	if err != nil {
		t.Fatal(err)
	}
	endpoint := b.Endpoint("https://example.com/hook", "whsec_one")
	for _, path := range []string{
		"/v1/checkout/sessions/" + session.ID, "/v1/checkout/sessions/" + session.ID + "/line_items", "/v1/customers/" + string(paid.Customer),
		"/v1/payment_intents/" + string(paid.PaymentIntent), "/v1/charges/" + charge, "/v1/refunds/" + refund, "/v1/disputes/" + dispute,
		"/v1/balance_transactions/" + string(took.BalanceTransaction), "/v1/coupons/" + coupon.ID, "/v1/promotion_codes/" + code.ID, "/v1/tax_rates/" + rate.ID,
		"/v1/events/" + b.Events()[0].ID, "/v1/webhook_endpoints/" + endpoint, "/v1/account",
	} {
		theirs, ours := answerOf(t, mock+path), answerOf(t, b.URL+path)
		for _, lack := range lacks("", theirs, ours) {
			t.Errorf("%s: %s", path, lack)
		}
	}
}

// notOurs are parts of the fixtures that nobody here reads, or that the fixtures
// carry and Stripe itself doesn't (a charge's refunds).
var notOurs = []string{".data.object", ".payment_method_details.card", ".refunds", ".evidence"}

// lacks says which fields of theirs are not in ours, or of another kind.
func lacks(at string, theirs, ours any) (found []string) {
	if slices.Contains(notOurs, at) {
		return nil
	}
	switch theirs := theirs.(type) {
	case map[string]any:
		own, ok := ours.(map[string]any)
		if !ok {
			if ours == nil {
				return nil
			}
			return []string{fmt.Sprintf("%s is %T, theirs is an object", at, ours)}
		}
		for _, name := range slices.Sorted(maps.Keys(theirs)) {
			value, has := own[name]
			if !has && !slices.Contains(notOurs, at+"."+name) {
				found = append(found, at+"."+name+" is not there")
				continue
			}
			found = append(found, lacks(at+"."+name, theirs[name], value)...)
		}
	case []any:
		own, ok := ours.([]any)
		if !ok && ours != nil {
			return []string{fmt.Sprintf("%s is %T, theirs is a list", at, ours)}
		}
		if len(theirs) > 0 && len(own) > 0 {
			return lacks(at+"[]", theirs[0], own[0])
		}
	default:
		if theirs != nil && ours != nil && fmt.Sprintf("%T", theirs) != fmt.Sprintf("%T", ours) {
			return []string{fmt.Sprintf("%s is %T, theirs is %T", at, ours, theirs)}
		}
	}
	return found
}

func answerOf(t *testing.T, url string) any {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+stripetest.Key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("%s: %d %v %s", url, response.StatusCode, err, text)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}
