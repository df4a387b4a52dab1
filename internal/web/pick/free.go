package pick

import (
	"strings"
	"time"

	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/practice"
)

// FreeRule says until when each of the times shown would be free to change: in
// one sentence where it is the same for all, else time by time.
func FreeRule(shown Picker, basics practice.Basics, now time.Time) string {
	rule := "Free to move or cancel until " + civil.Duration(basics.CancelNotice()) + " before it begins; later the session counts as used."
	if basics.CancelMinutes == 0 {
		rule = "Free to move or cancel until it begins; after that the session counts as used."
	}
	loc := practice.Zone(shown.Zone)
	var days []string
	same, past := true, 0
	var each []string
	for _, part := range shown.Times {
		for _, t := range part.Times {
			start, err := time.Parse(time.RFC3339, t.Start)
			if err != nil {
				continue
			}
			until := credit.FreeUntil(start, basics.CancelNotice(), basics.Zone())
			day := civil.Day(until, loc, now)
			if len(days) == 0 || days[len(days)-1] != day {
				days = append(days, day)
			}
			same = same && civil.Clock(until, loc) == civil.Clock(start, loc)
			if now.After(until) {
				past++
				each = append(each, civil.Clock(start, loc)+" no longer")
				continue
			}
			each = append(each, civil.Clock(start, loc)+" until "+day+", "+civil.Clock(until, loc))
		}
	}
	switch {
	case len(each) == 0 || basics.CancelMinutes == 0:
		return rule
	case past == len(each):
		return rule + " Every time shown is nearer than that: once booked, the session counts as used, also when you cancel."
	case same && len(days) == 1 && past == 0:
		return rule + " That is until the same time on " + days[0] + "."
	}
	return rule + " That is, for a call at " + strings.Join(each, "; at ") + "."
}
