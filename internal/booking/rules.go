package booking

import (
	"context"
	"slices"
	"strings"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
	"kintsugi/internal/slot"
)

// Rule is something that keeps an hour from being offered and that somebody of
// the practice may pass over once they were told. Two bookings at one time and
// hours that have passed are no such thing: nobody passes over them.
type Rule string

// The rules, in the order in which they are told.
const (
	RuleHours   Rule = "hours"    // outside the coach's hours
	RuleGrid    Rule = "grid"     // between the times at which such calls begin
	RuleNotice  Rule = "notice"   // sooner than the type's notice
	RuleHorizon Rule = "horizon"  // further ahead than the type opens
	RuleDayFull Rule = "day_full" // the day has its number of such calls
	RuleBuffer  Rule = "buffer"   // too near to another booking
	RuleBusy    Rule = "busy"     // the coach has something else then
)

// Say names the rule to somebody of the practice.
func (r Rule) Say() string {
	switch r {
	case RuleHours:
		return "It lies outside the hours of that day."
	case RuleGrid:
		return "Such calls do not begin at this minute."
	case RuleNotice:
		return "It is sooner than the notice that this kind of call needs."
	case RuleHorizon:
		return "It is further ahead than this kind of call is open for."
	case RuleDayFull:
		return "The day has as many calls of this kind as it may have."
	case RuleBuffer:
		return "It leaves less of a pause beside another call than is set."
	case RuleBusy:
		return "Something else stands in the calendar at this time."
	}
	return "It goes against a rule."
}

// ReadRules reads rules as they were written by JoinRules; what is no rule is
// left out.
func ReadRules(text string) []Rule {
	var rules []Rule
	for _, name := range strings.Split(text, ",") {
		switch r := Rule(name); r {
		case RuleHours, RuleGrid, RuleNotice, RuleHorizon, RuleDayFull, RuleBuffer, RuleBusy:
			rules = append(rules, r)
		}
	}
	return rules
}

// JoinRules writes rules in one word for a form or a column.
func JoinRules(rules []Rule) string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}

// AgainstRules is an hour that could be had, and that goes against rules which
// nobody has agreed to pass over.
type AgainstRules struct {
	Fault *fault.Error
	Rules []Rule // all that it goes against
}

// Error is the sentence for the log.
func (a *AgainstRules) Error() string { return a.Fault.Error() }

// Unwrap lets the fault inside be found.
func (a *AgainstRules) Unwrap() error { return a.Fault }

// admit looks whether the one coach of the offer can take the hour at all, and
// gives the rules that it goes against. All of them must have been agreed to.
func (s *Service) admit(ctx context.Context, tx *pg.Tx, offer availability.TypeOffer, start, now time.Time, moving ID, agreed []Rule) ([]Rule, error) {
	sq := slot.Query{From: start, To: start.Add(time.Second), Now: now, Moving: string(moving)}
	cal, err := gather(ctx, tx, offer, sq)
	if err != nil {
		return nil, err
	}
	rules, hard := passed(offer.Type.Rules(), cal.coaches[0], start, sq)
	if hard != slot.Offered {
		return nil, unfit{hard}
	}
	for _, r := range rules {
		if !slices.Contains(agreed, r) {
			return nil, &AgainstRules{Rules: rules, Fault: fault.Named(fault.Conflict, "against-rules",
				"This time goes against a rule of yours. Look at it once more; nothing has been changed yet.")}
		}
	}
	return rules, s.expire(ctx, tx, now, cal.due...)
}

// passed names every rule that a start goes against, by asking the engine and
// then lifting what it named, until nothing is left or something that cannot be
// lifted.
func passed(t slot.Type, c slot.Coach, start time.Time, q slot.Query) (rules []Rule, hard slot.Reason) {
	for {
		why := slot.Check(t, c, start, q)
		var r Rule
		switch why {
		case slot.Notice:
			r, t.MinNotice = RuleNotice, 0
		case slot.Horizon:
			r, t.HorizonDays = RuleHorizon, 1<<20
		case slot.DayFull:
			r, t.MaxPerDay = RuleDayFull, 0
		case slot.Buffer:
			r, t.BufferBefore, t.BufferAfter = RuleBuffer, 0, 0
			c.Taken = slices.Clone(c.Taken)
			for i := range c.Taken {
				c.Taken[i].BufferBefore, c.Taken[i].BufferAfter = 0, 0
			}
		case slot.Busy:
			r, c.Busy = RuleBusy, nil
		case slot.OffGrid:
			t.Step = time.Minute
			if r = RuleGrid; slot.Check(t, c, start, q) == slot.OffGrid {
				r, t.Weekly, c.Hours.Overrides = RuleHours, allWeek(), nil
			}
		default:
			return rules, why
		}
		if slices.Contains(rules, r) { // lifted, and named again: not a matter of rules
			return rules, why
		}
		rules = append(rules, r)
	}
}

// allWeek are hours that are always open.
func allWeek() map[time.Weekday][]slot.Window {
	week := map[time.Weekday][]slot.Window{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		week[d] = []slot.Window{{From: 0, To: 24 * 60}}
	}
	return week
}
