package setup

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const dayMinutes = 24 * 60

// span is a length of time in whole minutes.
func span(least, most int) kind[int] {
	return kind[int]{
		read: func(v value) (int, bool) {
			s, ok := v.scalar("30m")
			if !ok {
				return 0, false
			}
			n, ok := parseSpan(s)
			if !ok {
				v.wrong("%s is not a length of time; write it like 30m, 24h or 60d", quoted(s))
				return 0, false
			}
			if n < least || n > most {
				v.wrong("%s is out of bounds; it may be from %s to %s", quoted(s), writeSpan(least), writeSpan(most))
				return 0, false
			}
			return n, true
		},
		write: func(n int) *yaml.Node {
			if n < least {
				return nil
			}
			return plainNode(writeSpan(n))
		},
	}
}

// days is a length of time in whole days.
func days(least, most int) kind[int] {
	minutes := span(least*dayMinutes, most*dayMinutes)
	return kind[int]{
		read: func(v value) (int, bool) {
			n, ok := minutes.read(v)
			if ok && n%dayMinutes != 0 {
				v.wrong("%s must be whole days, such as 60d", quoted(v.node.Value))
				return 0, false
			}
			return n / dayMinutes, ok
		},
		write: func(n int) *yaml.Node {
			if n < least {
				return nil
			}
			return plainNode(strconv.Itoa(n) + "d")
		},
	}
}

// parseSpan reads days, hours and minutes in this order, each at most once, as
// minutes: 30m, 24h, 60d, 1h30m.
func parseSpan(s string) (minutes int, ok bool) {
	for _, unit := range []struct {
		sign    string
		minutes int
	}{{"d", dayMinutes}, {"h", 60}, {"m", 1}} {
		number, rest, found := strings.Cut(s, unit.sign)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 24)
		if err != nil {
			return 0, false
		}
		minutes += int(n) * unit.minutes
		s, ok = rest, true
	}
	return minutes, ok && s == ""
}

// writeSpan writes minutes in the largest unit that fits; a day is 24h, as
// people say it.
func writeSpan(n int) string {
	switch {
	case n != 0 && n%dayMinutes == 0 && n > dayMinutes:
		return strconv.Itoa(n/dayMinutes) + "d"
	case n != 0 && n%60 == 0:
		return strconv.Itoa(n/60) + "h"
	}
	return strconv.Itoa(n) + "m"
}
