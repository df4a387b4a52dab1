package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"kintsugi/internal/civil"
)

// Month is a calendar month whose days with free times are links.
type Month struct {
	Label    string   // "December 2026"
	Previous string   // address of the month before; empty when there is nothing to see
	Next     string   // address of the month after; empty when it lies beyond what can be booked
	Weeks    [][7]Day // Monday first; a day of another month is the zero Day
}

// Day is one day of a Month.
type Day struct {
	Number int    // of the month; 0 leaves the place empty
	Href   string // address of the day's times; empty when there are none
	Say    string // for ears: "Thursday 19 February 2026, 3 times"
	Chosen bool   // its times are shown below
	Today  bool
}

// NewMonth lays out a month of dates. Times has the number of free times of
// each date that has any, by its name ("2026-12-08"); href gives the address
// of a date. Chosen and today are dates of the same form, or empty. Dates are
// labels here; whose clock they belong to was settled before.
func NewMonth(year int, month time.Month, times map[string]int, href func(date string) string, chosen, today string) Month {
	first := time.Date(year, month, 1, 12, 0, 0, 0, time.UTC)
	drawn := Month{Label: first.Format("January 2006")}
	var week [7]Day
	place := (int(first.Weekday()) + 6) % 7
	for date := first; date.Month() == month; date = date.AddDate(0, 0, 1) {
		name := date.Format(time.DateOnly)
		day := Day{Number: date.Day(), Chosen: name == chosen, Today: name == today}
		if n := times[name]; n > 0 {
			day.Href, day.Say = href(name), date.Format("Monday 2 January 2006")+", "+countTimes(n)
		}
		week[place] = day
		if place++; place == 7 {
			drawn.Weeks, week, place = append(drawn.Weeks, week), [7]Day{}, 0
		}
	}
	if place > 0 {
		drawn.Weeks = append(drawn.Weeks, week)
	}
	return drawn
}

func countTimes(n int) string {
	if n == 1 {
		return "1 time"
	}
	return strconv.Itoa(n) + " times"
}

// HTML draws the table. It is built here and not in a template because forty
// links cost html/template more than the rest of the page together; a test
// holds that the plain template gives the same bytes.
func (m Month) HTML() template.HTML {
	var b strings.Builder
	b.Grow(6 << 10)
	b.WriteString(monthHead)
	for _, week := range m.Weeks {
		b.WriteString("<tr>")
		for _, day := range week {
			day.draw(&b)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table>")
	return template.HTML(b.String())
}

const monthHead = `<table class="month"><thead><tr>` +
	`<th scope="col"><abbr title="Monday">Mo</abbr></th><th scope="col"><abbr title="Tuesday">Tu</abbr></th>` +
	`<th scope="col"><abbr title="Wednesday">We</abbr></th><th scope="col"><abbr title="Thursday">Th</abbr></th>` +
	`<th scope="col"><abbr title="Friday">Fr</abbr></th><th scope="col"><abbr title="Saturday">Sa</abbr></th>` +
	`<th scope="col"><abbr title="Sunday">Su</abbr></th></tr></thead><tbody>` + "\n"

func (d Day) draw(b *strings.Builder) {
	if d.Number == 0 {
		b.WriteString("<td></td>")
		return
	}
	b.WriteString("<td")
	if d.Today {
		b.WriteString(` class="today"`)
	}
	b.WriteString(">")
	number := strconv.Itoa(d.Number)
	if d.Href == "" {
		b.WriteString("<span>" + number + "</span></td>")
		return
	}
	b.WriteString(`<a href="` + template.HTMLEscapeString(d.Href) + `" aria-label="` + template.HTMLEscapeString(d.Say) + `"`)
	if d.Chosen {
		b.WriteString(` aria-current="date"`)
	}
	b.WriteString(">" + number + "</a></td>")
}

// ZoneOptions draws the zones to choose from, the chosen one marked; one that
// is not among them is put on top. It is the template function zones.
func ZoneOptions(chosen string) template.HTML {
	var b strings.Builder
	b.Grow(6 << 10)
	found := false
	for _, region := range civil.Regions() {
		fmt.Fprintf(&b, `<optgroup label="%s">`, region.Name)
		for _, zone := range region.Zones {
			b.WriteString(`<option value="` + zone + `"`)
			if zone == chosen {
				b.WriteString(" selected")
				found = true
			}
			b.WriteString(">" + civil.City(zone) + "</option>")
		}
		b.WriteString("</optgroup>\n")
	}
	if found || chosen == "" {
		return template.HTML(b.String())
	}
	name := template.HTMLEscapeString(chosen)
	return template.HTML(`<option value="` + name + `" selected>` + template.HTMLEscapeString(civil.City(chosen)) + "</option>\n" + b.String())
}
