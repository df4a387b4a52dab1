package payment_test

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/stripefake"

	"github.com/google/uuid"
)

// fewer lowers how many histories are tried where nobody has asked for a number,
// each of them being a few hundred calls, and shrinks none: what two servers did
// at once does not come again.
func fewer(t *testing.T, checks string) {
	t.Helper()
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.shrinktime": "0s"} {
		f := flag.Lookup(name)
		if f == nil || f.Value.String() != f.DefValue {
			continue
		}
		if err := f.Value.Set(value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Value.Set(f.DefValue) }) // it was this before
	}
}

// history is one run of the model: two servers on one database, two buyers, and
// whatever Stripe, the post and the bank do.
type history struct {
	*house
	both   []*payment.Service
	buyers []people.ID
	orders []payment.Order
	booked []credit.BookingID
}

// Whatever is bought, paid, lost, repeated, refunded and disputed, in whatever
// order and by two servers at once: after one comparison our books are Stripe's,
// and what must be true of them is true.
func TestAfterOneComparisonOurBooksAreStripesForEveryHistory(t *testing.T) {
	t.Parallel()
	fewer(t, "12")
	h := newHouse(t)
	second := h.service(pgtest.New(t))
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		x := &history{house: h, both: []*payment.Service{h.s, second}}
		h.in(func(tx *pg.Tx) error {
			for i := range 2 {
				id, _, err := people.FindOrCreate(h.ctx, tx, fmt.Sprintf("visitor%d-%d@example.com", round, i), "A Visitor", "Europe/London", true, h.now)
				if err != nil {
					return err
				}
				x.buyers = append(x.buyers, id)
			}
			return nil
		})
		x.buy(r) // a history without an order is none
		r.Repeat(map[string]func(*rapid.T){
			"buy": x.buy, "open a page": x.open, "pay": x.pay, "pay late": x.payLate, "settle": x.settle, "come back": x.back, "drop": x.drop,
			"event": x.event, "everything at once": x.race, "refund": x.refunds, "refund at Stripe": x.refundThere, "dispute": x.dispute,
			"bank": x.bank, "book": x.book, "call off": x.callOff, "a day": x.day, "trouble": x.trouble, "compare": x.compare,
		})
		h.now = h.now.Add(time.Hour)
		var err error
		for range 40 { // what was planned to go wrong may still be ahead
			if _, err = h.s.Reconcile(h.ctx); err == nil {
				break
			}
		}
		if err != nil {
			r.Fatalf("compare: %v", err)
		}
		if wrong := h.equal(); len(wrong) > 0 {
			r.Fatalf("after one comparison:\n%s", strings.Join(wrong, "\n"))
		}
	})
}

// fine fails unless err is nothing, a refusal that a person can get, or Stripe
// being away.
func fine(r *rapid.T, act string, err error) {
	if e := fault.As(err); err != nil && (e == nil || e.Kind == fault.Internal) {
		// Stripe is away also for whoever compares; then there is no sentence.
		if !strings.Contains(err.Error(), "Stripe") {
			r.Fatalf("%s: %v", act, err)
		}
	}
}

func (x *history) server(r *rapid.T) *payment.Service {
	return x.both[rapid.IntRange(0, 1).Draw(r, "server")]
}

func (x *history) order(r *rapid.T) payment.Order {
	return x.orders[rapid.IntRange(0, len(x.orders)-1).Draw(r, "order")]
}

// session picks a page at Stripe that belongs to this history.
func (x *history) session(r *rapid.T, fits func(stripefake.Session) bool) stripefake.Session {
	var list []stripefake.Session
	for _, s := range x.fake.Sessions() {
		for _, o := range x.orders {
			if s.Metadata["order"] == string(o.ID) && fits(s) {
				list = append(list, s)
				break
			}
		}
	}
	if len(list) == 0 {
		r.Skip("no such page")
	}
	return list[rapid.IntRange(0, len(list)-1).Draw(r, "page")]
}

func isOpen(s stripefake.Session) bool { return s.Status == "open" }

func isPaid(s stripefake.Session) bool { return s.PaymentStatus == "paid" }

func (x *history) buy(r *rapid.T) {
	buyer := rapid.SampledFrom(x.buyers).Draw(r, "buyer")
	p := x.purchase(buyer, rapid.SampledFrom([]string{"solo-three", "rebuild-six", "in-parts", "taxed"}).Draw(r, "package"))
	o, err := x.server(r).Place(x.ctx, p)
	fine(r, "buy", err)
	if err == nil {
		x.orders = append(x.orders, o)
	}
}

func (x *history) open(r *rapid.T) {
	o := x.order(r)
	_, err := x.server(r).Pay(x.ctx, o.Buyer, o.ID, 0)
	fine(r, "open", err)
}

func (x *history) pay(r *rapid.T) {
	_, err := x.fake.Pay(x.session(r, isOpen).ID, atStripe)
	x.must(err)
}

func (x *history) payLate(r *rapid.T) {
	_, err := x.fake.PayLate(x.session(r, isOpen).ID, atStripe, 30*time.Hour, rapid.Bool().Draw(r, "fails"))
	x.must(err)
}

func (x *history) settle(r *rapid.T) {
	x.fake.Settle(x.session(r, func(stripefake.Session) bool { return true }).ID)
}

func (x *history) back(r *rapid.T) {
	s := x.session(r, func(stripefake.Session) bool { return true })
	for _, o := range x.orders {
		if s.Metadata["order"] == string(o.ID) {
			_, err := x.server(r).Returned(x.ctx, o.Buyer, o.ID, s.ID)
			fine(r, "come back", err)
			return
		}
	}
}

func (x *history) drop(r *rapid.T) {
	o := x.order(r)
	_, err := x.server(r).Drop(x.ctx, o.Buyer, o.ID)
	fine(r, "drop", err)
}

// event delivers one of all events there ever were: again, late, or out of turn.
func (x *history) event(r *rapid.T) {
	events := x.fake.Events()
	if len(events) == 0 {
		r.Skip("none yet")
	}
	last := rapid.IntRange(0, min(len(events)-1, 15)).Draw(r, "back")
	body := x.fake.Body(events[len(events)-1-last].ID)
	fine(r, "event", x.server(r).Knock(x.ctx, body, stripefake.Sign(time.Now(), body, secret)))
}

// race delivers an event to both servers while the buyer comes back and somebody
// compares.
func (x *history) race(r *rapid.T) {
	s := x.session(r, func(stripefake.Session) bool { return true })
	events := x.fake.Events()
	if len(events) == 0 {
		r.Skip("none yet")
	}
	body := x.fake.Body(events[len(events)-1].ID)
	var errs [4]error
	var all sync.WaitGroup
	for i, server := range x.both {
		all.Go(func() { errs[i] = server.Knock(x.ctx, body, stripefake.Sign(time.Now(), body, secret)) })
	}
	for _, o := range x.orders {
		if s.Metadata["order"] == string(o.ID) {
			all.Go(func() { _, errs[2] = x.both[0].Returned(x.ctx, o.Buyer, o.ID, s.ID) })
			break
		}
	}
	all.Go(func() { _, errs[3] = x.both[1].Reconcile(x.ctx) })
	all.Wait()
	fine(r, "at once", errors.Join(errs[:]...))
}

func (x *history) refunds(r *rapid.T) {
	o := x.find(x.order(r))
	part := o.Parts[rapid.IntRange(0, len(o.Parts)-1).Draw(r, "part")]
	left := part.PaidMinor - part.RefundedMinor
	if left <= 0 {
		r.Skip("nothing was paid")
	}
	x.ops++
	_, err := x.server(r).Refund(x.ctx, x.owner, payment.RefundOf{Order: o.ID, Part: part.Number, Reason: "goodwill",
		AmountMinor: rapid.Int64Range(1, left).Draw(r, "amount"), Sessions: rapid.IntRange(0, part.Sessions).Draw(r, "sessions"),
		Key: once.Key{Scope: "refund", Text: fmt.Sprint("op ", x.ops), Fingerprint: []byte("x")}})
	fine(r, "refund", err)
}

func (x *history) refundThere(r *rapid.T) {
	s := x.session(r, isPaid)
	charge := x.fake.ChargeOf(s.ID)
	now, err := x.fake.Charge(charge)
	if err != nil || now.Amount-now.AmountRefunded < 1 {
		r.Skip("nothing is left")
	}
	fate := stripefake.RefundFate{Pending: rapid.Bool().Draw(r, "pending"), Fails: rapid.Bool().Draw(r, "fails")}
	x.fake.NextRefund(charge, fate)
	id, err := x.fake.Refund(charge, rapid.Int64Range(1, now.Amount-now.AmountRefunded).Draw(r, "amount"))
	if err != nil {
		r.Skip("Stripe refuses")
	}
	if rapid.Bool().Draw(r, "at once") {
		x.fake.Settle(id)
	}
}

func (x *history) dispute(r *rapid.T) {
	_, err := x.fake.Dispute(x.fake.ChargeOf(x.session(r, isPaid).ID), stripefake.DisputeOf{Inquiry: rapid.Bool().Draw(r, "inquiry")})
	if err != nil {
		r.Skip("Stripe refuses")
	}
}

func (x *history) bank(r *rapid.T) {
	var ids []string
	for _, e := range x.fake.Events() {
		if e.Type == "charge.dispute.created" {
			_, rest, _ := strings.Cut(string(e.Data.Object), `"id":"`)
			id, _, _ := strings.Cut(rest, `"`)
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		r.Skip("no dispute")
	}
	to := rapid.SampledFrom([]string{"needs_response", "under_review", "warning_under_review", "won", "lost", "warning_closed"}).Draw(r, "to")
	if x.fake.MoveDispute(rapid.SampledFrom(ids).Draw(r, "dispute"), to) != nil {
		r.Skip("it does not go there")
	}
}

func (x *history) book(r *rapid.T) {
	o, id := x.order(r), credit.BookingID(uuid.NewString())
	err := x.db.InTx(x.ctx, func(tx *pg.Tx) error {
		return credit.Spend(x.ctx, tx, credit.SpendOf{Holder: o.Holder(), Type: o.Types[0], StartsAt: x.now.Add(time.Hour), Credits: 1,
			Booking: id, By: audit.Actor{Kind: audit.System}}, x.now)
	})
	if err != nil && !fault.Is(err, credit.NoCredit) {
		r.Fatal(err)
	}
	if err == nil {
		x.booked = append(x.booked, id)
	}
}

// callOff gives back what a booking used, once or again.
func (x *history) callOff(r *rapid.T) {
	if len(x.booked) == 0 {
		r.Skip("nothing is booked")
	}
	id := rapid.SampledFrom(x.booked).Draw(r, "booking")
	err := x.db.InTx(x.ctx, func(tx *pg.Tx) error {
		_, err := credit.GiveBack(x.ctx, tx, id, "", audit.Actor{Kind: audit.System}, x.now)
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
}

// day lets pages run out and late money arrive.
func (x *history) day(*rapid.T) {
	x.fake.Pass(26 * time.Hour)
	x.now = x.now.Add(26 * time.Hour)
}

func (x *history) trouble(r *rapid.T) {
	plan := stripefake.Trouble{
		Call:   rapid.SampledFrom([]string{"POST /v1/checkout/sessions", "POST /v1/refunds", "GET /v1/checkout/sessions/{id}", "POST /v1/checkout/sessions/{id}/expire", "GET /v1/refunds"}).Draw(r, "call"),
		Status: rapid.SampledFrom([]int{500, 503}).Draw(r, "status"),
	}
	plan.Works = plan.Status == 500 && rapid.Bool().Draw(r, "works") // a 503 turns away at the door
	x.fake.Trouble(plan)
}

func (x *history) compare(r *rapid.T) {
	_, err := x.server(r).Reconcile(x.ctx)
	fine(r, "compare", err)
}
