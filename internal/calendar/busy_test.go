package calendar_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"kintsugi/internal/calendar"
)

// winter is how the tests read: half a year with both changes of the clock, by
// somebody at home in Berlin.
func winter() calendar.Reading {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err) // the machine has no time zones
	}
	return calendar.Reading{
		From: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC),
		To:   time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC),
		Home: func(time.Time) *time.Location { return berlin },
	}
}

// said writes spans as their day and their hours in UTC.
func said(spans []calendar.BusySpan) []string {
	var list []string
	for _, s := range spans {
		layout := "15:04"
		if s.End.Sub(s.Start) >= 24*time.Hour || s.End.YearDay() != s.Start.YearDay() {
			layout = "2006-01-02 15:04"
		}
		if s.End.Second() != 0 {
			layout += ":05"
		}
		list = append(list, s.Start.Format("2006-01-02 15:04")+"–"+s.End.Format(layout))
	}
	return list
}

func read(t testing.TB, name string) calendar.Busy {
	t.Helper()
	busy, err := calendar.ReadBusy(file(t, name), winter())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return busy
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	ics, err := os.ReadFile(filepath.Join("testdata", "busy", name+".ics"))
	if err != nil {
		t.Fatal(err)
	}
	return ics
}

// Each row is a file as some program writes it, or a way in which another
// reader fell, and what its owner is busy with, in UTC.
var readings = map[string][]string{
	"weekly-over-summer-time":               {"2026-10-19 07:00–08:00", "2026-10-26 08:00–09:00", "2026-11-02 08:00–09:00"},
	"fg10-quoted-zone-with-rest":            {"2026-12-02 08:00–09:00", "2026-12-03 09:00–10:00"},
	"fg11-byte-order-mark":                  {"2026-12-03 09:00–09:30"},
	"fg12-windows-zone":                     {"2026-12-03 08:00–09:00"},
	"fg13-exdate-list":                      {"2026-12-01 09:00–10:00", "2026-12-03 09:00–10:00", "2026-12-05 09:00–10:00"},
	"exdate-in-every-form":                  {"2026-12-01 08:00–09:00", "2026-12-08 08:00–09:00"},
	"exdate-of-whole-days":                  {"2026-11-30 23:00–2026-12-01 23:00", "2026-12-05 23:00–2026-12-06 23:00"},
	"rdate":                                 {"2026-12-01 08:00–09:00", "2026-12-03 14:00–15:00", "2026-12-04 14:00–15:00", "2026-12-08 10:00–10:30", "2026-12-09 10:00–12:00", "2026-12-11 08:00–09:00"},
	"moved-and-cancelled-starts":            {"2026-12-01 08:00–09:00", "2026-12-04 08:00–09:00", "2026-12-10 13:00–15:00"},
	"moved-twice-the-later-sequence-counts": {"2026-12-01 08:00–09:00", "2026-12-10 13:00–15:00"},
	"this-and-future":                       {"2026-12-01 08:00–09:00", "2026-12-02 08:00–09:00", "2026-12-03 10:00–10:30", "2026-12-04 10:00–10:30", "2026-12-05 10:00–10:30"},
	"this-and-future-cancelled":             {"2026-12-01 08:00–09:00", "2026-12-02 08:00–09:00"},
	"fx8-what-does-not-block":               {"2026-12-04 09:00–10:00"},
	"fx9-whole-day": {"2026-12-23 23:00–2026-12-24 23:00", "2026-12-27 23:00–2026-12-28 23:00", "2026-12-29 23:00–2026-12-30 23:00",
		"2027-01-03 23:00–2027-01-05 23:00", "2027-01-05 09:00–09:30"},
	"fx9-whole-day-over-summer-time":         {"2026-10-23 22:00–2026-10-25 23:00"},
	"fx10-several-days":                      {"2026-12-30 17:00–2027-01-02 10:00"},
	"fx13-zimbra":                            {"2026-10-20 07:00–08:00", "2026-10-27 08:00–09:00"},
	"fx13-exchange-unquoted-colon-and-comma": {"2026-10-30 13:00–14:00", "2026-11-06 14:00–15:00"},
	"zone-with-a-path-before-it":             {"2026-12-03 12:00–13:00", "2026-12-04 08:00–09:00"},
	"zone-that-nobody-knows":                 {"2026-12-03 08:00–09:00", "2026-12-04 03:30–04:30", "2026-12-05 08:00–09:00"},
	"floating":                               {"2026-12-03 08:00–09:00"},
	// 02:30 does not exist on 28 March and is read by the clock from before, as
	// 03:30 in summer time; on 25 October it comes twice and its first time counts.
	"skipped-and-repeated-hours": {"2026-10-25 00:30–01:00", "2027-03-27 01:30–02:00", "2027-03-28 01:30–02:00", "2027-03-28 01:30–02:00", "2027-03-29 00:30–01:00"},
	// A day on the calendar has 25 hours on 24 October.
	"duration":                        {"2026-10-24 10:00–2026-10-25 11:00", "2026-12-01 11:00–2026-12-02 13:30:15", "2026-12-10 11:00–12:30", "2026-12-12 11:00–2026-12-19 11:00"},
	"alarm-has-its-own-duration":      {"2026-12-03 09:00–10:00"},
	"fg14-text-escapes-and-bad-lines": {"2026-12-03 09:00–10:00"},
	"broken-among-sound":              {"2026-12-04 09:00–10:00", "2026-12-06 09:00–10:00", "2026-12-07 09:00–10:00", "2026-12-08 09:00–10:00"},
	"too-often": {"2026-12-03 09:00–09:10", "2026-12-04 09:00–09:10", "2026-12-05 09:00–09:10", "2026-12-06 09:00–09:10",
		"2026-12-07 09:00–09:10", "2026-12-08 09:00–09:10"},
	"fx7-without-end": {"2026-10-02 09:00–09:15", "2026-10-30 09:00–09:30", "2026-11-02 09:00–09:15", "2026-11-27 09:00–09:30", "2026-12-02 09:00–09:15", "2026-12-25 09:00–09:30",
		"2027-01-02 09:00–09:15", "2027-01-29 09:00–09:30", "2027-02-02 09:00–09:15", "2027-02-26 09:00–09:30", "2027-03-02 09:00–09:15", "2027-03-26 09:00–09:30"},
	"until-in-every-form": {"2026-12-01 08:00–09:00", "2026-12-02 08:00–09:00", "2026-12-11 08:00–09:00", "2026-12-21 08:00–09:00", "2026-12-22 08:00–09:00",
		"2027-01-01 08:00–09:00", "2027-01-02 08:00–09:00", "2027-01-10 23:00–2027-01-11 23:00", "2027-01-11 23:00–2027-01-12 23:00", "2027-01-20 23:00–2027-01-21 23:00", "2027-01-21 23:00–2027-01-22 23:00"},
	"free-busy": {"2026-12-02 09:00–10:00", "2026-12-03 09:00–10:30", "2026-12-05 09:00–10:00", "2026-12-06 09:00–10:00"},
	"google": {"2026-10-06 08:15–08:45", "2026-10-13 08:15–08:45", "2026-10-20 08:15–08:45", "2026-10-27 09:15–09:45", "2026-11-03 09:15–09:45", "2026-11-10 09:15–09:45",
		"2026-11-17 09:15–09:45", "2026-11-25 10:15–10:45", "2026-12-08 09:15–09:45"},
	"outlook":                        {"2026-11-04 09:00–10:00", "2026-11-18 09:00–10:00", "2026-12-09 23:00–2026-12-11 23:00", "2026-12-16 09:00–10:00"},
	"nextcloud":                      {"2026-11-05 16:00–17:00", "2026-12-03 16:00–17:00", "2027-01-07 16:00–17:00"},
	"exchange-wrapped-uid":           {"2026-12-03 09:00–10:00"},
	"two-calendars-and-words-around": {"2026-12-03 09:00–10:00", "2026-12-04 09:00–10:00"},
	"small-letters-and-spaces":       {"2026-12-03 08:00–09:00", "2026-12-04 08:00–09:00"},
}

func TestCalendarsAreReadAsTheirProgramsMeanThem(t *testing.T) {
	for name, want := range readings {
		t.Run(name, func(t *testing.T) {
			if got := said(read(t, name).Spans); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "busy", "*.ics"))
	if err != nil || len(files) != len(readings) {
		t.Errorf("%d files and %d expectations, %v", len(files), len(readings), err)
	}
}
