package desk

import (
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

// freeTimes is where a coach chooses an hour: a month with its free days, the
// free times of one day, and any other time, which may go against a rule.
type freeTimes struct {
	Month    page.Month
	ZoneSay  string
	Empty    string
	Day      string
	Times    []freeTime
	Date     string // of another time, as it was typed
	Clock    string
	Other    bool // another time was typed or asked for
	Problem  string
	Against  []string // the rules that the chosen time goes against, once it is known
	Agreed   string   // the same rules, as the form sends them back
	Suggests bool     // the times shown are other ones than those of the day
}

type freeTime struct {
	Start, Say string
	Chosen     bool
}

// monthsAhead is how far a coach can look for an hour.
const monthsAhead = 13

// offered lists the free times in a range.
type offered func(from, to time.Time) ([]slot.Slot, error)

// readFreeTimes draws the month and the day that an address or a form names.
func (d *Desk) readFreeTimes(c *gin.Context, path string, keep url.Values, loc *time.Location, list offered) (freeTimes, error) {
	now := d.Now()
	today := slot.DateOf(now.In(loc))
	date := readDate(c.Query("date"), slot.Date{})
	chosen, _ := time.Parse(time.RFC3339, c.PostForm("start"))
	if d := slot.DateOf(chosen.In(loc)); !chosen.IsZero() && sensibleDate(d) {
		date = d
	}
	t := freeTimes{Date: c.PostForm("other_date"), Clock: c.PostForm("other_time")}
	if on, err := slot.ParseDate(c.Query("on")); err == nil && sensibleDate(on) && c.Request.Method == "GET" {
		t.Date, t.Clock, date = on.String(), c.Query("at"), on
	}
	t.Other = t.Date != "" || t.Clock != ""
	month := slot.Date{Year: today.Year, Month: today.Month, Day: 1}
	if date != (slot.Date{}) {
		month = slot.Date{Year: date.Year, Month: date.Month, Day: 1}
	}
	if asked := readDate(c.Query("month")+"-01", slot.Date{}); asked != (slot.Date{}) {
		month = asked
		if date.Year != asked.Year || date.Month != asked.Month {
			date = slot.Date{}
		}
	}
	next := month.AddDays(31)
	next.Day = 1
	slots, err := list(month.Start(loc), next.Start(loc))
	if err != nil {
		return t, err
	}
	href := func(name, value string) string {
		values := url.Values{name: {value}}
		for name, list := range keep {
			values[name] = list
		}
		return path + "?" + values.Encode() + "#times"
	}
	counts, day := map[string]int{}, ""
	if date != (slot.Date{}) {
		day = date.String()
		t.Day = time.Date(date.Year, date.Month, date.Day, 12, 0, 0, 0, time.UTC).Format("Monday 2 January")
	}
	for _, s := range slots {
		start := s.Start.In(loc)
		name := start.Format(time.DateOnly)
		counts[name]++
		if name == day {
			t.Times = append(t.Times, freeTime{Start: start.Format(time.RFC3339), Say: civil.Clock(s.Start, loc), Chosen: s.Start.Equal(chosen) && !t.Other})
		}
	}
	t.ZoneSay = civil.Zone(loc, month.Start(loc).AddDate(0, 0, 14))
	t.Month = page.NewMonth(month.Year, month.Month, counts, func(date string) string { return href("date", date) }, day, today.String())
	if before := month.AddDays(-1); !before.Before(slot.Date{Year: today.Year, Month: today.Month, Day: 1}) {
		t.Month.Previous = href("month", before.String()[:7])
	}
	if next.Before(today.AddDays(monthsAhead * 31)) {
		t.Month.Next = href("month", next.String()[:7])
	}
	switch {
	case len(slots) == 0:
		t.Empty = "No free times in this month."
	case day != "" && len(t.Times) == 0:
		t.Empty = "No free times on this day."
	}
	return t, nil
}

// suggest shows the free times nearest to one that could not be had.
func (t *freeTimes) suggest(slots []slot.Slot, loc *time.Location, now time.Time) {
	if len(slots) == 0 {
		return
	}
	t.Times, t.Suggests, t.Day = nil, true, ""
	for _, s := range slots {
		t.Times = append(t.Times, freeTime{Start: s.Start.In(loc).Format(time.RFC3339), Say: civil.Day(s.Start, loc, now) + ", " + civil.Clock(s.Start, loc)})
	}
}

// readStart reads the hour that a form chose: another time where one was typed,
// else one of the free times.
func readStart(c *gin.Context, loc *time.Location) (time.Time, page.Problems) {
	date, clock := c.PostForm("other_date"), c.PostForm("other_time")
	if date == "" && clock == "" {
		start, err := time.Parse(time.RFC3339, c.PostForm("start"))
		if err != nil || !sensibleDate(slot.DateOf(start)) {
			return time.Time{}, page.Problems{{Name: "start", Say: "Choose a time first."}}
		}
		return start, nil
	}
	return readLabel("other_date", "other_time", date, clock, loc)
}

// readLabel reads a date and a time of day as the clock of a place shows them.
func readLabel(dateField, clockField, date, clock string, loc *time.Location) (time.Time, page.Problems) {
	var problems page.Problems
	on, err := slot.ParseDate(date)
	if err != nil || !sensibleDate(on) {
		problems = append(problems, fault.Field{Name: dateField, Say: "Write the date, such as 2026-12-08."})
	}
	clock, readable := readClock(clock)
	at, err := time.Parse("15:04", clock)
	if !readable || err != nil {
		problems = append(problems, fault.Field{Name: clockField, Say: "Write the time, such as 14:30."})
	}
	if problems != nil {
		return time.Time{}, problems
	}
	t := time.Date(on.Year, on.Month, on.Day, at.Hour(), at.Minute(), 0, 0, loc)
	if t.Hour() != at.Hour() || t.Minute() != at.Minute() {
		return time.Time{}, page.Problems{{Name: clockField, Say: "On this day the clock skips this time. Choose another one."}}
	}
	return t, nil
}
