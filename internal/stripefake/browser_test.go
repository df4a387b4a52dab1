package stripefake_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/stripefake"

	"github.com/stripe/stripe-go/v76"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// The page works without scripts, on a phone and in the dark, says that no money
// moves, and sends the visitor where the session says.
func TestTheCheckoutInABrowser(t *testing.T) {
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!doctype html><html lang=en><title>Shop</title><h1>%s</h1>", r.URL.Path)
	}))
	t.Cleanup(shop.Close)
	b := newBench(t, stripefake.Settings{})
	open := func() *stripe.CheckoutSession {
		return b.open(t, func(p *stripe.CheckoutSessionParams) {
			p.AllowPromotionCodes, p.CustomerEmail = stripe.Bool(true), nil
			p.SuccessURL, p.CancelURL = stripe.String(shop.URL+"/thanks?session_id={CHECKOUT_SESSION_ID}"), stripe.String(shop.URL+"/order")
			p.ConsentCollection = &stripe.CheckoutSessionConsentCollectionParams{TermsOfService: stripe.String("required")}
		})
	}

	session := open()
	for _, how := range [][]browsertest.Option{{browsertest.Phone(), browsertest.Dark()}, {browsertest.Phone()}} {
		looked := browsertest.New(t, how...)
		looked.Open(session.URL)
		if found := looked.Axe(); len(found) != 0 {
			t.Errorf("axe: %s", strings.Join(found, "\n"))
		}
		if wide := looked.TooWide(); len(wide) != 0 {
			t.Errorf("sticks out: %v", wide)
		}
		looked.Click("main > p a")
		if got := looked.URL(); got != shop.URL+"/order" {
			t.Fatalf("going back leads to %s", got)
		}
	}

	tab := browsertest.New(t, browsertest.Phone(), browsertest.ScriptsOff())
	tab.Open(session.URL)
	if said := tab.Text(".note"); !strings.Contains(said, "No money moves here") {
		t.Fatalf("the page says %q", said)
	}
	tab.Type("input[name=email]", "sam@example.com")
	tab.Click("input[value=declined]")
	tab.Click("input[name=terms]")
	tab.Click("form:last-of-type button")
	if said := tab.Text("[role=alert]"); !strings.Contains(said, "declined") {
		t.Fatalf("after a decline: %q", said)
	}
	tab.Click("input[name=terms]")
	tab.Click("form:last-of-type button")
	if got := tab.URL(); got != shop.URL+"/thanks?session_id="+session.ID || b.read(t, session.ID).PaymentStatus != "paid" {
		t.Fatalf("paid, and sent to %s", got)
	}
}
