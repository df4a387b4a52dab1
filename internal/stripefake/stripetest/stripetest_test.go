package stripetest_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"
)

func TestAStandInIsReachedUnderItsKeyOnly(t *testing.T) {
	s := stripetest.Start(t, stripefake.Settings{})
	for key, status := range map[string]int{stripetest.Key: 200, "sk_test_another": 401} {
		request, err := http.NewRequest(http.MethodGet, s.URL+"/v1/account", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+key)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != status {
			t.Errorf("%s: %d", key, response.StatusCode)
		}
	}
}

// A check that takes everything would prove nothing.
func TestACallThatStripeDoesNotTakeIsNamed(t *testing.T) {
	good := stripefake.Request{Method: "POST", Path: "/v1/checkout/sessions", Version: stripefake.Version,
		Body: url.Values{"mode": {"payment"}, "success_url": {"https://example.com/"}, "line_items[0][quantity]": {"1"}, "line_items[0][price_data][currency]": {"gbp"},
			"line_items[0][price_data][unit_amount]": {"72000"}, "line_items[0][price_data][product_data][name]": {"Six sessions"}}.Encode()}
	unknown, wrong, old, none := good, good, good, good
	unknown.Body += "&colour=red"
	wrong.Body += "&expires_at=tomorrow"
	old.Body += "&locale=en"
	old.Version = "2020-08-27"
	none.Path = "/v1/checkout/colours"
	complaints := stripetest.Refused(t, []stripefake.Request{good, unknown, wrong, old, none})
	for _, about := range []string{"colour", "expires_at", "2020-08-27", "/v1/checkout/colours"} {
		if !slices.ContainsFunc(complaints, func(c string) bool { return strings.Contains(c, about) }) {
			t.Errorf("%s was taken: %q", about, complaints)
		}
	}
	for _, complaint := range complaints {
		if strings.Contains(complaint, good.Body+"\n") && !strings.Contains(complaint, "colours") {
			t.Errorf("a good call was refused: %s", complaint)
		}
	}
}

func TestGoodCallsAreAccepted(t *testing.T) {
	stripetest.Accepted(t, []stripefake.Request{
		{Method: "GET", Path: "/v1/account", Version: stripefake.Version},
		{Method: "POST", Path: "/v1/refunds", Body: "charge=ch_1&amount=100&reason=requested_by_customer", Version: stripefake.Version},
		{Method: "GET", Path: "/v1/events", Query: "limit=3&types[0]=charge.refunded", Version: stripefake.Version},
	})
}
