package slot

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Window is a half-open range of the local day, in minutes from 0 to 1440.
type Window struct {
	From, To int
}

// ParseWindow reads hours written as 09:00-12:00. The end may be 24:00.
func ParseWindow(s string) (Window, error) {
	if len(s) == 11 && s[5] == '-' {
		from, fromOK := parseClock(s[:5])
		to, toOK := parseClock(s[6:])
		if fromOK && toOK {
			return checked(Window{from, to})
		}
	}
	return Window{}, fmt.Errorf("%q is not a range of hours; write it as 09:00-12:00, at the latest until 24:00", s)
}

// checked refuses a window that ends before it starts or as it starts.
func checked(w Window) (Window, error) {
	if w.From < w.To {
		return w, nil
	}
	if w.From == w.To {
		return Window{}, fmt.Errorf("%q ends as it starts; the end must be later, as in 09:00-12:00, and a whole day is 00:00-24:00", w)
	}
	if w.To == 0 {
		return Window{}, fmt.Errorf("%q ends before it starts; midnight at the end of a day is 24:00, so write %v", w, Window{w.From, 1440})
	}
	if w.From == 1440 {
		return Window{}, fmt.Errorf("%q ends before it starts; 24:00 can only be an end, so write %v on the next day", w, Window{0, w.To})
	}
	return Window{}, fmt.Errorf("%q ends before it starts; write %v, or for hours past midnight %v and on the next day %v",
		w, Window{w.To, w.From}, Window{w.From, 1440}, Window{0, w.To})
}

// String writes the window as ParseWindow reads it.
func (w Window) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", w.From/60, w.From%60, w.To/60, w.To%60)
}

// parseClock reads a time of day as minutes.
func parseClock(s string) (minutes int, ok bool) {
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	minutes = (int(s[0]-'0')*10+int(s[1]-'0'))*60 + int(s[3]-'0')*10 + int(s[4]-'0')
	return minutes, s[2] == ':' && s[3] < '6' && minutes <= 1440
}

// merged sorts windows and joins those that touch or overlap.
func merged(windows []Window) []Window {
	out := make([]Window, 0, len(windows))
	for _, w := range windows {
		w.From, w.To = max(w.From, 0), min(w.To, 1440)
		if w.From < w.To {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, func(a, b Window) int { return cmp.Compare(a.From, b.From) })
	kept := 0
	for i, w := range out {
		if i > 0 && w.From <= out[kept-1].To {
			out[kept-1].To = max(out[kept-1].To, w.To)
			continue
		}
		out[kept] = w
		kept++
	}
	return out[:kept]
}

// week is a week of merged windows, by weekday.
type week [7][]Window

// newWeek merges the windows of each weekday.
func newWeek(weekly map[time.Weekday][]Window) week {
	var w week
	for d := range w {
		w[d] = merged(weekly[time.Weekday(d)])
	}
	return w
}
