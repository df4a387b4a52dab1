package calendar

import (
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// What a rule may ask for.
const (
	maxRule     = 2000      // characters
	maxInterval = 10_000    // periods
	maxClock    = 96        // starts on one day
	maxStarts   = 200_000   // starts of one rule since its beginning
	fruitless   = 1_000_000 // the effort of a rule that never comes true
	day         = 24 * time.Hour
)

// starts gives the labels at which a rule begins anew between two labels, both
// included. The rule runs on labels, not on instants, so that 09:00 stays
// 09:00; only its UNTIL may be an instant.
//
// rrule-go runs for ever on rules of seconds, builds every start of a day
// beforehand, panics on some numbers, and goes on to the year 9999 for a date
// that never comes. So a rule is checked before, begins close to where it is
// asked for, and its effort is counted.
func (f *file) starts(text string, first moment, from, to time.Time) (labels []time.Time, err error) {
	defer func() {
		if recover() != nil {
			labels, err = nil, errUnread
		}
	}()
	option, err := f.readRule(text, first)
	if err != nil {
		return nil, err
	}
	option.Dtstart = first.label
	if option.Until.IsZero() || option.Until.After(to) {
		option.Until = to
	}
	if option.Until.Before(from) || option.Until.Before(first.label) {
		return nil, nil
	}
	if option.Count == 0 {
		option.Dtstart = nearer(option, from)
	}
	clock := max(1, len(option.Byhour)) * max(1, len(option.Byminute)) * max(1, len(option.Bysecond))
	f.effort -= clock + int(option.Until.Sub(option.Dtstart)/day)
	if clock > maxClock || f.effort < 0 {
		return nil, errUnread
	}
	// rrule-go looks at its end only when a start comes true. It is given a later
	// one, so that a rule without any start is one that never comes true.
	last := option.Until
	option.Until = last.AddDate(30, 0, 0)
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return nil, errUnread
	}
	next, n := rule.Iterator(), 0
	for label, ok := next(); ok; label, ok = next() {
		if n++; n > maxStarts {
			return nil, errUnread
		}
		if label.After(last) {
			break
		}
		if !label.Before(from) {
			labels = append(labels, label)
		}
	}
	if n == 0 {
		f.effort -= fruitless
	}
	f.effort -= n
	return labels, nil
}

// nearer moves the beginning of a rule by whole periods to shortly before a
// label. Starts before it are not wanted, and those after it stay the same.
func nearer(o *rrule.ROption, label time.Time) time.Time {
	every, start := max(1, o.Interval), o.Dtstart
	ahead := label.Sub(start)
	if ahead < 0 || start.Day() > 28 {
		return start
	}
	switch o.Freq {
	case rrule.DAILY, rrule.WEEKLY:
		if o.Freq == rrule.WEEKLY {
			every *= 7
		}
		if n := int(ahead/day)/every - 1; n > 0 {
			return start.AddDate(0, 0, n*every)
		}
	case rrule.MONTHLY:
		if n := ((label.Year()-start.Year())*12-12)/every - 1; n > 0 {
			return start.AddDate(0, n*every, 0)
		}
	case rrule.YEARLY:
		if n := (label.Year()-start.Year())/every - 1; n > 0 {
			return start.AddDate(n*every, 0, 0)
		}
	}
	return start
}

// readRule reads a RRULE whose words may be in small letters, in any order, or
// unknown. Rules of hours, minutes and seconds are refused.
func (f *file) readRule(text string, first moment) (*rrule.ROption, error) {
	if len(text) > maxRule {
		return nil, errUnread
	}
	var kept []string
	var until time.Time
	for word := range strings.SplitSeq(strings.ToUpper(text), ";") {
		name, value, found := strings.Cut(strings.ReplaceAll(word, " ", ""), "=")
		switch {
		case !found || value == "":
		case name == "UNTIL":
			var err error
			if until, err = f.readUntil(value, first); err != nil {
				return nil, err
			}
		case name == "INTERVAL":
			if n, err := strconv.Atoi(value); err != nil || n < 1 || n > maxInterval {
				return nil, errUnread
			}
			kept = append(kept, name+"="+value)
		case name == "RSCALE":
			if value != "GREGORIAN" {
				return nil, errUnread
			}
		case name == "COUNT":
			if n, err := strconv.Atoi(value); err != nil || n < 1 {
				return nil, errUnread
			}
			kept = append(kept, name+"="+value)
		case name == "FREQ", name == "WKST", strings.HasPrefix(name, "BY") && name != "BYEASTER":
			if !first.date || name != "BYHOUR" && name != "BYMINUTE" && name != "BYSECOND" {
				kept = append(kept, name+"="+strings.TrimSuffix(value, ","))
			}
		}
	}
	option, err := rrule.StrToROption(strings.Join(kept, ";"))
	if err != nil || option.Freq > rrule.DAILY {
		return nil, errUnread
	}
	option.Until = until
	return option, nil
}

// readUntil gives the last label of a rule. A date includes the whole day.
func (f *file) readUntil(value string, first moment) (time.Time, error) {
	m, err := readMoment(value, nil)
	switch {
	case err != nil:
		return time.Time{}, err
	case m.date:
		return m.label.Add(day - time.Second), nil
	case m.utc:
		return f.zoneOf(first).label(m.label), nil
	}
	return m.label, nil
}
