package stripefake_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/stripefake"

	"github.com/stripe/stripe-go/v76"
)

// visitor follows nothing by itself.
var visitor = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func see(t *testing.T, address string, form url.Values) (status int, to, page string) {
	t.Helper()
	var response *http.Response
	var err error
	if form == nil {
		response, err = visitor.Get(address)
	} else {
		response, err = visitor.PostForm(address, form)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Location"), string(text)
}

func TestAVisitorPaysAtThePage(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	session := b.open(t, nil)
	status, _, page := see(t, session.URL, nil)
	for _, part := range []string{"No money moves here", "Pay 720.00 GBP", "Six sessions × 1", "sam@example.com", "http://127.0.0.1/portal/orders/1", "three days"} {
		if status != 200 || !strings.Contains(page, part) {
			t.Fatalf("%d, without %q: %s", status, part, page)
		}
	}
	if strings.Contains(page, "Promotion code") {
		t.Fatal("asks for a code that the session doesn't take")
	}
	status, to, _ := see(t, session.URL, url.Values{"op": {"pay"}, "way": {"card"}})
	if status != 303 || to != "http://127.0.0.1/portal/orders/1?session_id="+session.ID || b.read(t, session.ID).PaymentStatus != "paid" {
		t.Fatalf("%d to %s", status, to)
	}
	if status, _, page := see(t, session.URL, nil); status != 200 || !strings.Contains(page, "complete") || strings.Contains(page, "<form") {
		t.Fatalf("afterwards: %d %s", status, page)
	}
}

func TestAVisitorIsDeclinedEntersACodeAndPaysLate(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	coupon, err := b.client.Coupons.New(&stripe.CouponParams{AmountOff: stripe.Int64(2000), Currency: stripe.String("gbp"), Duration: stripe.String("once")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.client.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: &coupon.ID, Code: stripe.String("SPRING")}); err != nil {
		t.Fatal(err)
	}
	session := b.open(t, func(p *stripe.CheckoutSessionParams) {
		p.AllowPromotionCodes, p.CustomerEmail = stripe.Bool(true), nil
		p.ConsentCollection = &stripe.CheckoutSessionConsentCollectionParams{TermsOfService: stripe.String("required")}
		p.LineItems[0].PriceData.ProductData.Name = stripe.String(`<b>"Six"</b>`)
	})
	for _, step := range []struct {
		form   url.Values
		status int
		says   string
	}{
		{url.Values{"op": {"code"}, "code": {"<i>"}}, 422, "This code is invalid."},
		{url.Values{"op": {"pay"}, "way": {"card"}, "terms": {"yes"}}, 422, "A mail address is needed."},
		{url.Values{"op": {"pay"}, "way": {"card"}, "email": {"sam@example.com"}}, 422, "The terms have to be agreed to."},
		{url.Values{"op": {"pay"}, "way": {"funds"}, "email": {"sam@example.com"}, "terms": {"yes"}}, 422, "insufficient funds"},
		{url.Values{"op": {"pay"}, "way": {"flying"}, "email": {"sam@example.com"}, "terms": {"yes"}}, 422, "Choose how"},
		{url.Values{"op": {"code"}, "code": {"spring"}}, 303, ""},
	} {
		status, _, page := see(t, session.URL, step.form)
		if status != step.status || !strings.Contains(page, step.says) || strings.Contains(page, "<i>") || strings.Contains(page, "<b>") {
			t.Fatalf("%v: %d %s", step.form, status, page)
		}
	}
	if _, _, page := see(t, session.URL, nil); !strings.Contains(page, "Pay 700.00 GBP") || !strings.Contains(page, "−20.00 GBP") {
		t.Fatalf("after the code: %s", page)
	}
	status, _, _ := see(t, session.URL, url.Values{"op": {"pay"}, "way": {"days"}, "email": {"sam@example.com"}, "terms": {"yes"}})
	now := b.read(t, session.ID)
	if status != 303 || now.Status != "complete" || now.PaymentStatus != "unpaid" || now.Consent.TermsOfService != "accepted" || now.CustomerDetails.Email != "sam@example.com" {
		t.Fatalf("%d %+v", status, now)
	}
	b.Pass(72 * time.Hour)
	if b.read(t, session.ID).PaymentStatus != "paid" {
		t.Fatal("the money did not arrive")
	}
}

func TestThePageOffersOnlyWhatTheSessionTakes(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	session := b.open(t, func(p *stripe.CheckoutSessionParams) { p.PaymentMethodTypes = []*string{stripe.String("card")} })
	if _, _, page := see(t, session.URL, nil); strings.Contains(page, "bank debit") {
		t.Fatal("offers a bank debit")
	}
	if status, _, _ := see(t, session.URL, url.Values{"op": {"pay"}, "way": {"days"}}); status != 422 || b.read(t, session.ID).Status != "open" {
		t.Fatalf("took a bank debit: %d", status)
	}
	if status, _, _ := see(t, b.URL+"/c/pay/cs_test_0", nil); status != 404 {
		t.Fatalf("a session that is not there: %d", status)
	}
	b.Pass(24 * time.Hour)
	if _, _, page := see(t, session.URL, nil); !strings.Contains(page, "expired") || strings.Contains(page, "<form") {
		t.Fatalf("an expired one: %s", page)
	}
}
