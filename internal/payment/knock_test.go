package payment_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/config"
	"kintsugi/internal/fault"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/stripefake"
)

// PAY-02, C38: an event was sent again after a timeout, by two servers at once,
// and the client had twice the sessions.
func TestAnEventThatComesAHundredTimesHasOneEffect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	_, err := h.fake.Pay(h.page(o), atStripe)
	h.must(err)
	other := h.service(pgtest.New(t))
	var paid string
	for _, e := range h.fake.Events() {
		if e.Type == "checkout.session.completed" {
			paid = e.ID
		}
	}
	body := h.fake.Body(paid)
	sign := stripefake.Sign(time.Now(), body, secret)
	var all sync.WaitGroup
	for i := range 100 {
		s := []*payment.Service{h.s, other}[i%2]
		all.Go(func() {
			if err := s.Knock(h.ctx, body, sign); err != nil {
				t.Errorf("answered %v", err)
			}
		})
	}
	all.Wait()
	h.must(h.knock(body))
	h.is(o, payment.Paid, 6)
	if n := h.letters("order-receipt"); n != 1 {
		t.Errorf("%d receipts", n)
	}
	var events, payments int
	h.must(h.db.Get(h.ctx, &events, `select count(*) from stripe_event`))
	h.must(h.db.Get(h.ctx, &payments, `select count(*) from payment`))
	if events != 1 || payments != 1 {
		t.Errorf("%d events, %d payments", events, payments)
	}
}

// PAY-03: two events with ids of their own told of one payment.
func TestTwoEventsAboutOnePaymentGrantOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	_, err := h.fake.Pay(session, atStripe)
	h.must(err)
	now, err := h.fake.Session(session)
	h.must(err)
	for _, kind := range []string{"checkout.session.completed", "checkout.session.async_payment_succeeded"} {
		h.must(h.knock(h.fake.Forged(kind, now, nil)))
	}
	h.is(o, payment.Paid, 6)
	if n := h.letters("order-receipt"); n != 1 {
		t.Errorf("%d receipts", n)
	}
}

// PAY-04 and PAY-05: the browser was closed on Stripe's page, or came back while
// Stripe was knocking.
func TestPageAndWebhookAtOnceGrantOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	_, err := h.fake.Pay(session, atStripe)
	h.must(err)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if _, err := h.s.Returned(h.ctx, h.sam, o.ID, session); err != nil {
				t.Error(err)
			}
		})
		for _, e := range h.fake.Events() {
			all.Go(func() {
				if err := h.knock(h.fake.Body(e.ID)); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	h.is(o, payment.Paid, 6)
}

// PAY-07 to PAY-09: a debit that takes days was taken for a payment, and the
// sessions were used before it failed.
func TestMoneyOnItsWayGivesNothingUntilItArrives(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]bool{"it arrives": false, "it does not": true} {
		t.Run(name, func(t *testing.T) { late(t, fails) })
	}
}

func late(t *testing.T, fails bool) {
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	_, err := h.fake.PayLate(session, atStripe, 72*time.Hour, fails)
	h.must(err)
	_, err = h.s.Returned(h.ctx, h.sam, o.ID, session)
	h.must(err)
	h.events()
	h.is(o, payment.Processing, 0)
	if _, err := h.s.Pay(h.ctx, h.sam, o.ID, 0); err == nil {
		t.Error("it can be paid a second time while it is on its way")
	}
	if _, err := h.s.Drop(h.ctx, h.sam, o.ID); err == nil {
		t.Error("it can be dropped while it is on its way")
	}
	h.fake.Settle(session)
	h.events()
	if !fails {
		h.is(o, payment.Paid, 6)
		return
	}
	h.is(o, payment.Failed, 0)
	if n := h.letters("order-failed"); n != 1 {
		t.Errorf("%d letters say that it failed", n)
	}
	again := h.page(o)
	_, err = h.fake.Pay(again, atStripe)
	h.must(err)
	h.events()
	h.is(o, payment.Paid, 6)
}

// PAY-11: Stripe told of a page that ran out after it had told of the payment on
// it.
func TestWhatWasPaidStaysPaidWhateverIsToldLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, session := h.bought(h.sam, "rebuild-six")
	now, err := h.fake.Session(session)
	h.must(err)
	now.Status, now.PaymentStatus = "expired", "unpaid"
	h.must(h.knock(h.fake.Forged("checkout.session.expired", now, nil)))
	h.must(h.knock(h.fake.Forged("checkout.session.async_payment_failed", now, nil)))
	h.is(o, payment.Paid, 6)
}

func TestAPageThatRanOutCanBeOpenedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	first := h.page(o)
	h.fake.Pass(25 * time.Hour)
	h.events()
	h.is(o, payment.Expired, 0)
	second := h.page(o)
	if second == first {
		t.Fatal("the old page is given out again")
	}
	_, err := h.fake.Pay(second, atStripe)
	h.must(err)
	h.events()
	h.is(o, payment.Paid, 6)
}

// PAY-14, PAY-15, C37: events that nobody at Stripe had signed were believed.
func TestWhoeverCannotSignIsNotHeard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var log bytes.Buffer
	h.s.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	_, err := h.fake.Pay(session, atStripe)
	h.must(err)
	now, err := h.fake.Session(session)
	h.must(err)
	body := h.fake.Forged("checkout.session.completed", now, func(e map[string]any) { e["canary"] = "wagtail" })
	good := stripefake.Sign(time.Now(), body, secret)
	changed := append([]byte{}, body...)
	changed[len(changed)-3] ^= 1
	v1 := good[strings.Index(good, "v1="):]
	v1 = strings.SplitN(v1, ",", 2)[0]
	for about, try := range map[string]struct {
		body []byte
		sign string
	}{
		"no signature":        {body, ""},
		"another secret":      {body, stripefake.Sign(time.Now(), body, "whsec_other")},
		"an empty secret":     {body, stripefake.Sign(time.Now(), body, "")},
		"a byte changed":      {changed, good},
		"ten minutes old":     {body, stripefake.Sign(time.Now().Add(-10*time.Minute), body, secret)},
		"ten minutes ahead":   {body, stripefake.Sign(time.Now().Add(10*time.Minute), body, secret)},
		"no time":             {body, v1},
		"two times":           {body, "t=1," + good},
		"only v0":             {body, strings.ReplaceAll(good, "v1=", "v0=")},
		"no event":            {[]byte("{}"), stripefake.Sign(time.Now(), []byte("{}"), secret)},
		"no JSON":             {[]byte("wagtail"), stripefake.Sign(time.Now(), []byte("wagtail"), secret)},
		"nothing":             {nil, ""},
		"nothing, and signed": {nil, stripefake.Sign(time.Now(), nil, secret)},
	} {
		err := h.s.Knock(h.ctx, try.body, try.sign)
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", about, err)
		}
	}
	for _, secrets := range [][]config.Secret{nil, {""}, {" "}, {"", " "}} {
		s := h.service(h.db)
		s.Stripe.WebhookSecrets = secrets
		if err := s.Knock(h.ctx, body, stripefake.Sign(time.Now(), body, "")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("secrets %q: %v", secrets, err)
		}
	}
	none := h.service(h.db)
	none.Stripe = config.Stripe{}
	if err := none.Knock(h.ctx, body, stripefake.Sign(time.Now(), body, "")); err != payment.ErrNotReady {
		t.Errorf("without keys: %v", err)
	}
	h.is(o, payment.Open, 0)
	if strings.Contains(log.String(), "wagtail") {
		t.Error("the log repeats what was sent")
	}
	// PAY-17: while a secret is being rolled, two signatures come, or two secrets are set.
	h.must(h.s.Knock(h.ctx, body, stripefake.Sign(time.Now(), body, "whsec_new", secret)))
	h.is(o, payment.Paid, 6)
	s := h.service(h.db)
	s.Stripe.WebhookSecrets = []config.Secret{"whsec_new", secret}
	h.must(s.Knock(h.ctx, body, good))
}

// PAY-16 and PAY-19: events of the other mode, and in another version.
func TestTheOtherModeIsLeftAloneAndAnotherVersionIsHeard(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	_, err := h.fake.Pay(session, atStripe)
	h.must(err)
	now, err := h.fake.Session(session)
	h.must(err)
	h.must(h.knock(h.fake.Forged("checkout.session.completed", now, func(e map[string]any) { e["livemode"] = true })))
	h.is(o, payment.Open, 0)
	// Of another version only the kind and the id are read; what else it says of
	// the object would be wrong.
	body := h.fake.Forged("checkout.session.completed", now, func(e map[string]any) {
		e["api_version"] = "2019-01-01"
		e["data"] = map[string]any{"object": map[string]any{"id": session, "object": "checkout.session", "payment_status": 7, "amount_total": "much"}}
	})
	h.must(h.knock(body))
	h.is(o, payment.Paid, 6)
	found, err := h.s.Examine(h.ctx)
	h.must(err)
	said := ""
	for _, f := range found {
		said += f.State + " " + f.Say + "\n"
	}
	if !strings.Contains(said, `note events came in version "2019-01-01"`) {
		t.Errorf("the odd version is not said:\n%s", said)
	}
}

// PAY-20: events about what another program sells in the same account.
func TestWhatIsNotOursHasNoEffect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	h.page(o)
	for _, e := range []struct {
		kind   string
		object map[string]any
	}{
		{"invoice.paid", map[string]any{"id": "in_1", "object": "invoice"}},
		{"customer.created", map[string]any{"id": "cus_1", "object": "customer"}},
		{"checkout.session.completed", map[string]any{"id": "cs_test_foreign", "object": "checkout.session"}},
		{"charge.refunded", map[string]any{"id": "ch_foreign", "object": "charge"}},
		{"charge.dispute.created", map[string]any{"id": "dp_foreign", "object": "dispute", "charge": "ch_foreign"}},
		{"charge.refund.updated", map[string]any{"id": "re_foreign", "object": "refund"}},
		{"something.new", map[string]any{}},
	} {
		if err := h.knock(h.fake.Forged(e.kind, e.object, nil)); err != nil {
			t.Errorf("%s: %v", e.kind, err)
		}
	}
	h.is(o, payment.Open, 0)
	var kept int
	h.must(h.db.Get(h.ctx, &kept, `select count(*) from stripe_event where not found`))
	if kept != 7 {
		t.Errorf("%d ids are kept", kept)
	}
}

// PAY-22: the database failed in the middle, the event was marked as seen, and
// its effect never came.
func TestAnEffectThatFailsLeavesNoMark(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	_, err := h.fake.Pay(h.page(o), atStripe)
	h.must(err)
	owner := pgtest.Owner(t)
	h.must(owner.InTx(h.ctx, exec(h.ctx, `alter table credit_lot add constraint broken check (source = '') not valid`)))
	for _, e := range h.fake.Events() {
		if e.Type == "checkout.session.completed" {
			if h.knock(h.fake.Body(e.ID)) == nil {
				t.Error("taken although the sessions could not be given")
			}
		}
	}
	var marks int
	h.must(h.db.Get(h.ctx, &marks, `select (select count(*) from stripe_event) + (select count(*) from payment) + (select count(*) from letter where kind like 'order-%')`))
	if marks != 0 {
		t.Errorf("%d marks are left", marks)
	}
	h.must(owner.InTx(h.ctx, exec(h.ctx, `alter table credit_lot drop constraint broken`)))
	h.events()
	h.is(o, payment.Paid, 6)
}

// PAY-18: an event was signed for a day that was still to come, and kept.
func TestAReplayDaysLaterHasNoSecondEffect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "rebuild-six")
	h.events()
	h.now = h.now.Add(72 * time.Hour)
	h.s.Wall = func() time.Time { return h.now }
	for _, e := range h.fake.Events() {
		body := h.fake.Body(e.ID)
		if err := h.s.Knock(h.ctx, body, stripefake.Sign(h.now, body, secret)); err != nil {
			t.Error(err)
		}
	}
	h.is(o, payment.Paid, 6)
}

func TestABodyIsSealedAndGoesAfterThirtyDaysAndItsIdStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.bought(h.sam, "rebuild-six")
	h.events()
	event := h.fake.Events()[0].ID
	body, err := h.s.EventBody(h.ctx, event)
	h.must(err)
	if !bytes.Equal(body, h.fake.Body(event)) {
		t.Error("another body came back")
	}
	var plain int
	h.must(h.db.Get(h.ctx, &plain, `select count(*) from stripe_event_body where position(convert_to('anywhere@example.com', 'UTF8') in body) > 0`))
	if plain != 0 {
		t.Error("a body can be read in the database")
	}
	h.now = h.now.Add(31 * 24 * time.Hour)
	h.must(h.s.Forget(h.ctx))
	if _, err := h.s.EventBody(h.ctx, event); fault.KindOf(err) != fault.NotFound {
		t.Errorf("after thirty days: %v", err)
	}
	var ids int
	h.must(h.db.Get(h.ctx, &ids, `select count(*) from stripe_event`))
	if ids != len(h.fake.Events()) {
		t.Errorf("%d ids are kept", ids)
	}
}
