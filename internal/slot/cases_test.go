package slot_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/slot"
)

// agreed is one run of the slot rules as agreed with the outside: a practice
// file, a question and the expected starts.
type agreed struct {
	ID, Title string
	Practice  struct {
		Coaches []struct {
			Slug, Timezone string
			WeeklyHours    map[string][]string `json:"weekly_hours"`
			Overrides      []struct {
				Date  string
				Hours []string
			}
		}
		AppointmentTypes []struct {
			Slug, Duration, Horizon string
			Step                    string `json:"slot_step"`
			BufferBefore            string `json:"buffer_before"`
			BufferAfter             string `json:"buffer_after"`
			MinNotice               string `json:"min_notice"`
		} `json:"appointment_types"`
	}
	Query struct{ Type, From, To, Timezone, Now string }
	Taken struct {
		Bookings []struct {
			ID, Coach, Type, Status string
			Start, End              time.Time
			BufferBefore            string `json:"buffer_before"`
			BufferAfter             string `json:"buffer_after"`
		}
		Busy []struct {
			Coach      string
			Start, End time.Time
		}
	}
	Expect []time.Time `json:"expect_utc"`
}

func duration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// practice turns a case into what the engine takes.
func (a *agreed) practice(t *testing.T) (slot.Type, []slot.Coach, slot.Query) {
	in := a.Practice.AppointmentTypes[0]
	horizon, err := strconv.Atoi(strings.TrimSuffix(in.Horizon, "d"))
	if err != nil {
		t.Fatal(err)
	}
	kind := slot.Type{
		Slug: in.Slug, HorizonDays: horizon,
		Duration: duration(t, in.Duration), Step: duration(t, in.Step), MinNotice: duration(t, in.MinNotice),
		BufferBefore: duration(t, in.BufferBefore), BufferAfter: duration(t, in.BufferAfter),
	}
	var coaches []slot.Coach
	for _, in := range a.Practice.Coaches {
		c := slot.Coach{Slug: in.Slug, Hours: slot.Hours{
			Home: zone(in.Timezone), Weekly: map[time.Weekday][]slot.Window{}, Overrides: map[slot.Date][]slot.Window{},
		}}
		for d := time.Sunday; d <= time.Saturday; d++ {
			c.Hours.Weekly[d] = windows(strings.Join(in.WeeklyHours[strings.ToLower(d.String()[:3])], " "))
		}
		for _, o := range in.Overrides {
			c.Hours.Overrides[date(o.Date)] = windows(strings.Join(o.Hours, " "))
		}
		for _, b := range a.Taken.Bookings {
			c.Taken = append(c.Taken, slot.Booking{
				ID: b.ID, Type: b.Type, Start: b.Start, End: b.End,
				BufferBefore: duration(t, b.BufferBefore), BufferAfter: duration(t, b.BufferAfter),
				Live: b.Status == "held" || b.Status == "pending" || b.Status == "confirmed",
			})
		}
		for _, b := range a.Taken.Busy {
			c.Busy = append(c.Busy, slot.Span{Start: b.Start, End: b.End})
		}
		coaches = append(coaches, c)
	}
	q := days(a.Query.Timezone, a.Query.From, a.Query.To)
	q.Now = at(a.Query.Now)
	return kind, coaches, q
}

func TestAgreedCases(t *testing.T) {
	data, err := os.ReadFile("testdata/slots.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []agreed
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 21 {
		t.Errorf("%d cases, want 21", len(cases))
	}
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			kind, coaches, q := c.practice(t)
			var want []slot.Slot
			for _, start := range c.Expect {
				want = append(want, slot.Slot{Start: start})
			}
			if got := utc(slot.Offer(kind, coaches, q)); got != utc(want) {
				t.Errorf("%s: offered %q, want %q", c.Title, got, utc(want))
			}
		})
	}
}

// A server in another zone once showed the last day of the month empty. The
// zone is read once when a program starts, so the tests are run again as
// programs of their own.
func TestServersOwnZoneChangesNothing(t *testing.T) {
	if name := os.Getenv("SLOT_SERVER_ZONE"); name != "" {
		noon := at("2026-07-01T12:00:00Z")
		_, got := noon.Local().Zone()
		if _, want := noon.In(zone(name)).Zone(); got != want {
			t.Fatalf("this program was to run in %s, but its clock is %d s from UTC", name, got)
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"UTC", "America/New_York", "Pacific/Auckland"} {
		t.Run(name, func(t *testing.T) {
			run := exec.Command(self, "-test.v", "-test.run=^Test(Agreed|Servers|Clocks|Trip|Rule)")
			run.Env = append(os.Environ(), "TZ="+name, "SLOT_SERVER_ZONE="+name)
			out, err := run.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if n := strings.Count(string(out), "--- PASS: TestAgreedCases/"); n != 21 {
				t.Errorf("%d of the 21 agreed cases passed\n%s", n, out)
			}
		})
	}
}
