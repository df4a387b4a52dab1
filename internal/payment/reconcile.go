package payment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stripe/stripe-go/v76"

	"kintsugi/internal/pg"
)

// How far back a comparison looks.
const (
	overlap     = 2 * time.Hour       // events may be listed a little after they were made
	oldestEvent = 29 * 24 * time.Hour // Stripe lists them for thirty days
	lastDays    = 8 * 24 * time.Hour  // charges, refunds and disputes, whatever the events say
	askedLong   = 2 * time.Minute     // a question to Stripe that has no answer by then is looked into
)

// Reconcile compares what is written here with what Stripe has, and writes down
// what is different: events that never came, pages that are open or on their
// way, charges, refunds and disputes of the last days, and refunds and disputes
// that are not over, of any age. After one pass the two are equal, whatever was
// lost, repeated or mixed up. What does not fit is kept for a person.
func (s *Service) Reconcile(ctx context.Context) (Report, error) {
	if !s.Ready() {
		return Report{}, ErrNotReady
	}
	c := &comparison{Service: s, began: s.wall(), settled: map[string]bool{}}
	for _, part := range []func(context.Context) error{c.events, c.notTheirs, c.pages, c.charges, c.refunds, c.disputes, c.unfinished} {
		if err := part(ctx); err != nil {
			return c.Report, fmt.Errorf("compare with Stripe: %w", err)
		}
	}
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `update stripe_watch set compared_at = $1, events_until = $2`, s.Now(), c.began)
		return err
	})
	if err != nil {
		return c.Report, fmt.Errorf("compare with Stripe: %w", err)
	}
	c.Needs, err = Reviews(ctx, s.DB)
	return c.Report, err
}

// comparison is one pass.
type comparison struct {
	*Service
	Report
	began   time.Time
	settled map[string]bool // tries that were looked at already in this pass
}

// see looks at everything about a try, once a pass.
func (c *comparison) see(ctx context.Context, try checkout) error {
	if c.settled[try.ID] || try.Session == "" {
		return nil
	}
	c.settled[try.ID] = true
	changed, err := c.Service.settled(ctx, try, nil, true)
	c.Mended = append(c.Mended, changed...)
	return err
}

// events hears every event that did not come by itself.
func (c *comparison) events(ctx context.Context) error {
	var until time.Time
	if err := c.DB.Get(ctx, &until, `select coalesce(events_until, timestamptz '0001-01-01 00:00:00Z') from stripe_watch`); err != nil {
		return err
	}
	since := until.Add(-overlap)
	if oldest := c.began.Add(-oldestEvent); since.Before(oldest) {
		since = oldest
	}
	list := c.stripe().Events.List(&stripe.EventListParams{
		ListParams: listed(ctx), Types: stripe.StringSlice(watched()),
		CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()},
	})
	for list.Next() {
		c.Events++
		if err := c.event(ctx, list.Event()); err != nil {
			return err
		}
	}
	return wordless("list events", list.Err())
}

// event makes sure that one event has had its effect. Its try is looked at once
// a pass; of the others only the id is kept.
func (c *comparison) event(ctx context.Context, x *stripe.Event) error {
	known, err := c.knows(ctx, x.ID)
	if err != nil || known {
		return err
	}
	body, err := json.Marshal(x)
	if err != nil {
		return err
	}
	e := event{ID: x.ID, Type: string(x.Type), Version: x.APIVersion, Created: x.Created, Live: x.Livemode, body: body}
	if x.Data != nil {
		if err := json.Unmarshal(x.Data.Raw, &e.DataPart.Object); err != nil {
			return err
		}
	}
	if e.Live != c.live() {
		return nil
	}
	try, found, err := c.about(ctx, e)
	if err != nil {
		return err
	}
	if found {
		if err := c.see(ctx, try); err != nil {
			return err
		}
	}
	return c.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := c.note(ctx, tx, e, found, c.Now())
		return err
	})
}

// pages looks at every page that can still be paid on, and finds the pages of
// questions whose answer was lost.
func (c *comparison) pages(ctx context.Context) error {
	var tries []checkout
	if err := c.DB.Select(ctx, &tries, `
		select `+checkoutColumns+` from checkout c where c.state in ('asking', 'open', 'processing') order by c.made_at, c.id`); err != nil {
		return err
	}
	for _, try := range tries {
		c.Sessions++
		if try.Session == "" {
			if c.Now().Sub(try.MadeAt) < askedLong {
				continue
			}
			found, err := c.adopt(ctx, try)
			if err != nil {
				return wordless("look for page", err)
			}
			if found.Session == "" {
				if c.Now().Sub(try.MadeAt) > keysLast {
					if _, err := c.giveUp(ctx, try.ID); err != nil {
						return err
					}
				}
				continue
			}
			c.Mended = append(c.Mended, fmt.Sprintf("order %s, part %d: a page to pay on was open at Stripe and not known here", try.Order, try.Part))
			try = found
		}
		if err := c.see(ctx, try); err != nil {
			if !c.gone(ctx, try, err) {
				return err
			}
		}
	}
	return nil
}

// notTheirs closes pages that are open for sessions which would not come to
// whoever pays: they have left the work, or it has ended.
func (c *comparison) notTheirs(ctx context.Context) error {
	var open []string
	if err := c.DB.Select(ctx, &open, `
		select c.id
		from checkout c
		join purchase o on o.id = c.purchase_id
		where c.state = 'open' and o.engagement_id is not null and not exists (
			select from participant p
			join engagement e on e.id = p.engagement_id
			where e.id = o.engagement_id and e.state <> 'ended' and p.person_id = o.buyer_id and p.state in ('accepted', 'invited'))
		order by c.made_at, c.id`); err != nil {
		return err
	}
	for _, id := range open {
		if err := c.endCheckout(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// gone gives up a page that Stripe does not know, as after another key was set.
func (c *comparison) gone(ctx context.Context, try checkout, err error) bool {
	var said stripeError
	if !errors.As(err, &said) {
		return false
	}
	_, again := c.stripe().CheckoutSessions.Get(try.Session, &stripe.CheckoutSessionParams{Params: params(ctx)})
	return isMissing(again) && c.writeOff(ctx, try.ID) == nil
}

// charges compares what came in during the last days.
func (c *comparison) charges(ctx context.Context) error {
	list := c.stripe().Charges.List(&stripe.ChargeListParams{ListParams: listed(ctx), CreatedRange: c.lately()})
	for list.Next() {
		charge := list.Charge()
		if charge.Status != stripe.ChargeStatusSucceeded || charge.Livemode != c.live() {
			continue
		}
		c.Charges++
		equal, err := c.equal(ctx, charge)
		if err != nil {
			return err
		}
		if equal {
			continue
		}
		if err := c.money(ctx, func() (checkout, bool, error) { return c.ofIntent(ctx, intentOf(charge.PaymentIntent)) }); err != nil {
			return err
		}
		if err := c.unknown(ctx, charge); err != nil {
			return err
		}
	}
	return wordless("list charges", list.Err())
}

// equal reports whether a charge is written down as it is.
func (c *comparison) equal(ctx context.Context, charge *stripe.Charge) (bool, error) {
	var row struct {
		Amount   int64  `db:"amount_minor"`
		Currency string `db:"currency"`
		Back     int64  `db:"back"`
		Disputed bool   `db:"disputed"`
	}
	err := c.DB.Get(ctx, &row, `
		select p.amount_minor, p.currency,
			coalesce((select sum(r.amount_minor) from refund r where r.payment_id = p.id and r.status in ('pending', 'succeeded')), 0)::bigint as back,
			exists (select from dispute d where d.payment_id = p.id) as disputed
		from payment p
		where p.payment_intent = $1`, intentOf(charge.PaymentIntent))
	if pg.NoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	amount, odd := fromStripe(charge.Amount, row.Currency)
	back, odder := fromStripe(charge.AmountRefunded, row.Currency)
	return odd == nil && odder == nil && amount == row.Amount && back == row.Back && charge.Disputed == row.Disputed, nil
}

// money looks at the try behind something at Stripe, if there is one of ours.
func (c *comparison) money(ctx context.Context, find func() (checkout, bool, error)) error {
	try, found, err := find()
	if err != nil || !found {
		return err
	}
	return c.see(ctx, try)
}

// unknown keeps a charge for a person that names an order of ours and is written
// down nowhere, after its try was looked at: somebody has paid on a page that
// nobody should have known.
func (c *comparison) unknown(ctx context.Context, charge *stripe.Charge) error {
	var order OrderID
	err := c.DB.Get(ctx, &order, `
		select o.id
		from purchase o
		where o.id::text = $1 and not exists (select from payment p where p.payment_intent = $2)
			and not exists (select from payment_review r where r.detail ->> 'intent' = $2)`, charge.Metadata[metaOrder], intentOf(charge.PaymentIntent))
	if pg.NoRows(err) {
		return nil // it is known, or another program's
	}
	if err != nil {
		return err
	}
	return c.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := putReview(ctx, tx, reviewUnknown, charge.ID, order, map[string]any{
			"charge": charge.ID, "intent": intentOf(charge.PaymentIntent), "amount": charge.Amount, "currency": string(charge.Currency), "part": charge.Metadata[metaPart], "attempt": charge.Metadata[metaAttempt],
		}, c.Now())
		return err
	})
}

func (c *comparison) refunds(ctx context.Context) error {
	list := c.stripe().Refunds.List(&stripe.RefundListParams{ListParams: listed(ctx), CreatedRange: c.lately()})
	for list.Next() {
		c.Refunds++
		r := list.Refund()
		var same bool
		if err := c.DB.Get(ctx, &same, `select exists (select from refund where stripe_id = $1 and status = $2)`, r.ID, string(refundStatusOf(r.Status))); err != nil {
			return err
		}
		if same {
			continue
		}
		if err := c.money(ctx, func() (checkout, bool, error) { return c.ofMoney(ctx, r.PaymentIntent, r.Charge) }); err != nil {
			return err
		}
	}
	return wordless("list refunds", list.Err())
}

func (c *comparison) disputes(ctx context.Context) error {
	list := c.stripe().Disputes.List(&stripe.DisputeListParams{ListParams: listed(ctx), CreatedRange: c.lately()})
	for list.Next() {
		c.Disputes++
		d := list.Dispute()
		var same bool
		if err := c.DB.Get(ctx, &same, `select exists (select from dispute where stripe_id = $1 and status = $2)`, d.ID, string(d.Status)); err != nil {
			return err
		}
		if same {
			continue
		}
		if err := c.money(ctx, func() (checkout, bool, error) { return c.ofMoney(ctx, d.PaymentIntent, d.Charge) }); err != nil {
			return err
		}
	}
	return wordless("list disputes", list.Err())
}

// unfinished looks at refunds and disputes that are not over, however old, and
// asks again for refunds whose answer was lost.
func (c *comparison) unfinished(ctx context.Context) error {
	var tries []checkout
	if err := c.DB.Select(ctx, &tries, `
		select `+checkoutColumns+`
		from checkout c
		join payment p on p.checkout_id = c.id
		where exists (select from refund r where r.payment_id = p.id and r.status in ('asking', 'pending'))
			or exists (select from dispute d where d.payment_id = p.id and not d.settled)
		order by c.made_at, c.id`); err != nil {
		return err
	}
	for _, try := range tries {
		if err := c.see(ctx, try); err != nil {
			return err
		}
	}
	var asked []string
	if err := c.DB.Select(ctx, &asked, `select id from refund where status = 'asking' and made_at < $1 order by made_at, id`, c.Now().Add(-askedLong)); err != nil {
		return err
	}
	for _, id := range asked {
		if err := c.askRefund(ctx, id); err != nil && !isNo(err) {
			return err
		}
		c.Mended = append(c.Mended, fmt.Sprintf("refund %s: Stripe was asked again", id))
	}
	return nil
}

func (c *comparison) lately() *stripe.RangeQueryParams {
	return &stripe.RangeQueryParams{GreaterThanOrEqual: c.began.Add(-lastDays).Unix()}
}
