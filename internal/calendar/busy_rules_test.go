package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/calendar"
	"kintsugi/internal/calendar/icaltest"
)

const berlinDefined = `BEGIN:VTIMEZONE
TZID:%s
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
`

// A rule is easily read almost right. So random ones are given to ical.js too,
// which shares no code with us, some in a zone of the database and some in one
// that only the file defines.
func TestRepetitionsAreThoseThatAnotherReaderSees(t *testing.T) {
	source := rand.New(rand.NewPCG(3, 5))
	pick := func(words ...string) string { return words[source.IntN(len(words))] }
	for _, zone := range []string{"Europe/Berlin", "Drawn by hand"} {
		var ics strings.Builder
		ics.WriteString("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n" + fmt.Sprintf(berlinDefined, zone))
		for i := range 400 {
			start := time.Date(2024+source.IntN(3), time.Month(1+source.IntN(11)), 1+source.IntN(28), 7+source.IntN(12), 15*source.IntN(4), 0, 0, time.UTC)
			weekday := strings.ToUpper(start.Weekday().String()[:2])
			nth := fmt.Sprint((start.Day()-1)/7 + 1)
			rule := pick("FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "FREQ=WEEKLY;BYDAY="+weekday, "FREQ=MONTHLY", "FREQ=MONTHLY;BYDAY="+nth+weekday,
				fmt.Sprintf("FREQ=MONTHLY;BYMONTHDAY=%d", start.Day()), "FREQ=YEARLY", fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d", start.Month()),
				fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%s%s", start.Month(), nth, weekday), fmt.Sprintf("FREQ=DAILY;BYMONTH=%d", start.Month()))
			rule += pick("", "", ";INTERVAL=2", ";INTERVAL=3") + pick("", ";COUNT=40", ";COUNT=300", ";UNTIL=20261215T090000Z", ";UNTIL=20990101T000000Z") + pick("", ";WKST=MO", ";WKST=SU")
			if strings.HasPrefix(rule, "FREQ=WEEKLY;BYDAY=MO,") {
				rule = strings.Replace(rule, "MO,TU,WE,TH,FR,SA,SU", pick("MO,", "TU,TH,", "SA,SU,")+weekday, 1)
			}
			at := func(t time.Time) string { return ";TZID=" + zone + ":" + t.Format("20060102T150405") }
			switch source.IntN(3) {
			case 0:
				at = func(t time.Time) string { return ":" + t.Format("20060102T150405Z") }
			case 1:
				at = func(t time.Time) string { return ";VALUE=DATE:" + t.Format("20060102") }
				rule = strings.ReplaceAll(strings.ReplaceAll(rule, "T090000Z", ""), "T000000Z", "")
			}
			last := start.Add(30 * time.Minute)
			if at(start) == at(last) || !strings.Contains(at(start), "T") || strings.Contains(at(start), "DATE") {
				last = start.AddDate(0, 0, 1+source.IntN(2))
			}
			fmt.Fprintf(&ics, "BEGIN:VEVENT\nUID:e%d\nDTSTART%s\nDTEND%s\nRRULE:%s\n", i, at(start), at(last), rule)
			// ical.js loses its place at an EXDATE on which nothing happens.
			if strings.HasPrefix(rule, "FREQ=WEEKLY") && !strings.Contains(rule, "INTERVAL") {
				fmt.Fprintf(&ics, "EXDATE%s\nEXDATE%s\n", at(start.AddDate(0, 0, 7)), at(start.AddDate(0, 0, 21)))
			}
			ics.WriteString("END:VEVENT\n")
			if rule == "FREQ=DAILY" {
				was, is := time.Date(2026, 11, 3, start.Hour(), start.Minute(), 0, 0, time.UTC), time.Date(2026, 11, 5, 20, 0, 0, 0, time.UTC)
				fmt.Fprintf(&ics, "BEGIN:VEVENT\nUID:e%d\nRECURRENCE-ID%s\nDTSTART%s\nDTEND%s\nEND:VEVENT\n", i, at(was), at(is), at(is.AddDate(0, 0, 1)))
			}
		}
		ics.WriteString("END:VCALENDAR\n")
		text := []byte(strings.ReplaceAll(ics.String(), "\n", "\r\n"))
		r := winter()
		r.Home = func(time.Time) *time.Location { return time.UTC } // as ical.js reads whole days
		theirs, ok := icaltest.Expand(t, text, r.From, r.To)
		if !ok {
			return
		}
		busy, err := calendar.ReadBusy(text, r)
		if err != nil || len(busy.Notes) != 0 {
			t.Fatal(err, busy.Notes)
		}
		// Spans are cut off where the range begins and ends, so only whole ones are compared.
		var want, got []string
		for _, s := range theirs {
			if s.Start.After(r.From) && s.End.Before(r.To) {
				want = append(want, s.Start.Format(time.RFC3339)+" "+s.End.Format(time.RFC3339))
			}
		}
		for _, s := range busy.Spans {
			if s.Start.After(r.From) && s.End.Before(r.To) {
				got = append(got, s.Start.Format(time.RFC3339)+" "+s.End.Format(time.RFC3339))
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d spans, ical.js sees %d; only ours: %v; only theirs: %v", zone, len(got), len(want), without(got, want), without(want, got))
		}
	}
}

// without gives the first few of a that b does not hold.
func without(a, b []string) []string {
	held := map[string]int{}
	for _, s := range b {
		held[s]++
	}
	var rest []string
	for _, s := range a {
		if held[s]--; held[s] < 0 && len(rest) < 8 {
			rest = append(rest, s)
		}
	}
	return rest
}
