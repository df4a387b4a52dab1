package page_test

import (
	"html/template"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/civil"
	"kintsugi/internal/web/page"
)

// plainMonth is the template that Month.HTML stands in for.
const plainMonth = `<table class="month"><thead><tr><th scope="col"><abbr title="Monday">Mo</abbr></th><th scope="col"><abbr title="Tuesday">Tu</abbr></th><th scope="col"><abbr title="Wednesday">We</abbr></th><th scope="col"><abbr title="Thursday">Th</abbr></th><th scope="col"><abbr title="Friday">Fr</abbr></th><th scope="col"><abbr title="Saturday">Sa</abbr></th><th scope="col"><abbr title="Sunday">Su</abbr></th></tr></thead><tbody>
{{range .Weeks}}<tr>{{range .}}{{if .Number}}<td{{if .Today}} class="today"{{end}}>{{if .Href}}<a href="{{.Href}}" aria-label="{{.Say}}"{{if .Chosen}} aria-current="date"{{end}}>{{.Number}}</a>{{else}}<span>{{.Number}}</span>{{end}}</td>{{else}}<td></td>{{end}}{{end}}</tr>
{{end}}</tbody></table>`

func december() page.Month {
	times := map[string]int{"2026-12-01": 1, "2026-12-08": 3, "2026-12-31": 12}
	href := func(date string) string {
		return "/book/meet-and-greet?date=" + date + "&timezone=Europe%2FBerlin#times"
	}
	return page.NewMonth(2026, time.December, times, href, "2026-12-08", "2026-12-02")
}

func TestTheBuiltMonthHasTheBytesOfThePlainTemplate(t *testing.T) {
	var plain strings.Builder
	if err := template.Must(template.New("").Parse(plainMonth)).Execute(&plain, december()); err != nil {
		t.Fatal(err)
	}
	if got := string(december().HTML()); got != plain.String() {
		t.Errorf("built:\n%s\nplain:\n%s", got, plain.String())
	}
}

func TestADayIsReadAloudWithItsDateAndItsNumberOfTimes(t *testing.T) {
	drawn := string(december().HTML())
	for _, word := range []string{
		`aria-label="Tuesday 1 December 2026, 1 time"`,
		`aria-label="Tuesday 8 December 2026, 3 times" aria-current="date"`,
		`aria-label="Thursday 31 December 2026, 12 times"`,
	} {
		if !strings.Contains(drawn, word) {
			t.Errorf("the month lacks %s", word)
		}
	}
	if strings.Count(drawn, "<a ") != 3 {
		t.Error("a day without times is a link")
	}
}

func TestAMonthHasEachOfItsDaysOnceInWeeksThatBeginOnMonday(t *testing.T) {
	for month := time.January; month <= time.December; month++ {
		drawn := page.NewMonth(2028, month, nil, nil, "", "")
		next := 1
		for _, week := range drawn.Weeks {
			for place, day := range week {
				if day.Number == 0 {
					continue
				}
				weekday := time.Date(2028, month, day.Number, 12, 0, 0, 0, time.UTC).Weekday()
				if day.Number != next || (int(weekday)+6)%7 != place {
					t.Fatalf("%s: day %d stands where %d belongs, on place %d", drawn.Label, day.Number, next, place)
				}
				next++
			}
		}
		if last := time.Date(2028, month+1, 0, 12, 0, 0, 0, time.UTC).Day(); next-1 != last {
			t.Errorf("%s has %d days, not %d", drawn.Label, next-1, last)
		}
	}
}

// plainZones is the template that ZoneOptions stands in for.
const plainZones = `{{range .Regions}}<optgroup label="{{.Name}}">{{range .Zones}}<option value="{{.}}"{{if eq . $.Chosen}} selected{{end}}>{{city .}}</option>{{end}}</optgroup>
{{end}}`

func TestTheBuiltZonesHaveTheBytesOfThePlainTemplate(t *testing.T) {
	plain := template.Must(template.New("").Funcs(template.FuncMap{"city": civil.City}).Parse(plainZones))
	for _, chosen := range []string{"", "Europe/Berlin", "UTC"} {
		var want strings.Builder
		model := struct {
			Regions []civil.Region
			Chosen  string
		}{civil.Regions(), chosen}
		if err := plain.Execute(&want, model); err != nil {
			t.Fatal(err)
		}
		if got := string(page.ZoneOptions(chosen)); got != want.String() {
			t.Errorf("%q built:\n%s\nplain:\n%s", chosen, got, want.String())
		}
	}
}

func TestAZoneThatIsNotOnTheListIsOfferedFirstAndCannotBreakOut(t *testing.T) {
	drawn := string(page.ZoneOptions("America/Indiana/Knox"))
	if !strings.HasPrefix(drawn, `<option value="America/Indiana/Knox" selected>Knox</option>`) {
		t.Errorf("begins with %.80s", drawn)
	}
	if strings.Contains(string(page.ZoneOptions(`"><b>/<i>`)), "<b>") {
		t.Error("a zone's name became markup")
	}
}

func BenchmarkMonth(b *testing.B) {
	month := december()
	for b.Loop() {
		month.HTML()
	}
}
