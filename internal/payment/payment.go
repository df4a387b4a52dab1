// Package payment owns what was bought and what was paid: orders, the way to
// Stripe and back, refunds, disputes, invoices, and the comparison with Stripe
// that finds what got lost. It is the only room that speaks Stripe.
//
// An order is written down first, with its terms as they were sold, and only
// then is Stripe asked for a page to pay on. What Stripe tells is a reason to
// look, never the truth itself: every event, every return from Stripe and every
// comparison ends in one function that fetches the session anew, locks the
// order, compares, and writes down what is different, sessions included.
// However often, in whatever order or not at all Stripe's words arrive, one
// look makes it right.
//
// The room sends Stripe nothing about who, why, or with whom. It never calls
// booking; what follows from a payment follows in the same transaction.
package payment

import (
	"context"
	"log/slog"
	"time"

	"kintsugi/internal/config"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
)

// OrderID names an order. It is random, and Stripe is told nothing else of it.
type OrderID string

// Status is where an order, or a part of one, stands.
type Status string

// The statuses.
const (
	Open         Status = "open"       // nothing was paid yet
	Processing   Status = "processing" // on its way: a bank takes days to say
	Paid         Status = "paid"
	PartRefunded Status = "part_refunded"
	Refunded     Status = "refunded"
	Failed       Status = "failed"  // the last try to pay came to nothing; it may be tried again
	Expired      Status = "expired" // the page to pay on ran out; it may be tried again
	Cancelled    Status = "cancelled"
)

// Payable reports whether it can be paid now.
func (s Status) Payable() bool { return s == Open || s == Failed || s == Expired }

// HasMoney reports whether money came in.
func (s Status) HasMoney() bool { return s == Paid || s == PartRefunded || s == Refunded }

// Say is where an order, or a part of one, stands, in a word or two.
func (s Status) Say() string {
	switch s {
	case Open:
		return "Not paid yet"
	case Processing:
		return "On its way"
	case Paid:
		return "Paid"
	case PartRefunded:
		return "Partly paid back"
	case Refunded:
		return "Paid back"
	case Failed:
		return "The payment did not go through"
	case Expired:
		return "Not paid in time"
	}
	return "Dropped"
}

// Order is what somebody buys, with the terms it was sold on. Its status is that
// of the money so far: an order in parts is paid once its first part is, and the
// parts say what is still to come.
type Order struct {
	ID         OrderID                   `db:"id"`
	Buyer      people.ID                 `db:"buyer_id"` // empty once the person was erased
	Engagement engagement.ID             `db:"engagement_id"`
	Person     people.ID                 `db:"person_id"`
	Version    practice.PackageVersionID `db:"version_id"`
	Slug       string                    `db:"slug"` // of the package
	Status     Status                    `db:"status"`
	Name       string                    `db:"name"`
	ShownAs    string                    `db:"shown_as"` // how Stripe and the invoice name it
	Sessions   int                       `db:"sessions"`
	Types      practice.Slugs            `db:"types"`
	Lane       string                    `db:"lane"`
	ValidDays  int                       `db:"valid_days"` // zero: the sessions do not expire
	PriceMinor int64                     `db:"price_minor"`
	Currency   string                    `db:"currency"`
	Tax        string                    `db:"tax"`
	Terms      string                    `db:"terms"` // the text that was agreed to
	TermsHash  string                    `db:"terms_hash"`
	Changed    bool                      `db:"changed"` // the package is sold on other terms by now
	MadeAt     time.Time                 `db:"made_at"`
	Parts      []Part                    `db:"-"` // one or more
}

// Part is what is paid at once, and the sessions it gives.
type Part struct {
	Order         OrderID   `db:"purchase_id"`
	Number        int       `db:"number"`
	Sessions      int       `db:"sessions"`
	PriceMinor    int64     `db:"price_minor"`
	DueOn         string    `db:"due_on"` // a date in the practice's zone
	Status        Status    `db:"status"`
	PaidAt        time.Time `db:"paid_at"`    // zero until it was paid
	PaidMinor     int64     `db:"paid_minor"` // with tax, less what was discounted
	DiscountMinor int64     `db:"discount_minor"`
	TaxMinor      int64     `db:"tax_minor"`
	RefundedMinor int64     `db:"refunded_minor"` // went back, or is on its way
	LostMinor     int64     `db:"lost_minor"`     // a bank took it back
	Free          bool      `db:"free"`           // fully discounted: there is nothing to refund
	Disputed      bool      `db:"disputed"`       // a bank asks, and what was not used waits
}

// Source is how the credits of a part name where they came from.
func (p Part) Source() string { return source(p.Order, p.Number) }

// Holder is whose wallet the sessions go into.
func (o Order) Holder() credit.Holder {
	return credit.Holder{Engagement: o.Engagement, Person: o.Person}
}

// PaidMinor is what came in so far.
func (o Order) PaidMinor() (sum int64) {
	for _, p := range o.Parts {
		sum += p.PaidMinor
	}
	return sum
}

// RefundedMinor is what went back so far.
func (o Order) RefundedMinor() (sum int64) {
	for _, p := range o.Parts {
		sum += p.RefundedMinor
	}
	return sum
}

// Next gives the first part that can be paid now, and false when none can. A
// later part waits until those before it are paid, and nothing more is due once
// everything that was paid went back.
func (o Order) Next() (Part, bool) {
	if o.Status == Refunded {
		return Part{}, false
	}
	for _, p := range o.Parts {
		if p.Status.HasMoney() {
			continue
		}
		return p, p.Status.Payable()
	}
	return Part{}, false
}

// Unpaid reports whether nothing of the order was paid and nothing is on its way.
func (o Order) Unpaid() bool {
	for _, p := range o.Parts {
		if p.Status.HasMoney() || p.Status == Processing {
			return false
		}
	}
	return true
}

// Service does the acts of this room.
type Service struct {
	DB         *pg.DB
	Keys       *seal.Keyset
	Engagement *engagement.Service // writes the letters that say nothing
	Stripe     config.Stripe
	Site       string           // PUBLIC_URL, without a slash at its end
	Now        func() time.Time // the program's clock
	Wall       func() time.Time // the real one, by which Stripe signs; nil means time.Now
	Log        *slog.Logger
	Wake       func() // wakes the runner of letters after a commit; may be nil

	// Bought, when set, hears of each part that was paid, a moment after it was
	// written down: what follows from a payment never stands in its way.
	Bought func(ctx context.Context, tx *pg.Tx, o Order, now time.Time) error

	api apiOnce
}

// Ready reports whether Stripe's keys are set. Without them packages are shown
// and nothing is sold.
func (s *Service) Ready() bool { return s.Stripe.Set() }

// ErrNotReady is the refusal while payments are not set up.
var ErrNotReady = fault.Named(fault.Unavailable, "payments-not-set-up",
	"Payments are not set up here yet, so nothing can be bought. Nothing was charged.")

// ErrNoOrder is the one answer for an order that does not exist and for one that
// is not the asker's.
var ErrNoOrder = fault.New(fault.NotFound, "There is no such order here.")

func (s *Service) wall() time.Time {
	if s.Wall != nil {
		return s.Wall()
	}
	return time.Now()
}

func (s *Service) wake() {
	if s.Wake != nil {
		s.Wake()
	}
}

func (s *Service) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.New(slog.DiscardHandler)
}

// live is the mode of the key: test or live.
func (s *Service) live() bool { return isLive(s.Stripe.SecretKey.Reveal()) }
