package payment

import (
	"fmt"
	"strings"

	"kintsugi/internal/money"
)

// Stripe counts some currencies in other units than ISO 4217 does. Everything
// that is not listed has two digits there.
const (
	stripeWhole = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
	stripeThree = "BHD JOD KWD OMR TND"
)

// ISK and UGX have no smaller unit, and are nevertheless counted in hundredths:
// the two digits must be zero. HUF and TWD have two digits when they are charged,
// and none only in a payout.

func stripeExponent(currency string) int {
	switch {
	case strings.Contains(stripeWhole, currency):
		return 0
	case strings.Contains(stripeThree, currency):
		return 3
	}
	return 2
}

// toStripe gives an amount as Stripe counts it.
func toStripe(minor int64, currency string) (int64, error) {
	ours, err := money.Exponent(currency)
	if err != nil {
		return 0, err
	}
	theirs := stripeExponent(currency)
	for ; ours < theirs; ours++ {
		minor *= 10
	}
	for ; ours > theirs; ours-- {
		if minor%10 != 0 {
			return 0, fmt.Errorf("a card cannot be charged %s %s: its currency has no such small unit there", money.Plain(minor, currency), currency)
		}
		minor /= 10
	}
	if theirs == 3 && minor%10 != 0 {
		return 0, fmt.Errorf("a card is charged in %s in steps of 0.010", currency)
	}
	return minor, nil
}

// fromStripe gives an amount of Stripe's in our minor units.
func fromStripe(amount int64, currency string) (int64, error) {
	ours, err := money.Exponent(currency)
	if err != nil {
		return 0, err
	}
	theirs := stripeExponent(currency)
	for ; theirs < ours; theirs++ {
		amount *= 10
	}
	for ; theirs > ours; theirs-- {
		if amount%10 != 0 {
			return 0, fmt.Errorf("an amount in %s that its currency does not have came from Stripe", currency)
		}
		amount /= 10
	}
	return amount, nil
}

// Chargeable says whether a price can be paid by card, and why not.
func Chargeable(minor int64, currency string) error {
	_, err := toStripe(minor, currency)
	return err
}
