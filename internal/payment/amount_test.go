package payment_test

import (
	"testing"

	"kintsugi/internal/payment"
)

// Prices in yen were charged a hundredfold, and those in dinars at a tenth.
func TestAmountsAreCountedAsStripeCountsThem(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		currency     string
		minor, there int64 // minor of ours; -1 where a card cannot be charged it
	}{
		{"GBP", 72000, 72000}, {"EUR", 1, 1}, {"USD", 99, 99},
		{"JPY", 7200, 7200}, {"KRW", 90000, 90000}, {"VND", 1000000, 1000000}, {"XAF", 500, 500}, {"CLP", 45000, 45000}, {"RWF", 100, 100}, {"XPF", 12000, 12000},
		{"ISK", 9900, 990000}, {"UGX", 50000, 5000000}, // no smaller unit, and counted in hundredths
		{"HUF", 1250050, 1250050}, {"TWD", 30050, 30050}, // hundredths when charged
		{"MGA", 500000, 5000}, {"MGA", 500050, -1}, // counted whole there
		{"KWD", 12340, 12340}, {"KWD", 12345, -1}, {"BHD", 1000, 1000}, {"JOD", 1001, -1}, {"OMR", 10, 10}, {"TND", 5550, 5550},
		{"GBP", 0, 0},
	} {
		there, err := payment.ToStripe(row.minor, row.currency)
		if row.there < 0 {
			if err == nil {
				t.Errorf("%d %s is charged as %d", row.minor, row.currency, there)
			}
			continue
		}
		if err != nil || there != row.there {
			t.Errorf("%d %s is charged as %d %v, want %d", row.minor, row.currency, there, err, row.there)
			continue
		}
		if back, err := payment.FromStripe(there, row.currency); err != nil || back != row.minor {
			t.Errorf("%d %s comes back as %d %v", row.minor, row.currency, back, err)
		}
	}
	if got, err := payment.FromStripe(99050, "ISK"); err == nil {
		t.Errorf("half a krona is read as %d", got)
	}
	if _, err := payment.ToStripe(1, "Pounds"); err == nil {
		t.Error("no currency is charged")
	}
}

func TestACardStatementNamesThePracticeInTheSignsThatItTakes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Common Ground":            "COMMON",
		"Ground":                   "GROUND",
		"Tenletters":               "TENLETTERS",
		"Elevenlettr":              "ELEVENLETT",
		"Müller <b>'\"*\\ & Söhne": "MLLER B &",
		"会社":                       "",
		"12345":                    "",
		"":                         "",
	} {
		if got := payment.Descriptor(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
