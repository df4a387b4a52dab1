// Package money reads and writes amounts of money as whole minor units of a
// currency. It never rounds and never uses floating point; it refuses an amount
// that its currency cannot express.
package money

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/currency"
)

// Most bounds an amount in minor units, so that sums of many stay far from the
// end of an int64.
const Most = 1_000_000_000_000

// The digits of ISO 4217, in which a card is charged. The language data is no
// help here: it counts the digits of everyday cash, and so has none for MUR.
const (
	ofNone  = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
	ofThree = "BHD IQD JOD KWD LYD OMR TND"
	// all others have two
)

// Known reports whether a currency is one that somebody pays with today: three
// capital letters of ISO 4217. Metals, funds, test codes and money of the past
// are not.
func Known(code string) bool {
	unit, err := currency.ParseISO(code)
	if err != nil || unit.String() != code {
		return false
	}
	for tender := currency.Query(); tender.Next(); {
		if tender.Unit() == unit {
			return true
		}
	}
	return false
}

// Exponent is how many digits of an amount stand after the point: 2 for GBP, 0
// for JPY, 3 for KWD.
func Exponent(code string) (int, error) {
	unit, err := currency.ParseISO(code)
	if err != nil || unit.String() != code {
		return 0, fmt.Errorf("%q is not a currency; write its three letters, such as GBP", code)
	}
	switch {
	case strings.Contains(ofNone, code):
		return 0, nil
	case strings.Contains(ofThree, code):
		return 3, nil
	}
	return 2, nil
}

// Parse reads an amount such as 720.00 or 7200 as minor units. An amount that
// has a point must have all the digits of its currency after it.
func Parse(amount, code string) (minor int64, err error) {
	exponent, err := Exponent(code)
	if err != nil {
		return 0, err
	}
	whole, part, pointed := strings.Cut(amount, ".")
	wrong := fmt.Errorf("%q is not an amount in %s; write it like %s", amount, code, plain(72000, exponent))
	if whole == "" || !digits(whole) || len(whole) > 13 || !digits(part) || pointed && part == "" {
		return 0, wrong
	}
	if pointed && len(part) != exponent {
		return 0, wrong
	}
	minor, err = strconv.ParseInt(whole+part+strings.Repeat("0", exponent-len(part)), 10, 64)
	if err != nil || minor > Most {
		return 0, fmt.Errorf("%q is too much; the most is %s %s", amount, plain(Most, exponent), code)
	}
	return minor, nil
}

// Plain writes an amount as Parse reads it: 720.00. A currency that is not
// known is taken to have two digits.
func Plain(minor int64, code string) string {
	exponent, err := Exponent(code)
	if err != nil {
		exponent = 2
	}
	return plain(minor, exponent)
}

// Format writes an amount for people: £720.00, ¥7,200, KWD 12.345.
func Format(minor int64, code string) string {
	text := Plain(minor, code)
	sign := ""
	if minor < 0 {
		sign, text = "−", text[1:]
	}
	whole, part, pointed := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if pointed {
		whole += "." + part
	}
	return sign + symbol(code) + whole
}

// symbol is what stands before an amount. Where several countries share a sign,
// the letters say which money is meant.
func symbol(code string) string {
	switch code {
	case "GBP":
		return "£"
	case "EUR":
		return "€"
	case "USD":
		return "$"
	case "JPY":
		return "¥"
	case "INR":
		return "₹"
	case "KRW":
		return "₩"
	case "ILS":
		return "₪"
	case "AUD":
		return "A$"
	case "CAD":
		return "CA$"
	case "NZD":
		return "NZ$"
	case "HKD":
		return "HK$"
	case "SGD":
		return "S$"
	}
	return code + "\u00a0" // a blank that does not break
}

func plain(minor int64, exponent int) string {
	sign := ""
	text := strconv.FormatInt(minor, 10)
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	if exponent == 0 {
		return sign + text
	}
	if short := exponent + 1 - len(text); short > 0 {
		text = strings.Repeat("0", short) + text
	}
	point := len(text) - exponent
	return sign + text[:point] + "." + text[point:]
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
