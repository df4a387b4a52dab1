package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/stripefake"
)

func TestWhoIsNewBuysBeforeAnyWorkHasBegun(t *testing.T) {
	s := newShop(t)
	page := s.get(s.nia, "/portal/packages/one-three")
	for _, want := range []string{"£300.00", "tax included", "within 14 days", payment.EarlyBegin, "Order and pay £300.00"} {
		if !strings.Contains(words(page.body), want) {
			t.Errorf("the page before payment does not say %q", want)
		}
	}
	id := s.paid(s.nia, "one-three")
	got := s.get(s.nia, "/portal/orders/"+string(id))
	if got.status != 200 || !strings.Contains(words(got.body), "It is paid, and the sessions are kept for you.") || !strings.Contains(words(got.body), "Book a first call") || strings.Contains(got.body, "/pay\"") {
		t.Errorf("%d %s", got.status, words(got.body))
	}
	lots, err := credit.OfClient(s.ctx, s.db, s.nia, true)
	if err != nil || len(lots) != 1 || lots[0].Remaining != 3 {
		t.Errorf("%+v, %v", lots, err)
	}
	// The page led to where nothing can be booked before there is a coach to book
	// with, and the first page said that nothing was here.
	if strings.Contains(got.body, `href="/portal/bookings/new"`) {
		t.Error("it leads to where nothing can be booked yet")
	}
	if home := s.get(s.nia, "/portal").body; !strings.Contains(home, `href="/portal/orders"`) {
		t.Error("the first page does not lead to what was bought")
	}
	if got := s.get(s.kit, "/portal/orders/"+string(s.paid(s.kit, "one-three"))).body; !strings.Contains(got, `href="/portal/bookings/new"`) || !strings.Contains(got, "yours to use") {
		t.Error("who works with a coach is not led to book")
	}
}

// What a browser sends beside what was chosen changes nothing of the price.
func TestWhatIsPostedDecidesNoPriceAndNoQuantity(t *testing.T) {
	s := newShop(t)
	form := s.buying(s.kit, "one-three")
	for _, name := range []string{"price", "price_minor", "amount"} {
		form.Set(name, "1")
	}
	form.Set("quantity", "100")
	form.Set("sessions", "100")
	form.Set("currency", "JPY")
	if got := s.post(s.kit, "/portal/orders", form); got.status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.status, words(got.body))
	}
	orders, err := payment.OrdersOf(s.ctx, s.db, s.kit)
	if err != nil || len(orders) != 1 || orders[0].PriceMinor != 30000 || orders[0].Sessions != 3 || orders[0].Currency != "GBP" || len(orders[0].Parts) != 1 {
		t.Errorf("%+v, %v", orders, err)
	}
	if at := s.stripe.Sessions(); len(at) != 1 || at[0].AmountTotal != 30000 {
		t.Errorf("%+v", at)
	}
}

func TestWhatIsNotSoldToSomebodyIsNotBought(t *testing.T) {
	s := newShop(t)
	form := s.buying(s.kit, "one-three")
	version := func(slug string) string {
		p, err := practice.FindAnyPackage(s.ctx, s.db, slug)
		s.must(err)
		return string(p.VersionID)
	}
	with := func(pairs ...string) url.Values {
		other := url.Values{}
		for name, values := range form {
			other[name] = values
		}
		for i := 0; i < len(pairs); i += 2 {
			other.Set(pairs[i], pairs[i+1])
		}
		return other
	}
	offer := s.offered(s.ida, "quiet")
	for _, row := range []struct {
		what   string
		form   url.Values
		status int
	}{
		{"one that is withdrawn", with("package", "gone", "version", version("gone")), 404},
		{"one with a private link, by its slug", with("package", "quiet", "version", version("quiet")), 404},
		{"one that was offered to another", with("package", string(offer), "version", version("quiet")), 404},
		{"one that is not there", with("package", "nothing"), 404},
		{"a version of another package", with("version", version("two-six")), 409},
		{"other terms than were read", with("agreed", strings.Repeat("0", 64)), 409},
		{"without agreeing", with("agreed", ""), 422},
		{"without the request to begin", with("begin", "no"), 422},
		{"one for two, alone", s.forTwo(s.kit, version("two-six")), 422},
	} {
		if got := s.post(s.kit, "/portal/orders", row.form); got.status != row.status {
			t.Errorf("%s: %d, want %d", row.what, got.status, row.status)
		}
	}
	if orders, err := payment.OrdersOf(s.ctx, s.db, s.kit); err != nil || len(orders) != 0 {
		t.Errorf("%+v, %v", orders, err)
	}
}

// forTwo is the form for sessions of two, of somebody who sees no such form.
func (s *shop) forTwo(who people.ID, version string) url.Values {
	_, terms, err := payment.TermsOf(s.ctx, s.db, practice.PackageVersionID(version))
	s.must(err)
	return url.Values{"package": {"two-six"}, "version": {version}, "agreed": {terms.Hash}, "begin": {"yes"}, "engagement": {string(s.id)}, "op": {"x"}}
}

func (s *shop) offered(to people.ID, slug string) practice.OfferID {
	s.t.Helper()
	p, err := practice.FindAnyPackage(s.ctx, s.db, slug)
	s.must(err)
	var id practice.OfferID
	s.must(s.db.InTx(s.ctx, func(tx *pg.Tx) (err error) {
		id, err = practice.OfferPackage(s.ctx, tx, p.VersionID, to, s.coach("noor").ID, s.now())
		return err
	}))
	return id
}

func TestSessionsForTwoNeedTwoWhoHaveAccepted(t *testing.T) {
	s := newShop(t)
	if got := words(s.get(s.kit, "/portal/packages/two-six").body); !strings.Contains(got, "once both of you have accepted your coach’s invitation") || strings.Contains(got, "Order and pay") {
		t.Error(got)
	}
	got := words(s.get(s.ida, "/portal/packages/two-six").body)
	if !strings.Contains(got, "Joncanary and you both see these sessions and when they are used") {
		t.Error(got)
	}
	id := s.paid(s.ida, "two-six")
	for _, who := range []people.ID{s.ida, s.jon} {
		lots, err := credit.OfClient(s.ctx, s.db, who, true)
		if err != nil || len(lots) != 1 || lots[0].Remaining != 6 || lots[0].Engagement != s.id {
			t.Errorf("%+v, %v", lots, err)
		}
	}
	if got := s.get(s.jon, "/portal/orders/"+string(id)); got.status != 404 {
		t.Errorf("the partner finds the payment: %d", got.status)
	}
	s.sendAll()
	told := ""
	for _, one := range s.inbox.Taken() {
		if strings.Contains(strings.Join(one.To, " "), "jon@") {
			told += readable(one.Data)
		}
	}
	if !strings.Contains(told, "/portal/sessions") || strings.Contains(told, "720.00") || strings.Contains(told, "Six for two") {
		t.Error("the other is not told that there is something to see, or is told what")
	}
	if got := words(s.get(s.jon, "/portal/sessions").body); !strings.Contains(got, "Each of you sees what is left here and what it was used for") || strings.Contains(got, "720.00") {
		t.Error(got)
	}
}

// Whoever is not the payer finds under an order, its papers and its acts what
// they find under an id that was made up.
func TestAnOrderIsForWhoeverPaysAndNobodyElse(t *testing.T) {
	s := newShop(t)
	id := s.paid(s.ida, "one-three")
	papers, err := payment.InvoicesOf(s.ctx, s.db, s.ida, id)
	s.must(err)
	waiting, _ := s.ordered(s.ida, "one-parts")
	list := s.get(s.jon, "/portal/orders").body
	for _, path := range []string{"/portal/orders/", "/portal/invoices/"} {
		for _, of := range []string{string(id), string(waiting), string(papers[0].ID), string(papers[0].ID) + ".pdf"} {
			real, made := s.get(s.jon, path+of), s.get(s.jon, path+madeUpID)
			if real.status != 404 || withoutIDs(real.body) != withoutIDs(made.body) {
				t.Errorf("%s%s: %d", path, of, real.status)
			}
		}
	}
	for _, act := range []string{"/pay", "/drop"} {
		if got := s.post(s.jon, "/portal/orders/"+string(waiting)+act, url.Values{"part": {"1"}}); got.status != 404 {
			t.Errorf("%s: %d", act, got.status)
		}
	}
	if strings.Contains(list, "Three for one") || !strings.Contains(words(list), "Nothing is here yet") {
		t.Error(words(list))
	}
	weak := s.byCode(s.ida)
	for _, of := range []string{string(id), madeUpID} {
		got := s.fetch("GET", "/portal/orders/"+of, weak, nil)
		if got.status != 303 || !strings.HasPrefix(got.header.Get("Location"), "/sign-in/proof?") {
			t.Errorf("by the code alone: %d to %s", got.status, got.header.Get("Location"))
		}
	}
	if got := words(s.fetch("GET", "/portal/orders", weak, nil).body); strings.Contains(got, "Three for one") || !strings.Contains(got, "stands behind a second proof") {
		t.Error(got)
	}
}

func TestAnOrderKnowsWhereItStands(t *testing.T) {
	s := newShop(t)
	id, at := s.ordered(s.kit, "one-three")
	says := func(path, want string) {
		t.Helper()
		if got := words(s.get(s.kit, path).body); !strings.Contains(got, want) {
			t.Errorf("%s does not say %q: %s", path, want, got)
		}
	}
	here := "/portal/orders/" + string(id)
	says(here, "Nothing was charged yet")
	says(here+"?session_id="+at.ID, "We have not heard yet that this is paid")
	if got := s.get(s.kit, here+"?session_id=cs_of_another"); got.status != 404 {
		t.Errorf("with a session that is not its own: %d", got.status)
	}
	// A second click, and the same page from a second tab, end at the same page.
	again := s.post(s.kit, here+"/pay", url.Values{"part": {"1"}})
	if again.status != 303 || !strings.Contains(again.header.Get("Location"), at.ID) || len(s.stripe.Sessions()) != 1 {
		t.Errorf("%d to %s, %d pages", again.status, again.header.Get("Location"), len(s.stripe.Sessions()))
	}
	back, err := s.stripe.PayLate(at.ID, stripefake.Buyer{Email: "x@example.com", Terms: true}, 48*time.Hour, true)
	s.must(err)
	says(strings.TrimPrefix(back, s.base), "Your payment is on its way")
	if got := s.post(s.kit, here+"/drop", nil); got.status != 303 || got.header.Get("Location") != here+"?done=not-dropped" {
		t.Errorf("%d to %s", got.status, got.header.Get("Location"))
	}
	s.pass(50 * time.Hour)
	s.held[s.kit] = s.signedIn(s.kit)
	s.stripe.Settle(at.ID)
	says(here+"?session_id="+at.ID, "The payment did not go through")
	says("/portal/orders", "The payment did not go through")
	retry := s.post(s.kit, here+"/pay", url.Values{"part": {"1"}})
	if retry.status != 303 || strings.Contains(retry.header.Get("Location"), at.ID) {
		t.Errorf("%d to %s", retry.status, retry.header.Get("Location"))
	}
	if got := s.post(s.kit, here+"/drop", nil); got.header.Get("Location") != here+"?done=order-dropped" {
		t.Errorf("%d to %s", got.status, got.header.Get("Location"))
	}
	says(here, "You dropped this order. Nothing was charged.")
}

func TestAnOrderWhosePackageHasChangedIsNotPaidAtTheOldPrice(t *testing.T) {
	s := newShop(t)
	form := s.buying(s.kit, "one-three")
	id, _ := s.ordered(s.kit, "one-three")
	s.apply("packages: [{slug: one-three, price: 330.00}]")
	if got := s.post(s.kit, "/portal/orders", form); got.status != 409 || !strings.Contains(words(got.body), "£330.00") {
		t.Errorf("%d %s", got.status, words(got.body))
	}
	here := "/portal/orders/" + string(id)
	if got := words(s.get(s.kit, here).body); !strings.Contains(got, "The package has changed since you began") || strings.Contains(got, "Pay £") {
		t.Error(got)
	}
	if got := s.post(s.kit, here+"/pay", url.Values{"part": {"1"}}); got.header.Get("Location") != here+"?done=not-payable" {
		t.Errorf("%d to %s", got.status, got.header.Get("Location"))
	}
	second, at := s.ordered(s.kit, "one-three")
	if second != id || at.AmountTotal != 33000 {
		t.Errorf("order %s, %d", second, at.AmountTotal)
	}
}

// A package that is found by its link alone has no page by its name, and the order
// led there.
func TestAnOrderWhosePackageHasChangedLeadsToAPageThatIsThere(t *testing.T) {
	s := newShop(t)
	again := regexp.MustCompile(`<a class="act" href="([^"]+)">Look at what can be bought now`)
	p, err := practice.FindAnyPackage(s.ctx, s.db, "quiet")
	s.must(err)
	hidden, _ := s.ordered(s.kit, p.Link(s.links))
	listed, _ := s.ordered(s.kit, "one-three")
	s.apply("packages: [{slug: quiet, price: 95.00}, {slug: one-three, price: 330.00}]")
	for id, want := range map[payment.OrderID]string{hidden: "/portal/packages", listed: "/portal/packages/one-three"} {
		to := again.FindStringSubmatch(s.get(s.kit, "/portal/orders/"+string(id)).body)
		if len(to) != 2 || to[1] != want {
			t.Fatalf("it leads to %v, want %s", to, want)
		}
		if got := s.get(s.kit, to[1]); got.status != 200 {
			t.Errorf("%s: %d", to[1], got.status)
		}
	}
}

func TestPartsArePaidOneAfterTheOther(t *testing.T) {
	s := newShop(t)
	id := s.paid(s.kit, "one-parts")
	here := "/portal/orders/" + string(id)
	got := words(s.get(s.kit, here).body)
	for _, want := range []string{"Part 1: £250.00 for 2 sessions", "Part 2: £150.00 for 2 sessions", "Pay £150.00", "What is paid so far is yours to use"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q: %s", want, got)
		}
	}
	if list := words(s.get(s.kit, "/portal/orders").body); !strings.Contains(list, "To be paid: £150.00, part 2, due Wednesday 6 January 2027") {
		t.Error(list)
	}
	if got := words(s.get(s.kit, "/portal").body); strings.Contains(got, "A part to be paid") {
		t.Error("it is asked for before its day")
	}
	s.pass(30 * 24 * time.Hour)
	s.held[s.kit] = s.signedIn(s.kit)
	if got := words(s.get(s.kit, "/portal").body); !strings.Contains(got, "A part to be paid: £150.00 It gives 2 sessions when it is paid.") {
		t.Error(got)
	}
	s.post(s.kit, here+"/pay", url.Values{"part": {"2"}})
	at := s.stripeSession(id)
	back, err := s.stripe.Pay(at.ID, stripefake.Buyer{Email: "x@example.com", Terms: true})
	s.must(err)
	if got := words(s.get(s.kit, strings.TrimPrefix(back, s.base)).body); strings.Contains(got, "Pay £") {
		t.Error(got)
	}
	lots, err := credit.OfClient(s.ctx, s.db, s.kit, true)
	if err != nil || len(lots) != 2 || lots[0].Remaining+lots[1].Remaining != 4 {
		t.Errorf("%+v, %v", lots, err)
	}
	for _, part := range []string{"0", "3", "x"} {
		if got := s.post(s.kit, here+"/pay", url.Values{"part": {part}}); got.status != 422 {
			t.Errorf("part %s: %d", part, got.status)
		}
	}
}

func TestAnOfferIsFoundAndBoughtOnceByTheOneItWasMadeTo(t *testing.T) {
	s := newShop(t)
	offer := s.offered(s.kit, "quiet")
	if got := words(s.get(s.kit, "/portal/packages").body); !strings.Contains(got, "Offered to you Nobody else finds these. By link alone £90.00") {
		t.Error(got)
	}
	if got := words(s.get(s.kit, "/portal").body); !strings.Contains(got, "An offer to you: By link alone") {
		t.Error(got)
	}
	if got := s.fetch("GET", "/portal", s.byCodeOnly(s.kit), nil); strings.Contains(got.body, "By link alone") {
		t.Error("whoever holds the inbox finds the offer")
	}
	if got := s.get(s.jon, "/portal/packages").body; strings.Contains(got, "By link alone") {
		t.Error("another finds the offer")
	}
	if got := s.get(s.jon, "/portal/packages/"+string(offer)); got.status != 404 {
		t.Errorf("another opens it: %d", got.status)
	}
	s.paid(s.kit, string(offer))
	if got := s.get(s.kit, "/portal/packages"); strings.Contains(got.body, "By link alone") {
		t.Error("it is offered again")
	}
	if got := s.get(s.kit, "/portal/packages/"+string(offer)); got.status != 404 {
		t.Errorf("it opens again: %d", got.status)
	}
	// Who has a second proof is shown nothing of the kind without it, also not what
	// is for both.
	s.exec(`insert into passphrase (person_id, hash, made_at) values ($1, 'x', $2)`, s.ida, s.now())
	s.offered(s.ida, "two-six")
	if got := words(s.get(s.ida, "/portal").body); !strings.Contains(got, "An offer to you: Six for two") {
		t.Error(got)
	}
	if got := s.fetch("GET", "/portal", s.byCodeOnly(s.ida), nil); got.status != 200 || strings.Contains(got.body, "Six for two") {
		t.Error("whoever holds the inbox finds the offer for both")
	}
	second := s.offered(s.ida, "quiet")
	form := s.buying(s.ida, string(second))
	s.must(s.db.InTx(s.ctx, func(tx *pg.Tx) error { return practice.WithdrawOffer(s.ctx, tx, second, s.ida, s.now()) }))
	if got := s.post(s.ida, "/portal/orders", form); got.status != 404 {
		t.Errorf("a withdrawn offer is bought: %d", got.status)
	}
}

func TestAPrivateLinkIsBoughtByWhoeverHasIt(t *testing.T) {
	s := newShop(t)
	p, err := practice.FindAnyPackage(s.ctx, s.db, "quiet")
	s.must(err)
	if got := s.get(s.kit, "/portal/packages/quiet"); got.status != 404 {
		t.Errorf("by its slug: %d", got.status)
	}
	s.paid(s.kit, p.Link(s.links))
	s.must(s.db.InTx(s.ctx, func(tx *pg.Tx) error { return practice.RevokePackageLink(s.ctx, tx, p.ID) }))
	if got := s.get(s.kit, "/portal/packages/"+p.Link(s.links)); got.status != 404 {
		t.Errorf("revoked: %d", got.status)
	}
}

func TestPapersAreNeutralAndCanBeKept(t *testing.T) {
	s := newShop(t)
	id := s.paid(s.kit, "one-three")
	papers, err := payment.InvoicesOf(s.ctx, s.db, s.kit, id)
	if err != nil || len(papers) != 1 {
		t.Fatal(papers, err)
	}
	at := "/portal/invoices/" + string(papers[0].ID)
	got := s.get(s.kit, at)
	page := words(got.body)
	for _, want := range []string{"Invoice and receipt", papers[0].Number, "Common Ground, 3 sessions", "£300.00", "Kitcanary", "kit@example.com"} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q: %s", want, page)
		}
	}
	for _, word := range []string{"Individual session", "Three for one", "Noor", "couple", "coach"} {
		if strings.Contains(strings.ToLower(page), strings.ToLower(word)) {
			t.Errorf("it says %q", word)
		}
	}
	file := s.get(s.kit, at+".pdf")
	if file.status != 200 || file.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(file.body, "%PDF-") ||
		file.header.Get("Content-Disposition") != `attachment; filename="`+papers[0].Number+`.pdf"` || file.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", file.status, file.header)
	}
}

func TestWithoutKeysNothingIsBought(t *testing.T) {
	s := newShop(t)
	form := s.buying(s.kit, "one-three")
	s.first.payment.Stripe.SecretKey = ""
	if got := words(s.get(s.kit, "/portal/packages/one-three").body); !strings.Contains(got, "Payments are not set up here") || strings.Contains(got, "Order and pay") {
		t.Error(got)
	}
	if got := s.post(s.kit, "/portal/orders", form); got.status != 503 || !strings.Contains(words(got.body), "Payments are not set up") {
		t.Errorf("%d %s", got.status, words(got.body))
	}
	if _, err := s.first.payment.Pay(s.ctx, s.kit, madeUpID, 1); fault.KindOf(err) != fault.Unavailable {
		t.Error(err)
	}
}

// A copy of everything left out what its owner had bought.
func TestACopyHoldsWhatItsOwnerBoughtAndNothingOfThePartners(t *testing.T) {
	s := newShop(t)
	id := s.paid(s.ida, "one-three")
	papers, err := payment.InvoicesOf(s.ctx, s.db, s.ida, id)
	if err != nil || len(papers) != 1 {
		t.Fatal(papers, err)
	}
	for _, as := range []string{"html", "json"} {
		mine, theirs := s.post(s.ida, "/portal/export", url.Values{"as": {as}}), s.post(s.jon, "/portal/export", url.Values{"as": {as}})
		if mine.status != 200 || theirs.status != 200 {
			t.Fatalf("%d, %d", mine.status, theirs.status)
		}
		for _, word := range []string{"Three for one", "£300.00", papers[0].Number, "within 14 days"} {
			if !strings.Contains(mine.body, word) {
				t.Errorf("as %s the buyer does not find %q", as, word)
			}
			if strings.Contains(theirs.body, word) {
				t.Errorf("as %s the partner finds %q", as, word)
			}
		}
	}
}
