package slot_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"kintsugi/internal/slot"
)

const (
	minutes = time.Minute
	hour    = time.Hour
)

// longAgo is a now from which every date of these tests lies ahead.
var longAgo = at("2022-01-01T00:00:00Z")

// at reads an instant.
func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// date reads a date.
func date(s string) slot.Date {
	d, err := slot.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// zone loads a zone by name.
func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// windows reads hours separated by spaces.
func windows(s string) []slot.Window {
	out := []slot.Window{}
	for _, field := range strings.Fields(s) {
		w, err := slot.ParseWindow(field)
		if err != nil {
			panic(err)
		}
		out = append(out, w)
	}
	return out
}

// weekly reads a week written as "tue 21:00-24:00, wed 00:00-03:00"; "daily"
// stands for all seven days.
func weekly(s string) map[time.Weekday][]slot.Window {
	week := map[time.Weekday][]slot.Window{}
	for part := range strings.SplitSeq(s, ",") {
		name, hours, _ := strings.Cut(strings.TrimSpace(part), " ")
		for d := time.Sunday; d <= time.Saturday; d++ {
			if name == "daily" || name == strings.ToLower(d.String()[:3]) {
				week[d] = append(week[d], windows(hours)...)
			}
		}
	}
	return week
}

// coach works those hours at home in a zone.
func coach(zoneName, hours string) slot.Coach {
	return slot.Coach{Slug: "mara", Hours: slot.Hours{Weekly: weekly(hours), Home: zone(zoneName)}}
}

// call is a type that lasts so long, once every step.
func call(duration, step time.Duration) slot.Type {
	return slot.Type{Slug: "call", Duration: duration, Step: step, HorizonDays: 3000}
}

// days asks for the local dates from one to the other, the latter excluded.
func days(zoneName, from, to string) slot.Query {
	return slot.Query{From: date(from).Start(zone(zoneName)), To: date(to).Start(zone(zoneName)), Now: longAgo}
}

// utc writes starts in UTC with each date once: "2026-03-08 17:00 18:00".
func utc(slots []slot.Slot) string {
	var b strings.Builder
	day := ""
	for _, s := range slots {
		if d := s.Start.UTC().Format(time.DateOnly); d != day {
			if day = d; b.Len() > 0 {
				b.WriteString(" ")
			}
			b.WriteString(d)
		}
		b.WriteString(s.Start.UTC().Format(" 15:04"))
	}
	return b.String()
}

// wantStarts compares what is offered by one coach with starts as utc writes
// them.
func wantStarts(t *testing.T, kind slot.Type, c slot.Coach, q slot.Query, want string) {
	t.Helper()
	if got := utc(slot.Offer(kind, []slot.Coach{c}, q)); got != want {
		t.Errorf("offered\n\t%s\nwant\n\t%s", got, want)
	}
}
