package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/credit"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
)

func TestACoachOffersOneClientAPackageAndTakesItBack(t *testing.T) {
	s := newShop(t)
	noor, olu := s.signedIn(s.coach("noor").ID), s.signedIn(s.coach("olu").ID)
	at := "/desk/people/" + string(s.kit) + "/packages"
	if got := words(s.fetch("GET", at, noor, nil).body); !strings.Contains(got, "By link alone, £90.00") || strings.Contains(got, "Not any more") {
		t.Error(got)
	}
	form := url.Values{"act": {"offer"}, "package": {"quiet"}, "op": {"one"}}
	for range 2 { // a second click
		if got := s.fetch("POST", at, noor, form); got.status != 303 {
			t.Fatalf("%d %s", got.status, words(got.body))
		}
	}
	offers, err := practice.OffersTo(s.ctx, s.db, s.kit)
	if err != nil || len(offers) != 1 || offers[0].CoachID != s.coach("noor").ID {
		t.Fatalf("%+v, %v", offers, err)
	}
	if got := words(s.fetch("GET", at, noor, nil).body); !strings.Contains(got, "Offered to them By link alone, £90.00") {
		t.Error(got)
	}
	s.sendAll()
	letters := ""
	for _, one := range s.inbox.Taken() {
		if strings.Contains(strings.Join(one.To, " "), "kit@") {
			letters += readable(one.Data)
		}
	}
	if !strings.Contains(letters, "something to see") || strings.Contains(letters, "90.00") || strings.Contains(letters, "By link alone") || strings.Contains(strings.ToLower(letters), "package") {
		t.Error("the letter says what it is about, or there is none")
	}
	if got := s.fetch("GET", at, olu, nil); got.status != 404 {
		t.Errorf("another coach: %d", got.status)
	}
	s.must(s.db.InTx(s.ctx, func(tx *pg.Tx) error {
		return people.HandTo(s.ctx, tx, s.kit, s.coach("olu").ID, s.coach("mara").ID, s.now())
	}))
	if got := s.fetch("GET", at, olu, nil); got.status != 200 || strings.Contains(words(got.body), "Offered to them") {
		t.Errorf("a second coach of theirs finds the offer: %d", got.status)
	}
	if got := s.fetch("POST", at, olu, url.Values{"act": {"withdraw"}, "offer": {string(offers[0].ID)}}); got.status != 404 {
		t.Errorf("a second coach takes it back: %d", got.status)
	}
	back := url.Values{"act": {"withdraw"}, "offer": {string(offers[0].ID)}}
	if got := s.fetch("POST", at, noor, back); got.status != 303 {
		t.Errorf("%d", got.status)
	}
	if offers, err = practice.OffersTo(s.ctx, s.db, s.kit); err != nil || len(offers) != 0 {
		t.Errorf("%+v, %v", offers, err)
	}
	for _, slug := range []string{"gone", "nothing", ""} {
		if got := s.fetch("POST", at, noor, url.Values{"act": {"offer"}, "package": {slug}}); got.status != 422 {
			t.Errorf("%q: %d", slug, got.status)
		}
	}
}

func TestACoachGivesAPackageWithWords(t *testing.T) {
	s := newShop(t)
	noor := s.signedIn(s.coach("noor").ID)
	at := "/desk/people/" + string(s.kit) + "/packages"
	if got := s.fetch("POST", at, noor, url.Values{"act": {"give"}, "package": {"one-three"}}); got.status != 422 || !strings.Contains(words(got.body), "Say in a few words why") {
		t.Errorf("without words: %d", got.status)
	}
	form := url.Values{"act": {"give"}, "package": {"one-three"}, "reason": {"for the cancelled week"}, "op": {"two"}}
	for range 2 {
		if got := s.fetch("POST", at, noor, form); got.status != 303 {
			t.Fatalf("%d %s", got.status, words(got.body))
		}
	}
	lots, err := credit.OfClient(s.ctx, s.db, s.kit, true)
	if err != nil || len(lots) != 1 || lots[0].Remaining != 3 {
		t.Errorf("%+v, %v", lots, err)
	}
	if got := s.fetch("POST", at, noor, url.Values{"act": {"give"}, "package": {"two-six"}, "reason": {"x"}}); got.status != 422 {
		t.Errorf("for two to one: %d", got.status)
	}
	two := "/desk/people/" + string(s.ida) + "/packages"
	if got := s.fetch("POST", two, noor, url.Values{"act": {"give"}, "package": {"two-six"}, "reason": {"because"}, "op": {"three"}}); got.status != 303 {
		t.Errorf("for two: %d %s", got.status, words(got.body))
	}
	if lots, err := credit.OfClient(s.ctx, s.db, s.jon, true); err != nil || len(lots) != 1 || lots[0].Remaining != 6 || lots[0].ExpiresOn == "" {
		t.Errorf("%+v, %v", lots, err)
	}
}

// Whoever bought before any work began was shut out after a month of nothing.
func TestWhoBoughtSignsInOn(t *testing.T) {
	s := newShop(t)
	s.paid(s.nia, "one-three")
	max := (&callers{staffed: s.staffed}).known("max")
	s.must(s.db.InTx(s.ctx, func(tx *pg.Tx) error { return login.Admit(s.ctx, tx, max, s.now()) }))
	s.held[max] = s.byCode(max)
	s.ordered(max, "one-three") // and has not paid yet
	s.pass(40 * 24 * time.Hour)
	s.must((&reception.Reception{DB: s.db, Keys: s.keys, Booking: s.booking, Engagement: s.first.engagement, Now: s.now}).CloseDoors(s.ctx))
	var barred bool
	s.must(s.db.Get(s.ctx, &barred, `select barred_at is not null from client_account where person_id = $1`, s.nia))
	if barred {
		t.Error("the door is shut to somebody who has sessions")
	}
	s.must(s.db.Get(s.ctx, &barred, `select barred_at is not null from client_account where person_id = $1`, max))
	if barred {
		t.Error("the door is shut to somebody who has an order to pay")
	}
	lee := (&callers{staffed: s.staffed}).known("lee")
	s.must(s.db.InTx(s.ctx, func(tx *pg.Tx) error { return login.Admit(s.ctx, tx, lee, s.now().AddDate(0, 0, -35)) }))
	s.must((&reception.Reception{DB: s.db, Keys: s.keys, Booking: s.booking, Engagement: s.first.engagement, Now: s.now}).CloseDoors(s.ctx))
	s.must(s.db.Get(s.ctx, &barred, `select barred_at is not null from client_account where person_id = $1`, lee))
	if !barred {
		t.Error("nothing is there for them, and the door stays open")
	}
}
