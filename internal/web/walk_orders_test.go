package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/browsertest"
)

// buyer is a guest who may leave for the page at Stripe.
func (s *shop) buyer(t *testing.T, name string, options ...browsertest.Option) *guest {
	t.Helper()
	tab := browsertest.New(t, options...)
	t.Cleanup(func() {
		for _, asked := range tab.Elsewhere(s.base) {
			if !strings.Contains(asked, s.stripe.URL) {
				t.Errorf("asked elsewhere: %s", asked)
			}
		}
		for _, trouble := range tab.Troubles() {
			if !strings.Contains(trouble, "status of 4") && !strings.Contains(trouble, s.stripe.URL) {
				t.Errorf("trouble: %s", trouble)
			}
		}
	})
	return &guest{Tab: tab, t: t, name: name}
}

// pays pays at Stripe.
func (g *guest) pays(amount string) {
	g.t.Helper()
	g.WaitText("h1", "Pay "+amount)
	g.Type("input[name=email]", "somebody@example.com")
	g.Click("form:has(input[name=way]) button")
}

// Whoever reads the price list buys without knowing anybody here, puts it off,
// comes back, and pays. Two who work with a coach buy for both, and one of them
// sees the payment. With scripts and without.
func TestPackagesAreBoughtInABrowser(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]browsertest.Option{
		"desk-light": {browsertest.Size(1280, 900), browsertest.StillPages(), browsertest.Timezone("Europe/London")},
		"phone-dark": {browsertest.Phone(), browsertest.Dark(), browsertest.StillPages(), browsertest.ScriptsOff(), browsertest.Timezone("Europe/London")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.working(s.first)
			lou := s.buyer(t, name+"-new", options...)
			lou.Open(s.base + "/packages")
			lou.here("Packages")
			press(t, lou.Tab, "Three for one")
			lou.here("Three for one")
			press(t, lou.Tab, "Buy this package")
			lou.here("Your own space")
			lou.Type("#name", "Lou New")
			lou.Type("#email", "lou@example.com")
			letters := len(s.inbox.Taken())
			lou.Click("main form button")
			lou.WaitText("h1", "Type the code")
			code := regexp.MustCompile(`Your code is (\S+(?: \S+)?)`).FindStringSubmatch(s.letterTo("lou@example.com", letters))
			lou.Type("#code", code[1])
			lou.Click("main form button")
			lou.here("Three for one")
			press(t, lou.Tab, "Order and pay £300.00")
			lou.WaitText(".problems", "tick that you do")
			lou.here("Three for one")
			lou.Click("#agreed")
			lou.Click("#begin")
			press(t, lou.Tab, "Order and pay £300.00")
			lou.WaitText("h1", "Pay 300.00 GBP")
			lou.Click("a") // back without paying
			lou.here("Three for one")
			lou.WaitText("main", "Nothing was charged yet")
			press(t, lou.Tab, "Pay £300.00")
			lou.pays("300.00 GBP")
			lou.here("Three for one")
			lou.WaitText("main", "It is paid, and the sessions are kept for you.")
			press(t, lou.Tab, "Invoice and receipt")
			lou.here("Invoice and receipt")
			lou.Open(s.base + "/portal/orders")
			lou.here("Your orders")
			lou.WaitText("main", "Three for one")

			ida := s.buyer(t, name+"-ida", options...)
			ida.Open(s.base + "/robots.txt")
			browsertest.Eval[string](ida.Tab, `document.cookie = "kintsugi=`+s.held[s.ida]+`;path=/"`)
			ida.Open(s.base + "/portal/packages")
			ida.here("Packages")
			press(t, ida.Tab, "Six for two")
			ida.here("Six for two")
			ida.WaitText("main", "Joncanary and you both see these sessions")
			ida.Click("#agreed")
			ida.Click("#begin")
			press(t, ida.Tab, "Order and pay £720.00")
			ida.pays("720.00 GBP")
			ida.WaitText("main", "It is paid, and the sessions are yours to use.")
			order := ida.URL()
			order = order[:strings.Index(order, "?")]

			jon := s.buyer(t, name+"-jon", options...)
			jon.Open(s.base + "/robots.txt")
			browsertest.Eval[string](jon.Tab, `document.cookie = "kintsugi=`+s.held[s.jon]+`;path=/"`)
			jon.Open(order)
			if jon.Status() != http.StatusNotFound {
				t.Errorf("the partner is shown the payment: %d", jon.Status())
			}
			jon.Open(s.base + "/portal/orders")
			jon.here("Your orders")
			jon.lacks("720.00", "Six for two")

			// A package in parts, put off and dropped.
			ida.Open(s.base + "/portal/packages/one-parts")
			ida.here("Four in parts")
			ida.Click("#agreed")
			ida.Click("#begin")
			press(t, ida.Tab, "Order and pay £250.00")
			ida.pays("250.00 GBP")
			ida.here("Four in parts")
			ida.WaitText("main", "Part 2: £150.00 for 2 sessions")
			s.pass(time.Minute)
			ida.Open(s.base + "/portal/packages/one-three")
			ida.Click("#agreed")
			ida.Click("#begin")
			press(t, ida.Tab, "Order and pay £300.00")
			ida.WaitText("h1", "Pay 300.00 GBP")
			ida.Click("a")
			press(t, ida.Tab, "Drop this order")
			ida.here("Three for one")
			ida.WaitText("main", "You dropped this order. Nothing was charged.")

			// Paid by a way that takes days.
			ida.Open(s.base + "/portal/packages/one-three")
			ida.here("Three for one")
			ida.Click("#agreed")
			ida.Click("#begin")
			press(t, ida.Tab, "Order and pay £300.00")
			ida.WaitText("h1", "Pay 300.00 GBP")
			ida.Click("input[value=days]")
			ida.pays("300.00 GBP")
			ida.here("Three for one")
			ida.WaitText("main", "Your payment is on its way.")
			late := ida.URL()
			s.pass(73 * time.Hour)
			s.stripe.Pass(0)
			s.held[s.ida] = s.signedIn(s.ida)
			browsertest.Eval[string](ida.Tab, `document.cookie = "kintsugi=`+s.held[s.ida]+`;path=/"`)
			ida.Open(late)
			ida.here("Three for one")
			ida.WaitText("main", "It is paid, and the sessions are yours to use.")

			// The coach gives half of it back.
			coach := s.buyer(t, name+"-coach", options...)
			coach.Open(s.base + "/robots.txt")
			browsertest.Eval[string](coach.Tab, `document.cookie = "kintsugi=`+s.signedIn(s.coach("noor").ID)+`;path=/"`)
			coach.Open(s.base + strings.Replace(strings.TrimPrefix(order, s.base), "/portal/", "/desk/", 1))
			coach.here("Six for two")
			press(t, coach.Tab, "Give money back")
			coach.here("Give money back")
			coach.Type("#amount", "360.00")
			press(t, coach.Tab, "See what follows")
			coach.here("Give money back")
			coach.Click("#sure")
			press(t, coach.Tab, "Give £360.00 back")
			coach.here("Six for two")
			coach.WaitText("main", "3 taken back, 3 left")
			coach.Open(s.base + "/desk/money")
			coach.here("Money")
			coach.Open(s.base + "/desk/orders")
			coach.here("Orders")
			owner := s.buyer(t, name+"-owner", options...)
			owner.Open(s.base + "/robots.txt")
			browsertest.Eval[string](owner.Tab, `document.cookie = "kintsugi=`+s.signedIn(s.coach("mara").ID)+`;path=/"`)
			for path, heading := range map[string]string{"/desk/packages": "Packages", "/desk/packages/one-parts/edit": "Four in parts", "/desk/packages/new": "A new package", "/desk/packages/quiet/edit": "By link alone",
				"/desk/settings/payments": "Payments", "/desk/money": "Money", "/desk/money/table": "Money as a table", "/desk/money/reviews": "To decide"} {
				owner.Open(s.base + path)
				owner.here(heading)
			}
		})
	}
}
