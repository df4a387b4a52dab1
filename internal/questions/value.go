package questions

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/words"
)

// read gives the answer in what was sent for a question, empty where nothing
// was said, and how to mend what cannot be used. Of several options the usable
// ones are given even then.
func (q Question) read(sent []string) (answer []string, say string) {
	if q.Kind == Several {
		return q.readSeveral(sent)
	}
	if len(sent) == 0 || strings.TrimSpace(sent[0]) == "" {
		return nil, ""
	}
	one := sent[0]
	switch q.Kind {
	case ShortText, Signature:
		most := q.Longest()
		if q.Kind == Signature {
			most = LongestTyped
		}
		one, say = line(one, most)
	case LongText:
		one, say = prose(one, q.Longest())
	case Choice:
		if !slices.Contains(q.Options, one) {
			return nil, "Please choose one of the answers given here."
		}
	case ScaleOf:
		one, say = q.readStep(one)
	case Number:
		one, say = q.readNumber(one)
	case Date:
		one, say = readDate(one)
	case YesNo:
		if one != Yes && one != No {
			return nil, "Please choose yes or no."
		}
	case Consent:
		if one != Yes {
			return nil, "Please tick the box, or leave it as it is."
		}
	default:
		return nil, ""
	}
	if say != "" || one == "" {
		return nil, say
	}
	return []string{one}, ""
}

func line(s string, most int) (string, string) {
	clean, err := words.Line("", s, most)
	if err != nil {
		return "", fault.SayOf(err)
	}
	return clean, ""
}

// prose is a longer text. One that shows nothing is no answer.
func prose(s string, most int) (string, string) {
	clean, err := words.Text("", s, most)
	if err != nil {
		return "", fault.SayOf(err)
	}
	if !words.Shows(clean) {
		return "", ""
	}
	return clean, ""
}

// readSeveral gives the options that were chosen, each once, in the form's order.
func (q Question) readSeveral(sent []string) (chosen []string, say string) {
	for _, option := range q.Options {
		if slices.Contains(sent, option) && !slices.Contains(chosen, option) {
			chosen = append(chosen, option)
		}
	}
	for _, s := range sent {
		if strings.TrimSpace(s) != "" && !slices.Contains(q.Options, s) {
			return chosen, "Please choose from the answers given here."
		}
	}
	switch {
	case len(chosen) == 0:
		return nil, ""
	case q.Min != nil && len(chosen) < *q.Min:
		return chosen, fmt.Sprintf("Please choose at least %d.", *q.Min)
	case q.Max != nil && len(chosen) > *q.Max:
		return chosen, fmt.Sprintf("Please choose at most %d.", *q.Max)
	}
	return chosen, ""
}

func (q Question) readStep(s string) (string, string) {
	from, to := q.Steps()
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < from || n > to {
		return "", fmt.Sprintf("Please choose a number from %d to %d.", from, to)
	}
	return strconv.Itoa(n), ""
}

// readNumber reads a number with at most two digits behind a point or comma. A
// third one would leave open whether 1,000 is one or a thousand.
func (q Question) readNumber(s string) (string, string) {
	s = strings.TrimPrefix(strings.ReplaceAll(strings.TrimSpace(s), ",", "."), "+")
	s = strings.Replace(s, "−", "-", 1)
	whole, part, pointed := strings.Cut(s, ".")
	minus := strings.HasPrefix(whole, "-")
	digits := strings.TrimPrefix(whole, "-")
	if digits == "" || len(digits) > 7 || strings.Trim(digits+part, "0123456789") != "" || pointed && (part == "" || len(part) > 2) {
		return "", "Please write a number in digits, such as 12 or 2.5."
	}
	n, _ := strconv.Atoi(digits + (part + "00")[:2]) // it is digits, at most nine
	if minus {
		n = -n
	}
	from, to := -LargestNumber, LargestNumber
	if q.Min != nil {
		from = *q.Min
	}
	if q.Max != nil {
		to = *q.Max
	}
	switch {
	case n >= from*100 && n <= to*100:
		return Points(n).String(), ""
	case q.Max == nil:
		return "", fmt.Sprintf("Please write a number from %d upwards.", from)
	case q.Min == nil:
		return "", fmt.Sprintf("Please write a number of at most %d.", to)
	}
	return "", fmt.Sprintf("Please write a number from %d to %d.", from, to)
}

// readDate reads a date as a browser's own input writes it, or in words. In
// 03/04/2026 nobody knows which is the month.
func readDate(s string) (string, string) {
	s = strings.Join(strings.Fields(s), " ")
	for _, layout := range []string{time.DateOnly, "2 January 2006", "2 Jan 2006", "January 2, 2006"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
			return t.Format(time.DateOnly), ""
		}
	}
	return "", "Please write a date, such as 2026-12-01 or 1 December 2026."
}
