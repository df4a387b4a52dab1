package web_test

import (
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/browsertest"
	"kintsugi/internal/credit"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// leaves has a client leave at once, as their own page does.
func (s *shop) leaves(who people.ID) {
	s.t.Helper()
	s.pass(time.Second)
	s.must(s.db.InTx(s.ctx, func(tx *pg.Tx) error { return s.first.engagement.Leave(s.ctx, tx, who, s.id, s.now()) }))
}

func TestWhatIsUnusedForTwoIsLedToADecisionAtTheDeskAlone(t *testing.T) {
	s := newShop(t)
	order := s.paid(s.ida, "two-six")
	const say = "6 sessions for two are unused"
	at := "/desk/engagements/" + string(s.id)
	held := s.desks("mara", "noor", "olu", "ash")
	page := func(slug, path string) string { return s.fetch("GET", path, held[slug], nil).body }
	if strings.Contains(page("noor", at)+page("noor", "/desk"), say) {
		t.Error("it is said while both are in it")
	}
	s.leaves(s.jon)
	refund, sessions := `href="/desk/orders/`+string(order)+`/refund?part=1"`, `href="`+at+`/sessions`
	const give, leave = "Give sessions to one of them instead", "Leave them as they are"
	says(t, "the coach’s page", page("noor", at), say, "They are not two any more", "until you decide", refund, "Give money back for Six for two, up to £720.00", sessions, give, leave)
	says(t, "the coach’s day", page("noor", "/desk"), "Idacanary and Joncanary: "+say, at+"#unused")
	for slug, refunds := range map[string]bool{"mara": true, "ash": false} {
		body := page(slug, at)
		says(t, slug, body, say, "until Noor Haddad decides")
		if strings.Contains(body, refund) != refunds || strings.Contains(body, give) || strings.Contains(body, leave) {
			t.Errorf("%s is led to what is not theirs: %s", slug, words(body))
		}
		if strings.Contains(page(slug, "/desk"), say) {
			t.Errorf("%s reads it in the day", slug)
		}
	}
	if strings.Contains(page("olu", "/desk"), say) || s.fetch("GET", at, held["olu"], nil).status != 404 {
		t.Error("another coach reads it")
	}
	for _, client := range []people.ID{s.ida, s.jon} {
		for _, path := range []string{"/portal", "/portal/sessions", "/portal/engagements/" + string(s.id), "/portal/orders", "/portal/packages"} {
			if body := s.get(client, path).body; strings.Contains(body, "unused") || strings.Contains(body, "decide") {
				t.Errorf("a client reads of it at %s", path)
			}
		}
	}
	// The page it leads to.
	if got := s.fetch("GET", "/desk/orders/"+string(order)+"/refund?part=1", held["noor"], nil); got.status != 200 {
		t.Error(got.status)
	}
	form := func() url.Values { return url.Values{"act": {"leave"}, "op": {s.first.guard.NewOp(s.now())}} }
	for _, slug := range []string{"mara", "ash", "olu"} {
		if got := s.fetch("POST", at+"/sessions", held[slug], form()); got.status != 404 {
			t.Errorf("%s leaves them: %d", slug, got.status)
		}
	}
	if got := s.fetch("POST", "/desk/people/"+string(s.ida)+"/sessions", held["noor"], form()); got.status != 404 {
		t.Errorf("of one person: %d", got.status)
	}
	twice := form()
	for range 2 {
		if got := s.fetch("POST", at+"/sessions", held["noor"], twice); got.status != 303 || got.header.Get("Location") != at+"?done=left-as-is" {
			t.Fatalf("%d to %s", got.status, got.header.Get("Location"))
		}
	}
	body := page("noor", at+"?done=left-as-is")
	says(t, "the page after", body, "Left as they are.", "What is unused for two was left as it is by you", "For both: 6 sessions left")
	if strings.Contains(body, say) || strings.Contains(page("noor", "/desk"), say) {
		t.Error("it is asked again at once")
	}
	s.pass(time.Hour)
	held["noor"] = s.signedIn(s.coach("noor").ID)
	s.must(s.db.InTx(s.ctx, func(tx *pg.Tx) error { // an hour that was called off
		_, err := credit.Grant(s.ctx, tx, credit.GrantOf{Holder: credit.Holder{Engagement: s.id}, Sessions: 1, Types: practice.Slugs{"couple"}, Source: "gift", Key: "k",
			By: audit.Actor{Kind: audit.System}}, s.now())
		return err
	}))
	says(t, "when more comes back", page("noor", at), "7 sessions for two are unused")
}

// The end of the work leads to the same decision, and what one had alone to none.
func TestTheEndOfTheWorkLeadsToTheSameDecision(t *testing.T) {
	s := newShop(t)
	s.paid(s.ida, "two-six")
	s.paid(s.kit, "one-three")
	noor := s.signedIn(s.coach("noor").ID)
	s.exec(`update engagement set state = 'ended', state_at = $1`, s.now())
	says(t, "the page", s.fetch("GET", "/desk/engagements/"+string(s.id), noor, nil).body, "6 sessions for two are unused", "The work has ended", "they can be used again")
	if day := s.fetch("GET", "/desk", noor, nil).body; strings.Count(day, "for two are unused") != 1 || strings.Contains(day, "Kitcanary") {
		t.Error(words(day))
	}
}

// A coach is led from the day to the work, to the money and to the hour ahead, and
// leaves the rest as it is, with scripts and without.
func TestACoachDecidesOnWhatIsUnusedForTwo(t *testing.T) {
	shots := os.Getenv("KINTSUGI_SHOTS")
	for name, options := range map[string][]browsertest.Option{
		"unused-phone-dark": {browsertest.Phone(), browsertest.Dark(), browsertest.StillPages()},
		"unused-desk-light": {browsertest.Size(1280, 900), browsertest.ScriptsOff(), browsertest.StillPages()},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			s.paid(s.ida, "two-six")
			noor := s.coach("noor")
			b, err := s.booking.BookSession(s.ctx, booking.Viewer{ID: noor.ID, Role: noor.Role}, booking.Session{Type: "couple", Coach: "noor", Start: hour(10).AddDate(0, 0, 7), Engagement: s.id, Use: true}, nil)
			s.must(err)
			s.leaves(s.jon)
			tab := s.visitor(t, options...)
			here := looker(t, tab, shots, name)
			tab.Open(s.base + "/robots.txt")
			s.carry(tab, s.signedIn(noor.ID))
			tab.Open(s.base + "/desk")
			tab.WaitText("#main", "5 sessions for two are unused")
			here("December")
			tab.Click("#main a[href$='#unused']")
			here("Idacanary")
			tab.Click("#main a[href*='/refund']")
			here("Give money back")
			tab.Click("#main form button.act")
			tab.WaitText("#main", "goes back the way it was paid")
			here("Give money back")
			tab.Click("#main a[href$='" + string(b.ID) + "?do=cancel']")
			tab.WaitText("#main", "Idacanary")
			tab.Open(s.base + "/desk/engagements/" + string(s.id))
			tab.Click("#main .notice button.act-quiet")
			tab.WaitText("#main", "What is unused for two was left as it is by you")
			here("Idacanary")
		})
	}
}
