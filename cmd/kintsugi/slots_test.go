package main_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// agreed is one run of `kintsugi slots` as agreed with the outside.
type agreed struct {
	ID       string
	Practice json.RawMessage
	Taken    json.RawMessage
	Query    struct{ Type, From, To, Timezone, Now string }
	Expect   []time.Time `json:"expect_utc"`
}

// starts reads the starts out of an answer.
func starts(t *testing.T, answer string) []time.Time {
	t.Helper()
	var a struct {
		Days []struct {
			Date  string
			Slots []struct{ Start time.Time }
		}
	}
	if err := json.Unmarshal([]byte(answer), &a); err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
	var found []time.Time
	for _, day := range a.Days {
		for _, s := range day.Slots {
			found = append(found, s.Start.UTC())
			if s.Start.Format(time.DateOnly) != day.Date {
				t.Errorf("%s stands under %s", s.Start, day.Date)
			}
		}
	}
	return found
}

func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The server stood in Auckland and offered hours that the coach slept through.
func TestSlotsAnswersTheAgreedCasesWhereverTheServerStands(t *testing.T) {
	text, err := os.ReadFile("../../internal/slot/testdata/slots.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []agreed
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) != 21 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			practice, taken := write(t, "practice.json", c.Practice), write(t, "taken.json", c.Taken)
			for _, zone := range []string{"UTC", "America/New_York", "Pacific/Auckland"} {
				cmd := exec.Command(self, "slots", "--taken", taken, "--now", c.Query.Now, "--timezone="+c.Query.Timezone,
					"--to", c.Query.To, "--from", c.Query.From, "--type", c.Query.Type, "--practice", practice)
				cmd.Env = []string{asProgram + "=1", "TZ=" + zone}
				var out, complaint bytes.Buffer
				cmd.Stdout, cmd.Stderr = &out, &complaint
				if err := cmd.Run(); err != nil {
					t.Fatalf("%v: %s", err, complaint.String())
				}
				if got := starts(t, out.String()); !slices.EqualFunc(got, c.Expect, time.Time.Equal) {
					t.Errorf("on a server in %s:\n got %v\nwant %v", zone, got, c.Expect)
				}
			}
		})
	}
}

func TestSlotsSaysWhyAndTakesItsFlagsInAnyOrder(t *testing.T) {
	taken := write(t, "taken.json", []byte(`{"bookings":[{"id":"b1","coach":"mara","type":"meet-and-greet","start":"2026-12-07T10:00:00Z","end":"2026-12-07T10:30:00Z","buffer_before":"0m","buffer_after":"10m","status":"confirmed"}],"busy":[{"coach":"mara","start":"2026-12-07T15:00:00Z","end":"2026-12-07T16:00:00Z"}]}`))
	question := []string{"--practice", practiceFile(t), "--type", "meet-and-greet", "--coach", "mara", "--from", "2026-12-07", "--to", "2026-12-08",
		"--timezone", "Europe/Berlin", "--now", "2026-12-01T09:00:00Z", "--taken", taken}
	why := run(t, nil, append([]string{"slots", "--why"}, question...)...).must(t)
	if last := run(t, nil, append(append([]string{"slots"}, question...), "--why")...).must(t); last != why {
		t.Error("the place of --why matters")
	}
	var answer struct {
		Timezone string
		Refused  []struct{ Start, Coach, Reason string }
	}
	if err := json.Unmarshal([]byte(why), &answer); err != nil {
		t.Fatal(err)
	}
	reasons := map[string]string{}
	for _, r := range answer.Refused {
		reasons[r.Start] = r.Reason
	}
	for start, want := range map[string]string{"2026-12-07T11:00:00+01:00": "booked", "2026-12-07T11:30:00+01:00": "buffer", "2026-12-07T16:00:00+01:00": "busy"} {
		if reasons[start] != want {
			t.Errorf("%s is refused because of %q, want %q", start, reasons[start], want)
		}
	}
	plain := run(t, nil, append([]string{"slots"}, question...)...).must(t)
	if strings.Contains(plain, "refused") || !strings.Contains(why, plain[:40]) {
		t.Errorf("without --why it says %s", plain)
	}
	moving := run(t, nil, append([]string{"slots", "--moving", "b1"}, question...)...).must(t)
	if !strings.Contains(moving, "2026-12-07T11:00:00+01:00") {
		t.Error("a booking that is being moved stands in its own way")
	}
}

func TestSlotsNamesEachMistakeByFileLineAndField(t *testing.T) {
	file := write(t, "wrong.yaml", []byte("practice:\n  name: Common Ground\n  timezone: Europe/Londn\n  currency: GBP\n  email: hello@example.org\n"))
	s := run(t, nil, "slots", "--practice", file, "--type", "call", "--from", "2026-12-07", "--to", "2026-12-08", "--timezone", "UTC")
	if s.code != 1 || s.out != "" || !strings.HasPrefix(s.err, file+":3: practice.timezone: ") {
		t.Errorf("exit %d, out %q, err %q", s.code, s.out, s.err)
	}
}
