package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"

	"kintsugi/internal/fault"
	"kintsugi/internal/web"
	"kintsugi/internal/web/hook"
)

// knocks counts what reached the room behind the webhook.
type knocks struct {
	bodies [][]byte
	signed string
	answer error
}

func (k *knocks) hear(_ context.Context, body []byte, signature string) error {
	k.bodies, k.signed = append(k.bodies, body), signature
	return k.answer
}

func withWebhook(k *knocks) change {
	return func(h *web.House) { h.Webhook = &hook.Webhook{Knock: k.hear, Log: h.Log} }
}

// PAY-25: Stripe was led from one address to another, which counts as a failure
// there, or was asked for a cookie.
func TestStripeIsHeardWithAndWithoutASlashAndWithoutCookies(t *testing.T) {
	k := &knocks{}
	f := open(t, withWebhook(k))
	address := f.serve(t, nil)
	for _, path := range []string{"/webhooks/stripe", "/webhooks/stripe/"} {
		for _, cookie := range []string{"", "kintsugi=abc; other=1"} {
			body := []byte("{\"é\": 1}\r\n ")
			request, err := http.NewRequest("POST", "http://"+address+path, bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Host = "localhost:8080"
			request.Header.Set("Stripe-Signature", "t=1,v1=ab")
			request.Header.Set("Content-Type", "application/json; charset=utf-8")
			if cookie != "" {
				request.Header.Set("Cookie", cookie)
			}
			answer, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != 200 || len(answer.Cookies()) != 0 {
				t.Errorf("%s is answered %d with %v", path, answer.StatusCode, answer.Cookies())
			}
			if last := k.bodies[len(k.bodies)-1]; !bytes.Equal(last, body) || k.signed != "t=1,v1=ab" {
				t.Errorf("other bytes arrive: %q, signed %q", last, k.signed)
			}
		}
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if got := f.ask(method, "/webhooks/stripe").StatusCode; got != http.StatusMethodNotAllowed && got != http.StatusNotFound {
			t.Errorf("%s is answered %d", method, got)
		}
	}
	want(t, "acts", len(k.bodies), 4)
}

// PAY-26: an event of 200 KiB was refused, and a body of 50 MiB was taken in.
func TestLargeEventsAreTakenAndHugeOnesAreNot(t *testing.T) {
	k := &knocks{}
	f := open(t, withWebhook(k))
	address := f.serve(t, nil)
	send := func(size int) int {
		body := make([]byte, size)
		_, _ = rand.Read(body)
		request, err := http.NewRequest("POST", "http://"+address+"/webhooks/stripe", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "localhost:8080"
		answer, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			return http.StatusRequestEntityTooLarge // the line was cut while we were still sending
		}
		defer answer.Body.Close()
		return answer.StatusCode
	}
	for size, status := range map[int]int{200 << 10: 200, 1 << 20: 200, 1<<20 + 1: 413, 50 << 20: 413} {
		if got := send(size); got != status {
			t.Errorf("%d bytes are answered %d, want %d", size, got, status)
		}
	}
	want(t, "bodies", len(k.bodies), 2)
}

func TestWhatIsNotTakenIsSentAgainAndTheLogSaysNothingOfIt(t *testing.T) {
	for _, row := range []struct {
		err    error
		status int
	}{
		{fault.Named(fault.Invalid, "bad-signature", "The signature does not fit."), 400},
		{fault.New(fault.Unavailable, "Payments are not set up here yet."), 503},
		{context.DeadlineExceeded, 500},
	} {
		k := &knocks{answer: row.err}
		f := open(t, withWebhook(k))
		answer := f.ask("POST", "/webhooks/stripe", func(r *http.Request) {
			r.Body, r.ContentLength = http.NoBody, 0
			r.Header.Set("Stripe-Signature", "wagtail")
		})
		if answer.StatusCode != row.status {
			t.Errorf("%v is answered %d", row.err, answer.StatusCode)
		}
		if strings.Contains(f.log.String(), "wagtail") {
			t.Error("the log repeats the signature")
		}
	}
}

// Another site's page cannot knock in a visitor's name.
func TestAPageOfAnotherSiteCannotKnock(t *testing.T) {
	k := &knocks{}
	f := open(t, withWebhook(k))
	answer := f.ask("POST", "/webhooks/stripe", func(r *http.Request) {
		r.Header.Set("Origin", "https://elsewhere.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	})
	if answer.StatusCode != http.StatusForbidden || len(k.bodies) != 0 {
		t.Errorf("answered %d, heard %d", answer.StatusCode, len(k.bodies))
	}
}
