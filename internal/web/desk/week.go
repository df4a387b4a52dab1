package desk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

// weekForm is a week of hours as a form: each day with its rows and an empty
// one to add another.
type weekForm struct {
	Days    []dayForm
	Copied  string // what has just been copied, not yet saved
	Choices []deskChoice
}

type dayForm struct {
	Key, Name string
	Rows      []windowRow
}

type windowRow struct {
	ID, From, To string
	Problem      string
	Nth          string // "first hours", for those who hear the page
}

// weekFormOf is the form of stored hours.
func weekFormOf(week practice.Week) weekForm {
	var f weekForm
	for _, key := range practice.DayNames() {
		weekday, _ := practice.Weekday(key)
		day := dayForm{Key: key, Name: weekday.String()}
		for _, w := range week[weekday] {
			from, to, _ := strings.Cut(w.String(), "-")
			day.Rows = append(day.Rows, windowRow{From: from, To: to})
		}
		f.Days = append(f.Days, day)
	}
	return f.ready()
}

// ready gives each day an empty row at its end and each row its names.
func (f weekForm) ready() weekForm {
	nths := []string{"first", "second", "third", "fourth", "fifth"}
	f.Choices = nil
	for i := range f.Days {
		d := &f.Days[i]
		d.Rows = append(d.Rows, windowRow{})
		for n := range d.Rows {
			nth := "further"
			if n < len(nths) {
				nth = nths[n]
			}
			d.Rows[n].ID, d.Rows[n].Nth = rowID(d.Key, n), nth+" hours"
		}
		f.Choices = append(f.Choices, deskChoice{Value: d.Key, Say: d.Name})
	}
	return f
}

func rowID(day string, n int) string { return fmt.Sprintf("%s-%d", day, n) }

// mostRows of a day are read from a form; setup has the same bound.
const mostRows = 49

// readWeek reads the form: the hours that can be read, the form as it was
// typed, and what has to be mended.
func readWeek(c *gin.Context) (practice.Week, weekForm, page.Problems) {
	week, f := practice.Week{}, weekForm{}
	var problems page.Problems
	for _, key := range practice.DayNames() {
		weekday, _ := practice.Weekday(key)
		day := dayForm{Key: key, Name: weekday.String()}
		froms, tos := c.PostFormArray(key+"_from"), c.PostFormArray(key+"_to")
		for i := range min(len(froms), mostRows) {
			row := windowRow{From: strings.TrimSpace(froms[i])}
			if i < len(tos) {
				row.To = strings.TrimSpace(tos[i])
			}
			if row.From == "" && row.To == "" {
				continue
			}
			window, problem := readWindow(row.From, row.To)
			if problem == "" {
				row.From, row.To, _ = strings.Cut(window.String(), "-")
				week[weekday] = append(week[weekday], window)
			} else {
				row.Problem = day.Name + ": " + problem
				problems = append(problems, fault.Field{Name: rowID(key, len(day.Rows)), Say: row.Problem})
			}
			day.Rows = append(day.Rows, row)
		}
		slices.SortStableFunc(week[weekday], func(a, b slot.Window) int { return a.From - b.From })
		f.Days = append(f.Days, day)
	}
	return week, f.ready(), problems
}

// copyDay puts the hours of one day into others, in the form alone.
func (f weekForm) copyDay(from string, to []string) weekForm {
	i := slices.IndexFunc(f.Days, func(d dayForm) bool { return d.Key == from })
	if i < 0 {
		return f
	}
	var names []string
	for n := range f.Days {
		d := &f.Days[n]
		d.Rows = slices.Clone(d.Rows[:len(d.Rows)-1])
		if n != i && slices.Contains(to, d.Key) {
			names = append(names, d.Name)
		}
	}
	for n := range f.Days {
		if n != i && slices.Contains(to, f.Days[n].Key) {
			f.Days[n].Rows = slices.Clone(f.Days[i].Rows)
		}
	}
	f = f.ready()
	if len(names) > 0 {
		f.Copied = "Copied " + f.Days[i].Name + " to " + joinAnd(names) + ". Look it over, then save."
	}
	return f
}

// joinAnd says a list: "Tuesday, Wednesday and Friday".
func joinAnd(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// readWindow reads two times of day as people type them.
func readWindow(from, to string) (w slot.Window, problem string) {
	a, okFrom := readClock(from)
	b, okTo := readClock(to)
	switch {
	case from == "" || to == "":
		return w, "write both when the hours begin and when they end, such as 09:00 and 12:00."
	case !okFrom || !okTo:
		return w, "write times like 09:00 and 17:30; the end of the day is 24:00."
	}
	w, err := slot.ParseWindow(a + "-" + b)
	if err != nil {
		return w, err.Error() + "."
	}
	return w, ""
}

// readClock reads a time of day: 9, 9:00, 09.30, 0930, 2 pm, 24:00.
func readClock(s string) (clock string, ok bool) {
	s = strings.ToLower(strings.Join(strings.Fields(s), ""))
	half := ""
	for _, h := range []string{"am", "pm"} {
		if rest, found := strings.CutSuffix(strings.ReplaceAll(s, ".", ":"), h); found {
			s, half = rest, h
		}
	}
	s = strings.NewReplacer(".", ":", "h", ":").Replace(s)
	s = strings.TrimSuffix(s, ":")
	hours, minutes, parted := strings.Cut(s, ":")
	if !parted && (len(s) == 3 || len(s) == 4) {
		hours, minutes = s[:len(s)-2], s[len(s)-2:]
	}
	if minutes == "" {
		minutes = "00"
	}
	if !isWhole(hours) || !isWhole(minutes) || len(hours) > 2 || hours == "" || len(minutes) != 2 {
		return "", false
	}
	h, _ := strconv.Atoi(hours) // both are one or two digits
	m, _ := strconv.Atoi(minutes)
	if half != "" {
		if h < 1 || h > 12 {
			return "", false
		}
		if h %= 12; half == "pm" {
			h += 12
		}
	}
	if h > 24 || m > 59 || h == 24 && m > 0 {
		return "", false
	}
	return fmt.Sprintf("%02d:%02d", h, m), true
}

// windowsSay says the hours of a day: "09:00–12:00 and 13:00–17:00".
func windowsSay(windows []slot.Window) string {
	if len(windows) == 0 {
		return "day off"
	}
	said := make([]string, len(windows))
	for i, w := range windows {
		said[i] = strings.Replace(w.String(), "-", "–", 1)
	}
	return joinAnd(said)
}

// wholeDay says a date: "Thursday 24 December 2026".
func wholeDay(d slot.Date) string {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format("Monday 2 January 2006")
}
