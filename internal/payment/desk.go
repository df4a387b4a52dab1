package payment

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/people"

	"github.com/google/uuid"
)

// Viewer is somebody of the practice who is signed in. Money is an office fact:
// the owner and an assistant see all of it, a coach what is of their own clients.
type Viewer struct {
	ID   people.ID
	Role people.Role
}

func (v Viewer) everyone() bool { return v.Role == people.Owner || v.Role == people.Assistant }

func (v Viewer) actor() audit.Actor { return audit.Actor{Kind: audit.Coach, ID: string(v.ID)} }

// gives reports whether the viewer can give money back. An assistant looks.
func (v Viewer) gives(Order) bool { return v.Role == people.Owner || v.Role == people.Member }

// sees is the condition that the viewer $1 may see an order, of which the text
// gives the id. What somebody bought for themselves is for the coach who works
// with them and holds what it can be used for: another coach of theirs finds
// nothing. It begins from the coach's clients, so that it costs the same however
// many others bought something.
func (v Viewer) sees(order string) string {
	if v.everyone() {
		return `(cast($1 as uuid) is not null)`
	}
	return `(` + order + ` in (
		select o.id
		from engagement e
		join purchase o on o.engagement_id = e.id
		where e.coach_id = $1
		union all
		select o.id
		from engagement e
		join participant m on m.engagement_id = e.id and m.state in ('accepted', 'left')
		join purchase o on o.buyer_id = m.person_id and o.engagement_id is null
		where e.coach_id = $1 and ` + holdsOne + `))`
}

// holdsOne is the condition that the coach $1 holds a type that the order o can be
// used for.
const holdsOne = `exists (
		select from appointment_type y
		join type_coach k on k.type_id = y.id and k.coach_id = $1
		where o.types @> to_jsonb(y.slug))`

// FindFor gives an order to somebody of the practice who may see it.
func (s *Service) FindFor(ctx context.Context, v Viewer, id OrderID) (Order, error) {
	if uuid.Validate(string(id)) != nil {
		return Order{}, ErrNoOrder
	}
	return oneOrder(orders(ctx, s.DB, `where `+v.sees(`o.id`)+` and o.id = $2`, ``, v.ID, id))
}

// Mark is where a page of orders ends. Several may have been made at one instant.
type Mark struct {
	At time.Time
	ID OrderID
}

// Mark is where a page ends that has the order as its last one.
func (o Order) Mark() Mark { return Mark{o.MadeAt, o.ID} }

// Orders lists orders for the desk, the newest first: all, or those of some
// persons, at most a hundred. Below is where the page before ended; empty begins
// with the newest.
func (s *Service) Orders(ctx context.Context, v Viewer, of []people.ID, below Mark) ([]Order, error) {
	if below.At.IsZero() || uuid.Validate(string(below.ID)) != nil {
		below = Mark{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), OrderID(uuid.Max.String())}
	}
	return orders(ctx, s.DB, `where `+v.sees(`o.id`)+` and o.made_at <= $2 and (o.made_at < $2 or o.id > $5) and ($3::boolean or o.buyer_id::text = any ($4))`, `limit 100`,
		v.ID, below.At, of == nil, people.IDs(of), below.ID)
}

// RefundsFor lists the refunds of an order for the desk, the oldest first.
func (s *Service) RefundsFor(ctx context.Context, v Viewer, id OrderID) ([]Refund, error) {
	if _, err := s.FindFor(ctx, v, id); err != nil {
		return nil, err
	}
	var list []Refund
	err := s.DB.Select(ctx, &list, `
		select r.id, p.part, r.amount_minor, r.status, r.sessions, r.taken, r.owed_minor, r.reason, coalesce(w.name, '') as by_name, r.made_at
		from refund r
		join payment p on p.id = r.payment_id
		left join person w on w.id = r.by_id
		where p.purchase_id = $1
		order by r.made_at, r.id`, id)
	if err != nil {
		return nil, fmt.Errorf("list refunds: %w", err)
	}
	for i := range list {
		list[i].MadeAt = list[i].MadeAt.UTC()
	}
	return list, nil
}

// Refund is money that went back, as the desk sees it.
type Refund struct {
	ID          string    `db:"id"`
	Part        int       `db:"part"`
	AmountMinor int64     `db:"amount_minor"`
	Status      string    `db:"status"` // asking, refused, pending, succeeded, failed, cancelled
	Sessions    int       `db:"sessions"`
	Taken       int       `db:"taken"`
	OwedMinor   int64     `db:"owed_minor"` // worth of sessions that were used and whose money went back
	Reason      string    `db:"reason"`     // at_stripe when it was made there
	By          string    `db:"by_name"`
	MadeAt      time.Time `db:"made_at"`
}

// Dispute is a bank that asks for money back, as the desk sees it.
type Dispute struct {
	StripeID    string    `db:"stripe_id"`
	Part        int       `db:"part"`
	AmountMinor int64     `db:"amount_minor"`
	Status      string    `db:"status"`
	OnHold      bool      `db:"frozen"`
	Taken       int       `db:"taken"`
	OwedMinor   int64     `db:"owed_minor"`
	MadeAt      time.Time `db:"made_at"`
}

// DisputesFor lists the disputes of an order for the desk, the oldest first.
func (s *Service) DisputesFor(ctx context.Context, v Viewer, id OrderID) ([]Dispute, error) {
	if _, err := s.FindFor(ctx, v, id); err != nil {
		return nil, err
	}
	var list []Dispute
	err := s.DB.Select(ctx, &list, `
		select d.stripe_id, p.part, d.amount_minor, d.status, d.frozen, d.taken, d.owed_minor, d.made_at
		from dispute d
		join payment p on p.id = d.payment_id
		where p.purchase_id = $1
		order by d.made_at, d.id`, id)
	if err != nil {
		return nil, fmt.Errorf("list disputes: %w", err)
	}
	for i := range list {
		list[i].MadeAt = list[i].MadeAt.UTC()
	}
	return list, nil
}

// InvoicesFor lists the documents of an order for the desk, the oldest first.
func (s *Service) InvoicesFor(ctx context.Context, v Viewer, id OrderID) ([]Invoice, error) {
	if uuid.Validate(string(id)) != nil {
		return nil, nil
	}
	return invoices(ctx, s.DB, `where `+v.sees(`o.id`)+` and o.id = $2`, v.ID, id)
}

// Month is the money of one month in one currency, each sum apart from the
// others.
type Month struct {
	Month         string `db:"month"` // yyyy-mm in the practice's zone
	Currency      string `db:"currency"`
	PaidMinor     int64  `db:"paid"`     // came in, with tax
	TaxMinor      int64  `db:"tax"`      // of that
	RefundedMinor int64  `db:"refunded"` // went back
	LostMinor     int64  `db:"lost"`     // taken back by a bank
}

// Months sums the money up by month, the newest first, as far as the viewer may
// see it.
func (s *Service) Months(ctx context.Context, v Viewer) ([]Month, error) {
	var list []Month
	err := s.DB.Select(ctx, &list, `
		with happened as (
			select p.paid_at as at, p.currency, p.amount_minor as paid, p.tax_minor as tax, 0::bigint as refunded, 0::bigint as lost
			from payment p where `+v.sees(`p.purchase_id`)+`
			union all
			select r.made_at, p.currency, 0, 0, r.amount_minor, 0
			from refund r join payment p on p.id = r.payment_id where r.status in ('pending', 'succeeded') and `+v.sees(`p.purchase_id`)+`
			union all
			select d.changed_at, p.currency, 0, 0, 0, d.amount_minor
			from dispute d join payment p on p.id = d.payment_id where d.status = 'lost' and `+v.sees(`p.purchase_id`)+`)
		select to_char(h.at at time zone pr.timezone, 'YYYY-MM') as month, h.currency, sum(h.paid)::bigint as paid, sum(h.tax)::bigint as tax,
			sum(h.refunded)::bigint as refunded, sum(h.lost)::bigint as lost
		from happened h
		cross join practice pr
		group by 1, 2
		order by 1 desc, 2`, v.ID)
	if err != nil {
		return nil, fmt.Errorf("sum up months: %w", err)
	}
	return list, nil
}

// Outstanding is money that is still to come in one currency.
type Outstanding struct {
	Currency      string `db:"currency"`
	DueMinor      int64  `db:"due"`      // parts whose day has come
	PromisedMinor int64  `db:"promised"` // parts of later days
	OwedMinor     int64  `db:"owed"`     // sessions that were used and whose money went back
	DisputedMinor int64  `db:"disputed"` // in the hands of a bank
}

// StillToCome sums up what is still to come, as far as the viewer may see it.
// An order that nothing was ever paid on promises nothing; parts are paid in
// their order, so what is still to come is a later one.
func (s *Service) StillToCome(ctx context.Context, v Viewer) ([]Outstanding, error) {
	var list []Outstanding
	err := s.DB.Select(ctx, &list, `
		with today as (select ($2::timestamptz at time zone timezone)::date as day from practice),
		owing as (
			select o.currency, case when t.due_on <= (select day from today) then t.price_minor else 0 end as due,
				case when t.due_on > (select day from today) then t.price_minor else 0 end as promised, 0::bigint as owed, 0::bigint as disputed
			from purchase_part t
			join purchase o on o.id = t.purchase_id
			where t.status in ('open', 'failed', 'expired') and t.number > 1 and o.status in ('paid', 'part_refunded', 'processing')
				and exists (select from payment p where p.purchase_id = o.id) and `+v.sees(`t.purchase_id`)+`
			union all
			select p.currency, 0, 0, r.owed_minor, 0
			from refund r join payment p on p.id = r.payment_id where r.owed_minor > 0 and `+v.sees(`p.purchase_id`)+`
			union all
			select p.currency, 0, 0, d.owed_minor, case when d.settled or d.status like 'warning%' then 0 else d.amount_minor end
			from dispute d join payment p on p.id = d.payment_id where (d.owed_minor > 0 or not d.settled) and `+v.sees(`p.purchase_id`)+`)
		select w.currency, sum(w.due)::bigint as due, sum(w.promised)::bigint as promised, sum(w.owed)::bigint as owed, sum(w.disputed)::bigint as disputed
		from owing w
		group by 1
		order by 1`, v.ID, s.Now())
	if err != nil {
		return nil, fmt.Errorf("sum up what is to come: %w", err)
	}
	return list, nil
}
