package payment_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"kintsugi/internal/config"
	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"
)

func TestWhoeverPaidSeesItWithoutWaitingForStripesWord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	h.is(o, payment.Open, 0)
	session := h.page(o)
	// Coming back without having paid changes nothing.
	if _, err := h.s.Returned(h.ctx, h.sam, o.ID, session); err != nil {
		t.Fatal(err)
	}
	h.is(o, payment.Open, 0)
	back, err := h.fake.Pay(session, atStripe)
	h.must(err)
	if want := site + "/portal/orders/" + string(o.ID) + "?session_id=" + session; back != want {
		t.Errorf("led back to %s, want %s", back, want)
	}
	for range 2 {
		if _, err := h.s.Returned(h.ctx, h.sam, o.ID, session); err != nil {
			t.Fatal(err)
		}
		h.is(o, payment.Paid, 6)
	}
	h.events()
	h.is(o, payment.Paid, 6)
	if n := h.letters("order-receipt"); n != 1 {
		t.Errorf("%d receipts", n)
	}
}

func TestThePartnerFindsNothingOfAnOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, session := h.bought(h.sam, "solo-three")
	if _, err := h.s.Find(h.ctx, nil, h.alex, o.ID); err != payment.ErrNoOrder {
		t.Errorf("the partner is answered %v", err)
	}
	if _, err := h.s.Returned(h.ctx, h.alex, o.ID, session); err != payment.ErrNoOrder {
		t.Errorf("the partner with the session is answered %v", err)
	}
	if _, err := h.s.Pay(h.ctx, h.alex, o.ID, 0); err != payment.ErrNoOrder {
		t.Errorf("paying is answered %v", err)
	}
	if _, err := h.s.Drop(h.ctx, h.alex, o.ID); err != payment.ErrNoOrder {
		t.Errorf("dropping is answered %v", err)
	}
	list, err := h.s.OrdersOf(h.ctx, nil, h.alex)
	h.must(err)
	if len(list) != 0 {
		t.Errorf("lists %d", len(list))
	}
}

// PAY-31: two tabs, and a double click on each.
func TestManyClicksOpenOnePage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	want := h.purchase(h.sam, "rebuild-six")
	ids, urls := map[payment.OrderID]bool{}, map[string]bool{}
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range 8 {
		p := want
		p.Key.Text = fmt.Sprint("tab ", i%2)
		all.Go(func() {
			o, err := h.s.Place(h.ctx, p)
			if err != nil {
				t.Errorf("place: %v", err)
				return
			}
			url, err := h.s.Pay(h.ctx, h.sam, o.ID, 0)
			if err != nil {
				t.Errorf("pay: %v", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			ids[o.ID], urls[url] = true, true
		})
	}
	all.Wait()
	if len(ids) != 1 || len(urls) != 1 || len(h.fake.Sessions()) != 1 {
		t.Errorf("%d orders, %d addresses, %d pages at Stripe", len(ids), len(urls), len(h.fake.Sessions()))
	}
}

// PAY-32: somebody came back after the price had changed, three times in a day,
// and Stripe refused the key that had been used for another price.
func TestAChangedPriceClosesTheOldPageAndOpensAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	seen := []string{h.page(o)}
	for i, price := range []int64{80000, 72000, 90000} {
		old := h.purchase(h.sam, "rebuild-six")
		h.in(func(tx *pg.Tx) error {
			p := packages()[0]
			p.PriceMinor = price
			return practice.SavePackage(h.ctx, tx, p, h.mara.ID, h.now)
		})
		if _, err := h.s.Pay(h.ctx, h.sam, o.ID, 0); !fault.Is(err, payment.TermsChanged) {
			t.Fatalf("paying at the old price: %v", err)
		}
		if _, err := h.s.Place(h.ctx, old); !fault.Is(err, payment.TermsChanged) {
			t.Fatalf("buying on the old terms: %v", err)
		}
		last, err := h.fake.Session(seen[i])
		h.must(err)
		if last.Status != "expired" {
			t.Errorf("the page at the old price is %s", last.Status)
		}
		again := h.place(h.sam, "rebuild-six")
		if again.ID != o.ID || again.PriceMinor != price {
			t.Errorf("order %s for %d, want %s for %d", again.ID, again.PriceMinor, o.ID, price)
		}
		seen = append(seen, h.page(again))
		now, err := h.fake.Session(seen[i+1])
		h.must(err)
		if now.AmountTotal != price || now.Status != "open" {
			t.Errorf("the page asks for %d and is %s", now.AmountTotal, now.Status)
		}
	}
	_, err := h.fake.Pay(seen[3], atStripe)
	h.must(err)
	h.events()
	if o = h.is(o, payment.Paid, 6); o.PaidMinor() != 90000 {
		t.Errorf("paid %d", o.PaidMinor())
	}
}

// The old page was paid at the very moment at which the new terms were agreed to.
func TestAPageThatIsPaidWhileItIsClosedCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	h.in(func(tx *pg.Tx) error {
		p := packages()[0]
		p.PriceMinor = 80000
		return practice.SavePackage(h.ctx, tx, p, h.mara.ID, h.now)
	})
	_, err := h.fake.Pay(session, atStripe)
	h.must(err)
	if _, err := h.s.Pay(h.ctx, h.sam, o.ID, 0); err != nil && !fault.Is(err, payment.TermsChanged) {
		t.Fatal(err)
	}
	if o = h.is(o, payment.Paid, 6); o.PaidMinor() != 72000 {
		t.Errorf("paid %d", o.PaidMinor())
	}
}

// PAY-33: Stripe broke, or its answer was lost, and a second click made a second
// order.
func TestWhenStripeBreaksTheOrderIsKeptAndASecondClickGoesOn(t *testing.T) {
	t.Parallel()
	for about, trouble := range map[string][]stripefake.Trouble{
		"it breaks":                  {{Status: 500}},
		"it breaks and had done it":  {{Status: 500, Works: true}},
		"it is away":                 {{Status: 503}, {Status: 503}},
		"the line is cut":            {{Cut: true}, {Cut: true}},
		"the line is cut afterwards": {{Cut: true, Works: true}, {Cut: true, Works: true}},
		"too many ask":               {{Status: 429}},
	} {
		t.Run(about, func(t *testing.T) {
			h := newHouse(t)
			o := h.place(h.sam, "rebuild-six")
			for i := range trouble {
				trouble[i].Call = "POST /v1/checkout/sessions"
			}
			h.fake.Trouble(trouble...)
			url, err := h.s.Pay(h.ctx, h.sam, o.ID, 0)
			if err != nil {
				if fault.KindOf(err) != fault.Unavailable {
					t.Fatalf("answered %v", err)
				}
				if again := h.place(h.sam, "rebuild-six"); again.ID != o.ID {
					t.Error("another order")
				}
				url, err = h.s.Pay(h.ctx, h.sam, o.ID, 0)
				h.must(err)
			}
			if n := len(h.fake.Sessions()); n != 1 {
				t.Errorf("%d pages at Stripe", n)
			}
			_, err = h.fake.Pay(h.sessionAt(url), atStripe)
			h.must(err)
			h.events()
			h.is(o, payment.Paid, 6)
		})
	}
}

// The answer was lost, and the buyer never came back; nobody knew the page.
func TestAPageWhoseAnswerWasLostIsFoundByItsEvent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	h.fake.Trouble(stripefake.Trouble{Call: "POST /v1/checkout/sessions", Cut: true, Works: true}, stripefake.Trouble{Call: "POST /v1/checkout/sessions", Cut: true})
	if _, err := h.s.Pay(h.ctx, h.sam, o.ID, 0); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("answered %v", err)
	}
	_, err := h.fake.Pay(h.fake.Sessions()[0].ID, atStripe)
	h.must(err)
	h.events()
	h.is(o, payment.Paid, 6)
}

// PAY-13: a code that takes everything off leaves no payment to look at, and the
// page broke on it.
func TestWhatIsFullyDiscountedIsGrantedAndHasNothingToRefund(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.code("GIFT", 100)
	h.code("HALF", 50)
	free := h.place(h.sam, "rebuild-six")
	session := h.page(free)
	h.must(h.fake.UseCode(session, "GIFT"))
	_, err := h.fake.Pay(session, atStripe)
	h.must(err)
	_, err = h.s.Returned(h.ctx, h.sam, free.ID, session)
	h.must(err)
	h.events()
	free = h.is(free, payment.Paid, 6)
	if p := free.Parts[0]; !p.Free || p.PaidMinor != 0 || p.DiscountMinor != 72000 {
		t.Errorf("noted as %+v", p)
	}
	if _, err := h.s.Refund(h.ctx, h.owner, payment.RefundOf{Order: free.ID, Part: 1, AmountMinor: 100, Reason: "goodwill"}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a refund of nothing: %v", err)
	}
	half := h.place(h.sam, "rebuild-six")
	session = h.page(half)
	h.must(h.fake.UseCode(session, "HALF"))
	_, err = h.fake.Pay(session, atStripe)
	h.must(err)
	h.events()
	if half = h.is(half, payment.Paid, 6); half.PaidMinor() != 36000 {
		t.Errorf("paid %d", half.PaidMinor())
	}
}

func (h *house) code(word string, percent float64) {
	h.t.Helper()
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{URL: stripe.String(h.fake.URL), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}})
	api := client.New(stripetest.Key, &stripe.Backends{API: backend})
	coupon, err := api.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(percent), Duration: stripe.String("once")})
	h.must(err)
	_, err = api.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: stripe.String(coupon.ID), Code: stripe.String(word)})
	h.must(err)
}

// PAY-30: the address of the page was tried with sessions of others.
func TestASessionOfAnotherOrderIsNotFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mine := h.place(h.sam, "rebuild-six")
	h.page(mine)
	_, theirs := h.bought(h.alex, "solo-three")
	for _, session := range []string{theirs, "cs_test_made_up", "x", "../../../v1/account", strings.Repeat("a", 5000)} {
		if _, err := h.s.Returned(h.ctx, h.sam, mine.ID, session); err != payment.ErrNoOrder {
			t.Errorf("%.20q: %v", session, err)
		}
	}
	for _, id := range []payment.OrderID{"", "1", "x'--", payment.OrderID(strings.ToUpper(string(mine.ID)) + "0")} {
		if _, err := h.s.Find(h.ctx, nil, h.sam, id); err != payment.ErrNoOrder {
			t.Errorf("%q: %v", id, err)
		}
	}
	h.is(mine, payment.Open, 0)
}

func TestInstalmentsArePaidOneAfterTheOtherAndGiveTheirOwnSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "in-parts")
	if _, err := h.s.Pay(h.ctx, h.sam, o.ID, 2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the second before the first: %v", err)
	}
	o, _ = h.bought(h.sam, "in-parts")
	h.is(o, payment.Paid, 3)
	if want := h.now.AddDate(0, 0, 30).Format("2006-01-02"); o.Parts[1].DueOn != want {
		t.Errorf("due on %s, want %s", o.Parts[1].DueOn, want)
	}
	// A changed package changes nothing about what was begun.
	h.in(func(tx *pg.Tx) error {
		p := packages()[2]
		p.PriceMinor, p.Instalments[0].PriceMinor = 100000, 64000
		return practice.SavePackage(h.ctx, tx, p, h.mara.ID, h.now)
	})
	// PAY-50: the second fails, and the first stays as it is.
	session := h.page(o)
	_, err := h.fake.PayLate(session, atStripe, 72*time.Hour, true)
	h.must(err)
	h.events()
	if o = h.is(o, payment.Paid, 3); o.Parts[1].Status != payment.Processing {
		t.Errorf("the second part is %s", o.Parts[1].Status)
	}
	h.fake.Settle(session)
	h.events()
	if o = h.is(o, payment.Paid, 3); o.Parts[1].Status != payment.Failed {
		t.Errorf("the second part is %s", o.Parts[1].Status)
	}
	_, err = h.fake.Pay(h.page(o), atStripe)
	h.must(err)
	h.events()
	if o = h.is(o, payment.Paid, 6); o.PaidMinor() != 72000 {
		t.Errorf("paid %d", o.PaidMinor())
	}
}

func TestTaxIsAddedAsStripeCountsIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "taxed")
	if p := o.Parts[0]; p.PaidMinor != 12000 || p.TaxMinor != 2000 {
		t.Errorf("paid %d with %d tax", p.PaidMinor, p.TaxMinor)
	}
	list, err := payment.InvoicesOf(h.ctx, h.db, h.sam, o.ID)
	h.must(err)
	if len(list) != 1 || list[0].TotalMinor != 12000 || list[0].TaxMinor != 2000 || list[0].SubtotalMinor != 10000 {
		t.Errorf("invoices %+v", list)
	}
}

// PAY-27: the form is the buyer's, the price is not.
func TestWhatIsNotSoldCannotBeBought(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.purchase(h.sam, "rebuild-six")
	p.Agreed = strings.Repeat("0", 64)
	if _, err := h.s.Place(h.ctx, p); !fault.Is(err, payment.TermsChanged) {
		t.Errorf("other terms: %v", err)
	}
	p.Agreed = ""
	if _, err := h.s.Place(h.ctx, p); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no terms: %v", err)
	}
	p = h.purchase(h.sam, "solo-three")
	p.For = credit.Holder{Person: h.alex}
	if _, err := h.s.Place(h.ctx, p); fault.KindOf(err) != fault.NotFound {
		t.Errorf("into somebody else's wallet: %v", err)
	}
	p = h.purchase(h.cleo, "rebuild-six")
	p.For = credit.Holder{Engagement: h.id}
	if _, err := h.s.Place(h.ctx, p); fault.KindOf(err) != fault.NotFound {
		t.Errorf("into a work they are not in: %v", err)
	}
	h.in(func(tx *pg.Tx) error {
		p := packages()[0]
		p.Visibility = practice.Withdrawn
		return practice.SavePackage(h.ctx, tx, p, h.mara.ID, h.now)
	})
	if _, err := h.s.Place(h.ctx, h.purchase(h.sam, "rebuild-six")); !fault.Is(err, payment.NotForSale) {
		t.Errorf("withdrawn: %v", err)
	}
	none := h.service(h.db)
	none.Stripe = config.Stripe{}
	if _, err := none.Place(h.ctx, h.purchase(h.sam, "solo-three")); err != payment.ErrNotReady {
		t.Errorf("without keys: %v", err)
	}
}

func TestADroppedOrderCannotBePaidAndLeavesNoPageOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	for range 2 {
		o, err := h.s.Drop(h.ctx, h.sam, o.ID)
		h.must(err)
		if o.Status != payment.Cancelled {
			t.Fatalf("dropped, and %s", o.Status)
		}
	}
	if now, err := h.fake.Session(session); err != nil || now.Status != "expired" {
		t.Errorf("its page is %s %v", now.Status, err)
	}
	h.events()
	h.is(o, payment.Cancelled, 0)
	if _, err := h.s.Pay(h.ctx, h.sam, o.ID, 0); fault.KindOf(err) != fault.Conflict {
		t.Errorf("paying it: %v", err)
	}
	if again := h.place(h.sam, "rebuild-six"); again.ID == o.ID {
		t.Error("a dropped order was taken up again")
	}
	paid, _ := h.bought(h.sam, "solo-three")
	if _, err := h.s.Drop(h.ctx, h.sam, paid.ID); fault.KindOf(err) != fault.Conflict {
		t.Errorf("dropping what was paid: %v", err)
	}
}

// The wallet of two is for both, whoever of them pays; that of one is theirs.
func TestSessionsGoWhereTheyBelong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	two, _ := h.bought(h.sam, "rebuild-six")
	one, _ := h.bought(h.sam, "solo-three")
	early, _ := h.bought(h.cleo, "rebuild-six")
	if two.Engagement != h.id || two.Person != "" || one.Person != h.sam || one.Engagement != "" || early.Person != h.cleo {
		t.Errorf("went to %+v, %+v, %+v", two.Holder(), one.Holder(), early.Holder())
	}
	lots, err := credit.OfClient(h.ctx, h.db, h.alex, true)
	h.must(err)
	if len(lots) != 1 || lots[0].Remaining != 6 {
		t.Errorf("the partner sees %+v", lots)
	}
}

// openAtStripe opens a page for a try without us.
func (h *house) openAtStripe(o payment.Order, attempt int) string {
	h.t.Helper()
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{URL: stripe.String(h.fake.URL), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}})
	api := client.New(stripetest.Key, &stripe.Backends{API: backend})
	ours := map[string]string{"order": string(o.ID), "part": "1", "attempt": fmt.Sprint(attempt)}
	s, err := api.CheckoutSessions.New(&stripe.CheckoutSessionParams{
		Mode: stripe.String("payment"), ClientReferenceID: stripe.String(string(o.ID)), Metadata: ours, SuccessURL: stripe.String(site),
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: ours},
		LineItems: []*stripe.CheckoutSessionLineItemParams{{Quantity: stripe.Int64(1), PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
			Currency: stripe.String("gbp"), UnitAmount: stripe.Int64(o.PriceMinor),
			ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String("x")}}}},
	})
	h.must(err)
	return s.ID
}

// between is a reader to whom something happens after its first statement.
type between struct {
	pg.Conn
	then func()
}

func (b *between) Select(ctx context.Context, into any, query string, args ...any) error {
	err := b.Conn.Select(ctx, into, query, args...)
	if then := b.then; then != nil {
		b.then = nil
		then()
	}
	return err
}

// The webhook was heard while the page of the order was being read: it said that
// nothing was paid yet, beside what was paid.
func TestAnOrderReadWhileItIsPaidIsPaidOrNotAndNeverBoth(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "solo-three")
	session := h.page(o)
	found, err := payment.Find(h.ctx, &between{h.db, func() {
		_, err := h.fake.Pay(session, atStripe)
		h.must(err)
		h.events()
	}}, h.sam, o.ID)
	h.must(err)
	if found.Status.HasMoney() != (found.PaidMinor() > 0) {
		t.Errorf("it is %s, with %d paid", found.Status, found.PaidMinor())
	}
}

// A debit failed after its buyer had ordered the same once more. Both orders
// waited then, which the database did not allow, and the failure was never
// written down.
func TestALateFailureBesideANewOrderIsWrittenDown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.place(h.sam, "rebuild-six")
	session := h.page(first)
	_, err := h.fake.PayLate(session, atStripe, time.Hour, true)
	h.must(err)
	h.events()
	h.is(first, payment.Processing, 0)
	second := h.place(h.sam, "rebuild-six")
	if second.ID == first.ID {
		t.Fatal("what is on its way was taken up again")
	}
	h.fake.Settle(session)
	h.events()
	h.is(first, payment.Failed, 0)
	h.is(second, payment.Open, 0)
}

// A click on an order at the old price was a moment ahead of its buyer agreeing to
// the new terms in another tab. The page that it opened stayed open, and six
// sessions at the new price were paid with the old one.
func TestAPageThatIsOpenedWhileTheOrderIsPlacedAnewIsClosed(t *testing.T) {
	t.Parallel()
	for about, slow := range map[string]struct{ page, list bool }{
		"Stripe answers at once":                  {},
		"Stripe is slow to open it":               {page: true},
		"Stripe opens it after it was looked for": {page: true, list: true},
	} {
		t.Run(about, func(t *testing.T) {
			h := newHouse(t)
			o := h.place(h.sam, "rebuild-six")
			release, held := make(chan struct{}), make(chan error, 1)
			rows := make(chan struct{})
			go func() {
				held <- h.db.InTx(h.ctx, func(tx *pg.Tx) error {
					_, err := tx.Exec(h.ctx, `select from purchase where id = $1 for update`, o.ID)
					close(rows)
					<-release
					return err
				})
			}()
			<-rows
			var asked chan struct{}
			if slow.list {
				asked = h.slowly("GET /v1/checkout/sessions")
			}
			reached, hold := make(chan struct{}), make(chan struct{})
			if slow.page {
				h.fake.Trouble(stripefake.Trouble{Call: "POST /v1/checkout/sessions", Hold: hold, Reached: reached})
			}
			type click struct {
				url string
				err error
			}
			clicked, placed := make(chan click, 1), make(chan error, 1)
			go func() {
				url, err := h.s.Pay(h.ctx, h.sam, o.ID, 0)
				clicked <- click{url, err}
			}()
			h.waiting(1) // the click has read the order as it was, and is about to open a page
			h.in(func(tx *pg.Tx) error {
				p := packages()[0]
				p.Sessions, p.PriceMinor = 12, 140000
				return practice.SavePackage(h.ctx, tx, p, h.mara.ID, h.now)
			})
			again := h.purchase(h.sam, "rebuild-six")
			go func() {
				_, err := h.s.Place(h.ctx, again)
				placed <- err
			}()
			h.waiting(2)
			close(release)
			h.must(<-held)
			switch {
			case slow.list:
				<-asked
				time.Sleep(200 * time.Millisecond) // there is none; the answer is on its way
				close(hold)
				h.must(<-placed)
			case slow.page:
				<-reached
				h.must(<-placed)
				close(hold)
			default:
				h.must(<-placed)
			}
			c := <-clicked
			if c.err != nil && fault.KindOf(c.err) != fault.Conflict {
				t.Errorf("the click is answered %v", c.err)
			}
			if o = h.find(o); o.PriceMinor != 140000 {
				t.Fatalf("the order is for %d", o.PriceMinor)
			}
			for _, at := range h.fake.Sessions() {
				if at.Status == "open" && at.AmountTotal != o.PriceMinor {
					t.Errorf("a page at %d is open for an order at %d", at.AmountTotal, o.PriceMinor)
				}
			}
			h.pays(h.page(o))
			h.events()
			if o = h.is(o, payment.Paid, 12); o.PaidMinor() != 140000 {
				t.Errorf("paid %d", o.PaidMinor())
			}
		})
	}
}

// waiting waits until so many wait for a lock.
func (h *house) waiting(n int) {
	h.t.Helper()
	owner := pgtest.Owner(h.t)
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		var now int
		h.must(owner.Get(h.ctx, &now, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`))
		if now == n {
			return
		}
	}
	h.t.Fatalf("there are never %d who wait", n)
}
