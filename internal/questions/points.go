package questions

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Points is a number with two digits behind the point, kept as hundredths so
// that where a band begins never depends on how a machine rounds.
type Points int

// PointsOf reads 3, 2.5 or -0.75.
func PointsOf(s string) (Points, bool) {
	whole, part, pointed := strings.Cut(s, ".")
	digits := strings.TrimPrefix(whole, "-")
	if digits == "" || len(digits) > 9 || strings.Trim(digits+part, "0123456789") != "" || pointed && (part == "" || len(part) > 2) {
		return 0, false
	}
	n, err := strconv.Atoi(digits + (part + "00")[:2])
	if err != nil {
		return 0, false
	}
	if strings.HasPrefix(whole, "-") {
		n = -n
	}
	return Points(n), true
}

// String writes the number without zeros that say nothing.
func (p Points) String() string {
	sign, n := "", int(p)
	if n < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// MarshalJSON writes a JSON number.
func (p Points) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalJSON reads a JSON number with at most two digits behind the point.
func (p *Points) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	n, ok := PointsOf(string(text))
	if !ok {
		return fmt.Errorf("%q is not a number with at most two digits behind the point", text)
	}
	*p = n
	return nil
}
