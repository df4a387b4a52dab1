package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// event is what is read of an event: what kind it is and which object it is
// about. What the object looked like then is not believed; it is fetched anew.
type event struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Version  string `json:"api_version"`
	Created  int64  `json:"created"`
	Live     bool   `json:"livemode"`
	DataPart struct {
		Object struct {
			ID     string `json:"id"`
			Object string `json:"object"`
		} `json:"object"`
	} `json:"data"`
	body []byte
}

func readEvent(body []byte) (event, error) {
	var e event
	if err := json.Unmarshal(body, &e); err != nil || e.ID == "" || e.Type == "" {
		return event{}, fault.New(fault.Invalid, "This is no event of Stripe's.")
	}
	e.body = body
	return e, nil
}

func (e event) object() string { return e.DataPart.Object.ID }

// ofSession reports whether the event is about a page to pay on.
func (e event) ofSession() bool { return strings.HasPrefix(e.Type, "checkout.session.") }

// watched are the kinds of events that can change something here, and that the
// endpoint is made for.
func watched() []string {
	return []string{
		"checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed", "checkout.session.expired",
		"charge.refunded", "charge.refund.updated",
		"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
	}
}

// keptBodies is how long an event's body is kept, sealed, for whoever has to
// find out what happened.
const keptBodies = 30 * 24 * time.Hour

func bodyOwner(id string) string { return "stripe event " + id }

func bodyPlace(id string) seal.Place {
	return seal.Place{Table: "stripe_event", Column: "body", Row: id}
}

// note writes an event down and reports whether it was new. Its id stays for
// ever.
func (s *Service) note(ctx context.Context, tx *pg.Tx, e event, found bool, now time.Time) (fresh bool, err error) {
	key, wrapped, err := s.Keys.NewDataKey(bodyOwner(e.ID))
	if err != nil {
		return false, err
	}
	body, err := key.Seal(e.body, bodyPlace(e.ID))
	if err != nil {
		return false, err
	}
	rows, err := tx.Exec(ctx, `
		insert into stripe_event (id, type, object_id, api_version, made_at, seen_at, found)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict on constraint stripe_event_pkey do nothing`,
		e.ID, e.Type, e.object(), e.Version, instant(e.Created), now, found)
	if err != nil {
		return false, fmt.Errorf("note event: %w", err)
	}
	if rows == 0 {
		return false, nil
	}
	if _, err := tx.Exec(ctx, `insert into stripe_event_body (event_id, wrapped, body, seen_at) values ($1, $2, $3, $4)`, e.ID, wrapped, body, now); err != nil {
		return false, fmt.Errorf("keep body of event: %w", err)
	}
	return true, nil
}

// EventBody opens the body of an event that is still kept, for the operator.
func (s *Service) EventBody(ctx context.Context, id string) ([]byte, error) {
	var row struct {
		Body []byte `db:"body"`
		Key  []byte `db:"wrapped"`
	}
	err := s.DB.Get(ctx, &row, `select body, wrapped from stripe_event_body where event_id = $1`, id)
	if pg.NoRows(err) {
		return nil, fault.New(fault.NotFound, "The body of this event is not kept.")
	}
	if err != nil {
		return nil, fmt.Errorf("open event: %w", err)
	}
	key, err := s.Keys.DataKey(row.Key, bodyOwner(id))
	if err != nil {
		return nil, fmt.Errorf("open event: %w", err)
	}
	return key.Open(row.Body, bodyPlace(id))
}

// Forget drops the bodies of events that are old enough, and the keys with them.
func (s *Service) Forget(ctx context.Context) error {
	return s.DB.InTx(ctx, func(tx *pg.Tx) error {
		if _, err := tx.Exec(ctx, `delete from stripe_event_body where seen_at < $1`, s.Now().Add(-keptBodies)); err != nil {
			return fmt.Errorf("forget events: %w", err)
		}
		return nil
	})
}

// WrappedTables are where this room keeps what lies wrapped under the keyset.
func WrappedTables() []string { return []string{"stripe_event_body"} }

// Rewrap wraps the keys of the bodies again under the primary key of the keyset.
func Rewrap(ctx context.Context, tx *pg.Tx, keys *seal.Keyset) (int, error) {
	var rows []struct {
		ID  string `db:"event_id"`
		Key []byte `db:"wrapped"`
	}
	if err := tx.Select(ctx, &rows, `select event_id, wrapped from stripe_event_body order by event_id for update`); err != nil {
		return 0, fmt.Errorf("rewrap events: %w", err)
	}
	for _, row := range rows {
		wrapped, err := keys.Rewrap(row.Key, bodyOwner(row.ID))
		if err != nil {
			return 0, fmt.Errorf("rewrap event: %w", err)
		}
		if _, err := tx.Exec(ctx, `update stripe_event_body set wrapped = $2 where event_id = $1`, row.ID, wrapped); err != nil {
			return 0, fmt.Errorf("rewrap event: %w", err)
		}
	}
	return len(rows), nil
}
