package payment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// checkoutState is where a try to pay stands.
type checkoutState string

const (
	asking     checkoutState = "asking" // Stripe was asked for a page, or will be; its answer is not written down
	opened     checkoutState = "open"
	onItsWay   checkoutState = "processing"
	wasPaid    checkoutState = "paid"
	cameToNone checkoutState = "failed"
	ranOut     checkoutState = "expired"
)

// live reports whether it can still lead to a payment.
func (c checkoutState) live() bool { return c == asking || c == opened || c == onItsWay }

// checkout is a try to pay one part at Stripe.
type checkout struct {
	ID       string        `db:"id"`
	Order    OrderID       `db:"purchase_id"`
	Part     int           `db:"part"`
	Attempt  int           `db:"attempt"`
	Hash     string        `db:"params_hash"`
	Price    int64         `db:"price_minor"`
	Currency string        `db:"currency"`
	Tax      string        `db:"tax"`
	Session  string        `db:"session_id"`
	Intent   string        `db:"payment_intent"`
	URL      string        `db:"url"`
	State    checkoutState `db:"state"`
	MadeAt   time.Time     `db:"made_at"`
}

const checkoutColumns = `c.id, c.purchase_id, c.part, c.attempt, c.params_hash, c.price_minor, c.currency, c.tax,
	coalesce(c.session_id, '') as session_id, coalesce(c.payment_intent, '') as payment_intent, c.url, c.state, c.made_at`

// findCheckout gives the try that a condition over c names, the newest if there
// are several, and false when there is none.
func findCheckout(ctx context.Context, q pg.Conn, where string, args ...any) (checkout, bool, error) {
	var c checkout
	err := q.Get(ctx, &c, `select `+checkoutColumns+` from checkout c where `+where+` order by c.attempt desc, c.id limit 1`, args...)
	if pg.NoRows(err) {
		return checkout{}, false, nil
	}
	if err != nil {
		return checkout{}, false, fmt.Errorf("find checkout: %w", err)
	}
	return c, true, nil
}

// question is what Stripe is asked for a page to pay a part on. It says nothing
// about who, why or with whom: ids that mean nothing elsewhere, the practice's
// discreet name, a number of sessions and a price. The address of the buyer is
// not passed on either; they give Stripe the one that is safe for them.
type question struct {
	Order      OrderID
	Part       int
	Name       string
	Amount     int64 // as Stripe counts
	Currency   string
	Tax        string
	Site       string
	Descriptor string
}

func (s *Service) question(ctx context.Context, q pg.Conn, o Order, p Part) (question, error) {
	amount, err := toStripe(p.PriceMinor, o.Currency)
	if err != nil {
		return question{}, err
	}
	basics, err := practice.LoadBasics(ctx, q)
	if err != nil {
		return question{}, err
	}
	return question{
		Order: o.ID, Part: p.Number, Name: basics.DiscreetName + ", " + sessions(p.Sessions), Amount: amount, Currency: strings.ToLower(o.Currency),
		Tax: o.Tax, Site: s.Site, Descriptor: descriptor(basics.DiscreetName),
	}, nil
}

// hash tells two questions apart.
func (q question) hash() string {
	raw, err := json.Marshal(q)
	if err != nil {
		panic(err) // texts and numbers always become JSON
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// key is the idempotency key of a question: the same order, part, try and words
// have the same one, and nothing else does.
func (q question) key(attempt int) string {
	return fmt.Sprintf("checkout %s %d %d %s", q.Order, q.Part, attempt, q.hash()[:16])
}

// The names under which Stripe keeps our ids.
const (
	metaOrder   = "order"
	metaPart    = "part"
	metaAttempt = "attempt"
	metaRefund  = "refund"
)

func (q question) params(ctx context.Context, attempt int) *stripe.CheckoutSessionParams {
	page := q.Site + "/portal/orders/" + string(q.Order)
	ours := map[string]string{metaOrder: string(q.Order), metaPart: strconv.Itoa(q.Part), metaAttempt: strconv.Itoa(attempt)}
	price := &stripe.CheckoutSessionLineItemPriceDataParams{
		Currency: stripe.String(q.Currency), UnitAmount: stripe.Int64(q.Amount),
		ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(q.Name)},
	}
	p := &stripe.CheckoutSessionParams{
		Params:              keyed(ctx, q.key(attempt)),
		Mode:                stripe.String(string(stripe.CheckoutSessionModePayment)),
		ClientReferenceID:   stripe.String(string(q.Order)),
		Metadata:            ours,
		CustomerCreation:    stripe.String(string(stripe.CheckoutSessionCustomerCreationAlways)),
		AllowPromotionCodes: stripe.Bool(true),
		SuccessURL:          stripe.String(page + "?session_id={CHECKOUT_SESSION_ID}"),
		CancelURL:           stripe.String(page),
		LineItems:           []*stripe.CheckoutSessionLineItemParams{{PriceData: price, Quantity: stripe.Int64(1)}},
		PaymentIntentData:   &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: ours},
	}
	if q.Descriptor != "" {
		p.PaymentIntentData.StatementDescriptorSuffix = stripe.String(q.Descriptor)
	}
	if q.Tax != practice.NoTax {
		price.TaxBehavior = stripe.String(q.Tax)
		p.AutomaticTax = &stripe.CheckoutSessionAutomaticTaxParams{Enabled: stripe.Bool(true)}
	}
	return p
}

// longestSuffix is what is left of the 22 signs of a card statement after the
// longest prefix that an account can have, its star and a blank.
const longestSuffix = 10

// descriptor is the discreet name as a card statement takes it: plain letters,
// whole words where they fit, nothing when no letter is left.
func descriptor(name string) string {
	var plain strings.Builder
	letters := false
	for _, r := range strings.ToUpper(name) {
		switch {
		case 'A' <= r && r <= 'Z':
			letters = true
			plain.WriteRune(r)
		case '0' <= r && r <= '9', r == ' ', r == '.', r == '-', r == '&':
			plain.WriteRune(r)
		}
	}
	short := strings.Join(strings.Fields(plain.String()), " ")
	if len(short) > longestSuffix {
		cut := short[:longestSuffix]
		if short[longestSuffix] != ' ' && strings.Contains(cut, " ") {
			cut = cut[:strings.LastIndex(cut, " ")]
		}
		short = strings.TrimSpace(cut)
	}
	if !letters || !strings.ContainsFunc(short, func(r rune) bool { return 'A' <= r && r <= 'Z' }) {
		return ""
	}
	return short
}
