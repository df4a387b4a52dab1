package payment

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"kintsugi/internal/pg"
)

// Givable is a part of an order of which money can still go back.
type Givable struct {
	Order     OrderID `db:"purchase_id"`
	Part      int     `db:"part"`
	Name      string  `db:"name"`
	Currency  string  `db:"currency"`
	MostMinor int64   `db:"most"`
}

// Givable lists the parts that sessions came from, as their lots name them, and of
// which money can still go back: as far as the viewer may see the orders, and for
// one who can give it back.
func (s *Service) Givable(ctx context.Context, v Viewer, from []string) ([]Givable, error) {
	if !v.gives(Order{}) {
		return nil, nil
	}
	var ids []string
	for _, f := range from {
		if len(f) > 36 && uuid.Validate(f[:36]) == nil {
			ids = append(ids, f[:36])
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var found []Givable
	if err := s.DB.Select(ctx, &found, `
		select p.purchase_id, p.part, o.name, p.currency, (p.amount_minor - `+gone+`)::bigint as most
		from payment p
		join purchase o on o.id = p.purchase_id
		where p.counts and p.payment_intent is not null and p.amount_minor > `+gone+`
		  and p.purchase_id = any ($2::uuid[]) and `+v.sees(`p.purchase_id`)+`
		order by o.made_at, p.purchase_id, p.part`, v.ID, pg.Array(ids)); err != nil {
		return nil, fmt.Errorf("list what can go back: %w", err)
	}
	return slices.DeleteFunc(found, func(g Givable) bool { return !slices.Contains(from, source(g.Order, g.Part)) }), nil
}
