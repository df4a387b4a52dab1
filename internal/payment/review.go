package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// What a person has to decide.
const (
	reviewMismatch     = "mismatch"      // what was paid is not what was ordered
	reviewTwice        = "paid_twice"    // one part was paid for twice
	reviewTwoPages     = "two_pages"     // a page that was given up can still be paid on
	reviewNobody       = "nobody"        // the buyer was erased before the money came
	reviewRefundFailed = "refund_failed" // money that should have gone back did not arrive
	reviewDispute      = "dispute"       // a bank asks, and waits for an answer at Stripe
	reviewUnknown      = "unknown"       // money at Stripe that names an order and is not known here
)

// ReviewID names a thing to decide.
type ReviewID string

// Review is something that does not fit, with what is needed to decide.
type Review struct {
	ID     ReviewID          `db:"id"`
	Kind   string            `db:"kind"`
	About  string            `db:"about"`
	Order  OrderID           `db:"purchase_id"` // may be empty
	Raw    string            `db:"detail"`
	Detail map[string]string `db:"-"`
	MadeAt time.Time         `db:"made_at"`
}

// Say says in one sentence what is to be decided.
func (r Review) Say() string {
	switch r.Kind {
	case reviewMismatch:
		return "What was paid at Stripe is not what was ordered, so no sessions were given. Compare the two; refund it at Stripe, or give the sessions."
	case reviewTwice:
		return "This was paid twice. Sessions were given once. Refund the second payment."
	case reviewTwoPages:
		return "A page to pay on that was given up is open at Stripe. If it is paid as well, refund it."
	case reviewNobody:
		return "Money came in for somebody who was erased. Refund it at Stripe."
	case reviewRefundFailed:
		return "A refund did not arrive, and the sessions are back. Find another way to give the money back, or leave it."
	case reviewDispute:
		return "A bank asks about this payment. Answer at Stripe before its deadline; unused sessions are on hold unless it is a mere question."
	}
	return "There is money at Stripe that names an order of ours and fits nothing that is known here. Look at it at Stripe."
}

// review puts something on the list of what a person decides, once.
func (f *fulfilment) review(ctx context.Context, kind, about string, detail map[string]any) error {
	fresh, err := putReview(ctx, f.tx, kind, about, f.order.ID, detail, f.now)
	if err != nil || !fresh {
		return err
	}
	return f.tellCoach(ctx, uuid.NewString())
}

func putReview(ctx context.Context, tx *pg.Tx, kind, about string, order OrderID, detail map[string]any, now time.Time) (fresh bool, err error) {
	raw, err := json.Marshal(detail)
	if err != nil {
		return false, err
	}
	rows, err := tx.Exec(ctx, `
		insert into payment_review (id, kind, about, purchase_id, detail, made_at)
		values ($1, $2, $3, nullif($4, '')::uuid, $5, $6)
		on conflict on constraint payment_review_once do nothing`, uuid.NewString(), kind, about, string(order), string(raw), now)
	if err != nil {
		return false, fmt.Errorf("put on review: %w", err)
	}
	return rows == 1, nil
}

func settleReview(ctx context.Context, tx *pg.Tx, kind, about string, now time.Time) error {
	_, err := tx.Exec(ctx, `update payment_review set settled_at = $3 where kind = $1 and about = $2 and settled_at is null`, kind, about, now)
	return err
}

// Reviews lists what waits for a person, the oldest first, at most 500.
func Reviews(ctx context.Context, q pg.Conn) ([]Review, error) {
	var list []Review
	err := q.Select(ctx, &list, `
		select id, kind, about, coalesce(purchase_id::text, '') as purchase_id, detail::text as detail, made_at
		from payment_review
		where settled_at is null
		order by made_at, id
		limit 500`)
	if err != nil {
		return nil, fmt.Errorf("list reviews: %w", err)
	}
	for i := range list {
		list[i].MadeAt = list[i].MadeAt.UTC()
		var detail map[string]any
		if err := json.Unmarshal([]byte(list[i].Raw), &detail); err != nil {
			return nil, fmt.Errorf("list reviews: %w", err)
		}
		list[i].Detail = map[string]string{}
		for name, value := range detail {
			if number, ok := value.(float64); ok {
				value = int64(number)
			}
			list[i].Detail[name] = fmt.Sprint(value)
		}
	}
	return list, nil
}

// Decided takes something off the list: a person of the practice has seen to it.
func (s *Service) Decided(ctx context.Context, v Viewer, id ReviewID) error {
	if !v.everyone() {
		return ErrNoOrder
	}
	return s.DB.InTx(ctx, func(tx *pg.Tx) error {
		now := s.Now()
		rows, err := tx.Exec(ctx, `update payment_review set settled_at = $2, settled_by = $3 where id::text = $1 and settled_at is null`, string(id), now, v.ID)
		if err != nil {
			return fmt.Errorf("settle review: %w", err)
		}
		if rows == 0 {
			return nil
		}
		return audit.Record(ctx, tx, audit.Entry{At: now, Actor: v.actor(), Act: "payment review settled", About: string(id)})
	})
}
