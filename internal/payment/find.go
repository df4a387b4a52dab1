package payment

import (
	"context"
	"fmt"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// Find gives an order to its buyer. For anybody else it does not exist, a
// partner included.
func Find(ctx context.Context, q pg.Conn, buyer people.ID, id OrderID) (Order, error) {
	if uuid.Validate(string(id)) != nil || buyer == "" {
		return Order{}, ErrNoOrder
	}
	return oneOrder(orders(ctx, q, `where o.id = $1 and o.buyer_id = $2`, ``, id, buyer))
}

// OrdersOf lists what somebody bought, the newest first, at most 200.
func OrdersOf(ctx context.Context, q pg.Conn, buyer people.ID) ([]Order, error) {
	return orders(ctx, q, `where o.buyer_id = $1`, `limit 200`, buyer)
}

// Find is the function of this name, on the service's database when q is nil.
func (s *Service) Find(ctx context.Context, q pg.Conn, buyer people.ID, id OrderID) (Order, error) {
	return Find(ctx, s.conn(q), buyer, id)
}

// OrdersOf is the function of this name, on the service's database when q is nil.
func (s *Service) OrdersOf(ctx context.Context, q pg.Conn, buyer people.ID) ([]Order, error) {
	return OrdersOf(ctx, s.conn(q), buyer)
}

func (s *Service) conn(q pg.Conn) pg.Conn {
	if q == nil {
		return s.DB
	}
	return q
}

// findOrder gives an order whoever asks.
func findOrder(ctx context.Context, q pg.Conn, id OrderID) (Order, error) {
	return oneOrder(orders(ctx, q, `where o.id = $1`, ``, id))
}

func oneOrder(found []Order, err error) (Order, error) {
	if err != nil {
		return Order{}, err
	}
	if len(found) == 0 {
		return Order{}, ErrNoOrder
	}
	return found[0], nil
}

// orders reads orders with their parts, in two statements.
func orders(ctx context.Context, q pg.Conn, where, limit string, args ...any) ([]Order, error) {
	var found []Order
	err := q.Select(ctx, &found, `
		select o.id, coalesce(o.buyer_id::text, '') as buyer_id, coalesce(o.engagement_id::text, '') as engagement_id,
			coalesce(o.person_id::text, '') as person_id, o.version_id, p.slug, o.status, o.name, o.shown_as, o.sessions, o.types::text as types,
			o.lane, coalesce(o.valid_days, 0) as valid_days, o.price_minor, o.currency, o.tax, o.terms, o.terms_hash, o.made_at,
			(v.version <> p.version or p.visibility = 'withdrawn') and not exists (
				select from package_offer f
				where f.version_id = o.version_id and f.person_id = o.buyer_id and f.withdrawn_at is null) as changed
		from purchase o
		join package_version v on v.id = o.version_id
		join package p on p.id = v.package_id
		`+where+`
		order by o.made_at desc, o.id
		`+limit, args...)
	if err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	at := map[OrderID]int{}
	ids := make([]string, len(found))
	for i := range found {
		found[i].MadeAt = found[i].MadeAt.UTC()
		at[found[i].ID], ids[i] = i, string(found[i].ID)
	}
	parts, err := partsOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		o := &found[at[p.Order]]
		o.Parts = append(o.Parts, p)
	}
	// The parts are read a moment after their orders, and a payment may be written
	// down in between: what they say counts.
	for i := range found {
		found[i].Status = statusOf(found[i])
	}
	return found, nil
}

func partsOf(ctx context.Context, q pg.Conn, ids []string) ([]Part, error) {
	var parts []Part
	err := q.Select(ctx, &parts, `
		select t.purchase_id, t.number, t.sessions, t.price_minor, t.due_on::text as due_on, t.status,
			coalesce(p.paid_at, timestamptz '0001-01-01 00:00:00Z') as paid_at,
			coalesce(p.amount_minor, 0) as paid_minor, coalesce(p.discount_minor, 0) as discount_minor, coalesce(p.tax_minor, 0) as tax_minor,
			coalesce((select sum(r.amount_minor) from refund r where r.payment_id = p.id and r.status in ('pending', 'succeeded')), 0)::bigint as refunded_minor,
			coalesce((select sum(d.amount_minor) from dispute d where d.payment_id = p.id and d.status = 'lost'), 0)::bigint as lost_minor,
			p.id is not null and p.payment_intent is null as free,
			exists (select from dispute d where d.payment_id = p.id and d.frozen) as disputed
		from purchase_part t
		left join payment p on p.purchase_id = t.purchase_id and p.part = t.number and p.counts
		where t.purchase_id = any ($1::uuid[])
		order by t.purchase_id, t.number`, pg.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("list parts of orders: %w", err)
	}
	for i := range parts {
		parts[i].PaidAt = parts[i].PaidAt.UTC()
	}
	return parts, nil
}
