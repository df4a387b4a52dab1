package payment

import (
	"context"
	"fmt"
	"net/http"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/fault"
	"kintsugi/internal/money"
	"kintsugi/internal/once"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"
)

// RefundOf is money that the coach gives back.
type RefundOf struct {
	Order       OrderID
	Part        int
	AmountMinor int64
	Sessions    int   // how many sessions go with it; those that are used cannot, and are noted as owed
	Seen        int64 // what could still go back when whoever gives it decided; nothing for not compared
	Reason      string
	Key         once.Key
}

// RefundReasons are the words that can be given, and nothing else: why money
// goes back must not say more than the books need.
func RefundReasons() []string {
	return []string{"withdrawal", "cancelled", "goodwill", "mistake", "other"}
}

// Proposal is what is proposed when money goes back. A session that is booked for
// an hour ahead is neither used nor there to be taken: its hour stands until it is
// called off.
type Proposal struct {
	MostMinor   int64          // what can still go back
	Sessions    int            // how many sessions go with AmountMinor, by the price of each
	Used        int            // how many of the part are used
	Ahead       []credit.Ahead // the hours that some are booked for
	Unused      int            // how many are still there
	UnusedMinor int64          // what these are worth, as far as it can still go back
	OwedMinor   int64          // what the sessions that cannot be taken are worth
	AheadMinor  int64          // of that, what those booked ahead are worth
}

// Propose says what goes back with an amount, for somebody of the practice who
// sees the order. With nothing as the amount it says how the part stands.
func (s *Service) Propose(ctx context.Context, v Viewer, id OrderID, part int, amount int64) (Proposal, error) {
	o, err := s.FindFor(ctx, v, id)
	if err != nil {
		return Proposal{}, err
	}
	p, most, err := refundable(ctx, s.DB, o, part)
	if err != nil {
		return Proposal{}, err
	}
	rows, err := refundsOf(ctx, s.DB, p.ID)
	if err != nil {
		return Proposal{}, fmt.Errorf("propose refund: %w", err)
	}
	sum, err := credit.BySource(ctx, s.DB, source(id, part))
	if err != nil {
		return Proposal{}, err
	}
	ahead, err := credit.AheadOf(ctx, s.DB, source(id, part), s.Now())
	if err != nil {
		return Proposal{}, err
	}
	booked := 0
	for _, a := range ahead {
		booked += a.Sessions
	}
	x := Proposal{MostMinor: most, Sessions: proposal(p, rows, amount), Used: max(sum.Used-booked, 0), Ahead: ahead, Unused: sum.Left}
	x.UnusedMinor = min(most, p.worth(min(x.Unused, p.Sessions)))
	missing := max(x.Sessions-x.Unused, 0)
	x.OwedMinor = p.worth(missing)
	x.AheadMinor = x.OwedMinor - p.worth(max(missing-booked, 0))
	return x, nil
}

// gone is how much of the payment p went back, was asked for, or was taken by a
// bank.
const gone = `(coalesce((select sum(r.amount_minor) from refund r where r.payment_id = p.id and r.status in ('asking', 'pending', 'succeeded')), 0)
			+ coalesce((select sum(d.amount_minor) from dispute d where d.payment_id = p.id and d.status = 'lost'), 0))`

// refundable gives the payment of a part and how much of it can still go back.
func refundable(ctx context.Context, q pg.Conn, o Order, part int) (paidPart, int64, error) {
	var row struct {
		paidPart
		Intent string `db:"payment_intent"`
		Gone   int64  `db:"gone"`
	}
	err := q.Get(ctx, &row, `
		select p.id, p.part, p.amount_minor, p.counts, t.sessions, t.price_minor, coalesce(p.payment_intent, '') as payment_intent,
			`+gone+`::bigint as gone
		from payment p
		join purchase_part t on t.purchase_id = p.purchase_id and t.number = p.part
		where p.purchase_id = $1 and p.part = $2 and p.counts`, o.ID, part)
	if pg.NoRows(err) || err == nil && row.Intent == "" {
		return paidPart{}, 0, fault.New(fault.Conflict, "Nothing was paid for this, so there is nothing to give back.")
	}
	if err != nil {
		return paidPart{}, 0, fmt.Errorf("find payment: %w", err)
	}
	return row.paidPart, max(row.Amount-row.Gone, 0), nil
}

// Refund gives money back. It is written down before Stripe is asked, so that it
// happens once however often it is sent. The sessions go when Stripe has agreed,
// and come back if the money does not arrive.
//
// Errors: ErrNoOrder; Invalid with fields amount, sessions, reason; slug
// stripe-away, when it is kept and tried again.
func (s *Service) Refund(ctx context.Context, v Viewer, r RefundOf) (Order, error) {
	if !s.Ready() {
		return Order{}, ErrNotReady
	}
	var made struct{ Refund string }
	found, err := once.Find(ctx, s.DB, r.Key, &made)
	if err != nil {
		return Order{}, err
	}
	o, err := s.FindFor(ctx, v, r.Order)
	if err != nil {
		return Order{}, err
	}
	if !v.gives(o) {
		return Order{}, ErrNoOrder
	}
	if !found {
		if made.Refund, err = s.writeRefund(ctx, v, o, r); once.IsRepeat(err) {
			_, err = once.Find(ctx, s.DB, r.Key, &made)
		}
		if err != nil {
			return Order{}, err
		}
	}
	if err := s.askRefund(ctx, made.Refund); err != nil {
		return Order{}, err
	}
	o, err = s.FindFor(ctx, v, r.Order)
	if err == nil && o.Status == Refunded { // a page for a part that is not due any more may be open
		if err := s.closePages(ctx, o.ID); err != nil {
			s.log().Warn("a page to pay on of an order that was paid back is still open", "order", string(o.ID), "error", err.Error())
		}
	}
	return o, err
}

func (s *Service) writeRefund(ctx context.Context, v Viewer, o Order, r RefundOf) (id string, err error) {
	id = uuid.NewString()
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		var held string
		if err := tx.Get(ctx, &held, `select id from purchase where id = $1 for update`, o.ID); err != nil {
			return err
		}
		var made struct{ Refund string } // by the same press, while this one waited
		if found, err := once.Find(ctx, tx, r.Key, &made); err != nil || found {
			id = made.Refund
			return err
		}
		p, most, err := refundable(ctx, tx, o, r.Part)
		if err != nil {
			return err
		}
		if err := r.check(p, most, o.Currency); err != nil {
			return err
		}
		now := s.Now()
		if _, err := tx.Exec(ctx, `
			insert into refund (id, payment_id, amount_minor, status, sessions, reason, by_id, made_at, changed_at)
			values ($1, $2, $3, 'asking', $4, $5, $6, $7, $7)`, id, p.ID, r.AmountMinor, r.Sessions, r.Reason, v.ID, now); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{At: now, Actor: v.actor(), Act: "refund asked", About: string(o.ID),
			Detail: map[string]any{"of": id, "part": r.Part, "amount": r.AmountMinor, "currency": o.Currency, "sessions": r.Sessions}}); err != nil {
			return err
		}
		return once.Settle(ctx, tx, r.Key, struct{ Refund string }{id}, now)
	})
	if err != nil && fault.As(err) == nil && !once.IsRepeat(err) {
		err = fmt.Errorf("refund: %w", err)
	}
	return id, err
}

// errMeanwhile is the answer to a page that was made before other money went
// back: two pages would give it twice.
var errMeanwhile = fault.New(fault.Conflict, "Money of this order has gone back since this page was made, so nothing went back now. Look at what is left, and confirm again if it is still meant.")

func (r RefundOf) check(p paidPart, most int64, currency string) error {
	if r.Seen != 0 && r.Seen != most {
		return errMeanwhile
	}
	if r.AmountMinor <= 0 || r.AmountMinor > most {
		return fault.InvalidField("amount", "Give an amount up to "+money.Format(most, currency)+", which is what can still go back.")
	}
	if _, err := toStripe(r.AmountMinor, currency); err != nil {
		return fault.InvalidField("amount", "Give a round amount: a card takes no such small unit of this currency.")
	}
	if r.Sessions < 0 || r.Sessions > p.Sessions {
		return fault.InvalidField("sessions", fmt.Sprintf("Give a number from 0 to %d, the sessions of this part.", p.Sessions))
	}
	for _, known := range RefundReasons() {
		if r.Reason == known {
			return nil
		}
	}
	return fault.InvalidField("reason", "Choose one of the reasons.")
}

// askRefund asks Stripe for a refund that is written down, or asks again with the
// same key, and makes everything follow.
func (s *Service) askRefund(ctx context.Context, id string) error {
	var row struct {
		Status   string `db:"status"`
		Amount   int64  `db:"amount_minor"`
		Currency string `db:"currency"`
		Intent   string `db:"payment_intent"`
		Order    string `db:"purchase_id"`
		Checkout string `db:"checkout_id"`
		Tries    int    `db:"tries"`
	}
	err := s.DB.Get(ctx, &row, `
		select r.status, r.amount_minor, p.currency, p.payment_intent, p.purchase_id, p.checkout_id, r.tries
		from refund r
		join payment p on p.id = r.payment_id
		where r.id = $1`, id)
	if err != nil {
		return fmt.Errorf("refund: %w", err)
	}
	switch refundStatus(row.Status) {
	case refundRefused:
		return errRefused
	case refundAsking:
	default:
		return nil
	}
	amount, err := toStripe(row.Amount, row.Currency)
	if err != nil {
		return err
	}
	c, found, err := findCheckout(ctx, s.DB, `c.id = $1`, row.Checkout)
	if err != nil || !found {
		return err
	}
	_, err = s.stripe().Refunds.New(&stripe.RefundParams{
		Params: keyed(ctx, fmt.Sprintf("refund %s %d", id, row.Tries)), PaymentIntent: stripe.String(row.Intent), Amount: stripe.Int64(amount),
		Reason: stripe.String(string(stripe.RefundReasonRequestedByCustomer)), Metadata: map[string]string{metaOrder: row.Order, metaRefund: id},
	})
	if isRefused(err) && stripeSaid(err).HTTPStatusCode != http.StatusUnauthorized {
		return s.refuseRefund(ctx, id, err)
	}
	if isBroken(err) {
		if err := s.afterBreak(ctx, id, c); err != nil {
			s.log().Warn("a refund is neither made nor given up", "refund", id, "error", err.Error())
		}
	}
	if err != nil {
		return &fault.Error{Kind: fault.Unavailable, Slug: "stripe-away", RetryAfter: 5, Err: wordless("refund", err),
			Say: "Stripe does not answer right now. The refund is noted and will be asked for again within the hour; you can also send this once more. It happens once."}
	}
	_, err = s.settled(ctx, c, nil, true)
	return err
}

// afterBreak looks whether a refund was made although Stripe said that something
// broke. If it was not, it is asked for under another key the next time, since
// Stripe keeps that answer for this one.
func (s *Service) afterBreak(ctx context.Context, id string, c checkout) error {
	if _, err := s.settled(ctx, c, nil, true); err != nil {
		return err
	}
	return s.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `update refund set tries = tries + 1, changed_at = $2 where id = $1 and status = 'asking'`, id, s.Now())
		return err
	})
}

var errRefused = fault.New(fault.Conflict, "Stripe did not accept this refund, so nothing went back and no session was taken. Look at the payment at Stripe: the money may have gone back there already.")

func isNo(err error) bool { return err == errRefused }

func (s *Service) refuseRefund(ctx context.Context, id string, why error) error {
	s.log().Warn("Stripe refused a refund", "refund", id, "error", wordless("refund", why).Error())
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `update refund set status = 'refused', changed_at = $2 where id = $1 and status = 'asking'`, id, s.Now())
		return err
	})
	if err != nil {
		return fmt.Errorf("refund: %w", err)
	}
	return errRefused
}
