package calendar_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kintsugi/internal/calendar"
)

// wrapped is a calendar around some lines.
func wrapped(lines string) []byte {
	return []byte("BEGIN:VCALENDAR\r\n" + strings.ReplaceAll(lines, "\n", "\r\n") + "END:VCALENDAR\r\n")
}

func TestWholeDaysBlockNothingWhereTheCoachSaysSo(t *testing.T) {
	r := winter()
	r.IgnoreAllDay = true
	for name, want := range map[string][]string{
		"fx9-whole-day": {"2027-01-05 09:00–09:30"},
		"outlook":       {"2026-11-04 09:00–10:00", "2026-11-18 09:00–10:00", "2026-12-16 09:00–10:00"},
	} {
		busy, err := calendar.ReadBusy(file(t, name), r)
		if got := said(busy.Spans); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// A coach on a trip has their day there, and a time without a zone is there too.
func TestWholeDaysAreThoseOfWhereTheCoachIs(t *testing.T) {
	york, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	r := winter()
	home := r.Home
	r.Home = func(label time.Time) *time.Location {
		if label.Month() == time.December {
			return york
		}
		return home(label)
	}
	busy, err := calendar.ReadBusy(wrapped("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261130\nDTEND;VALUE=DATE:20261202\nEND:VEVENT\nBEGIN:VEVENT\nDTSTART:20261205T090000\nDURATION:PT1H\nEND:VEVENT\n"), r)
	want := []string{"2026-11-29 23:00–2026-12-02 05:00", "2026-12-05 14:00–15:00"}
	if got := said(busy.Spans); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// Midnight of 6 September 2026 does not exist in Santiago: the day begins at one.
func TestADayWithoutMidnightBeginsWhenItBegins(t *testing.T) {
	santiago, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	r := winter()
	r.From = r.From.AddDate(0, -2, 0)
	r.Home = func(time.Time) *time.Location { return santiago }
	busy, err := calendar.ReadBusy(wrapped("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260906\nEND:VEVENT\n"), r)
	if got := said(busy.Spans); err != nil || !slices.Equal(got, []string{"2026-09-06 04:00–2026-09-07 03:00"}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWhatCouldNotBeReadIsCountedAndNotRepeated(t *testing.T) {
	for name, want := range map[string][]string{
		"google": nil, "outlook": nil, "nextcloud": nil, "fx13-zimbra": nil,
		"broken-among-sound":     {"5 events could not be read and block nothing.", "2 events repeat in ways that could not be read; only the dates that are certain are blocked."},
		"zone-that-nobody-knows": {"2 time zones are unknown; your own was taken instead."},
		"too-often":              {"5 events repeat in ways that could not be read; only the dates that are certain are blocked."},
		"fg13-exdate-list":       nil,
		"fx7-without-end":        nil,
	} {
		if got := read(t, name).Notes; !slices.Equal(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestATextThatIsNoWholeCalendarIsRefused(t *testing.T) {
	sound := file(t, "google")
	for what, row := range map[string]struct {
		text []byte
		want error
	}{
		"nothing":        {nil, calendar.ErrNotCalendar},
		"a page":         {[]byte("<!doctype html><title>Sign in</title>"), calendar.ErrNotCalendar},
		"cut short":      {sound[:len(sound)-20], calendar.ErrCutShort},
		"half of it":     {sound[:len(sound)/2], calendar.ErrCutShort},
		"50 MB":          {append(slices.Clone(sound), make([]byte, 50<<20)...), calendar.ErrTooLarge},
		"too deep":       {wrapped(strings.Repeat("BEGIN:X\n", 100_000)), calendar.ErrNotCalendar},
		"an empty event": {wrapped("BEGIN:VEVENT\nEND:VEVENT\n"), nil},
		"no event":       {wrapped(""), nil},
	} {
		if _, err := calendar.ReadBusy(row.text, winter()); !errors.Is(err, row.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestUIDsCanBeStoredAndFoundAgain(t *testing.T) {
	if got := read(t, "exchange-wrapped-uid").Spans[0].UID; got != "7f1c0a52-6a52-4c1b-9a2e-0f5b8f0c6f11" {
		t.Errorf("the UID within Exchange's own is %q", got)
	}
	event := func(uid string) string {
		return "BEGIN:VEVENT\n" + uid + "DTSTART:20261203T090000Z\nDURATION:PT1H\nEND:VEVENT\n"
	}
	busy, err := calendar.ReadBusy(wrapped(event("")+event("")+event("UID:\x00\xff\x1bx\n")+event("UID:"+strings.Repeat("long", 500)+"\n")+event("UID:urn:uuid:1\n")+event("UID:urn:uuid:1\n")), winter())
	if err != nil || len(busy.Spans) != 5 {
		t.Fatalf("%d spans, %v", len(busy.Spans), err)
	}
	for _, s := range busy.Spans {
		if s.UID == "" || len(s.UID) > 255 || !utf8.ValidString(s.UID) || strings.ContainsAny(s.UID, "\x00\x1b") {
			t.Errorf("%q", s.UID)
		}
	}
}

// Each of these kept a reader busy for minutes, or for ever. Within 2 MiB
// nothing may take long, whether it is read or refused; the bound is generous
// because tests share their machine.
func TestNoFileTakesLong(t *testing.T) {
	many := func(line func(i int) string) []byte {
		var out strings.Builder
		for i := 0; out.Len() < 1_850_000; i++ {
			out.WriteString(line(i))
		}
		return wrapped(out.String())
	}
	for what, text := range map[string][]byte{
		"one long parameter": wrapped("BEGIN:VEVENT\nDTSTART;TZID=" + strings.Repeat("x", 2_000_000) + ":20261203T090000\nEND:VEVENT\n"),
		"folds":              wrapped("BEGIN:VEVENT\nUID:a" + strings.Repeat("\n x", 500_000) + "\nEND:VEVENT\n"),
		"open quotes":        wrapped("BEGIN:VEVENT\nUID" + strings.Repeat(";\"", 700_000) + "\nEND:VEVENT\n"),
		"dates that never come": many(func(i int) string {
			return fmt.Sprintf("BEGIN:VEVENT\nUID:%d\nDTSTART:20261203T090000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n", i)
		}),
		"counting since 1601": many(func(i int) string {
			return fmt.Sprintf("BEGIN:VEVENT\nUID:%d\nDTSTART:16010101T090000Z\nRRULE:FREQ=DAILY;COUNT=999999\nEND:VEVENT\n", i)
		}),
		"leap days since 1601": many(func(i int) string {
			return fmt.Sprintf("BEGIN:VEVENT\nUID:%d\nDTSTART:16010101T090000Z\nRRULE:FREQ=DAILY;COUNT=999;BYMONTH=2;BYMONTHDAY=29\nEND:VEVENT\n", i)
		}),
		"every quarter of an hour": many(func(i int) string {
			return fmt.Sprintf("BEGIN:VEVENT\nUID:%d\nDTSTART:20261003T090000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,15,30,45\nEND:VEVENT\n", i)
		}),
		"changes of one event": many(func(i int) string {
			return fmt.Sprintf("BEGIN:VEVENT\nUID:a\nDTSTART:%[1]s\nRECURRENCE-ID;RANGE=THISANDFUTURE:%[1]s\nRRULE:FREQ=DAILY\nDURATION:PT1H\nEND:VEVENT\n", time.Unix(1_800_000_000+int64(i)*3600, 0).UTC().Format("20060102T150405Z"))
		}),
		"many of one name": many(func(i int) string {
			return fmt.Sprintf("BEGIN:VEVENT\nUID:a\nDTSTART:20261003T090000Z\nDURATION:PT1M\n%sEND:VEVENT\n", map[bool]string{true: "RECURRENCE-ID:20261003T090000Z\n"}[i%2 == 0])
		}),
		"zones that nobody knows": many(func(i int) string {
			return fmt.Sprintf("BEGIN:VEVENT\nDTSTART;TZID=Zone/%d:20261003T090000\nDURATION:PT1M\nEND:VEVENT\n", i)
		}),
		"zones by hand": many(func(i int) string {
			return fmt.Sprintf("BEGIN:VTIMEZONE\nTZID:Z%[1]d\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=DAILY\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;TZID=Z%[1]d:20261003T090000\nDURATION:PT1M\nEND:VEVENT\n", i)
		}),
		"dates left out": many(func(i int) string {
			return fmt.Sprintf("BEGIN:VEVENT\nUID:%d\nDTSTART:20261003T090000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY\nEXDATE:%s20261010T090000Z\nEND:VEVENT\n", i, strings.Repeat("20261009T090000Z,", 3500))
		}),
	} {
		began := time.Now()
		busy, err := calendar.ReadBusy(text, winter())
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s took %v", what, took)
		} else {
			t.Logf("%s: %v, %d spans, %v", what, took.Round(time.Millisecond), len(busy.Spans), err)
		}
		if len(busy.Spans) > 20_000 {
			t.Errorf("%s: %d spans", what, len(busy.Spans))
		}
	}
}

// FuzzReadBusy reads any text: it never panics, takes long or answers anything
// that is not in order.
func FuzzReadBusy(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "busy", "*.ics"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		ics, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(ics)
	}
	r := winter()
	f.Fuzz(func(t *testing.T, ics []byte) {
		began := time.Now()
		busy, err := calendar.ReadBusy(ics, r)
		if took := time.Since(began); took > 10*time.Second {
			t.Fatalf("took %v", took)
		}
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for i, s := range busy.Spans {
			if !s.Start.Before(s.End) || s.Start.Before(r.From) || s.End.After(r.To) || i > 0 && s.Start.Before(busy.Spans[i-1].Start) {
				t.Fatalf("%v", s)
			}
			if key := s.UID + s.Start.String(); s.UID == "" || seen[key] {
				t.Fatalf("twice: %v", s)
			} else {
				seen[key] = true
			}
		}
	})
}
