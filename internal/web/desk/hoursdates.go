package desk

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/availability"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

var datesView = page.Define[datesPage]("desk-hours-dates.html")

// datesPage is the dates whose hours are not those of the week.
type datesPage struct {
	hoursHead
	Problems  page.Problems
	Stretches []stretch
	Passed    int // stretches that are over and not shown
	Fields    []deskField
	Rows      []windowRow
	Closed    bool // "closed" is chosen, which it is at first
}

// stretch is a run of dates with the same hours.
type stretch struct {
	From, To  string
	Say       string // "Thursday 24 December 2026 to Friday 1 January 2027"
	Hours     string
	RemoveSay string // what the button does, for those who hear it alone
}

// mostDates is how many dates one act may cover.
const mostDates = 400

// coachDates shows them: GET /desk/hours/COACH/dates.
func (d *Desk) coachDates(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	return d.drawDates(c, http.StatusOK, coach, dateForm{Closed: true}, nil)
}

// dateForm is what was typed about dates.
type dateForm struct {
	From, To string
	Closed   bool
	Rows     []windowRow
}

func (d *Desk) drawDates(c *gin.Context, status int, coach people.Coach, typed dateForm, problems page.Problems) error {
	stored, err := availability.Of(c.Request.Context(), d.DB, coach.ID)
	if err != nil {
		return err
	}
	head, frame, err := d.headOf(c, coach, "/dates")
	if err != nil {
		return err
	}
	frame.Title = "Days off and holidays"
	model := datesPage{hoursHead: head, Problems: problems, Closed: typed.Closed, Rows: typed.Rows}
	today := slot.DateOf(d.Now().In(practice.Zone(coach.Timezone)))
	model.Stretches, model.Passed = stretchesOf(stored.Overrides, today.String())
	model.Fields = withProblems([]deskField{
		{Name: "from", Label: "From", Kind: "date", Value: typed.From},
		{Name: "to", Label: "To", Kind: "date", Value: typed.To, Optional: true, Hint: "The last day. Leave it empty for a single day."},
	}, problems)
	for len(model.Rows) < 3 {
		model.Rows = append(model.Rows, windowRow{})
	}
	for i := range model.Rows {
		model.Rows[i].ID, model.Rows[i].Nth = rowID("date", i), []string{"first hours", "second hours", "third hours", "further hours"}[min(i, 3)]
	}
	return datesView.Render(c, status, frame, model)
}

// stretchesOf joins dates that follow one another with the same hours, from
// today on, and counts those that are over.
func stretchesOf(overrides []availability.Override, today string) (coming []stretch, passed int) {
	overrides = slices.Clone(overrides)
	slices.SortFunc(overrides, func(a, b availability.Override) int { return cmp.Compare(a.Date, b.Date) })
	for i := 0; i < len(overrides); {
		first := overrides[i]
		last, next := first, i+1
		for next < len(overrides) && follows(last.Date, overrides[next].Date) && slices.Equal(overrides[next].Hours, first.Hours) {
			last = overrides[next]
			next++
		}
		i = next
		if last.Date < today {
			passed++
			continue
		}
		s := stretch{From: first.Date, To: last.Date, Hours: windowsSay(first.Hours), Say: wholeDate(first.Date)}
		if first.Date != last.Date {
			s.Say += " to " + wholeDate(last.Date)
		}
		if s.Hours == "day off" && first.Date != last.Date {
			s.Hours = "days off"
		}
		s.RemoveSay = "Remove " + s.Say
		coming = append(coming, s)
	}
	return coming, passed
}

func follows(date, next string) bool {
	d, err := slot.ParseDate(date)
	return err == nil && d.AddDays(1).String() == next
}

// wholeDate says a stored date.
func wholeDate(date string) string {
	d, err := slot.ParseDate(date)
	if err != nil {
		return date
	}
	return wholeDay(d)
}

// saveDates closes or opens a range of dates, or takes exceptions away again:
// POST /desk/hours/COACH/dates.
func (d *Desk) saveDates(c *gin.Context) error {
	coach, err := d.coachInView(c)
	if err != nil {
		return err
	}
	form := dateForm{From: strings.TrimSpace(c.PostForm("from")), To: strings.TrimSpace(c.PostForm("to")), Closed: c.PostForm("hours") != "open"}
	remove := c.PostForm("act") == "remove"
	in := typed{c: c}
	dates := in.dateRange(form.From, form.To)
	var hours practice.Windows
	if !form.Closed && !remove {
		hours, form.Rows = in.dateHours()
	}
	if len(in.problems) > 0 {
		return d.drawDates(c, statusMend, coach, form, in.problems)
	}
	err = d.setUp(c, doing{Act: "days changed", About: string(coach.ID), Part: func(tx *pg.Tx) (any, error) {
		stored, err := availability.Of(c.Request.Context(), tx, coach.ID)
		if err != nil {
			return nil, err
		}
		return coachPart(coach.Slug, "overrides", withDates(stored.Overrides, dates, hours, remove)), nil
	}})
	if err == nil {
		if remove {
			return doneAt(c, "/desk/hours/"+coach.Slug+"/dates", "removed")
		}
		return doneAt(c, "/desk/hours/"+coach.Slug+"/dates", "saved")
	}
	problems, err := mended(err, "from", func(string) string { return "from" })
	if err != nil {
		return err
	}
	return d.drawDates(c, statusMend, coach, form, problems)
}

// dateRange reads the dates of a range, both ends included.
func (t *typed) dateRange(from, to string) []string {
	if to == "" {
		to = from
	}
	first, errFrom := slot.ParseDate(from)
	last, errTo := slot.ParseDate(to)
	switch {
	case errFrom != nil:
		t.wrong("from", "Choose the first day, or write it as 2026-12-24.")
	case errTo != nil:
		t.wrong("to", "Choose the last day, or write it as 2026-12-31.")
	case last.Before(first):
		t.wrong("to", "The last day lies before the first one.")
	case first.AddDays(mostDates).Before(last):
		t.wrong("to", "This is more than a year. Take a shorter range; another can follow it.")
	default:
		var dates []string
		for d := first; !last.Before(d); d = d.AddDays(1) {
			dates = append(dates, d.String())
		}
		return dates
	}
	return nil
}

// dateHours reads the hours that are typed for dates.
func (t *typed) dateHours() (practice.Windows, []windowRow) {
	var hours practice.Windows
	var rows []windowRow
	froms, tos := t.c.PostFormArray("date_from"), t.c.PostFormArray("date_to")
	for i := range min(len(froms), len(tos), mostRows) {
		row := windowRow{From: strings.TrimSpace(froms[i]), To: strings.TrimSpace(tos[i])}
		if row.From == "" && row.To == "" {
			continue
		}
		window, problem := readWindow(row.From, row.To)
		if problem != "" {
			row.Problem = upper(problem)
			t.wrong(rowID("date", len(rows)), row.Problem)
		}
		hours, rows = append(hours, window), append(rows, row)
	}
	if len(rows) == 0 {
		t.wrong(rowID("date", 0), "Write the hours of these days, or choose that they are closed.")
	}
	return hours, rows
}

// withDates is the list with these dates set to hours, or taken out of it.
func withDates(overrides []availability.Override, dates []string, hours practice.Windows, remove bool) []availability.Override {
	kept := make([]availability.Override, 0, len(overrides)+len(dates))
	for _, o := range overrides {
		if !slices.Contains(dates, o.Date) {
			kept = append(kept, o)
		}
	}
	if !remove {
		for _, date := range dates {
			kept = append(kept, availability.Override{Date: date, Hours: hours})
		}
	}
	slices.SortFunc(kept, func(a, b availability.Override) int { return cmp.Compare(a.Date, b.Date) })
	return kept
}
