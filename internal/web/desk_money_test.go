package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/payment"
	"kintsugi/internal/practice"
)

// desks is what browsers hold in which somebody of the practice is signed in.
func (s *shop) desks(slugs ...string) map[string]string {
	held := map[string]string{}
	for _, slug := range slugs {
		held[slug] = s.signedIn(s.coach(slug).ID)
	}
	return held
}

func TestMoneyIsShownByWhatItIsAndToWhomItConcerns(t *testing.T) {
	s := newShop(t)
	s.paid(s.kit, "one-three")
	s.paid(s.ida, "two-six")
	s.paid(s.kit, "one-parts")
	s.paid(s.nia, "one-three") // who works with nobody yet
	waiting, _ := s.ordered(s.jon, "one-three")
	held := s.desks("mara", "noor", "olu", "ash")
	got := words(s.fetch("GET", "/desk/money", held["mara"], nil).body)
	for _, want := range []string{"Paid £1,570.00", "Promised parts of later days £150.00", "For two 6", "For one 8", "December 2026", "Paid and paid back by month, GBP", "The tallest bar is £1,570.00"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q: %s", want, got)
		}
	}
	if got := words(s.fetch("GET", "/desk/money", held["noor"], nil).body); !strings.Contains(got, "Paid £1,270.00") || strings.Contains(got, "Sessions owed to clients") {
		t.Error(got)
	}
	if got := words(s.fetch("GET", "/desk/money", held["olu"], nil).body); !strings.Contains(got, "Nothing was paid yet") {
		t.Error(got)
	}
	for slug, status := range map[string]int{"mara": 200, "noor": 200, "ash": 200, "olu": 404} {
		if got := s.fetch("GET", "/desk/orders/"+string(waiting), held[slug], nil); got.status != status {
			t.Errorf("%s: %d", slug, got.status)
		}
	}
	if got := words(s.fetch("GET", "/desk/orders", held["olu"], nil).body); !strings.Contains(got, "Nothing was bought yet") {
		t.Error(got)
	}
}

func TestARefundIsProposedConfirmedAndMadeOnce(t *testing.T) {
	s := newShop(t)
	id := s.paid(s.kit, "one-three")
	noor, ash := s.signedIn(s.coach("noor").ID), s.signedIn(s.coach("ash").ID)
	at := "/desk/orders/" + string(id)
	if got := s.fetch("GET", at, noor, nil); !strings.Contains(got.body, at+"/refund?part=1") || !strings.Contains(words(got.body), "3 given, 0 used, 3 left") {
		t.Error(words(got.body))
	}
	if got := s.fetch("GET", at, ash, nil); strings.Contains(got.body, "/refund") {
		t.Error("an assistant is led to give money back")
	}
	if got := words(s.fetch("GET", at+"/refund?part=1", noor, nil).body); !strings.Contains(got, "Up to £300.00") {
		t.Error(got)
	}
	for _, amount := range []string{"300.01", "x", "-1", "0"} {
		if got := s.fetch("GET", at+"/refund?part=1&amount="+amount+"&reason=goodwill", noor, nil); got.status != 422 {
			t.Errorf("%s: %d", amount, got.status)
		}
	}
	proposal := s.fetch("GET", at+"/refund?part=1&amount=200.00&reason=goodwill", noor, nil)
	if got := words(proposal.body); !strings.Contains(got, "£200.00 goes back the way it was paid. Goodwill.") || !strings.Contains(proposal.body, `name="sessions" type="text" inputmode="numeric" autocomplete="off" value="2"`) {
		t.Error(proposal.body)
	}
	if !strings.Contains(proposal.body, `name="seen" value="30000"`) {
		t.Error("the page does not say what could go back when it was made")
	}
	form := url.Values{"part": {"1"}, "amount": {"200.00"}, "seen": {"30000"}, "reason": {"goodwill"}, "sessions": {"1"}, "op": {"refund one"}}
	if got := s.fetch("POST", at+"/refund", noor, form); got.status != 422 || !strings.Contains(words(got.body), "Tick that this is meant") {
		t.Errorf("unconfirmed: %d", got.status)
	}
	form.Set("sure", "yes")
	for range 2 {
		if got := s.fetch("POST", at+"/refund", noor, form); got.status != 303 || got.header.Get("Location") != at+"?done=refunded" {
			t.Fatalf("%d %s %s", got.status, got.header.Get("Location"), words(got.body))
		}
	}
	if refunds := s.stripe.Refunds(); len(refunds) != 1 || refunds[0].Amount != 20000 {
		t.Errorf("%+v", refunds)
	}
	got := words(s.fetch("GET", at, noor, nil).body)
	for _, want := range []string{"Partly paid back", "£200.00, gone back", "1 session taken back", "3 given, 0 used, 1 taken back, 2 left", "Credit note"} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q: %s", want, got)
		}
	}
	if got := words(s.get(s.kit, "/portal/orders/"+string(id)).body); !strings.Contains(got, "Part of it was paid back.") || !strings.Contains(got, "Credit note") {
		t.Error(got)
	}
	// A second tab, opened before money went back, gives none of its own.
	stale := url.Values{"part": {"1"}, "amount": {"50.00"}, "seen": {"30000"}, "reason": {"goodwill"}, "sessions": {"1"}, "sure": {"yes"}, "op": {"refund elsewhere"}}
	if got := s.fetch("POST", at+"/refund", noor, stale); got.status != 409 || !strings.Contains(words(got.body), "nothing went back now") || !strings.Contains(got.body, `name="seen" value="10000"`) {
		t.Errorf("from a page that has grown old: %d %s", got.status, words(got.body))
	}
	if n := len(s.stripe.Refunds()); n != 1 {
		t.Errorf("%d refunds", n)
	}
	form.Set("op", "refund two")
	form.Del("seen")
	if got := s.fetch("POST", at+"/refund", noor, form); got.status != 422 {
		t.Errorf("more than is left: %d", got.status)
	}
	if got := s.fetch("POST", at+"/refund", ash, form); got.status != 404 {
		t.Errorf("by an assistant: %d", got.status)
	}
}

func TestMoneyLeavesAsATableThatCalculatesNothing(t *testing.T) {
	s := newShop(t)
	s.exec(`update person set name = '=HYPERLINK("x")' where id = $1`, s.kit)
	s.paid(s.kit, "one-three")
	mara := s.signedIn(s.coach("mara").ID)
	orders := s.fetch("POST", "/desk/money/table", mara, url.Values{"what": {"orders"}})
	if orders.status != 200 || !strings.HasPrefix(orders.header.Get("Content-Type"), "text/csv") || strings.Contains(orders.body, ",=H") || !strings.Contains(orders.body, `'=HYPERLINK`) || !strings.Contains(orders.body, "300.00") {
		t.Error(orders.status, orders.body)
	}
	months := s.fetch("POST", "/desk/money/table", mara, url.Values{"what": {"months"}})
	if !strings.Contains(months.body, "2026-12,GBP,300.00,") {
		t.Error(months.body)
	}
	if got := s.fetch("POST", "/desk/money/table", mara, url.Values{"what": {"x"}}); got.status != 422 {
		t.Error(got.status)
	}
	var kept int
	s.must(s.db.Get(s.ctx, &kept, `select count(*) from audit where act = 'money exported'`))
	if kept != 2 {
		t.Errorf("%d lines on record", kept)
	}
}

func TestTheSetUpOfPaymentsShowsNoSecret(t *testing.T) {
	s := newShop(t)
	got := s.fetch("GET", "/desk/settings/payments", s.signedIn(s.coach("mara").ID), nil)
	if got.status != http.StatusOK || strings.Contains(got.body, "sk_test") || strings.Contains(got.body, "whsec") || !strings.Contains(words(got.body), "no money moves") || !strings.Contains(words(got.body), "no hold here stops those") {
		t.Error(got.status, words(got.body))
	}
}

func TestWhatDoesNotFitIsDecidedByAPerson(t *testing.T) {
	s := newShop(t)
	id := s.paid(s.kit, "one-three")
	s.exec(`insert into payment_review (id, kind, about, purchase_id, detail, made_at) values ('5f2b6c1a-2f3d-4f7e-9c1b-0a9d8e7f6a5b', 'mismatch', 'pi_1', $1, '{"paid": 1, "ordered": 30000}', $2)`, string(id), s.now())
	held := s.desks("mara", "noor")
	if got := words(s.fetch("GET", "/desk/money/reviews", held["mara"], nil).body); !strings.Contains(got, "What was paid at Stripe is not what was ordered") || !strings.Contains(got, "ordered 30000") {
		t.Error(got)
	}
	if got := words(s.fetch("GET", "/desk/money", held["mara"], nil).body); !strings.Contains(got, "One payment waits for somebody to decide") {
		t.Error(got)
	}
	at := "/desk/money/reviews/5f2b6c1a-2f3d-4f7e-9c1b-0a9d8e7f6a5b"
	if got := s.fetch("POST", at, held["noor"], nil); got.status != 404 {
		t.Errorf("by a coach: %d", got.status)
	}
	s.fetch("POST", at, held["mara"], nil)
	if left, err := payment.Reviews(s.ctx, s.db); err != nil || len(left) != 0 {
		t.Error(left, err)
	}
}

// Somebody bought late in the evening, and the table said the next day; the
// months and every page are on the clock of the practice.
func TestTheTableOfOrdersIsOnTheClockOfThePractice(t *testing.T) {
	s := newShop(t)
	s.apply("practice: {timezone: Pacific/Honolulu}")
	id := s.paid(s.kit, "one-three")
	zone := practice.Zone("Pacific/Honolulu")
	day := s.now().In(zone).Format("2006-01-02")
	if day == s.now().UTC().Format("2006-01-02") {
		t.Fatal("this hour tells nothing: it is the same day on both clocks")
	}
	got := s.fetch("POST", "/desk/money/table", s.signedIn(s.coach("mara").ID), url.Values{"what": {"orders"}})
	if got.status != 200 || !strings.Contains(got.body, string(id)+","+day+",") {
		t.Errorf("%d %s", got.status, got.body)
	}
}
