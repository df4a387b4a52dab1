package payment_test

import (
	"strings"
	"testing"

	"kintsugi/internal/fault"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
)

// PAY-46: a practice in Reykjavík, Tokyo or Kuwait.
func TestEveryCurrencyComesBackAsItWasPriced(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, row := range []struct {
		currency    string
		minor, asks int64
	}{{"JPY", 7200, 7200}, {"KWD", 12340, 12340}, {"ISK", 9900, 990000}, {"HUF", 4500000, 4500000}} {
		slug := "in-" + strings.ToLower(row.currency)
		h.in(func(tx *pg.Tx) error {
			return practice.SavePackage(h.ctx, tx, practice.Package{Slug: slug, Name: "Three", Sessions: 3, PriceMinor: row.minor, Currency: row.currency, Position: 9,
				Types: practice.Slugs{"solo-session"}, Tax: practice.NoTax, Visibility: practice.Visible}, h.mara.ID, h.now)
		})
		o, session := h.bought(h.sam, slug)
		now, err := h.fake.Session(session)
		h.must(err)
		if now.AmountTotal != row.asks || o.PaidMinor() != row.minor {
			t.Errorf("%s: Stripe asks for %d, want %d; %d came, want %d", row.currency, now.AmountTotal, row.asks, o.PaidMinor(), row.minor)
		}
		_, err = h.refund(o, row.minor, 3)
		h.must(err)
		h.is(o, payment.Refunded, 0)
	}
	h.in(func(tx *pg.Tx) error {
		return practice.SavePackage(h.ctx, tx, practice.Package{Slug: "odd", Name: "Odd", Sessions: 1, PriceMinor: 12345, Currency: "KWD", Position: 9,
			Types: practice.Slugs{"solo-session"}, Tax: practice.NoTax, Visibility: practice.Visible}, h.mara.ID, h.now)
	})
	if _, err := h.s.Place(h.ctx, h.purchase(h.sam, "odd")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a price that no card can pay: %v", err)
	}
	if needs := h.reconcile().Needs; len(needs) != 0 {
		t.Errorf("needs %+v", needs)
	}
}
