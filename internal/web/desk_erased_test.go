package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/stripefake"
)

// secondRecord is another record of somebody, with an address of its own.
func (s *shop) secondRecord(name string) people.ID {
	s.t.Helper()
	var id people.ID
	s.must(s.db.InTx(s.ctx, func(tx *pg.Tx) (err error) {
		id, _, err = people.FindOrCreate(s.ctx, tx, name+"@example.com", strings.ToUpper(name[:1])+name[1:]+"canary", "Europe/London", true, s.now())
		return err
	}))
	s.exec(`insert into client_account (person_id, admitted_at) values ($1, $2)`, id, s.now())
	s.held[id] = s.byCode(id)
	return id
}

// opens fails unless every page opens, and shows none of the words.
func (s *shop) opens(who, cookie string, paths, lacks []string) {
	s.t.Helper()
	for _, path := range paths {
		got := s.fetch("GET", path, cookie, nil)
		if got.status != http.StatusOK {
			s.t.Errorf("%s at %s: %d %s", who, path, got.status, got.header.Get("Location"))
		}
		for _, word := range lacks {
			if strings.Contains(words(got.body), word) {
				s.t.Errorf("%s at %s reads %q", who, path, word)
			}
		}
	}
}

// Somebody who had paid under two addresses is erased. The money stays in the books
// under no name, every page of the desk opens, and money can still go back.
func TestTheDeskGoesOnWithTheMoneyOfSomebodyWhoWasErased(t *testing.T) {
	s := newShop(t)
	nia2 := s.secondRecord("nia2")
	one, parts := s.paid(s.nia, "one-three"), s.paid(nia2, "one-parts")
	held := s.desks("mara", "noor", "ash")
	if got := s.fetch("POST", "/desk/people/"+string(s.nia)+"/join", held["mara"], url.Values{"other": {string(nia2)}}); got.status != http.StatusSeeOther {
		t.Fatalf("joining: %d %s", got.status, words(got.body))
	}
	orders := []string{"/desk/orders/" + string(one), "/desk/orders/" + string(parts)}
	everywhere := func(lacks ...string) {
		t.Helper()
		pages := []string{"/desk", "/desk/orders", "/desk/money", "/desk/people"}
		s.opens("ash", held["ash"], append(slices.Clone(pages), orders...), lacks)
		s.opens("noor", held["noor"], append(slices.Clone(pages), "/desk/money/table"), lacks)
		s.opens("mara", held["mara"], append(append(slices.Clone(pages), orders...), "/desk/money/table", "/desk/money/reviews", "/desk/settings/payments", "/desk/audit", orders[0]+"/refund?part=1"), lacks)
	}
	everywhere()
	s.opens("mara", held["mara"], []string{"/desk/people/" + string(s.nia), "/desk/people/" + string(s.nia) + "/sessions"}, nil)

	erase, sure := "/desk/people/"+string(s.nia)+"/erase", url.Values{"sure": {"yes"}}
	if got := s.fetch("POST", erase, held["mara"], sure); got.status != http.StatusConflict || !strings.Contains(words(got.body), "sessions left") {
		t.Fatalf("with sessions left: %d %s", got.status, words(got.body))
	}
	dispute, err := s.stripe.Dispute(s.stripe.ChargeOf(s.stripeSession(parts).ID), stripefake.DisputeOf{})
	s.must(err)
	s.must(s.stripe.MoveDispute(dispute, "lost")) // takes the sessions of that part
	_, err = s.first.payment.Reconcile(s.ctx)
	s.must(err)
	form := url.Values{"part": {"1"}, "amount": {"200.00"}, "reason": {"goodwill"}, "sessions": {"3"}, "sure": {"yes"}, "op": {"refund one"}}
	if got := s.fetch("POST", orders[0]+"/refund", held["mara"], form); got.status != http.StatusSeeOther {
		t.Fatalf("giving money back: %d %s", got.status, words(got.body))
	}
	if got := s.fetch("POST", erase, held["mara"], sure); got.status != http.StatusSeeOther {
		t.Fatalf("erasing: %d %s", got.status, words(got.body))
	}

	gone := []string{"Niacanary", "Nia2canary", "nia@example.com", "nia2@example.com"}
	everywhere(gone...)
	list := words(s.fetch("GET", "/desk/orders", held["mara"], nil).body)
	if n := strings.Count(list, "Somebody who was erased"); n != 2 {
		t.Errorf("%d orders are of somebody who was erased: %s", n, list)
	}
	says(t, "the books", words(s.fetch("GET", "/desk/money", held["mara"], nil).body), "Paid £550.00")
	says(t, "the order", words(s.fetch("GET", orders[0], held["mara"], nil).body), "Somebody who was erased", "Paid £300.00", "£200.00, gone back", "3 taken back, 0 left")
	table := s.fetch("POST", "/desk/money/table", held["mara"], url.Values{"what": {"orders"}})
	says(t, "the table", table.body, string(one), string(parts), "300.00", "250.00")

	form = url.Values{"part": {"1"}, "amount": {"100.00"}, "reason": {"goodwill"}, "sessions": {"0"}, "sure": {"yes"}, "op": {"refund two"}}
	if got := s.fetch("POST", orders[0]+"/refund", held["mara"], form); got.status != http.StatusSeeOther {
		t.Errorf("giving money back to nobody: %d %s", got.status, words(got.body))
	}
	_, err = s.first.payment.Reconcile(s.ctx)
	s.must(err)
	everywhere(gone...)
	says(t, "the order", words(s.fetch("GET", orders[0], held["mara"], nil).body), "Paid back £300.00", "£100.00, gone back")
}

// One of two has bought under another address as well, and their coach joins the two
// records. The coach reads both orders, each address its own, and the partner none.
// Whoever has been in work is not erased: the server broke on it.
func TestOrdersOfJoinedRecordsStayWithWhoPaid(t *testing.T) {
	s := newShop(t)
	ida2 := s.secondRecord("ida2")
	two, alone := s.paid(s.ida, "two-six"), s.paid(ida2, "one-three")
	held := s.desks("mara", "noor")
	if got := s.fetch("POST", "/desk/people/"+string(s.ida)+"/join", held["mara"], url.Values{"other": {string(ida2)}}); got.status != http.StatusSeeOther {
		t.Fatalf("joining: %d %s", got.status, words(got.body))
	}
	s.opens("mara", held["mara"], []string{"/desk/orders", "/desk/orders/" + string(two), "/desk/orders/" + string(alone), "/desk/money", "/desk/people/" + string(s.ida),
		"/desk/people/" + string(s.ida) + "/sessions", "/desk/engagements/" + string(s.id), "/desk/engagements/" + string(s.id) + "/sessions"}, []string{"Somebody who was erased"})
	for _, row := range []struct {
		who    people.ID
		order  string
		status int
	}{{s.ida, string(two), 200}, {s.ida, string(alone), 404}, {ida2, string(two), 404}, {ida2, string(alone), 200}, {s.jon, string(two), 404}, {s.jon, string(alone), 404}} {
		if got := s.get(row.who, "/portal/orders/"+row.order); got.status != row.status {
			t.Errorf("%d, want %d", got.status, row.status)
		}
	}
	s.opens("the partner", s.held[s.jon], []string{"/portal", "/portal/orders", "/portal/sessions", "/portal/bookings", "/portal/engagements/" + string(s.id)},
		[]string{"720.00", "300.00", "Three for one", "Ida2", "ida2"})

	for _, slug := range []string{"mara", "noor"} {
		got := s.fetch("POST", "/desk/people/"+string(s.ida)+"/erase", held[slug], url.Values{"sure": {"yes"}})
		if got.status != http.StatusConflict {
			t.Errorf("%s erases: %d %s", slug, got.status, words(got.body))
		}
	}
	s.exec(`update engagement set state = 'ended' where id = $1`, s.id)
	got := s.fetch("POST", "/desk/people/"+string(s.jon)+"/erase", held["noor"], url.Values{"sure": {"yes"}})
	if got.status != http.StatusConflict || !strings.Contains(words(got.body), "They work or worked with a coach here") {
		t.Errorf("erasing whoever has been in work: %d %s", got.status, words(got.body))
	}
}
