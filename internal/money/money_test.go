package money_test

import (
	"strings"
	"testing"

	"kintsugi/internal/money"

	"pgregory.net/rapid"
)

func TestAmountsAreExactInTheDigitsOfTheirCurrency(t *testing.T) {
	for _, row := range []struct {
		amount, code string
		minor        int64
		said         string
	}{
		{"720.00", "GBP", 72000, "£720.00"},
		{"720", "GBP", 72000, "£720.00"},
		{"0.01", "EUR", 1, "€0.01"},
		{"0", "USD", 0, "$0.00"},
		{"7200", "JPY", 7200, "¥7,200"},
		{"12.345", "KWD", 12345, "KWD\u00a012.345"},
		{"1234567.89", "CHF", 123456789, "CHF\u00a01,234,567.89"},
		{"1500.00", "PKR", 150000, "PKR\u00a01,500.00"},
		{"90071992547.41", "USD", 9007199254741, ""},
	} {
		minor, err := money.Parse(row.amount, row.code)
		if row.said == "" {
			if err == nil {
				t.Errorf("%s %s: want too much", row.amount, row.code)
			}
			continue
		}
		if err != nil || minor != row.minor {
			t.Errorf("Parse(%s, %s) = %d, %v; want %d", row.amount, row.code, minor, err, row.minor)
		}
		if said := money.Format(minor, row.code); said != row.said {
			t.Errorf("Format(%d, %s) = %q; want %q", minor, row.code, said, row.said)
		}
	}
}

func TestADebtIsWrittenWithAMinus(t *testing.T) {
	for minor, want := range map[int64]string{-5: "−£0.05", -123456: "−£1,234.56", -100000: "−£1,000.00"} {
		if said := money.Format(minor, "GBP"); said != want {
			t.Errorf("Format(%d) = %q; want %q", minor, said, want)
		}
	}
}

func TestAnAmountThatTheCurrencyCannotExpressIsRefused(t *testing.T) {
	for _, row := range [][2]string{
		{"720.0", "GBP"}, {"720.001", "GBP"}, {"720.", "GBP"}, {".50", "GBP"}, {"-1.00", "GBP"}, {"+1.00", "GBP"},
		{"7,20", "GBP"}, {"1e3", "GBP"}, {"0x10", "GBP"}, {"", "GBP"}, {" 1", "GBP"}, {"£1", "GBP"}, {"NaN", "GBP"},
		{"7200.00", "JPY"}, {"12.34", "KWD"}, {strings.Repeat("9", 40), "GBP"}, {"1.00", "gbp"}, {"1.00", "ZZZ"}, {"1.00", ""}, {"1٣", "GBP"},
	} {
		if minor, err := money.Parse(row[0], row[1]); err == nil {
			t.Errorf("Parse(%q, %q) = %d; want a refusal", row[0], row[1], minor)
		}
	}
}

func TestWhatIsWrittenIsReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"GBP", "JPY", "KWD", "EUR", "ISK", "IQD", "COP"}).Draw(t, "currency")
		minor := rapid.Int64Range(0, money.Most).Draw(t, "minor")
		back, err := money.Parse(money.Plain(minor, code), code)
		if err != nil || back != minor {
			t.Fatalf("%d %s came back as %d, %v", minor, code, back, err)
		}
	})
}

func TestACurrencyIsOneThatSomebodyPaysWithToday(t *testing.T) {
	for code, known := range map[string]bool{
		"GBP": true, "EUR": true, "USD": true, "JPY": true, "KWD": true, "XOF": true, "XCD": true, "CHF": true, "UAH": true,
		"XXX": false, "XAU": false, "XTS": false, "DEM": false, "gbp": false, "GB": false, "GBPP": false, "ZZZ": false, "": false, "CLF": false,
	} {
		if money.Known(code) != known {
			t.Errorf("%q: %v", code, !known)
		}
	}
}

// Every currency that Stripe charges in, as ISO 4217 counts its digits. For some
// of them Stripe wants amounts in another number of digits; that is for the room
// that speaks to Stripe.
func TestACurrencyHasTheDigitsOfISO4217(t *testing.T) {
	for digits, codes := range map[int]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
		2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD " +
			"FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN " +
			"NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD " +
			"YER ZAR ZMW",
		3: "BHD JOD KWD OMR TND",
	} {
		for _, code := range strings.Fields(codes) {
			if got, err := money.Exponent(code); err != nil || got != digits || !money.Known(code) {
				t.Errorf("%s has %d digits (%v, known: %v), want %d", code, got, err, money.Known(code), digits)
			}
		}
	}
}
