package payment_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/stripefake"
)

// use spends sessions of an order.
func (h *house) use(o payment.Order, n int) {
	h.t.Helper()
	for range n {
		h.in(func(tx *pg.Tx) error {
			return credit.Spend(h.ctx, tx, credit.SpendOf{Holder: o.Holder(), Type: o.Types[0], StartsAt: h.now.Add(48 * time.Hour), Credits: 1,
				Booking: credit.BookingID(uuid.NewString()), By: audit.Actor{Kind: audit.System}}, h.now)
		})
	}
}

func (h *house) refund(o payment.Order, amount int64, sessions int) (payment.Order, error) {
	h.ops++
	return h.s.Refund(h.ctx, h.owner, payment.RefundOf{Order: o.ID, Part: 1, AmountMinor: amount, Sessions: sessions, Reason: "withdrawal",
		Key: once.Key{Scope: "refund", Text: fmt.Sprint("op ", h.ops), Fingerprint: []byte("x")}})
}

// PAY-35: six were bought, two used and one is ahead; all the money goes back. What
// is ahead was weighed as used.
func TestAFullRefundTakesWhatIsLeftAndNotesTheRestAsOwed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "rebuild-six")
	h.use(o, 2)
	h.now = h.now.Add(72 * time.Hour)
	h.use(o, 1)
	stands := func(amount int64) payment.Proposal {
		t.Helper()
		p, err := h.s.Propose(h.ctx, h.owner, o.ID, 1, amount)
		h.must(err)
		if p.Used != 2 || len(p.Ahead) != 1 || p.Ahead[0].Sessions != 1 || !p.Ahead[0].StartsAt.Equal(h.now.Add(48*time.Hour)) || p.Unused != 3 || p.MostMinor != 72000 || p.UnusedMinor != 36000 {
			t.Errorf("it stands at %+v", p)
		}
		return p
	}
	for _, c := range []struct {
		amount       int64
		sessions     int
		owed, booked int64
	}{{0, 0, 0, 0}, {36000, 3, 0, 0}, {48000, 4, 12000, 12000}, {60000, 5, 24000, 12000}, {72000, 6, 36000, 12000}} {
		if p := stands(c.amount); p.Sessions != c.sessions || p.OwedMinor != c.owed || p.AheadMinor != c.booked {
			t.Errorf("for %d it proposes %+v", c.amount, p)
		}
	}
	p := stands(72000)
	_, err := h.refund(o, 72000, p.Sessions)
	h.must(err)
	h.events()
	h.is(o, payment.Refunded, 0)
	list, err := h.s.RefundsFor(h.ctx, h.owner, o.ID)
	h.must(err)
	if len(list) != 1 || list[0].Taken != 3 || list[0].OwedMinor != 36000 || list[0].Status != "succeeded" {
		t.Errorf("refunds %+v", list)
	}
	come, err := h.s.StillToCome(h.ctx, h.owner)
	h.must(err)
	if len(come) != 1 || come[0].OwedMinor != 36000 {
		t.Errorf("to come %+v", come)
	}
}

// All that was paid of an order in parts went back, and the buyer was still asked
// for the second part.
func TestNothingMoreIsDueOfAnOrderThatWasPaidBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "in-parts")
	session := h.page(o)
	_, err := h.refund(o, 36000, 3)
	h.must(err)
	o = h.is(o, payment.Refunded, 0)
	if next, can := o.Next(); can || next.Number != 0 {
		t.Errorf("part %d is due", next.Number)
	}
	if _, err := h.s.Pay(h.ctx, h.sam, o.ID, 2); fault.KindOf(err) != fault.Conflict {
		t.Errorf("paying is answered %v", err)
	}
	if _, err := h.fake.Pay(session, atStripe); err == nil {
		t.Error("the page to pay on is still open")
	}
}

// PAY-34: the running sum of a charge was booked as if each event were a refund
// of its own.
func TestPartsOfTheMoneyGoBackOnceEach(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, session := h.bought(h.sam, "rebuild-six")
	charge := h.fake.ChargeOf(session)
	for _, amount := range []int64{12000, 25000, 35000} { // at Stripe's own dashboard
		_, err := h.fake.Refund(charge, amount)
		h.must(err)
	}
	events := h.fake.Events()
	for range 2 {
		for i := len(events) - 1; i >= 0; i-- { // the last first
			h.must(h.knock(h.fake.Body(events[i].ID)))
		}
	}
	h.is(o, payment.Refunded, 0)
	list, err := h.s.RefundsFor(h.ctx, h.owner, o.ID)
	h.must(err)
	var sum int64
	taken := 0
	for _, r := range list {
		sum += r.AmountMinor
		taken += r.Taken
		if r.OwedMinor != 0 {
			t.Errorf("%d are owed although nothing was used", r.OwedMinor)
		}
	}
	if len(list) != 3 || sum != 72000 || taken != 6 {
		t.Errorf("%d refunds of %d with %d sessions", len(list), sum, taken)
	}
	notes, err := payment.InvoicesOf(h.ctx, h.db, h.sam, o.ID)
	h.must(err)
	if len(notes) != 4 || notes[3].Kind != payment.KindCreditNote || notes[3].Of != notes[0].Number {
		t.Errorf("documents %+v", notes)
	}
}

func TestAPartOfTheMoneyTakesTheSessionsThatTheCoachSays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "rebuild-six")
	o, err := h.refund(o, 12000, 0)
	h.must(err)
	h.is(o, payment.PartRefunded, 6)
	_, err = h.refund(o, 12000, 2)
	h.must(err)
	h.events()
	h.is(o, payment.PartRefunded, 4)
	for _, bad := range []struct {
		amount   int64
		sessions int
	}{{48001, 0}, {0, 0}, {-1, 0}, {100, 7}, {100, -1}} {
		if _, err := h.refund(o, bad.amount, bad.sessions); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	h.is(o, payment.PartRefunded, 4)
}

// The button was pressed twice, by two of the office, and both were paid out.
func TestARefundHappensOnceHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "rebuild-six")
	other := h.service(pgtest.New(t))
	r := payment.RefundOf{Order: o.ID, Part: 1, AmountMinor: 72000, Sessions: 6, Reason: "withdrawal", Key: once.Key{Scope: "refund", Text: "one", Fingerprint: []byte("x")}}
	var all sync.WaitGroup
	for i := range 8 {
		s := []*payment.Service{h.s, other}[i%2]
		all.Go(func() {
			if _, err := s.Refund(h.ctx, h.owner, r); err != nil {
				t.Errorf("refund: %v", err)
			}
		})
	}
	all.Wait()
	h.is(o, payment.Refunded, 0)
	if n := len(h.fake.Refunds()); n != 1 {
		t.Errorf("%d refunds at Stripe", n)
	}
	r.Key.Text = "two"
	if _, err := h.s.Refund(h.ctx, h.owner, r); fault.KindOf(err) != fault.Invalid {
		t.Errorf("once more: %v", err)
	}
}

func TestARefundWhoseAnswerIsLostIsAskedForAgainAndHappensOnce(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string][]stripefake.Trouble{
		"it was turned away":       {{Status: 503}, {Status: 503}},
		"it broke":                 {{Status: 500}},
		"it broke and had done it": {{Status: 500, Works: true}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			o, _ := h.bought(h.sam, "rebuild-six")
			for i := range lost {
				lost[i].Call = "POST /v1/refunds"
			}
			h.fake.Trouble(lost...)
			if _, err := h.refund(o, 72000, 6); fault.KindOf(err) != fault.Unavailable {
				t.Fatalf("answered %v", err)
			}
			h.now = h.now.Add(time.Hour)
			h.reconcile()
			h.is(o, payment.Refunded, 0)
			if n := len(h.fake.Refunds()); n != 1 {
				t.Errorf("%d refunds at Stripe", n)
			}
		})
	}
}

// PAY-37: the bank sent the money back.
// Both partners read what became of sessions for two; the line of a refund that
// failed said "the money stayed" to the one whom the payment is no business of.
func TestThePartnerReadsNothingOfThePaymentInWhatBecameOfSharedSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, session := h.bought(h.sam, "rebuild-six")
	h.fake.NextRefund(h.fake.ChargeOf(session), stripefake.RefundFate{Pending: true, Fails: true})
	_, err := h.refund(o, 72000, 6)
	h.must(err)
	h.events()
	h.fake.Settle(h.fake.Refunds()[0].ID)
	h.events()
	id, err := h.fake.Dispute(h.fake.ChargeOf(session), stripefake.DisputeOf{})
	h.must(err)
	h.events()
	h.must(h.fake.MoveDispute(id, "lost"))
	h.events()
	lines, err := credit.LedgerOfClient(h.ctx, h.db, h.keys, h.alex, true)
	h.must(err)
	said := map[credit.Kind]bool{}
	for _, m := range lines {
		said[m.Kind] = true
		for _, word := range []string{"money", "paid", "pay", "refund", "bank", "dispute", "stripe", "Sam"} {
			if say := m.Say(time.UTC, h.now); strings.Contains(say, word) {
				t.Errorf("it says %q", say)
			}
		}
	}
	for _, kind := range []credit.Kind{credit.Granted, credit.Revoked, credit.Frozen, credit.Thawed} {
		if !said[kind] {
			t.Errorf("there is no %s to read", kind)
		}
	}
}

func TestARefundThatFailsGivesTheSessionsBack(t *testing.T) {
	t.Parallel()
	for name, uncount := range map[string]bool{"the sum stays": false, "the sum goes back": true} {
		t.Run(name, func(t *testing.T) {
			h := newHouseWith(t, stripefake.Settings{UncountFailedRefunds: uncount})
			o, session := h.bought(h.sam, "rebuild-six")
			h.use(o, 1)
			h.fake.NextRefund(h.fake.ChargeOf(session), stripefake.RefundFate{Pending: true, Fails: true})
			o, err := h.refund(o, 72000, 6)
			h.must(err)
			h.events()
			h.is(o, payment.Refunded, 0)
			h.fake.Settle(h.fake.Refunds()[0].ID)
			told := h.letters("order-changed-coach")
			for range 2 {
				h.events()
				h.is(o, payment.Paid, 5)
			}
			if h.letters("order-changed-coach") == told {
				t.Error("the coach is not told")
			}
			report := h.reconcile()
			if len(report.Needs) != 1 || report.Needs[0].Kind != "refund_failed" {
				t.Errorf("needs %+v", report.Needs)
			}
			h.is(o, payment.Paid, 5)
			come, err := h.s.StillToCome(h.ctx, h.owner)
			h.must(err)
			for _, c := range come {
				if c.OwedMinor != 0 {
					t.Errorf("still owed: %+v", c)
				}
			}
		})
	}
}

// PAY-38 and PAY-39.
func TestADisputePutsWhatIsLeftOnHoldAndAMereQuestionDoesNot(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		end     string
		inquiry bool
		left    int
		owed    int64
	}{{"won", false, 4, 0}, {"lost", false, 0, 24000}, {"warning_closed", true, 4, 0}} {
		t.Run(row.end, func(t *testing.T) {
			h := newHouse(t)
			o, session := h.bought(h.sam, "rebuild-six")
			h.use(o, 2)
			id, err := h.fake.Dispute(h.fake.ChargeOf(session), stripefake.DisputeOf{Inquiry: row.inquiry})
			h.must(err)
			for range 2 {
				h.events()
				h.is(o, payment.Paid, 4)
			}
			of, err := credit.BySource(h.ctx, h.db, o.Parts[0].Source())
			h.must(err)
			if (of.Held > 0) == row.inquiry {
				t.Errorf("%d are on hold", of.Held)
			}
			if needs := h.reconcile().Needs; len(needs) != 1 || needs[0].Kind != "dispute" {
				t.Errorf("needs %+v", needs)
			}
			h.must(h.fake.MoveDispute(id, row.end))
			for range 2 {
				h.events()
				h.reconcile()
			}
			of, err = credit.BySource(h.ctx, h.db, o.Parts[0].Source())
			h.must(err)
			if of.Left != row.left || of.Held != 0 {
				t.Errorf("%d left, %d on hold", of.Left, of.Held)
			}
			list, err := h.s.DisputesFor(h.ctx, h.owner, o.ID)
			h.must(err)
			if len(list) != 1 || list[0].OwedMinor != row.owed || list[0].Status != row.end {
				t.Errorf("disputes %+v", list)
			}
			if needs := h.reconcile().Needs; len(needs) != 0 {
				t.Errorf("it is over, and still needs %+v", needs)
			}
		})
	}
}

// The bank's question became a dispute; both had the same id.
func TestAQuestionThatBecomesADisputeIsPutOnHold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, session := h.bought(h.sam, "rebuild-six")
	id, err := h.fake.Dispute(h.fake.ChargeOf(session), stripefake.DisputeOf{Inquiry: true})
	h.must(err)
	h.events()
	h.must(h.fake.MoveDispute(id, "needs_response"))
	h.events()
	if o = h.is(o, payment.Paid, 6); !o.Parts[0].Disputed {
		t.Error("nothing is on hold")
	}
}

// The second of two payments for one order was kept without a word.
func TestWhatIsPaidTwiceGivesSessionsOnceAndWaitsForAPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "rebuild-six")
	// A second page that was open somewhere, as Stripe may have made under a key
	// whose answer was lost.
	h.in(exec(h.ctx, `
		insert into checkout (id, purchase_id, part, attempt, params_hash, price_minor, currency, tax, session_id, state, made_at, changed_at)
		select gen_random_uuid(), purchase_id, part, 2, params_hash, price_minor, currency, tax, null, 'asking', made_at, changed_at from checkout`))
	second := h.openAtStripe(o, 2)
	_, err := h.fake.Pay(second, atStripe)
	h.must(err)
	h.events()
	h.is(o, payment.Paid, 6)
	needs := h.reconcile().Needs
	if len(needs) != 1 || needs[0].Kind != "paid_twice" || needs[0].Order != o.ID || needs[0].Detail["amount"] != "72000" {
		t.Errorf("needs %+v", needs)
	}
	_, err = h.fake.Refund(h.fake.ChargeOf(second), 0)
	h.must(err)
	h.events()
	h.is(o, payment.Paid, 6)
	h.must(h.s.Decided(h.ctx, h.owner, needs[0].ID))
	if needs := h.reconcile().Needs; len(needs) != 0 {
		t.Errorf("decided, and still needs %+v", needs)
	}
}

// What somebody else wrote into the account in our name was taken for a payment.
func TestAPaymentThatDoesNotFitGivesNothingAndWaitsForAPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.sam, "rebuild-six")
	session := h.page(o)
	h.in(exec(h.ctx, `update checkout set price_minor = 71999`)) // as if Stripe had asked for a penny more
	_, err := h.fake.Pay(session, atStripe)
	h.must(err)
	h.events()
	h.is(o, payment.Open, 0)
	needs := h.reconcile().Needs
	if len(needs) != 1 || needs[0].Kind != "mismatch" || needs[0].Detail["why"] != "the amount is another" || needs[0].Detail["total"] != "72000" || needs[0].Detail["expected"] != "71999" {
		t.Errorf("needs %+v", needs)
	}
}

func TestTheDeskShowsMoneyToThoseWhoseClientsItIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "rebuild-six")
	alone, _ := h.bought(h.alex, "solo-three")
	for name, row := range map[string]struct {
		v    payment.Viewer
		sees int
	}{
		"owner":     {h.owner, 2},
		"assistant": {payment.Viewer{ID: h.noor.ID, Role: people.Assistant}, 2},
		"own coach": {payment.Viewer{ID: h.mara.ID, Role: people.Member}, 2},
		"other":     {payment.Viewer{ID: h.noor.ID, Role: people.Member}, 0},
	} {
		list, err := h.s.Orders(h.ctx, row.v, nil, payment.Mark{})
		h.must(err)
		months, err := h.s.Months(h.ctx, row.v)
		h.must(err)
		var sum int64
		for _, m := range months {
			sum += m.PaidMinor
		}
		if len(list) != row.sees || sum != int64(row.sees/2)*102000 {
			t.Errorf("%s sees %d orders, %d", name, len(list), sum)
		}
		_, err = h.s.FindFor(h.ctx, row.v, alone.ID)
		if (err == nil) != (row.sees > 0) {
			t.Errorf("%s finds it: %v", name, err)
		}
	}
	of, err := h.s.Orders(h.ctx, h.owner, []people.ID{h.alex}, payment.Mark{})
	h.must(err)
	if len(of) != 1 || of[0].ID != alone.ID {
		t.Errorf("of one person: %+v", of)
	}
	for _, v := range []payment.Viewer{{ID: h.noor.ID, Role: people.Assistant}, {ID: h.noor.ID, Role: people.Member}} {
		if _, err := h.s.Refund(h.ctx, v, payment.RefundOf{Order: o.ID, Part: 1, AmountMinor: 100, Reason: "goodwill"}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s refunds: %v", v.Role, err)
		}
	}
}

// Sam worked with two coaches, and the second found in the money, and in letters,
// what Sam had bought to talk to the first alone.
func TestAnotherCoachOfTheSamePersonFindsNothingOfWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.in(func(tx *pg.Tx) error {
		id, err := h.work.Start(h.ctx, tx, h.noor.ID, []engagement.Invitee{{Person: h.sam, Word: "harbour"}}, engagement.ReadyPolicy(engagement.Confidential, "Noor"), h.now)
		if err != nil {
			return err
		}
		_, err = h.work.Accept(h.ctx, tx, h.sam, id, "harbour", h.now)
		return err
	})
	o, _ := h.bought(h.sam, "solo-three")
	for _, c := range []people.Coach{h.mara, h.noor} {
		mine := c.ID == h.mara.ID
		v := payment.Viewer{ID: c.ID, Role: people.Member}
		list, err := h.s.Orders(h.ctx, v, []people.ID{h.sam}, payment.Mark{})
		h.must(err)
		months, err := h.s.Months(h.ctx, v)
		h.must(err)
		papers, err := h.s.InvoicesFor(h.ctx, v, o.ID)
		h.must(err)
		_, err = h.s.FindFor(h.ctx, v, o.ID)
		if (len(list) > 0) != mine || (len(months) > 0) != mine || (len(papers) > 0) != mine || (err == nil) != mine {
			t.Errorf("%s finds %d orders, %d months, %d papers, %v", c.Name, len(list), len(months), len(papers), err)
		}
		var told int
		h.must(h.db.Get(h.ctx, &told, `select count(*) from letter where kind = 'order-changed-coach' and recipient = $1`, string(c.ID)))
		if (told > 0) != mine {
			t.Errorf("%s is written to %d times", c.Name, told)
		}
	}
}

// PAY-47: the numbers of invoices told a partner how many others there were. So did
// the number of a receipt for both, of what its payer had bought alone.
func TestEachPayerHasASeriesOfTheirOwnAndAnotherForWhatIsForBoth(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var numbers []string
	for _, buy := range []struct {
		who  people.ID
		what string
	}{{h.sam, "solo-three"}, {h.alex, "rebuild-six"}, {h.sam, "rebuild-six"}, {h.alex, "solo-three"}, {h.sam, "rebuild-six"}, {h.alex, "solo-three"}} {
		o, _ := h.bought(buy.who, buy.what)
		list, err := payment.InvoicesOf(h.ctx, h.db, buy.who, o.ID)
		h.must(err)
		if len(list) != 1 {
			t.Fatalf("%d invoices", len(list))
		}
		numbers = append(numbers, list[0].Number)
		other := map[people.ID]people.ID{h.sam: h.alex, h.alex: h.sam}[buy.who]
		if theirs, err := payment.InvoicesOf(h.ctx, h.db, other, o.ID); err != nil || len(theirs) != 0 {
			t.Errorf("the partner finds %d %v", len(theirs), err)
		}
		if _, err := payment.FindInvoice(h.ctx, h.db, other, list[0].ID); err != payment.ErrNoOrder {
			t.Errorf("the partner finds one: %v", err)
		}
	}
	year, series := h.now.Format("-2006-"), map[string]bool{}
	for i, n := range numbers {
		if want := fmt.Sprintf("%s00%d", year, 1+i/4); n[4:] != want {
			t.Errorf("the number %d is %s", i, n)
		}
		series[n[:4]] = true
	}
	if len(series) != 4 || numbers[2][:4] != numbers[4][:4] || numbers[3][:4] != numbers[5][:4] {
		t.Errorf("series %v", numbers)
	}
}

// An erased buyer's money stays in the books, and their name goes.
func TestMoneyStaysInTheBooksWhenABuyerIsErased(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.bought(h.cleo, "solo-three")
	h.in(func(tx *pg.Tx) error {
		_, err := people.EraseProspect(h.ctx, tx, h.cleo)
		return err
	})
	list, err := h.s.Orders(h.ctx, h.owner, nil, payment.Mark{})
	h.must(err)
	if len(list) != 1 || list[0].Buyer != "" || list[0].PaidMinor() != 30000 {
		t.Errorf("the books say %+v", list)
	}
}

// Two tabs, two servers: whatever is asked for at once, no more goes back than
// came in, and the sessions are taken once.
func TestRefundsAtOnceGiveBackNoMoreThanCameIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, _ := h.bought(h.sam, "rebuild-six")
	servers := []*payment.Service{h.s, h.service(h.db)}
	var racing sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		racing.Go(func() {
			_, errs[i] = servers[i%2].Refund(h.ctx, h.owner, payment.RefundOf{Order: o.ID, Part: 1, AmountMinor: 48000, Sessions: 4, Reason: "goodwill",
				Key: once.Key{Scope: "refund", Text: fmt.Sprint("tab ", i), Fingerprint: []byte("x")}})
		})
	}
	racing.Wait()
	done := 0
	for _, err := range errs {
		switch {
		case err == nil:
			done++
		case fault.KindOf(err) != fault.Invalid:
			t.Errorf("answered %v", err)
		}
	}
	var back int64
	for _, r := range h.fake.Refunds() {
		back += r.Amount
	}
	if done != 1 || back != 48000 {
		t.Errorf("%d are done, %d went back", done, back)
	}
	h.events()
	h.is(o, payment.PartRefunded, 2)
}

// Money that a bank holds cannot be given back a second time by us; once the bank
// has decided for us, it can.
func TestWhileABankHoldsTheMoneyItIsNotGivenBackAsWell(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, session := h.bought(h.sam, "rebuild-six")
	h.use(o, 1)
	id, err := h.fake.Dispute(h.fake.ChargeOf(session), stripefake.DisputeOf{})
	h.must(err)
	h.events()
	_, err = h.refund(o, 72000, 6)
	h.refused(err, fault.Conflict)
	h.is(o, payment.Paid, 5)
	if n := len(h.fake.Refunds()); n != 0 {
		t.Errorf("%d refunds at Stripe", n)
	}
	h.must(h.fake.MoveDispute(id, "won"))
	h.events()
	_, err = h.refund(o, 72000, 6)
	h.must(err)
	h.events()
	h.is(o, payment.Refunded, 0)
	h.reconcile()
	h.is(o, payment.Refunded, 0)
}

// Orders of one instant stood across the end of a page, and the page after it,
// and the table for the accounts, left some of them out.
func TestTheListOfOrdersGoesOnWithoutLosingOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.place(h.cleo, "solo-three")
	pgtest.Fill(t, `
		insert into purchase (id, buyer_id, person_id, version_id, status, name, shown_as, sessions, types, lane, price_minor, currency, tax, terms, terms_hash, made_at, changed_at)
		select md5('order ' || n)::uuid, o.buyer_id, o.person_id, o.version_id, 'cancelled', o.name, o.shown_as, o.sessions, o.types, o.lane, o.price_minor, o.currency, o.tax,
			o.terms, o.terms_hash, o.made_at - n / 120 * interval '1 hour', o.changed_at
		from purchase o, generate_series(1, 249) n
		where o.id = '`+string(o.ID)+`'`,
		`insert into purchase_part (purchase_id, number, sessions, price_minor, days_after, due_on, status)
		select id, 1, 1, 100, 0, current_date, 'cancelled' from purchase where status = 'cancelled'`)
	seen := map[payment.OrderID]bool{}
	var below payment.Mark
	for range 3 {
		part, err := h.s.Orders(h.ctx, h.owner, nil, below)
		h.must(err)
		for _, o := range part {
			seen[o.ID] = true
		}
		below = part[len(part)-1].Mark()
	}
	if rest, err := h.s.Orders(h.ctx, h.owner, nil, below); err != nil || len(rest) != 0 || len(seen) != 250 {
		t.Errorf("%d of 250 orders, then %d more, %v", len(seen), len(rest), err)
	}
}
