package payment

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/stripe/stripe-go/v76"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/pg"
)

// paidPart is a payment and the part it was for, as refunds and disputes need
// it.
type paidPart struct {
	ID       string `db:"id"`
	Part     int    `db:"part"`
	Amount   int64  `db:"amount_minor"`
	Counts   bool   `db:"counts"`
	Sessions int    `db:"sessions"`
	Price    int64  `db:"price_minor"`
}

// worth is what so many sessions of the part are worth at the price that was
// paid.
func (p paidPart) worth(sessions int) int64 {
	if p.Sessions == 0 {
		return 0
	}
	return p.Amount * int64(sessions) / int64(p.Sessions)
}

// refundRow is a refund as we know it.
type refundRow struct {
	ID       string    `db:"id"`
	StripeID string    `db:"stripe_id"`
	Amount   int64     `db:"amount_minor"`
	Status   string    `db:"status"`
	Sessions int       `db:"sessions"`
	Taken    int       `db:"taken"`
	Owed     int64     `db:"owed_minor"`
	Settled  bool      `db:"settled"`
	Restored bool      `db:"restored"`
	MadeAt   time.Time `db:"made_at"`
}

// active reports whether the money went, or is on its way.
func (r refundRow) active() bool {
	return r.Status == string(refundPending) || r.Status == string(refundDone)
}

type refundStatus string

const (
	refundAsking  refundStatus = "asking" // Stripe was asked, or will be
	refundRefused refundStatus = "refused"
	refundPending refundStatus = "pending"
	refundDone    refundStatus = "succeeded"
	refundFailed  refundStatus = "failed"
	refundOff     refundStatus = "cancelled"
)

func refundStatusOf(s stripe.RefundStatus) refundStatus {
	switch s {
	case stripe.RefundStatusSucceeded:
		return refundDone
	case stripe.RefundStatusFailed:
		return refundFailed
	case stripe.RefundStatusCanceled:
		return refundOff
	}
	return refundPending // also one that waits for the buyer's bank details
}

const refundColumns = `r.id, coalesce(r.stripe_id, '') as stripe_id, r.amount_minor, r.status, r.sessions, r.taken, r.owed_minor, r.settled, r.restored, r.made_at`

func refundsOf(ctx context.Context, q pg.Conn, payment string) (rows []refundRow, err error) {
	err = q.Select(ctx, &rows, `select `+refundColumns+` from refund r where r.payment_id = $1 order by r.made_at, r.id`, payment)
	return rows, err
}

// readMoney brings refunds and disputes up to what Stripe says. The running sum
// of a charge is never used: each refund is known by its own id, so that none is
// booked twice in whatever order they come.
func (f *fulfilment) readMoney(ctx context.Context) error {
	var p paidPart
	err := f.tx.Get(ctx, &p, `
		select p.id, p.part, p.amount_minor, p.counts, t.sessions, t.price_minor
		from payment p
		join purchase_part t on t.purchase_id = p.purchase_id and t.number = p.part
		where p.checkout_id = $1`, f.try.ID)
	if pg.NoRows(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, seen := range f.seen.refunds {
		if err := f.readRefund(ctx, p, seen); err != nil {
			return err
		}
	}
	for _, seen := range f.seen.disputes {
		if err := f.readDispute(ctx, p, seen); err != nil {
			return err
		}
	}
	return nil
}

func (f *fulfilment) readRefund(ctx context.Context, p paidPart, seen seenRefund) error {
	rows, err := refundsOf(ctx, f.tx, p.ID)
	if err != nil {
		return err
	}
	var row refundRow
	for _, r := range rows {
		if r.StripeID == seen.id || r.StripeID == "" && r.ID == seen.ours {
			row = r
		}
	}
	status := refundStatusOf(seen.status)
	outside := row.ID == ""
	if outside { // it was made at Stripe
		row = refundRow{ID: uuid.NewString(), Amount: seen.amount, Sessions: proposal(p, rows, seen.amount), MadeAt: f.now}
		if _, err := f.tx.Exec(ctx, `
			insert into refund (id, payment_id, stripe_id, amount_minor, status, sessions, reason, made_at, changed_at)
			values ($1, $2, $3, $4, $5, $6, 'at_stripe', $7, $7)`, row.ID, p.ID, seen.id, seen.amount, string(status), row.Sessions, f.now); err != nil {
			return err
		}
		f.differ("%d were refunded at Stripe", seen.amount)
		if err := f.tellCoach(ctx, row.ID); err != nil {
			return err
		}
	} else if row.Status != string(status) || row.StripeID == "" {
		f.differ("a refund is %s at Stripe, was noted as %s", status, row.Status)
		if _, err := f.tx.Exec(ctx, `update refund set stripe_id = $2, amount_minor = $3, status = $4, changed_at = $5 where id = $1`,
			row.ID, seen.id, seen.amount, string(status), f.now); err != nil {
			return err
		}
	}
	row.StripeID, row.Amount, row.Status = seen.id, seen.amount, string(status)
	return f.weigh(ctx, p, row)
}

// weigh makes the sessions follow a refund: taken when the money goes, given back
// when it did not arrive after all.
func (f *fulfilment) weigh(ctx context.Context, p paidPart, r refundRow) error {
	switch {
	case r.active() && !r.Settled:
		taken, err := credit.Revoke(ctx, f.tx, credit.RevokeOf{Source: source(f.order.ID, p.Part), AtMost: r.Sessions, Key: "refund " + r.ID, Reason: "refunded", By: system}, f.now)
		if err != nil {
			return err
		}
		if _, err := f.tx.Exec(ctx, `update refund set settled = true, taken = $2, owed_minor = $3, changed_at = $4 where id = $1`,
			r.ID, taken, p.worth(r.Sessions-taken), f.now); err != nil {
			return err
		}
		if err := f.creditNote(ctx, p, r); err != nil {
			return err
		}
		return f.recordMoney(ctx, "refund made", r.ID, r.Amount)
	case !r.active() && r.Settled && !r.Restored:
		if err := f.giveBack(ctx, p, r.Taken, "refund "+r.ID); err != nil {
			return err
		}
		if _, err := f.tx.Exec(ctx, `update refund set restored = true, owed_minor = 0, changed_at = $2 where id = $1`, r.ID, f.now); err != nil {
			return err
		}
		if err := f.reversal(ctx, p, r); err != nil {
			return err
		}
		if err := f.review(ctx, reviewRefundFailed, r.ID, map[string]any{"refund": r.StripeID, "amount": r.Amount, "currency": f.order.Currency}); err != nil {
			return err
		}
		if err := f.tellCoach(ctx, r.ID); err != nil {
			return err
		}
		return f.recordMoney(ctx, "refund failed", r.ID, r.Amount)
	}
	return nil
}

// giveBack returns sessions that were taken with money which stayed here after
// all. They last as long as the others of the part.
func (f *fulfilment) giveBack(ctx context.Context, p paidPart, taken int, why string) error {
	if taken == 0 || f.order.Engagement == "" && f.order.Person == "" {
		return nil
	}
	var until string
	if err := f.tx.Get(ctx, &until, `
		select coalesce(max(to_char(expires_on, 'YYYY-MM-DD')), '') from credit_lot where source = $1`, source(f.order.ID, p.Part)); err != nil {
		return err
	}
	_, err := credit.Grant(ctx, f.tx, credit.GrantOf{
		Holder: f.order.Holder(), Sessions: taken, Types: f.order.Types, Until: until, Source: source(f.order.ID, p.Part),
		Key: "back " + why, Reason: "back again", By: system, // a partner reads it too, and nothing of the payment is theirs
	}, f.now)
	if err != nil {
		return err
	}
	return holdAgain(ctx, f.tx, f.order.ID, p.Part, why, f.now)
}

// holdAgain puts sessions that came into a wallet while a bank asks about their
// part on hold with the others.
func holdAgain(ctx context.Context, tx *pg.Tx, order OrderID, part int, why string, now time.Time) error {
	var disputes []string
	if err := tx.Select(ctx, &disputes, `
		select d.id
		from dispute d
		join payment p on p.id = d.payment_id
		where p.purchase_id = $1 and p.part = $2 and d.frozen
		order by d.id`, order, part); err != nil {
		return err
	}
	for _, id := range disputes {
		if err := credit.Freeze(ctx, tx, source(order, part), "dispute "+id+" "+why, system, now); err != nil {
			return err
		}
	}
	return nil
}

// thaw ends every hold of a dispute.
func (f *fulfilment) thaw(ctx context.Context, part, key string) error {
	var holds []string
	if err := f.tx.Select(ctx, &holds, `
		select distinct substr(m.key, length('freeze ') + 1)
		from credit_movement m
		join credit_lot l on l.id = m.lot_id
		where l.source = $1 and starts_with(m.key, 'freeze ' || $2)
		order by 1`, part, key); err != nil {
		return err
	}
	for _, hold := range holds {
		if err := credit.Thaw(ctx, f.tx, part, hold, system, f.now); err != nil {
			return err
		}
	}
	return nil
}

// proposal is how many sessions go with a refund when nobody says otherwise: as
// many as the money that went back so far pays for, rounded down, and all of them
// with the last of it. Money that came in twice takes none.
func proposal(p paidPart, earlier []refundRow, amount int64) int {
	if !p.Counts || p.Amount == 0 {
		return 0
	}
	back, with := amount, 0
	for _, r := range earlier {
		if r.active() || r.Status == string(refundAsking) {
			back += r.Amount
			with += r.Sessions
		}
	}
	all := int(min(back, p.Amount) * int64(p.Sessions) / p.Amount)
	return max(all-with, 0)
}

var system = audit.Actor{Kind: audit.System}

func (f *fulfilment) recordMoney(ctx context.Context, act, what string, amount int64) error {
	return audit.Record(ctx, f.tx, audit.Entry{At: f.now, Actor: system, Act: act, About: string(f.order.ID),
		Detail: map[string]any{"of": what, "amount": amount, "currency": f.order.Currency}})
}

// disputeRow is a dispute as we know it.
type disputeRow struct {
	ID      string `db:"id"`
	Amount  int64  `db:"amount_minor"`
	Status  string `db:"status"`
	Frozen  bool   `db:"frozen"`
	Settled bool   `db:"settled"`
	Taken   int    `db:"taken"`
}

// readDispute makes the sessions follow a dispute. A bank's mere question leaves
// them alone; a dispute puts what is not used on hold; one that was won lets go
// of it; one that was lost takes it away.
func (f *fulfilment) readDispute(ctx context.Context, p paidPart, seen seenDispute) error {
	var d disputeRow
	err := f.tx.Get(ctx, &d, `select id, amount_minor, status, frozen, settled, taken from dispute where stripe_id = $1`, seen.id)
	status := string(seen.status)
	switch {
	case pg.NoRows(err):
		d = disputeRow{ID: uuid.NewString(), Amount: seen.amount}
		if _, err := f.tx.Exec(ctx, `
			insert into dispute (id, payment_id, stripe_id, amount_minor, status, made_at, changed_at)
			values ($1, $2, $3, $4, $5, $6, $6)`, d.ID, p.ID, seen.id, seen.amount, status, f.now); err != nil {
			return err
		}
	case err != nil:
		return err
	case d.Status == status:
		return nil
	}
	f.differ("a dispute is %s at Stripe, was noted as %q", status, d.Status)
	part, key := source(f.order.ID, p.Part), "dispute "+d.ID
	won := seen.status == stripe.DisputeStatusWon
	lost := seen.status == stripe.DisputeStatusLost
	inquiry := strings.HasPrefix(status, "warning_")
	if d.Frozen && (won || lost || inquiry) {
		if err := f.thaw(ctx, part, key); err != nil {
			return err
		}
		d.Frozen = false
	}
	switch {
	case lost && !d.Settled && p.Counts:
		want := proposal(p, nil, seen.amount)
		if d.Taken, err = credit.Revoke(ctx, f.tx, credit.RevokeOf{Source: part, AtMost: want, Key: key, Reason: "the bank took the money back", By: system}, f.now); err != nil {
			return err
		}
		if _, err := f.tx.Exec(ctx, `update dispute set owed_minor = $2 where id = $1`, d.ID, p.worth(want-d.Taken)); err != nil {
			return err
		}
	case won && d.Taken > 0: // a bank that thought again
		if err := f.giveBack(ctx, p, d.Taken, key); err != nil {
			return err
		}
		if _, err := f.tx.Exec(ctx, `update dispute set owed_minor = 0 where id = $1`, d.ID); err != nil {
			return err
		}
		d.Taken = 0
	case !won && !lost && !inquiry && !d.Frozen && p.Counts:
		if err := credit.Freeze(ctx, f.tx, part, key, system, f.now); err != nil {
			return err
		}
		d.Frozen = true
	}
	d.Settled = won || lost || status == string(stripe.DisputeStatusWarningClosed)
	if _, err := f.tx.Exec(ctx, `
		update dispute set amount_minor = $2, status = $3, frozen = $4, settled = $5, taken = $6, changed_at = $7 where id = $1`,
		d.ID, seen.amount, status, d.Frozen, d.Settled, d.Taken, f.now); err != nil {
		return err
	}
	if !d.Settled {
		if err := f.review(ctx, reviewDispute, seen.id, map[string]any{"dispute": seen.id, "status": status, "amount": seen.amount, "currency": f.order.Currency}); err != nil {
			return err
		}
	} else if err := settleReview(ctx, f.tx, reviewDispute, seen.id, f.now); err != nil {
		return err
	}
	if err := f.tellCoach(ctx, d.ID); err != nil {
		return err
	}
	return f.recordMoney(ctx, "dispute "+status, d.ID, seen.amount)
}
