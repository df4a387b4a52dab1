package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/job"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// fulfilment writes down what one look at Stripe saw, in one transaction that
// holds the order.
type fulfilment struct {
	*Service
	tx      *pg.Tx
	now     time.Time
	seen    *sight
	order   Order
	try     checkout
	changed []string // what was different, for whoever compares
}

// source is how the credits of a part name where they came from.
func source(order OrderID, part int) string { return fmt.Sprintf("%s/%d", order, part) }

func (f *fulfilment) fulfil(ctx context.Context, id string) error {
	c, found, err := findCheckout(ctx, f.tx, `c.id = $1`, id)
	if err != nil || !found {
		return err
	}
	var held string
	if err := f.tx.Get(ctx, &held, `select id from purchase where id = $1 for update`, c.Order); err != nil {
		return err
	}
	if f.try, _, err = findCheckout(ctx, f.tx, `c.id = $1`, id); err != nil { // as it is now that the order is held
		return err
	}
	if f.order, err = findOrder(ctx, f.tx, c.Order); err != nil {
		return err
	}
	// What was asked before the last look was written down may be older than that.
	var last int64
	if err := f.tx.Get(ctx, &last, `select look from checkout where id = $1`, f.try.ID); err != nil {
		return err
	}
	if f.seen.number < last {
		return errLookAgain
	}
	if err := f.readPage(ctx); err != nil {
		return err
	}
	if f.seen.deep {
		if err := f.readMoney(ctx); err != nil {
			return err
		}
	}
	if err := restate(ctx, f.tx, f.order.ID, f.now); err != nil {
		return err
	}
	_, err = f.tx.Exec(ctx, `update checkout set look = nextval('stripe_look') where id = $1`, f.try.ID)
	return err
}

// differ notes that something was not as Stripe has it.
func (f *fulfilment) differ(text string, args ...any) {
	f.changed = append(f.changed, fmt.Sprintf("order %s, part %d: ", f.order.ID, f.try.Part)+fmt.Sprintf(text, args...))
}

// readPage brings the try up to what Stripe says of its page.
func (f *fulfilment) readPage(ctx context.Context) error {
	v := f.seen
	switch {
	case v.status == stripe.CheckoutSessionStatusComplete &&
		(v.paid == stripe.CheckoutSessionPaymentStatusPaid || v.paid == stripe.CheckoutSessionPaymentStatusNoPaymentRequired):
		if why := f.mismatch(); why != "" {
			f.differ("was paid, and does not fit: %s", why)
			return f.review(ctx, reviewMismatch, v.session, map[string]any{
				"why": why, "session": v.session, "intent": v.intent, "charge": v.charge, "reference": v.order, "mode": v.mode, "live": v.live,
				"currency": v.currency, "subtotal": v.subtotal, "discount": v.discount, "tax": v.tax, "total": v.total, "received": v.received,
				"expected": f.try.Price, "expected_currency": f.try.Currency, "checkout": f.try.ID,
			})
		}
		return f.pay(ctx)
	case f.try.State == wasPaid:
		return nil // what was paid stays paid, also where Stripe shows less than it did
	case v.status == stripe.CheckoutSessionStatusComplete && (v.state == stripe.PaymentIntentStatusRequiresPaymentMethod || v.state == stripe.PaymentIntentStatusCanceled):
		return f.stand(ctx, cameToNone)
	case v.status == stripe.CheckoutSessionStatusComplete:
		return f.stand(ctx, onItsWay)
	case v.status == stripe.CheckoutSessionStatusExpired:
		return f.stand(ctx, ranOut)
	}
	return f.stand(ctx, opened)
}

// mismatch compares what was paid with what was ordered, and says what does not
// fit.
func (f *fulfilment) mismatch() string {
	v, c := f.seen, f.try
	expected := c.Price - v.discount
	if c.Tax == practice.TaxExclusive {
		expected += v.tax
	}
	switch {
	case v.odd != nil:
		return v.odd.Error()
	case v.live != f.live():
		return "test money and real money are mixed"
	case v.mode != string(stripe.CheckoutSessionModePayment):
		return "it is no single payment"
	case v.order != string(c.Order) || !isOf(v.metadata, c):
		return "it names another order"
	case v.currency != c.Currency:
		return "the currency is another"
	case v.subtotal != c.Price || v.total != expected:
		return "the amount is another"
	case v.paid == stripe.CheckoutSessionPaymentStatusNoPaymentRequired && v.total != 0:
		return "nothing was paid where something was due"
	case v.paid == stripe.CheckoutSessionPaymentStatusPaid && v.total != 0 && (v.intent == "" || v.received != v.total):
		return "what arrived is not what was due"
	}
	return ""
}

// stand moves a try that was not paid to another state.
func (f *fulfilment) stand(ctx context.Context, state checkoutState) error {
	if f.try.State == state && f.try.Intent == f.seen.intent {
		return nil
	}
	if f.try.State != state {
		f.differ("%s at Stripe, was noted as %s", state, f.try.State)
	}
	if state.live() && !f.try.State.live() {
		// It was given up here, and is not over there; there may be another page by now.
		var other bool
		if err := f.tx.Get(ctx, &other, `
			select exists (select from checkout where purchase_id = $1 and part = $2 and id <> $3 and state in ('asking', 'open', 'processing'))`,
			f.order.ID, f.try.Part, f.try.ID); err != nil {
			return err
		}
		if other {
			return f.review(ctx, reviewTwoPages, f.seen.session, map[string]any{"session": f.seen.session, "state": state, "checkout": f.try.ID})
		}
	}
	if _, err := f.tx.Exec(ctx, `
		update checkout set state = $2, payment_intent = coalesce(nullif($3, ''), payment_intent), changed_at = $4 where id = $1`,
		f.try.ID, state, f.seen.intent, f.now); err != nil {
		return err
	}
	was := f.try.State
	f.try.State = state
	if _, err := f.tx.Exec(ctx, `
		update purchase_part t set status = $3
		where t.purchase_id = $1 and t.number = $2 and t.status in ('open', 'processing', 'failed', 'expired')
			and not exists (select from payment p where p.purchase_id = t.purchase_id and p.part = t.number and p.counts)`,
		f.order.ID, f.try.Part, string(partStatus(state))); err != nil {
		return err
	}
	if state == cameToNone && was != cameToNone {
		return f.tell(ctx, letterFailed, f.try.ID)
	}
	return nil
}

func partStatus(state checkoutState) Status {
	switch state {
	case onItsWay:
		return Processing
	case cameToNone:
		return Failed
	case ranOut:
		return Expired
	}
	return Open
}

// pay writes a payment down and gives its sessions, once.
func (f *fulfilment) pay(ctx context.Context) error {
	v := f.seen
	var known bool
	if err := f.tx.Get(ctx, &known, `select exists (select from payment where checkout_id = $1)`, f.try.ID); err != nil {
		return err
	}
	if known {
		return nil
	}
	f.differ("paid %d %s at Stripe", v.total, v.currency)
	if _, err := f.tx.Exec(ctx, `
		update checkout set state = 'paid', payment_intent = nullif($2, ''), changed_at = $3 where id = $1`, f.try.ID, v.intent, f.now); err != nil {
		return err
	}
	f.try.State = wasPaid
	if v.receipts {
		if _, err := f.tx.Exec(ctx, `update stripe_watch set receipts_at = $1`, f.now); err != nil {
			return err
		}
	}
	paid := receipt{checkout: f.try.ID, intent: v.intent, charge: v.charge, total: v.total, subtotal: v.subtotal, discount: v.discount, tax: v.tax, at: v.chargeAt}
	return f.receive(ctx, f.try.Part, paid)
}

// receipt is what came in for a part.
type receipt struct {
	checkout, intent, charge       string
	total, subtotal, discount, tax int64
	at                             time.Time
}

// receive writes what came in down, and gives the sessions of the part with it.
// What came in for a part a second time gives none and waits for a person.
func (f *fulfilment) receive(ctx context.Context, number int, r receipt) error {
	o := f.order
	part := o.Parts[number-1]
	first := !part.Status.HasMoney()
	if r.at.IsZero() {
		r.at = f.now
	}
	payment := uuid.NewString()
	if _, err := f.tx.Exec(ctx, `
		insert into payment (id, purchase_id, part, checkout_id, payment_intent, charge_id, amount_minor, subtotal_minor, discount_minor, tax_minor, currency, counts, paid_at)
		values ($1, $2, $3, nullif($4, '')::uuid, nullif($5, ''), nullif($6, ''), $7, $8, $9, $10, $11, $12, $13)`,
		payment, o.ID, number, r.checkout, r.intent, r.charge, r.total, r.subtotal, r.discount, r.tax, o.Currency, first, r.at); err != nil {
		return err
	}
	if !first {
		f.differ("was paid twice")
		return f.review(ctx, reviewTwice, payment, map[string]any{"payment": payment, "intent": r.intent, "charge": r.charge, "amount": r.total, "currency": o.Currency})
	}
	if o.Engagement == "" && o.Person == "" {
		if err := f.review(ctx, reviewNobody, payment, map[string]any{"payment": payment, "amount": r.total, "currency": o.Currency}); err != nil {
			return err
		}
	} else if _, err := credit.Grant(ctx, f.tx, credit.GrantOf{
		Holder: o.Holder(), Sessions: part.Sessions, Types: o.Types, ValidDays: o.ValidDays, Source: part.Source(),
		Key: "part " + part.Source(), Reason: "bought", By: buyerOf(o),
	}, f.now); err != nil {
		return err
	}
	if _, err := f.tx.Exec(ctx, `update purchase_part set status = 'paid' where purchase_id = $1 and number = $2`, o.ID, number); err != nil {
		return err
	}
	if number == 1 { // the days of the later parts are counted from here
		basics, err := practice.LoadBasics(ctx, f.tx)
		if err != nil {
			return err
		}
		if _, err := f.tx.Exec(ctx, `
			update purchase_part set due_on = $2::date + days_after, status = case when status = 'cancelled' then 'open' else status end
			where purchase_id = $1 and number > 1`, o.ID, f.now.In(basics.Zone()).Format(time.DateOnly)); err != nil {
			return err
		}
	}
	if err := f.invoice(ctx, payment, part, r); err != nil {
		return err
	}
	if err := f.tell(ctx, letterReceipt, payment); err != nil {
		return err
	}
	if err := f.tellOther(ctx, payment); err != nil {
		return err
	}
	if err := f.tellCoach(ctx, payment); err != nil {
		return err
	}
	if err := audit.Record(ctx, f.tx, audit.Entry{At: f.now, Actor: audit.Actor{Kind: audit.System}, Act: "order paid", About: string(o.ID),
		Detail: map[string]any{"part": number, "amount": r.total, "currency": o.Currency, "sessions": part.Sessions}}); err != nil {
		return err
	}
	return job.Add(ctx, f.tx, job.Job{Kind: boughtJob, Args: boughtArgs{Order: o.ID}, RunAt: f.now})
}

// buyerOf is the buyer as the one who acted.
func buyerOf(o Order) audit.Actor {
	if o.Buyer == "" {
		return audit.Actor{Kind: audit.System}
	}
	return audit.Actor{Kind: audit.Person, ID: string(o.Buyer)}
}

// nobody is a person's id, or null for who was erased.
func nobody(id people.ID) any {
	if id == "" {
		return nil
	}
	return string(id)
}

// grantFree gives the sessions of a part that costs nothing, without Stripe.
func (s *Service) grantFree(ctx context.Context, o Order, p Part) error {
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		f := &fulfilment{Service: s, tx: tx, now: s.Now(), seen: &sight{}, try: checkout{Order: o.ID, Part: p.Number}}
		var held string
		err := tx.Get(ctx, &held, `select id from purchase where id = $1 for update`, o.ID)
		if err != nil {
			return err
		}
		if f.order, err = findOrder(ctx, tx, o.ID); err != nil {
			return err
		}
		if now := f.order.Parts[p.Number-1]; now.Status.HasMoney() || now.PriceMinor != 0 || f.order.Status == Cancelled {
			return nil
		}
		if err := f.receive(ctx, p.Number, receipt{}); err != nil {
			return err
		}
		return restate(ctx, tx, o.ID, f.now)
	})
	if err != nil {
		return fmt.Errorf("give free sessions: %w", err)
	}
	s.wake()
	return nil
}

// restate brings the statuses of an order and its parts to what the money says.
// Where there is none they follow the tries to pay.
func restate(ctx context.Context, tx *pg.Tx, id OrderID, now time.Time) error {
	if _, err := tx.Exec(ctx, `
		update purchase_part t
		set status = case
			when back >= came and came > 0 then 'refunded'
			when back > 0 then 'part_refunded'
			else 'paid' end
		from (
			select p.part, p.amount_minor as came,
				coalesce((select sum(r.amount_minor) from refund r where r.payment_id = p.id and r.status in ('pending', 'succeeded')), 0) as back
			from payment p
			where p.purchase_id = $1 and p.counts) m
		where t.purchase_id = $1 and t.number = m.part`, id); err != nil {
		return err
	}
	o, err := findOrder(ctx, tx, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update purchase set status = $2, changed_at = $3 where id = $1 and status <> $2`, id, string(statusOf(o)), now); err != nil {
		return err
	}
	return nil
}

// statusOf sums the parts of an order up.
func statusOf(o Order) Status {
	var came, back int64
	money, processing := false, false
	for _, p := range o.Parts {
		money = money || p.Status.HasMoney()
		processing = processing || p.Status == Processing
		came, back = came+p.PaidMinor, back+p.RefundedMinor
	}
	switch {
	case processing && !money:
		return Processing
	case money && back > 0 && back >= came:
		return Refunded
	case money && back > 0:
		return PartRefunded
	case money:
		return Paid
	}
	return o.Parts[0].Status
}
