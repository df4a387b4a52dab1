package slot_test

import (
	"strings"
	"testing"
	"time"

	"kintsugi/internal/slot"
)

func TestWindowReadsAsItIsWritten(t *testing.T) {
	for s, want := range map[string]slot.Window{
		"09:00-12:00": {From: 540, To: 720},
		"00:00-24:00": {From: 0, To: 1440},
		"23:59-24:00": {From: 1439, To: 1440},
	} {
		got, err := slot.ParseWindow(s)
		if err != nil || got != want || got.String() != s {
			t.Errorf("%s reads as %v (%v)", s, got, err)
		}
	}
}

func TestWindowThatIsWrongSaysWhatWouldBeRight(t *testing.T) {
	for s, hint := range map[string]string{
		"12:00-09:00":  "write 09:00-12:00",
		"22:00-02:00":  "22:00-24:00 and on the next day 00:00-02:00",
		"09:00-09:00":  "ends as it starts",
		"22:00-00:00":  "write 22:00-24:00",
		"24:00-02:00":  "write 00:00-02:00 on the next day",
		"24:00-24:00":  "ends as it starts",
		"09:00-24:01":  "write it as 09:00-12:00",
		"09:60-12:00":  "write it as 09:00-12:00",
		"9:00-12:00":   "write it as 09:00-12:00",
		"09:00–12:00":  "write it as 09:00-12:00",
		"09.00-12.00":  "write it as 09:00-12:00",
		"+9:00-12:00":  "write it as 09:00-12:00",
		"09:00-12:00 ": "write it as 09:00-12:00",
		"":             "write it as 09:00-12:00",
	} {
		_, err := slot.ParseWindow(s)
		if err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q says %v, want %q", s, err, hint)
		}
	}
}

func TestDateReadsAsItIsWritten(t *testing.T) {
	d, err := slot.ParseDate("2028-02-29")
	if err != nil || d != (slot.Date{Year: 2028, Month: time.February, Day: 29}) || d.String() != "2028-02-29" {
		t.Errorf("reads as %v (%v)", d, err)
	}
	for _, s := range []string{"", "2026-02-29", "2026-2-1", "01.12.2026", "2026-12-01T00:00:00Z", "2026-13-01"} {
		if d, err := slot.ParseDate(s); err == nil || !strings.Contains(err.Error(), "2026-12-01") {
			t.Errorf("%q reads as %v (%v)", s, d, err)
		}
	}
}

func TestDateCountsDays(t *testing.T) {
	d := date("2026-12-31")
	if got := d.AddDays(1); got != date("2027-01-01") {
		t.Errorf("the day after %v is %v", d, got)
	}
	if got := d.AddDays(-365); got != date("2025-12-31") {
		t.Errorf("365 days before %v is %v", d, got)
	}
	if d.Weekday() != time.Thursday {
		t.Errorf("%v is a %v", d, d.Weekday())
	}
	if !d.Before(d.AddDays(1)) || d.Before(d) || d.Compare(date("2026-11-30")) <= 0 || d.Compare(d) != 0 {
		t.Errorf("%v stands in the wrong order", d)
	}
	if got := slot.DateOf(at("2026-12-31T23:30:00Z").In(zone("Europe/Berlin"))); got != date("2027-01-01") {
		t.Errorf("half past midnight in Berlin is %v", got)
	}
}
