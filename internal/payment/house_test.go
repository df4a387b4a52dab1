package payment_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/config"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/mail"
	"kintsugi/internal/once"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"
	"kintsugi/internal/token"
)

const (
	site   = "https://talk.example.org"
	secret = "whsec_house"
)

// buyer is who stands at Stripe's page. Their name and address are theirs to
// type there; we never pass them on.
var atStripe = stripefake.Buyer{Email: "anywhere@example.com", Name: "A Visitor"}

// house is a practice in which Sam and Alex work with Mara, and Cleo with nobody
// yet, beside a Stripe that remembers.
type house struct {
	t               testing.TB
	ctx             context.Context
	db              *pg.DB
	keys            *seal.Keyset
	now             time.Time
	fake            *stripetest.Stripe
	s               *payment.Service
	work            *engagement.Service
	mara, noor      people.Coach
	owner           payment.Viewer
	sam, alex, cleo people.ID
	id              engagement.ID
	ops             int
}

func newHouse(t testing.TB) *house { return newHouseWith(t, stripefake.Settings{}) }

func newHouseWith(t testing.TB, settings stripefake.Settings) *house {
	t.Helper()
	h := &house{t: t, ctx: context.Background(), db: pgtest.New(t), now: time.Now().UTC().Truncate(time.Second), fake: stripetest.Start(t, settings)}
	keys, err := seal.NewKeyset()
	h.must(err)
	h.keys = keys
	h.work = &engagement.Service{Keys: keys, Links: token.Key(strings.Repeat("k", 32)), Site: site,
		Letterhead: func(context.Context, pg.Conn) (mail.Address, error) {
			return mail.Address{Name: "Common Ground", Email: "hello@example.org"}, nil
		}}
	h.s = h.service(h.db)
	h.in(func(tx *pg.Tx) error {
		if err := practice.Save(h.ctx, tx, practice.Practice{Basics: practice.Basics{Name: "Lind Infidelity Recovery", DiscreetName: "Common Ground",
			Timezone: "Europe/London", Currency: "GBP", Email: "hello@example.org", CancelMinutes: 1440}, KeptDays: 180}, h.now); err != nil {
			return err
		}
		for i, c := range []*people.Coach{&h.mara, &h.noor} {
			*c = people.Coach{Slug: []string{"mara", "noor"}[i], Name: []string{"Mara", "Noor"}[i], Email: []string{"mara", "noor"}[i] + "@example.org",
				Role: []people.Role{people.Owner, people.Member}[i], Timezone: "Europe/London", Position: i, Active: true}
			id, err := people.SaveCoach(h.ctx, tx, *c, h.now)
			if err != nil {
				return err
			}
			c.ID = id
		}
		for j, slug := range []string{"couple-session", "solo-session"} {
			t, err := practice.SaveType(h.ctx, tx, practice.Type{Slug: slug, Name: "Affair aftermath " + slug, DurationMinutes: 60, Place: practice.Video,
				HorizonDays: 90, Credits: 1, Lane: []string{practice.Joint, practice.Individual}[j], Position: j})
			if err != nil {
				return err
			}
			if err := practice.SaveHolders(h.ctx, tx, t, []people.ID{h.mara.ID}); err != nil {
				return err
			}
		}
		for i, p := range packages() {
			p.Position = i
			if err := practice.SavePackage(h.ctx, tx, p, h.mara.ID, h.now); err != nil {
				return err
			}
		}
		for name, into := range map[string]*people.ID{"sam": &h.sam, "alex": &h.alex, "cleo": &h.cleo} {
			id, _, err := people.FindOrCreate(h.ctx, tx, name+"@example.com", strings.ToUpper(name[:1])+name[1:]+" Marlowe", "Europe/London", true, h.now)
			if err != nil {
				return err
			}
			*into = id
		}
		return nil
	})
	h.owner = payment.Viewer{ID: h.mara.ID, Role: people.Owner}
	t.Cleanup(h.discreet)
	h.in(func(tx *pg.Tx) (err error) {
		var invited []engagement.Invitee
		for _, p := range []people.ID{h.sam, h.alex} {
			invited = append(invited, engagement.Invitee{Person: p, Word: "harbour " + string(p)})
		}
		if h.id, err = h.work.Start(h.ctx, tx, h.mara.ID, invited, engagement.ReadyPolicy(engagement.Confidential, "Mara"), h.now); err != nil {
			return err
		}
		for _, p := range []people.ID{h.sam, h.alex} {
			if refused, err := h.work.Accept(h.ctx, tx, p, h.id, "harbour "+string(p), h.now); refused != nil || err != nil {
				return fmt.Errorf("accept: %v %w", refused, err)
			}
		}
		return nil
	})
	return h
}

// packages are what is on sale: six sessions for two, three for one, the same in
// two parts, and one with tax on top.
func packages() []practice.Package {
	joint, solo := practice.Slugs{"couple-session"}, practice.Slugs{"solo-session"}
	return []practice.Package{
		{Slug: "rebuild-six", Name: "Rebuild after an affair", Sessions: 6, PriceMinor: 72000, Currency: "GBP", ValidDays: 180, Types: joint, Tax: practice.NoTax, Visibility: practice.Visible},
		{Slug: "solo-three", Name: "Three alone with your secret", Sessions: 3, PriceMinor: 30000, Currency: "GBP", Types: solo, Tax: practice.NoTax, Visibility: practice.Visible},
		{Slug: "in-parts", Name: "Six in two parts", Sessions: 6, PriceMinor: 72000, Currency: "GBP", ValidDays: 90, Types: joint, Tax: practice.NoTax, Visibility: practice.Visible,
			Instalments: practice.Instalments{{Sessions: 3, PriceMinor: 36000}, {Sessions: 3, PriceMinor: 36000, DaysAfter: 30}}},
		{Slug: "taxed", Name: "One with tax", Sessions: 1, PriceMinor: 10000, Currency: "GBP", Types: solo, Tax: practice.TaxExclusive, Visibility: practice.Visible},
	}
}

// service is another process on the same database.
func (h *house) service(db *pg.DB) *payment.Service {
	return &payment.Service{DB: db, Keys: h.keys, Engagement: h.work, Site: site, Now: func() time.Time { return h.now },
		Stripe: config.Stripe{SecretKey: stripetest.Key, WebhookSecrets: []config.Secret{secret}, APIBase: h.fake.URL}}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) in(f func(tx *pg.Tx) error) { h.t.Helper(); h.must(h.db.InTx(h.ctx, f)) }

// refused fails unless err is of this kind.
func (h *house) refused(err error, kind fault.Kind) {
	h.t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		h.t.Fatalf("answered %v (kind %d), want kind %d", err, fault.KindOf(err), kind)
	}
}

func (h *house) purchase(buyer people.ID, slug string) payment.Purchase {
	h.t.Helper()
	p, err := practice.FindAnyPackage(h.ctx, h.db, slug)
	h.must(err)
	_, terms, err := payment.TermsOf(h.ctx, h.db, p.VersionID)
	h.must(err)
	h.ops++
	return payment.Purchase{Buyer: buyer, Version: p.VersionID, Agreed: terms.Hash, Key: once.Key{Scope: "buy", Text: fmt.Sprint("op ", h.ops), Fingerprint: []byte(slug)}}
}

func (h *house) place(buyer people.ID, slug string) payment.Order {
	h.t.Helper()
	o, err := h.s.Place(h.ctx, h.purchase(buyer, slug))
	h.must(err)
	return o
}

// page opens the page to pay on and gives its session.
func (h *house) page(o payment.Order) string {
	h.t.Helper()
	url, err := h.s.Pay(h.ctx, o.Buyer, o.ID, 0)
	h.must(err)
	return h.sessionAt(url)
}

func (h *house) sessionAt(url string) string {
	h.t.Helper()
	for _, s := range h.fake.Sessions() {
		if string(s.URL) == url && url != "" {
			return s.ID
		}
	}
	h.t.Fatalf("%q is no page of Stripe's", url)
	return ""
}

// bought is an order that is paid, and its session.
func (h *house) bought(buyer people.ID, slug string) (payment.Order, string) {
	h.t.Helper()
	o := h.place(buyer, slug)
	session := h.page(o)
	_, err := h.fake.Pay(session, atStripe)
	h.must(err)
	o, err = h.s.Returned(h.ctx, buyer, o.ID, session)
	h.must(err)
	if o.Status != payment.Paid {
		h.t.Fatalf("after paying the order is %s", o.Status)
	}
	return o, session
}

func (h *house) find(o payment.Order) payment.Order {
	h.t.Helper()
	found, err := h.s.Find(h.ctx, nil, o.Buyer, o.ID)
	h.must(err)
	return found
}

// is fails unless the order stands so, with so many sessions left.
func (h *house) is(o payment.Order, status payment.Status, left int) payment.Order {
	h.t.Helper()
	o = h.find(o)
	sum := 0
	for _, p := range o.Parts {
		of, err := credit.BySource(h.ctx, h.db, p.Source())
		h.must(err)
		sum += of.Left
	}
	if o.Status != status || sum != left {
		h.t.Fatalf("the order is %s with %d sessions left, want %s with %d", o.Status, sum, status, left)
	}
	return o
}

// knock sends an event as Stripe does.
func (h *house) knock(body []byte) error {
	return h.s.Knock(h.ctx, body, stripefake.Sign(time.Now(), body, secret))
}

// events sends every event there is, in order, and fails if one is not taken.
func (h *house) events() {
	h.t.Helper()
	for _, e := range h.fake.Events() {
		if err := h.knock(h.fake.Body(e.ID)); err != nil {
			h.t.Fatalf("%s: %v", e.Type, err)
		}
	}
}

// letters counts the letters of a kind that were posted.
func (h *house) letters(kind string) (n int) {
	h.t.Helper()
	h.must(h.db.Get(h.ctx, &n, `select count(*) from letter where kind = $1`, kind))
	return n
}

func (h *house) reconcile() payment.Report {
	h.t.Helper()
	report, err := h.s.Reconcile(h.ctx)
	h.must(err)
	return report
}

// exec is a statement as a transaction of its own.
func exec(ctx context.Context, query string, args ...any) func(tx *pg.Tx) error {
	return func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}
}

// sign signs an event as Stripe does.
func sign(body []byte) string { return stripefake.Sign(time.Now(), body, secret) }

// pays pays on a page at Stripe.
func (h *house) pays(session string) {
	h.t.Helper()
	_, err := h.fake.Pay(session, atStripe)
	h.must(err)
}

// wordOf is the newest event that a page was paid.
func (h *house) wordOf(session string) (body []byte) {
	h.t.Helper()
	for _, e := range h.fake.Events() {
		if e.Type == "checkout.session.completed" && strings.Contains(string(h.fake.Body(e.ID)), session) {
			body = h.fake.Body(e.ID)
		}
	}
	if body == nil {
		h.t.Fatal("Stripe sent no word")
	}
	return body
}
