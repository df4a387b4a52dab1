package setup_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/setup"
	"kintsugi/internal/slot"
)

// ask runs a query against the file of the contract, changed by replacements.
func ask(t *testing.T, change []string, alter func(*setup.SlotsQuery)) (slot.Answer, error) {
	t.Helper()
	f, err := setup.Parse("practice.yaml", []byte(strings.NewReplacer(change...).Replace(whole(t))))
	if err != nil {
		t.Fatal(err)
	}
	q := setup.SlotsQuery{
		Type: "meet-and-greet", From: slot.Date{Year: 2026, Month: 12, Day: 7}, To: slot.Date{Year: 2026, Month: 12, Day: 8},
		Zone: time.UTC, Now: clock(), TakenFile: "taken.json",
	}
	if alter != nil {
		alter(&q)
	}
	return setup.Slots(f, q)
}

func starts(a slot.Answer) string {
	var out []string
	for _, s := range a.Slots {
		out = append(out, s.Start.UTC().Format("02T15:04"))
	}
	return strings.Join(out, " ")
}

func TestTheGivenCasesPassFromTheirFiles(t *testing.T) {
	data, err := os.ReadFile("../slot/testdata/slots.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		ID, Title       string
		Practice, Taken json.RawMessage
		Query           struct{ Type, From, To, Timezone, Now, Coach, Moving string }
		Expect          []time.Time `json:"expect_utc"`
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) == 0 {
		t.Fatal(err)
	}
	for _, c := range cases {
		f, err := setup.Parse("practice.json", c.Practice)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		q := setup.SlotsQuery{Type: c.Query.Type, Coach: c.Query.Coach, Moving: c.Query.Moving, TakenFile: "taken.json", Taken: c.Taken}
		q.From, _ = slot.ParseDate(c.Query.From)
		q.To, _ = slot.ParseDate(c.Query.To)
		q.Zone, _ = time.LoadLocation(c.Query.Timezone)
		q.Now, _ = time.Parse(time.RFC3339, c.Query.Now)
		answer, err := setup.Slots(f, q)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		same := slices.EqualFunc(answer.Slots, c.Expect, func(s slot.Slot, at time.Time) bool { return s.Start.Equal(at) })
		if !same {
			t.Errorf("%s %s: %s", c.ID, c.Title, starts(answer))
		}
	}
}

func TestTheAnswerIsThatOfTheAPI(t *testing.T) {
	answer, err := ask(t, nil, func(q *setup.SlotsQuery) {
		q.Zone, _ = time.LoadLocation("Pacific/Auckland")
		q.To = q.To.AddDays(1)
		q.Taken = []byte(`{"bookings": [{"id": 7, "coach": "mara", "type": "couple-session", "start": "2026-12-07T10:00:00Z", "end": "2026-12-07T17:00:00Z"}], "busy": []}`)
		q.Why = true
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`{"type":"meet-and-greet","timezone":"Pacific/Auckland","days":[{"date":"2026-12-07","slots":[`,
		`{"start":"2026-12-07T22:00:00+13:00","end":"2026-12-07T22:30:00+13:00","coaches":["mara"]}`,
		`"refused":[`, `{"start":"2026-12-08T02:00:00+13:00","coach":"mara","reason":"booked"}`,
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s is not in\n%s", part, text)
		}
	}
}

func TestWhyIsAListEvenWhenNothingIsRefused(t *testing.T) {
	answer, err := ask(t, nil, func(q *setup.SlotsQuery) { q.Why = true })
	if text, _ := json.Marshal(answer); err != nil || !strings.HasSuffix(string(text), `"refused":[]}`) {
		t.Errorf("%s, %v", text, err)
	}
	answer, err = ask(t, nil, nil)
	if text, _ := json.Marshal(answer); err != nil || strings.Contains(string(text), "refused") {
		t.Errorf("%s, %v", text, err)
	}
}

func TestABookingThatIsMovedDoesNotStandInItsOwnWay(t *testing.T) {
	taken := []byte(`{"bookings":[{"id":"b","coach":"mara","type":"meet-and-greet","start":"2026-12-07T09:00:00Z","end":"2026-12-07T12:00:00Z","buffer_after":"10m","status":"pending"}]}`)
	stays, err := ask(t, nil, func(q *setup.SlotsQuery) { q.Taken = taken })
	if err != nil || strings.Contains(starts(stays), "07T09:00") {
		t.Errorf("%s, %v", starts(stays), err)
	}
	moves, err := ask(t, nil, func(q *setup.SlotsQuery) { q.Taken, q.Moving = taken, "b" })
	if err != nil || !strings.HasPrefix(starts(moves), "07T09:00 07T09:30") {
		t.Errorf("%s, %v", starts(moves), err)
	}
}

func TestAPlaceInTheWorldWhereMidnightIsSkippedHasItsWholeDay(t *testing.T) {
	// In Santiago the clock went from 23:59 on 5 September 2026 to 01:00.
	change := []string{"timezone: Europe/London", "timezone: America/Santiago", "    weekly_hours:\n", "    weekly_hours:\n      sun: [\"00:00-02:00\"]\n"}
	answer, err := ask(t, change, func(q *setup.SlotsQuery) {
		q.Zone, _ = time.LoadLocation("America/Santiago")
		q.From, q.To = slot.Date{Year: 2026, Month: 9, Day: 6}, slot.Date{Year: 2026, Month: 9, Day: 7}
		q.Now = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	})
	if err != nil || starts(answer) != "06T04:00 06T04:30" {
		t.Errorf("%s, %v", starts(answer), err)
	}
}

func TestAQuestionThatCannotBeAnsweredIsRefusedWithAReason(t *testing.T) {
	for name, row := range map[string]struct {
		alter func(*setup.SlotsQuery)
		want  string
	}{
		"type":       {func(q *setup.SlotsQuery) { q.Type = "meet-and-great" }, `there is no appointment type "meet-and-great"; did you mean meet-and-greet?`},
		"coach":      {func(q *setup.SlotsQuery) { q.Coach = "mora" }, `there is no coach "mora"; did you mean mara?`},
		"range":      {func(q *setup.SlotsQuery) { q.To = q.From }, "holds no date"},
		"long range": {func(q *setup.SlotsQuery) { q.To = q.From.AddDays(401) }, "at most 400 days"},
		"no zone":    {func(q *setup.SlotsQuery) { q.Zone = nil }, "a time zone is needed"},
		"not JSON":   {func(q *setup.SlotsQuery) { q.Taken = []byte("{") }, "taken.json:1: this is not YAML"},
		"empty":      {func(q *setup.SlotsQuery) { q.Taken = []byte("") }, "taken.json:1: the file is empty"},
		"taken coach": {func(q *setup.SlotsQuery) {
			q.Taken = []byte(`{"busy":[{"coach":"bob","start":"2026-12-07T09:00:00Z","end":"2026-12-07T10:00:00Z"}]}`)
		}, `taken.json:1: busy[0].coach: there is no coach "bob"`},
		"taken type": {func(q *setup.SlotsQuery) {
			q.Taken = []byte("{\"bookings\":[\n{\"coach\":\"mara\",\"type\":\"x\",\"start\":\"2026-12-07T09:00:00Z\",\"end\":\"2026-12-07T10:00:00Z\"}]}")
		}, `taken.json:2: bookings[0].type: there is no appointment type "x"`},
		"taken time": {func(q *setup.SlotsQuery) {
			q.Taken = []byte(`{"busy":[{"coach":"mara","start":"2026-12-07 09:00","end":"2026-12-07T10:00:00Z"}]}`)
		}, "busy[0].start: \"2026-12-07 09:00\" is not a moment"},
		"taken end": {func(q *setup.SlotsQuery) {
			q.Taken = []byte(`{"busy":[{"coach":"mara","start":"2026-12-07T10:00:00Z","end":"2026-12-07T10:00:00Z"}]}`)
		}, "busy[0].end: must be later than the start"},
		"taken status": {func(q *setup.SlotsQuery) { q.Taken = []byte(`{"bookings":[{"status":"maybe"}]}`) }, `"maybe" must be one of: held, pending`},
		"taken field":  {func(q *setup.SlotsQuery) { q.Taken = []byte(`{"booking":[]}`) }, "booking: there is no such field; did you mean bookings?"},
	} {
		if answer, err := ask(t, nil, row.alter); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %s, %v; want %s", name, starts(answer), err, row.want)
		}
	}
	if _, err := ask(t, []string{"    role: owner", "    active: false"}, func(q *setup.SlotsQuery) { q.Coach = "mara" }); err == nil {
		t.Error("a coach who has left was asked for")
	}
}
