package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/stripefake"
)

// shopGround is what can be bought: sessions for one and for two, one of them in
// parts, one by its link alone, and one that is not sold any more.
const shopGround = `
appointment_types:
  - {slug: couple, name: Couple session, duration: 60m, place: video, horizon: 300d, lane: joint, credits: 1, coaches: [noor]}
  - {slug: single, name: Individual session, duration: 50m, place: video, horizon: 300d, lane: individual, credits: 1, coaches: [noor]}
packages:
  - {slug: two-six, name: Six for two, sessions: 6, appointment_types: [couple], price: 720.00, valid_for: 180d}
  - {slug: one-three, name: Three for one, sessions: 3, appointment_types: [single], price: 300.00, tax: inclusive}
  - {slug: one-parts, name: Four in parts, sessions: 4, appointment_types: [single], price: 400.00, instalments: [{sessions: 2, price: 250.00}, {sessions: 2, price: 150.00, after: 30d}]}
  - {slug: quiet, name: By link alone, sessions: 1, appointment_types: [single], price: 90.00, visibility: link}
  - {slug: gone, name: Not any more, sessions: 1, appointment_types: [single], price: 80.00, visibility: withdrawn}
`

// shop is a practice that sells. Ida and Jon work with Noor together, Kit does so
// alone, and Nia has an account and works with nobody yet.
type shop struct {
	*staffed
	id                 engagement.ID
	ida, jon, kit, nia people.ID
	held               map[people.ID]string
}

func newShop(t *testing.T) *shop {
	t.Helper()
	return newShopOn(t, pgtest.New(t))
}

func newShopOn(t testing.TB, db *pg.DB) *shop {
	t.Helper()
	h := &callers{staffed: staffOn(t, false, db), held: map[people.ID]string{}}
	h.apply(shopGround)
	s := &shop{staffed: h.staffed, held: h.held}
	s.ida, s.jon, s.kit, s.nia = h.known("ida"), h.known("jon"), h.known("kit"), h.known("nia")
	s.id = h.works(s.ida, s.jon)
	h.works(s.kit)
	h.exec(`insert into client_account (person_id, admitted_at) values ($1, $2)`, s.nia, h.now())
	for _, who := range []people.ID{s.ida, s.jon, s.kit} {
		s.held[who] = h.signedIn(who)
	}
	s.held[s.nia] = s.byCode(s.nia)
	return s
}

// byCode is a session that the code alone has opened; so are all others of theirs
// from then on.
func (s *shop) byCode(who people.ID) string {
	s.t.Helper()
	token := s.signedIn(who)
	s.exec(`update session set proven_at = null, fresh_at = null where person_id = $1`, who)
	return token
}

// byCodeOnly is another session that the code alone has opened.
func (s *shop) byCodeOnly(who people.ID) string {
	s.t.Helper()
	before := s.held[who]
	s.pass(time.Second)
	token := s.signedIn(who)
	s.exec(`update session set proven_at = null, fresh_at = null where id = (select id from session where person_id = $1 order by signed_in_at desc limit 1)`, who)
	s.held[who] = before
	return token
}

func (s *shop) get(who people.ID, path string) answer {
	s.t.Helper()
	return s.fetch("GET", path, s.held[who], nil)
}

func (s *shop) post(who people.ID, path string, form url.Values) answer {
	s.t.Helper()
	return s.fetch("POST", path, s.held[who], form)
}

var hiddenFields = regexp.MustCompile(`<input type="(?:hidden|checkbox)"[^>]*name="([a-z]+)" value="([^"]*)"`)

// buying is the form of a page on which something is bought, ticked.
func (s *shop) buying(who people.ID, ref string) url.Values {
	s.t.Helper()
	page := s.get(who, "/portal/packages/"+ref)
	if page.status != http.StatusOK {
		s.t.Fatalf("%s: %d to %s", ref, page.status, page.header.Get("Location"))
	}
	form := url.Values{}
	for _, field := range hiddenFields.FindAllStringSubmatch(page.body, -1) {
		form.Set(field[1], field[2])
	}
	return form
}

// ordered buys something up to the page at Stripe, and gives the order and the
// session there.
func (s *shop) ordered(who people.ID, ref string) (payment.OrderID, stripefake.Session) {
	s.t.Helper()
	got := s.post(who, "/portal/orders", s.buying(who, ref))
	if got.status != http.StatusSeeOther || !strings.HasPrefix(got.header.Get("Location"), s.stripe.URL+"/c/pay/") {
		s.t.Fatalf("buying %s: %d to %s\n%s", ref, got.status, got.header.Get("Location"), got.body)
	}
	for _, at := range s.stripe.Sessions() {
		if strings.Contains(got.header.Get("Location"), at.ID) {
			return payment.OrderID(at.ClientReferenceID), at
		}
	}
	s.t.Fatal("Stripe knows no such page")
	return "", stripefake.Session{}
}

// stripeSession is the newest page at Stripe of an order.
func (h *staffed) stripeSession(id payment.OrderID) stripefake.Session {
	h.t.Helper()
	var found stripefake.Session
	for _, at := range h.stripe.Sessions() {
		if string(at.ClientReferenceID) == string(id) {
			found = at
		}
	}
	if found.ID == "" {
		h.t.Fatal("there is no page at Stripe")
	}
	return found
}

// paid pays at Stripe and comes back.
func (s *shop) paid(who people.ID, ref string) payment.OrderID {
	s.t.Helper()
	id, at := s.ordered(who, ref)
	back, err := s.stripe.Pay(at.ID, stripefake.Buyer{Email: "x@example.com", Name: "X", Terms: true})
	s.must(err)
	if got := s.get(who, strings.TrimPrefix(back, s.base)); got.status != http.StatusOK {
		s.t.Fatalf("back at %s: %d", back, got.status)
	}
	return id
}

// bought is something that somebody of a couple bought and paid for.
func (h *staffed) bought(who people.ID, slug string, in credit.Holder) (payment.OrderID, payment.InvoiceID) {
	h.t.Helper()
	p, err := practice.FindAnyPackage(h.ctx, h.db, slug)
	h.must(err)
	_, terms, err := payment.TermsOf(h.ctx, h.db, p.VersionID)
	h.must(err)
	o, err := h.first.payment.Place(h.ctx, payment.Purchase{Buyer: who, Version: p.VersionID, For: in, Agreed: terms.Hash})
	h.must(err)
	_, err = h.first.payment.Pay(h.ctx, who, o.ID, 0)
	h.must(err)
	at := h.stripeSession(o.ID)
	_, err = h.stripe.Pay(at.ID, stripefake.Buyer{Email: "x@example.com", Name: "X", Terms: true})
	h.must(err)
	_, err = h.first.payment.Returned(h.ctx, who, o.ID, at.ID)
	h.must(err)
	papers, err := payment.InvoicesOf(h.ctx, h.db, who, o.ID)
	h.must(err)
	return o.ID, papers[0].ID
}

var tagged = regexp.MustCompile(`(?s)<script.*?</script>|<[^>]*>`)

// words are what a page says.
func words(body string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tagged.ReplaceAllString(body, " "))), " ")
}
