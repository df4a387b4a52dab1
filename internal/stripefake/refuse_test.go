package stripefake_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"

	"github.com/stripe/stripe-go/v76"
)

func TestASessionThatStripeWouldRefuseIsRefused(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	for _, row := range []struct {
		name   string
		change func(*stripe.CheckoutSessionParams)
		code   stripe.ErrorCode
		param  string
	}{
		{"no mode", func(p *stripe.CheckoutSessionParams) { p.Mode = nil }, "parameter_missing", "mode"},
		{"no success page", func(p *stripe.CheckoutSessionParams) { p.SuccessURL = nil }, "parameter_missing", "success_url"},
		{"a success page that is no address", func(p *stripe.CheckoutSessionParams) { p.SuccessURL = stripe.String("/orders") }, "url_invalid", "success_url"},
		{"nothing to buy", func(p *stripe.CheckoutSessionParams) { p.LineItems = nil }, "parameter_missing", "line_items"},
		{"a mail address without a host", func(p *stripe.CheckoutSessionParams) { p.CustomerEmail = stripe.String("sam@") }, "email_invalid", "customer_email"},
		{"an empty mail address", func(p *stripe.CheckoutSessionParams) { p.CustomerEmail = stripe.String("") }, "parameter_invalid_empty", "customer_email"},
		{"a customer that is not there", func(p *stripe.CheckoutSessionParams) {
			p.CustomerEmail, p.CustomerCreation, p.Customer = nil, nil, stripe.String("cus_0")
		}, "resource_missing", "customer"},
		{"both customer and address", func(p *stripe.CheckoutSessionParams) { p.Customer = stripe.String("cus_0") }, "parameters_exclusive", ""},
		{"too short a life", func(p *stripe.CheckoutSessionParams) {
			p.ExpiresAt = stripe.Int64(began.Add(30*time.Minute).Unix() - 1)
		}, "", "expires_at"},
		{"too long a life", func(p *stripe.CheckoutSessionParams) { p.ExpiresAt = stripe.Int64(began.Add(24*time.Hour).Unix() + 1) }, "", "expires_at"},
		{"a discount and codes", func(p *stripe.CheckoutSessionParams) {
			p.AllowPromotionCodes = stripe.Bool(true)
			p.Discounts = []*stripe.CheckoutSessionDiscountParams{{Coupon: stripe.String("x")}}
		}, "parameters_exclusive", ""},
		{"less than a card can be charged", func(p *stripe.CheckoutSessionParams) { p.LineItems[0].PriceData.UnitAmount = stripe.Int64(29) }, "amount_too_small", ""},
		{"more than a card can be charged", func(p *stripe.CheckoutSessionParams) {
			p.LineItems[0].PriceData.UnitAmount = stripe.Int64(100000000)
		}, "amount_too_large", "line_items[0][price_data][unit_amount]"},
		{"a currency that is none", func(p *stripe.CheckoutSessionParams) { p.LineItems[0].PriceData.Currency = stripe.String("xxx") }, "", "line_items[0][price_data][currency]"},
		{"a third digit in dinars", func(p *stripe.CheckoutSessionParams) {
			p.LineItems[0].PriceData.Currency, p.LineItems[0].PriceData.UnitAmount = stripe.String("kwd"), stripe.Int64(12345)
		}, "parameter_invalid_integer", "line_items[0][price_data][unit_amount]"},
		{"a bank debit in another currency", func(p *stripe.CheckoutSessionParams) { p.PaymentMethodTypes = []*string{stripe.String("sepa_debit")} }, "", "payment_method_types"},
		{"automatic tax without saying how", func(p *stripe.CheckoutSessionParams) {
			p.AutomaticTax = &stripe.CheckoutSessionAutomaticTaxParams{Enabled: stripe.Bool(true)}
		}, "", "line_items[0][price_data][tax_behavior]"},
		{"too long a reference", func(p *stripe.CheckoutSessionParams) { p.ClientReferenceID = stripe.String(strings.Repeat("x", 201)) }, "", "client_reference_id"},
		{"too long a word in the metadata", func(p *stripe.CheckoutSessionParams) { p.AddMetadata("note", strings.Repeat("x", 501)) }, "", "metadata[note]"},
		{"a statement of numbers", func(p *stripe.CheckoutSessionParams) {
			p.PaymentIntentData.StatementDescriptorSuffix = stripe.String("12345")
		}, "", "payment_intent_data[statement_descriptor_suffix]"},
		{"more of it than can be counted", func(p *stripe.CheckoutSessionParams) { p.LineItems[0].Quantity = stripe.Int64(1 << 60) }, "parameter_invalid_integer", "line_items[0][quantity]"},
		{"a language that the page does not speak", func(p *stripe.CheckoutSessionParams) { p.Locale = stripe.String("tlh") }, "", "locale"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := purchase()
			row.change(p)
			_, err := b.client.CheckoutSessions.New(p)
			wants(t, err, 400, "invalid_request_error", row.code, row.param)
		})
	}
	if n := len(b.Sessions()); n != 0 {
		t.Fatalf("%d refused sessions were opened", n)
	}
}

// post is a call as any program makes it.
func post(t *testing.T, url, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "Bearer "+stripetest.Key)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func TestTheDoorAsksForAKeyAFormAndTheVersion(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	basic, err := http.NewRequest(http.MethodGet, b.URL+"/v1/account", nil)
	if err != nil {
		t.Fatal(err)
	}
	basic.SetBasicAuth(stripetest.Key, "")
	if response, err := http.DefaultClient.Do(basic); err != nil || response.StatusCode != 200 {
		t.Fatalf("basic authentication: %v %v", response, err)
	}
	for _, row := range []struct {
		name, path, body string
		header           map[string]string
		status           int
		holds            string
	}{
		{"no key", "/v1/customers", "", map[string]string{"Authorization": ""}, 401, "did not provide an API key"},
		{"another's key", "/v1/customers", "", map[string]string{"Authorization": "Bearer sk_test_other_key"}, 401, "Invalid API Key provided: sk_test_*"},
		{"a live key", "/v1/customers", "", map[string]string{"Authorization": "Bearer sk_live_standin"}, 401, "Invalid API Key"},
		{"JSON", "/v1/customers", `{"name":"x"}`, map[string]string{"Content-Type": "application/json"}, 400, "form-encoded"},
		{"another version", "/v1/customers", "", map[string]string{"Stripe-Version": "2020-08-27"}, 400, "speaks API version 2023-10-16"},
		{"a version that is none", "/v1/customers", "", map[string]string{"Stripe-Version": "latest"}, 400, "Invalid Stripe API version"},
		{"a parameter that nobody knows", "/v1/customers", "colour=red", nil, 400, `"code": "parameter_unknown"`},
		{"one deep inside", "/v1/checkout/sessions", "line_items[0][price_data][colour]=red", nil, 400, "Received unknown parameter: line_items[0][price_data][colour]"},
		{"a percentage that is no number", "/v1/coupons", "percent_off=NaN", nil, 400, "Invalid decimal: NaN"},
		{"brackets that don't match", "/v1/customers", "metadata[a=1", nil, 400, "brackets"},
		{"an address that nobody knows", "/v1/colours", "", nil, 404, "Unrecognized request URL (POST: /v1/colours)"},
	} {
		t.Run(row.name, func(t *testing.T) {
			response, body := post(t, b.URL+row.path, row.body, row.header)
			if response.StatusCode != row.status || !strings.Contains(body, row.holds) || response.Header.Get("Request-Id") == "" {
				t.Fatalf("%d %s", response.StatusCode, body)
			}
		})
	}
	if response, body := post(t, b.URL+"/v1/customers", "metadata[a]=1&preferred_locales[]=en&preferred_locales[]=de", nil); response.StatusCode != 200 || !strings.Contains(body, `"de"`) {
		t.Fatalf("empty brackets: %d %s", response.StatusCode, body)
	}
	_, err = b.client.CheckoutSessions.Get("cs_test_0", nil)
	wants(t, err, 404, "invalid_request_error", "resource_missing", "id")
}

func TestListsComeInPagesTheNewestFirst(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	for range 25 {
		b.open(t, nil)
	}
	var ids []string
	p := &stripe.CheckoutSessionListParams{}
	p.Limit = stripe.Int64(10)
	list := b.client.CheckoutSessions.List(p)
	for list.Next() {
		ids = append(ids, list.CheckoutSession().ID)
	}
	if list.Err() != nil || len(ids) != 25 {
		t.Fatalf("%d in all pages, %v", len(ids), list.Err())
	}
	for i, session := range b.Sessions() {
		if ids[24-i] != session.ID {
			t.Fatalf("the order is not the newest first")
		}
	}
	if calls := len(b.Requests()) - 25; calls != 3 {
		t.Fatalf("%d calls for three pages", calls)
	}
	response, body := post(t, b.URL+"/v1/checkout/sessions?limit=101", "", nil)
	if response.StatusCode != 400 {
		t.Fatalf("%d %s", response.StatusCode, body)
	}
}

func TestOnlyWhatCanBeExpandedIs(t *testing.T) {
	b := newBench(t, stripefake.Settings{})
	session := b.open(t, nil)
	p := &stripe.CheckoutSessionParams{}
	p.AddExpand("metadata")
	_, err := b.client.CheckoutSessions.Get(session.ID, p)
	wants(t, err, 400, "invalid_request_error", "", "expand")
	list := &stripe.CheckoutSessionListParams{}
	list.AddExpand("data.line_items")
	rows := b.client.CheckoutSessions.List(list)
	if !rows.Next() || len(rows.CheckoutSession().LineItems.Data) != 1 {
		t.Fatalf("lines in a list: %v", rows.Err())
	}
}

// Whatever is sent, the door answers in Stripe's shape and stays standing.
func FuzzTheDoor(f *testing.F) {
	paths := []string{"/v1/customers", "/v1/checkout/sessions", "/v1/coupons", "/v1/promotion_codes", "/v1/refunds", "/v1/webhook_endpoints", "/v1/tax_rates"}
	f.Add(1, "mode=payment&success_url=http%3A%2F%2Fx&line_items[0][quantity]=1&line_items[0][price_data][currency]=gbp&line_items[0][price_data][unit_amount]=100&line_items[0][price_data][product_data][name]=x")
	f.Add(2, "percent_off=1e400&duration=once")
	f.Add(0, "metadata[a][b]=1&metadata=&expand[][]=x&address[city]=")
	f.Add(5, "url=http://x&enabled_events[]=*&enabled_events[99999]=*")
	f.Add(6, "a[=1&]=2&[x]=3&%zz")
	f.Fuzz(func(t *testing.T, which int, body string) {
		s := stripefake.New(stripefake.Settings{})
		request := httptest.NewRequest(http.MethodPost, paths[uint(which)%uint(len(paths))], strings.NewReader(body))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Authorization", "Bearer "+stripetest.Key)
		response := httptest.NewRecorder()
		s.ServeHTTP(response, request)
		var said struct {
			Object string
			Error  struct{ Type, Message string }
		}
		if err := json.Unmarshal(response.Body.Bytes(), &said); err != nil {
			t.Fatalf("%d %s", response.Code, response.Body)
		}
		if response.Code == 200 && said.Object == "" || response.Code != 200 && (response.Code != 400 || said.Error.Type != "invalid_request_error" || said.Error.Message == "") {
			t.Fatalf("%d %s", response.Code, response.Body)
		}
	})
}
