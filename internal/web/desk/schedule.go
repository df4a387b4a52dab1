package desk

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

var scheduleView = page.Define[schedulePage]("desk-schedule.html")

// schedulePage is a calendar of some days: as columns of hours where there is
// room, and as a list of each day's calls to everyone who does not look at it.
type schedulePage struct {
	Heading  string
	ZoneSay  string
	Of       string // whose it is, where that is not clear
	View     string // week, day or list
	Views    []daylink
	Whose    []daylink
	Coach    string
	Previous string
	Next     string
	Now      string // leads to today; empty when today is shown
	Date     string
	Keep     []daypair
	Days     []scheduleDay
	Hours    []scheduleHour
	First    string // class of the first hour shown
	Empty    string
	BookHref string
	Block    string
}

type daypair struct{ Name, Value string }

type scheduleDay struct {
	Date    string
	Name    string // "Monday 7 December"
	Short   string // "Mon 7"
	Href    string // of the day alone
	Today   bool
	Entries []scheduleEntry
	Book    string
}

type scheduleHour struct{ Class, Say string }

// sensibleDate keeps years that no calendar of ours reaches out of the arithmetic.
func sensibleDate(d slot.Date) bool { return d.Year >= 2000 && d.Year < 2200 }

// readDate reads a date, or gives today.
func readDate(text string, today slot.Date) slot.Date {
	date, err := slot.ParseDate(text)
	if err != nil || !sensibleDate(date) {
		return today
	}
	return date
}

// listDays is how many days the list shows.
const listDays = 28

// schedule is the calendar: GET /desk/schedule?view=week&date=2026-12-07&coach=.
func (d *Desk) schedule(c *gin.Context) error {
	ctx, now, v := c.Request.Context(), d.Now(), d.viewer(c)
	w, err := d.readWhose(c, c.Query("coach"))
	if err != nil {
		return err
	}
	today := slot.DateOf(now.In(w.loc))
	date := readDate(c.Query("date"), today)
	view, first, days := "week", date.AddDays(-(int(date.Weekday())+6)%7), 7
	switch c.Query("view") {
	case "day":
		view, first, days = "day", date, 1
	case "list":
		view, first, days = "list", date, listDays
	}
	from, to := first.Start(w.loc), first.AddDays(days).Start(w.loc)
	calls, err := d.Booking.Schedule(ctx, v, w.ids(), from, to)
	if err != nil {
		return err
	}
	taken, err := d.Booking.Occupied(ctx, v, w.ids(), from, to)
	if err != nil {
		return err
	}
	m := schedulePage{View: view, ZoneSay: civil.Zone(w.loc, from.AddDate(0, 0, days/2)), Coach: w.Slug, Date: date.String(), Heading: spanSay(first, days, view)}
	m.addLinks(w, first, date, today, days)
	m.addDays(w, v, calls, taken, first, today, days, now)
	frame, _, err := d.frame(c, "Schedule", "schedule")
	if err != nil {
		return err
	}
	frame.Flash = daySay(c.Query("done"))
	return scheduleView.Render(c, http.StatusOK, frame, m)
}

// spanSay names the days that are shown.
func spanSay(first slot.Date, days int, view string) string {
	noon := func(d slot.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }
	start, end := noon(first), noon(first.AddDays(days-1))
	switch {
	case days == 1:
		return start.Format("Monday 2 January 2006")
	case view == "list":
		return "From " + start.Format("2 January 2006")
	case start.Month() == end.Month():
		return start.Format("2") + " to " + end.Format("2 January 2006")
	case start.Year() == end.Year():
		return start.Format("2 January") + " to " + end.Format("2 January 2006")
	}
	return start.Format("2 January 2006") + " to " + end.Format("2 January 2006")
}

// addLinks leads to the other views, weeks and coaches.
func (m *schedulePage) addLinks(w whose, first, date, today slot.Date, days int) {
	at := func(view string, d slot.Date) string {
		values := url.Values{"view": {view}, "date": {d.String()}}
		if w.All != nil {
			values.Set("coach", w.Slug)
		}
		return "/desk/schedule?" + values.Encode()
	}
	for _, view := range [][2]string{{"week", "Week"}, {"day", "Day"}, {"list", "List"}} {
		m.Views = append(m.Views, daylink{Href: at(view[0], date), Say: view[1], Chosen: view[0] == m.View})
	}
	m.Previous, m.Next = at(m.View, date.AddDays(-days)), at(m.View, date.AddDays(days))
	if today.Before(first) || !today.Before(first.AddDays(days)) {
		m.Now = at(m.View, today)
	}
	m.Whose = w.links("/desk/schedule", url.Values{"view": {m.View}, "date": {date.String()}})
	m.Keep = []daypair{{"view", m.View}}
	values := url.Values{"date": {date.String()}}
	if w.All != nil {
		m.Keep = append(m.Keep, daypair{"coach", w.Slug})
		if one := w.one(); one != nil {
			values.Set("coach", one.Slug)
			m.Of = one.Name
		} else {
			m.Of = "Everybody"
		}
	}
	m.BookHref, m.Block = "/desk/book?"+values.Encode(), "/desk/block?"+values.Encode()
}

// addDays lays calls and taken time into their days.
func (m *schedulePage) addDays(w whose, v booking.Viewer, calls []booking.Booking, taken []booking.Occupied, first, today slot.Date, days int, now time.Time) {
	hours := newHourSpan()
	for i := range days {
		date := first.AddDays(i)
		noon := time.Date(date.Year, date.Month, date.Day, 12, 0, 0, 0, time.UTC)
		day := scheduleDay{Date: date.String(), Name: noon.Format("Monday 2 January"), Short: noon.Format("Mon 2"), Today: date == today}
		values := url.Values{"date": {date.String()}}
		if w.All != nil {
			values.Set("coach", w.Slug)
		}
		if !date.Before(today) {
			day.Book = "/desk/book?" + values.Encode()
		}
		values.Set("view", "day")
		day.Href = "/desk/schedule?" + values.Encode()
		day.Entries = w.entries(v, calls, taken, date, &hours, now)
		if m.View == "list" && len(day.Entries) == 0 {
			continue
		}
		m.Days = append(m.Days, day)
	}
	if len(calls)+len(taken) == 0 {
		m.Empty = "Nothing stands in these days yet. What people book comes here by itself; you can book for somebody, or block time that you want to keep."
	}
	m.Hours, m.First = hours.drawn()
}
