package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"kintsugi/internal/pg"
)

// sight is what one look at Stripe saw of a try to pay: the page, the payment
// made on it, and all refunds and disputes of that. Amounts are in our minor
// units.
type sight struct {
	number int64 // looks are numbered before Stripe is asked

	session  string
	status   stripe.CheckoutSessionStatus
	paid     stripe.CheckoutSessionPaymentStatus
	mode     string
	order    string // as Stripe names it, in two places
	metadata map[string]string
	live     bool
	currency string
	subtotal int64
	discount int64
	tax      int64
	total    int64

	intent   string
	state    stripe.PaymentIntentStatus
	received int64 // what arrived, as the payment says
	charge   string
	chargeAt time.Time

	receipts bool // Stripe mails receipts by itself
	deep     bool // refunds and disputes were looked for
	refunds  []seenRefund
	disputes []seenDispute
	odd      error // an amount that cannot be
}

type seenRefund struct {
	id     string
	ours   string // our own id of it, when it was made here
	amount int64
	status stripe.RefundStatus
	at     time.Time
}

type seenDispute struct {
	id     string
	amount int64
	status stripe.DisputeStatus
	at     time.Time
}

// settle looks at Stripe for everything about a try and writes down what is
// different. It is the one way in which money becomes known here, for webhook,
// order page and comparison alike. An event, when given, is noted in the same
// transaction.
func (s *Service) settle(ctx context.Context, c checkout, e *event) error {
	_, err := s.settled(ctx, c, e, e != nil && !e.ofSession())
	return err
}

// settled is settle, and says what it changed. A deep look asks for refunds and
// disputes as well, also where nothing on the page points to them.
//
// Whoever looked while another look was written down looks again: nobody knows
// which of the two has seen more.
func (s *Service) settled(ctx context.Context, c checkout, e *event, deep bool) ([]string, error) {
	var changed []string
	err := errLookAgain
	for tries := 0; errors.Is(err, errLookAgain) && tries < mostLooks; tries++ {
		seen, failed := s.look(ctx, c, deep)
		if failed != nil {
			return nil, fmt.Errorf("look at Stripe: %w", wordless("look", failed))
		}
		changed, err = s.writeDown(ctx, c, e, seen)
	}
	if err != nil {
		return nil, fmt.Errorf("settle order: %w", err)
	}
	s.wake()
	return changed, nil
}

// mostLooks bounds how often one call looks again; each time it does another one
// was written down.
const mostLooks = 10

func (s *Service) writeDown(ctx context.Context, c checkout, e *event, seen *sight) (changed []string, err error) {
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		f := &fulfilment{Service: s, tx: tx, now: s.Now(), seen: seen}
		if e != nil {
			fresh, err := s.note(ctx, tx, *e, true, f.now)
			if err != nil || !fresh {
				return err
			}
		}
		err := f.fulfil(ctx, c.ID)
		changed = f.changed
		return err
	})
	return changed, err
}

// look asks Stripe. The number is taken first: one that is higher than that of
// what was written down last belongs to a look that began after that, and has seen
// at least as much.
func (s *Service) look(ctx context.Context, c checkout, deep bool) (*sight, error) {
	seen := &sight{}
	if err := s.DB.Get(ctx, &seen.number, `select nextval('stripe_look')`); err != nil {
		return nil, err
	}
	session, err := s.stripe().CheckoutSessions.Get(c.Session, &stripe.CheckoutSessionParams{
		Params: params(ctx), Expand: []*string{stripe.String("payment_intent.latest_charge")},
	})
	if err != nil {
		return nil, err
	}
	if err := s.fill(ctx, session); err != nil {
		return nil, err
	}
	seen.readSession(session)
	if charge := chargeOf(session); charge == nil || !deep && charge.AmountRefunded == 0 && !charge.Disputed {
		return seen, nil
	}
	seen.deep = true
	refunds := s.stripe().Refunds.List(&stripe.RefundListParams{ListParams: listed(ctx), PaymentIntent: stripe.String(seen.intent)})
	for refunds.Next() {
		r := refunds.Refund()
		seen.refunds = append(seen.refunds, seenRefund{id: r.ID, ours: r.Metadata[metaRefund], amount: seen.minor(r.Amount), status: r.Status, at: instant(r.Created)})
	}
	if err := refunds.Err(); err != nil {
		return nil, err
	}
	disputes := s.stripe().Disputes.List(&stripe.DisputeListParams{ListParams: listed(ctx), PaymentIntent: stripe.String(seen.intent)})
	for disputes.Next() {
		d := disputes.Dispute()
		seen.disputes = append(seen.disputes, seenDispute{id: d.ID, amount: seen.minor(d.Amount), status: d.Status, at: instant(d.Created)})
	}
	if err := disputes.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(seen.refunds, func(a, b seenRefund) int { return firstBy(a.at, b.at, a.id, b.id) })
	slices.SortFunc(seen.disputes, func(a, b seenDispute) int { return firstBy(a.at, b.at, a.id, b.id) })
	return seen, nil
}

// fill asks for the payment and its charge by themselves where the session names
// them by their ids alone, as what stands in for Stripe may do.
func (s *Service) fill(ctx context.Context, x *stripe.CheckoutSession) error {
	if p := x.PaymentIntent; p != nil && p.Status == "" {
		found, err := s.stripe().PaymentIntents.Get(p.ID, &stripe.PaymentIntentParams{
			Params: params(ctx), Expand: []*string{stripe.String("latest_charge")},
		})
		if err != nil {
			return err
		}
		x.PaymentIntent = found
	}
	if p := x.PaymentIntent; p != nil && p.LatestCharge != nil && p.LatestCharge.Status == "" {
		found, err := s.stripe().Charges.Get(p.LatestCharge.ID, &stripe.ChargeParams{Params: params(ctx)})
		if err != nil {
			return err
		}
		p.LatestCharge = found
	}
	return nil
}

func (v *sight) readSession(x *stripe.CheckoutSession) {
	v.session, v.status, v.paid, v.mode = x.ID, x.Status, x.PaymentStatus, string(x.Mode)
	v.order, v.metadata, v.live = x.ClientReferenceID, x.Metadata, x.Livemode
	v.currency = strings.ToUpper(string(x.Currency))
	v.subtotal, v.total = v.minor(x.AmountSubtotal), v.minor(x.AmountTotal)
	if x.TotalDetails != nil {
		v.discount, v.tax = v.minor(x.TotalDetails.AmountDiscount), v.minor(x.TotalDetails.AmountTax)
	}
	// A new session has no payment, and a fully discounted one never has.
	if p := x.PaymentIntent; p != nil {
		v.intent, v.state, v.received = p.ID, p.Status, v.minor(p.AmountReceived)
	}
	if charge := chargeOf(x); charge != nil {
		v.charge, v.chargeAt = charge.ID, instant(charge.Created)
		v.receipts = charge.ReceiptEmail != "" || charge.ReceiptNumber != ""
	}
}

// chargeOf gives the charge that went through, or nil.
func chargeOf(x *stripe.CheckoutSession) *stripe.Charge {
	if p := x.PaymentIntent; p != nil && p.LatestCharge != nil && p.LatestCharge.Status == stripe.ChargeStatusSucceeded {
		return p.LatestCharge
	}
	return nil
}

// minor reads an amount of Stripe's; one that cannot be is kept for a person.
func (v *sight) minor(amount int64) int64 {
	minor, err := fromStripe(amount, v.currency)
	if err != nil {
		v.odd = errors.Join(v.odd, err)
	}
	return minor
}

func instant(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

func firstBy(a, b time.Time, x, y string) int {
	if c := a.Compare(b); c != 0 {
		return c
	}
	return strings.Compare(x, y)
}

// isOf reports whether something at Stripe was made for a try of ours.
func isOf(metadata map[string]string, c checkout) bool {
	return metadata[metaOrder] == string(c.Order) && metadata[metaPart] == strconv.Itoa(c.Part) && metadata[metaAttempt] == strconv.Itoa(c.Attempt)
}
