package civil_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"kintsugi/internal/civil"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return instant
}

func TestATimeIsSaidOnTheClockOfItsPlaceWithThePlaceNamed(t *testing.T) {
	now := at(t, "2026-11-23T10:00:00Z")
	for _, row := range []struct{ instant, zone, when, exact string }{
		{"2026-12-08T14:00:00Z", "Europe/London", "Tuesday 8 December, 14:00 (London)", "Tuesday 8 December 2026, 14:00 (London, GMT)"},
		{"2026-12-08T14:00:00Z", "Europe/Berlin", "Tuesday 8 December, 15:00 (Berlin)", "Tuesday 8 December 2026, 15:00 (Berlin, CET)"},
		{"2027-01-02T23:30:00Z", "Asia/Kolkata", "Sunday 3 January 2027, 05:00 (Kolkata)", "Sunday 3 January 2027, 05:00 (Kolkata, IST)"},
		{"2026-12-31T23:30:00Z", "Pacific/Auckland", "Friday 1 January, 12:30 (Auckland)", "Friday 1 January 2027, 12:30 (Auckland, NZDT)"},
		{"2026-12-08T14:00:00Z", "America/Sao_Paulo", "Tuesday 8 December, 11:00 (São Paulo)", "Tuesday 8 December 2026, 11:00 (São Paulo, UTC−3)"},
		{"2026-12-08T14:00:00Z", "Asia/Kathmandu", "Tuesday 8 December, 19:45 (Kathmandu)", "Tuesday 8 December 2026, 19:45 (Kathmandu, UTC+5:45)"},
		{"2026-12-08T14:00:00Z", "America/Argentina/Buenos_Aires", "Tuesday 8 December, 11:00 (Buenos Aires)", "Tuesday 8 December 2026, 11:00 (Buenos Aires, UTC−3)"},
		{"2026-12-08T14:00:00Z", "UTC", "Tuesday 8 December, 14:00 (UTC)", "Tuesday 8 December 2026, 14:00 (UTC)"},
	} {
		loc, instant := zone(t, row.zone), at(t, row.instant)
		said := now
		if row.zone == "Pacific/Auckland" {
			said = instant // the new year has begun there, not yet in London
		}
		if got := civil.When(instant, loc, said); got != row.when {
			t.Errorf("When: %q, want %q", got, row.when)
		}
		if got := civil.WhenExact(instant, loc); got != row.exact {
			t.Errorf("WhenExact: %q, want %q", got, row.exact)
		}
	}
}

// In the night when clocks go back, two different promises would read the same.
func TestATimeOfDayThatComesTwiceSaysWhichOneIsMeant(t *testing.T) {
	for _, row := range []struct{ instant, zone, want string }{
		{"2026-10-25T00:30:00Z", "Europe/London", "01:30 BST"},
		{"2026-10-25T01:30:00Z", "Europe/London", "01:30 GMT"},
		{"2026-10-25T02:00:00Z", "Europe/London", "02:00"},
		{"2026-10-24T23:59:00Z", "Europe/London", "00:59"},
		{"2026-04-04T14:45:00Z", "Australia/Lord_Howe", "01:45 UTC+11"},
		{"2026-04-04T15:15:00Z", "Australia/Lord_Howe", "01:45 UTC+10:30"},
		{"2026-03-29T01:30:00Z", "Europe/London", "02:30"},
	} {
		if got := civil.Clock(at(t, row.instant), zone(t, row.zone)); got != row.want {
			t.Errorf("%s in %s: %q, want %q", row.instant, row.zone, got, row.want)
		}
	}
}

func TestASpanIsSaidInWords(t *testing.T) {
	for span, want := range map[time.Duration]string{
		0:                              "0 minutes",
		time.Minute:                    "1 minute",
		30 * time.Minute:               "30 minutes",
		time.Hour:                      "1 hour",
		90 * time.Minute:               "1 hour 30 minutes",
		24 * time.Hour:                 "24 hours",
		48 * time.Hour:                 "2 days",
		51*time.Hour + 20*time.Second:  "2 days 3 hours",
		61 * time.Minute:               "1 hour 1 minute",
		-5 * time.Minute:               "0 minutes",
		29*time.Second + 2*time.Minute: "2 minutes",
	} {
		if got := civil.Duration(span); got != want {
			t.Errorf("%v: %q, want %q", span, got, want)
		}
	}
}

func TestPartsOfTheDay(t *testing.T) {
	for hour, want := range map[int]string{0: "Night", 5: "Night", 6: "Morning", 11: "Morning", 12: "Afternoon", 16: "Afternoon", 17: "Evening", 23: "Evening"} {
		if got := civil.PartOfDay(time.Date(2026, 12, 8, hour, 30, 0, 0, time.UTC), time.UTC); got != want {
			t.Errorf("%d:30 is %q, want %q", hour, got, want)
		}
	}
}

func TestEveryZoneOnOfferExistsOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, region := range civil.Regions() {
		for _, name := range region.Zones {
			if seen[name] {
				t.Errorf("%s is offered twice", name)
			}
			seen[name] = true
			if place := civil.Place(zone(t, name)); place == "" {
				t.Errorf("%s has no name", name)
			}
		}
	}
}
