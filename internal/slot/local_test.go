package slot_test

import (
	"testing"
	"time"

	"kintsugi/internal/slot"
)

func TestATimeOfDayIsFoundOnTheCoachsClock(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	york, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	date := func(s string) slot.Date {
		d, err := slot.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	h := slot.Hours{Home: london, Travel: []slot.Travel{{From: date("2026-12-08"), To: date("2026-12-09"), Zone: york}}}
	for _, row := range []struct {
		what, date string
		minutes    int
		want       []string
	}{
		{"an ordinary day", "2026-07-01", 9 * 60, []string{"2026-07-01T08:00:00Z"}},
		{"skipped in spring", "2026-03-29", 90, nil},
		{"twice in autumn", "2026-10-25", 90, []string{"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"}},
		{"on a trip", "2026-12-08", 9 * 60, []string{"2026-12-08T14:00:00Z"}},
		{"the last hour of the trip is the next date at home", "2026-12-10", 30, nil},
		{"after the trip", "2026-12-10", 9 * 60, []string{"2026-12-10T09:00:00Z"}},
	} {
		found := slot.Instants(h, date(row.date), row.minutes)
		if len(found) != len(row.want) {
			t.Errorf("%s: %v", row.what, found)
			continue
		}
		for i, at := range found {
			if at.Format(time.RFC3339) != row.want[i] {
				t.Errorf("%s: %v, want %v", row.what, found, row.want)
			}
		}
	}
}

func TestTheHoursOfADateAreItsOverrideTheTypesOrTheWeeks(t *testing.T) {
	monday := slot.Date{Year: 2026, Month: 12, Day: 7}
	nine, ten := slot.Window{From: 540, To: 600}, slot.Window{From: 600, To: 660}
	h := slot.Hours{Weekly: map[time.Weekday][]slot.Window{time.Monday: {ten, nine}}, Overrides: map[slot.Date][]slot.Window{monday.AddDays(7): {}}}
	if windows, over := slot.WindowsOn(slot.Type{}, h, monday); over || len(windows) != 1 || windows[0] != (slot.Window{From: 540, To: 660}) {
		t.Error(windows, over)
	}
	if windows, over := slot.WindowsOn(slot.Type{}, h, monday.AddDays(7)); !over || len(windows) != 0 {
		t.Error(windows, over)
	}
	own := slot.Type{Weekly: map[time.Weekday][]slot.Window{time.Tuesday: {nine}}}
	if windows, over := slot.WindowsOn(own, h, monday); over || len(windows) != 0 {
		t.Error(windows, over)
	}
}
