package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/audit"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"

	"github.com/google/uuid"
)

// Purchase is what somebody asks for when they buy. The price, the sessions and
// the currency are never theirs to say.
type Purchase struct {
	Buyer   people.ID
	Version practice.PackageVersionID
	For     credit.Holder // empty: whose it is follows from the package's lane
	Agreed  string        // Terms.Hash of the text they agreed to
	Key     once.Key
}

// Slugs of refusals.
const (
	TermsChanged = "terms-changed" // the package is sold on other terms than those agreed to
	NotForSale   = "not-for-sale"
)

var errTermsChanged = fault.Named(fault.Conflict, TermsChanged,
	"The package has changed since you opened this page. Nothing was charged. Please look at what it is now, and buy it if that suits you.")

// errNotIn is the answer to who names a wallet that is not theirs.
var errNotIn = fault.New(fault.NotFound, "There is nothing here by that name.")

// Place writes an order down, before Stripe is asked for anything. Whoever still
// has an order of the same package to pay finds that one: its terms become those
// that were agreed to now, and a page to pay on at the old price is closed.
//
// Errors: ErrNotReady; slugs terms-changed, not-for-sale, stripe-away; Invalid
// with field agreed.
func (s *Service) Place(ctx context.Context, p Purchase) (Order, error) {
	if !s.Ready() {
		return Order{}, ErrNotReady
	}
	var placed struct{ Order OrderID }
	if found, err := once.Find(ctx, s.DB, p.Key, &placed); err != nil {
		return Order{}, err
	} else if found {
		return Find(ctx, s.DB, p.Buyer, placed.Order)
	}
	sale, err := s.sale(ctx, p)
	if err != nil {
		return Order{}, err
	}
	for range 3 {
		if err := s.closeOlder(ctx, sale); err != nil {
			return Order{}, err
		}
		id, err := s.place(ctx, sale)
		switch {
		case err == errStillOpen:
			continue // somebody opened a page to pay on meanwhile
		case once.IsRepeat(err):
			if _, err := once.Find(ctx, s.DB, p.Key, &placed); err != nil {
				return Order{}, err
			}
			return Find(ctx, s.DB, p.Buyer, placed.Order)
		case err != nil:
			return Order{}, fmt.Errorf("place order: %w", err)
		}
		return Find(ctx, s.DB, p.Buyer, id)
	}
	return Order{}, errTermsChanged
}

// sale is a purchase after it was looked at.
type sale struct {
	Purchase
	pack  practice.Package
	terms Terms
	shown string
}

func (s *Service) sale(ctx context.Context, p Purchase) (sale, error) {
	pack, terms, err := TermsOf(ctx, s.DB, p.Version)
	if err != nil {
		return sale{}, err
	}
	if p.Agreed == "" {
		return sale{}, fault.InvalidField("agreed", "Please read what you agree to, and tick that you do.")
	}
	offered, err := forSale(ctx, s.DB, p.Buyer, pack)
	if err != nil {
		return sale{}, err
	}
	switch {
	case !offered && pack.Visibility == practice.Withdrawn:
		return sale{}, fault.Named(fault.Conflict, NotForSale, "This package is not sold any more. Nothing was charged.")
	case !offered || p.Agreed != terms.Hash:
		return sale{}, errTermsChanged
	}
	for _, part := range pack.Parts() {
		if err := Chargeable(part.PriceMinor, pack.Currency); err != nil {
			return sale{}, fault.Wrap(fault.Conflict, "This price cannot be paid by card. Please tell us, so that we put it right.", err)
		}
	}
	if p.For, err = holder(ctx, s.DB, p, pack); err != nil {
		return sale{}, err
	}
	basics, err := practice.LoadBasics(ctx, s.DB)
	if err != nil {
		return sale{}, err
	}
	return sale{Purchase: p, pack: pack, terms: terms, shown: basics.DiscreetName + ", " + sessions(pack.Sessions)}, nil
}

// forSale reports whether somebody can buy this version: it is the one sold now,
// or it was offered to them.
func forSale(ctx context.Context, q pg.Conn, buyer people.ID, p practice.Package) (bool, error) {
	if p.Current() && p.Visibility != practice.Withdrawn {
		return true, nil
	}
	var offered bool
	err := q.Get(ctx, &offered, `
		select exists (select from package_offer where version_id = $1 and person_id = $2 and withdrawn_at is null)`, p.VersionID, buyer)
	if err != nil {
		return false, fmt.Errorf("look whether it is offered: %w", err)
	}
	return offered, nil
}

// holder finds whose wallet the sessions go into. Sessions for one are the
// buyer's own. Sessions for two belong to an engagement that the buyer is in;
// whoever has none yet keeps them until the work begins.
func holder(ctx context.Context, q pg.Conn, p Purchase, pack practice.Package) (credit.Holder, error) {
	own := credit.Holder{Person: p.Buyer}
	if pack.Lane != practice.Joint {
		if p.For != (credit.Holder{}) && p.For != own {
			return credit.Holder{}, errNotIn
		}
		return own, nil
	}
	all, err := engagement.ListForClient(ctx, q, p.Buyer)
	if err != nil {
		return credit.Holder{}, err
	}
	var in []engagement.ID
	for _, e := range all {
		if me, ok := e.Client(p.Buyer); ok && me.Place == engagement.Accepted && e.State != engagement.Ended {
			in = append(in, e.ID)
			if p.For.Engagement == e.ID && p.For.Person == "" {
				return p.For, nil
			}
		}
	}
	switch {
	case p.For.Engagement != "" || p.For.Person != "" && p.For.Person != p.Buyer:
		return credit.Holder{}, errNotIn
	case len(in) == 0:
		return own, nil
	case len(in) == 1:
		return credit.Holder{Engagement: in[0]}, nil
	}
	return credit.Holder{}, fault.InvalidField("for", "Choose which work these sessions are for.")
}

// waiting is an order of the same package for the same wallet that nothing was
// paid on.
type waiting struct {
	ID       OrderID                   `db:"id"`
	Version  practice.PackageVersionID `db:"version_id"`
	Terms    string                    `db:"terms_hash"`
	Checkout string                    `db:"checkout_id"` // the try that is under way
}

// alike reports whether the order is on the terms that were agreed to.
func (w waiting) alike(x sale) bool { return w.Version == x.Version && w.Terms == x.terms.Hash }

// waitingOrders are the orders on which nothing was paid of the same package for
// the same wallet, the newest first.
const waitingOrders = `
		from purchase o
		join package_version v on v.id = o.version_id
		where o.buyer_id = $1 and v.package_id = $2 and coalesce(o.engagement_id, o.person_id)::text = $3
			and o.status in ('open', 'failed', 'expired')
		order by o.made_at desc, o.id`

func (x sale) waits() []any {
	return []any{x.Buyer, x.pack.ID, string(x.For.Engagement) + string(x.For.Person)}
}

func findWaiting(ctx context.Context, q pg.Conn, x sale) (waiting, bool, error) {
	var w waiting
	err := q.Get(ctx, &w, `
		select o.id, o.version_id, o.terms_hash,
			coalesce((select c.id::text from checkout c where c.purchase_id = o.id and c.state in ('asking', 'open', 'processing') order by c.id limit 1), '') as checkout_id`+
		waitingOrders+` limit 1`, x.waits()...)
	if pg.NoRows(err) {
		return waiting{}, false, nil
	}
	if err != nil {
		return waiting{}, false, fmt.Errorf("find order to pay: %w", err)
	}
	return w, true, nil
}

// closeOlder closes the page to pay on of an order that has other terms.
func (s *Service) closeOlder(ctx context.Context, x sale) error {
	w, found, err := findWaiting(ctx, s.DB, x)
	if err != nil || !found || w.alike(x) || w.Checkout == "" {
		return err
	}
	return s.endCheckout(ctx, w.Checkout)
}

var errStillOpen = fmt.Errorf("a page to pay on is open")

func (s *Service) place(ctx context.Context, x sale) (id OrderID, err error) {
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		now := s.Now()
		if err := tx.Lock(ctx, "purchase "+string(x.Buyer)); err != nil {
			return err
		}
		// Held before it is read: a page may be opened or paid on at this moment.
		var held []OrderID
		if err := tx.Select(ctx, &held, `select o.id`+waitingOrders+` for update of o`, x.waits()...); err != nil {
			return err
		}
		w, found, err := findWaiting(ctx, tx, x)
		if err != nil {
			return err
		}
		switch {
		case !found:
			id = OrderID(uuid.NewString())
			err = writeOrder(ctx, tx, id, x, now)
		case w.alike(x):
			id = w.ID
		case w.Checkout != "":
			return errStillOpen
		default:
			id = w.ID
			err = writeOrder(ctx, tx, id, x, now)
		}
		if err != nil {
			return err
		}
		return once.Settle(ctx, tx, x.Key, struct{ Order OrderID }{id}, now)
	})
	return id, err
}

// writeOrder freezes the terms into an order that is new, or that nothing was
// paid on.
func writeOrder(ctx context.Context, tx *pg.Tx, id OrderID, x sale, now time.Time) error {
	types, err := json.Marshal(x.pack.Types)
	if err != nil {
		return err
	}
	p := x.pack
	_, err = tx.Exec(ctx, `
		insert into purchase (id, buyer_id, engagement_id, person_id, version_id, status, name, shown_as, sessions, types, lane,
			valid_days, price_minor, currency, tax, terms, terms_hash, made_at, changed_at)
		values ($1, $2, nullif($3, '')::uuid, nullif($4, '')::uuid, $5, 'open', $6, $7, $8, $9, $10, nullif($11, 0), $12, $13, $14, $15, $16, $17, $17)
		on conflict (id) do update
		set version_id = excluded.version_id, status = 'open', name = excluded.name, shown_as = excluded.shown_as, sessions = excluded.sessions,
			types = excluded.types, lane = excluded.lane, valid_days = excluded.valid_days, price_minor = excluded.price_minor,
			currency = excluded.currency, tax = excluded.tax, terms = excluded.terms, terms_hash = excluded.terms_hash, changed_at = excluded.changed_at`,
		id, x.Buyer, string(x.For.Engagement), string(x.For.Person), p.VersionID, p.Name, x.shown, p.Sessions, string(types), p.Lane,
		p.ValidDays, p.PriceMinor, p.Currency, p.Tax, x.terms.Text, x.terms.Hash, now)
	if err != nil {
		return err
	}
	basics, err := practice.LoadBasics(ctx, tx)
	if err != nil {
		return err
	}
	for i, part := range p.Parts() {
		_, err := tx.Exec(ctx, `
			insert into purchase_part (purchase_id, number, sessions, price_minor, days_after, due_on, status)
			values ($1, $2, $3, $4, $5, $6::date + $5::integer, 'open')
			on conflict (purchase_id, number) do update
			set sessions = excluded.sessions, price_minor = excluded.price_minor, days_after = excluded.days_after,
				due_on = excluded.due_on, status = 'open'`,
			id, i+1, part.Sessions, part.PriceMinor, part.DaysAfter, now.In(basics.Zone()).Format(time.DateOnly))
		if err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `delete from purchase_part where purchase_id = $1 and number > $2`, id, len(p.Parts())); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		At: now, Actor: audit.Actor{Kind: audit.Person, ID: string(x.Buyer)}, Act: "order placed", About: string(id),
		Detail: map[string]any{"version": p.VersionID, "price": p.PriceMinor, "currency": p.Currency},
	})
}
