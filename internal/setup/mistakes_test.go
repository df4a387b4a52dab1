package setup_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"kintsugi/internal/setup"
)

// whole is the practice file of the README, which has no mistake.
func whole(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/practice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// mistakes reads a file as that of a new practice.
func mistakes(text string) setup.Mistakes {
	f, err := setup.Parse("practice.yaml", []byte(text))
	if f != nil {
		_, _, err = f.Offer("meet-and-greet")
	}
	var found setup.Mistakes
	errors.As(err, &found)
	return found
}

func TestTheFileOfTheContractHasNoMistake(t *testing.T) {
	if found := mistakes(whole(t)); found != nil {
		t.Fatal(found)
	}
}

func TestEachMistakeIsNamedByFileLineAndField(t *testing.T) {
	for _, row := range []struct {
		old, new string // what is changed in the file of the contract
		want     string // where the one mistake lies
		say      string // and a part of what is said
	}{
		{"duration: 30m", `duration: "30"`, "practice.yaml:27: appointment_types[0].duration", `"30" is not a length of time; write it like 30m, 24h or 60d`},
		{"duration: 30m", "duration: 30", "practice.yaml:27: appointment_types[0].duration", "is not a length of time"},
		{"duration: 30m", "duration: 0m", "practice.yaml:27: appointment_types[0].duration", "from 1m to 24h"},
		{"duration: 30m", "duration: 25h", "practice.yaml:27: appointment_types[0].duration", "out of bounds"},
		{"duration: 30m", "duration: 99999999999999999999d", "practice.yaml:27: appointment_types[0].duration", "is not a length of time"},
		{"duration: 30m", "duration: -30m", "practice.yaml:27: appointment_types[0].duration", "is not a length of time"},
		{"duration: 30m", "duration: [30m]", "practice.yaml:27: appointment_types[0].duration", "not a list"},
		{"duration: 30m", "duration: {minutes: 30}", "practice.yaml:27: appointment_types[0].duration", "not a group"},
		{"duration: 30m", "duration:", "practice.yaml:27: appointment_types[0].duration", "is missing"},
		{"duration: 30m", "durations: 30m", "practice.yaml:27: appointment_types[0].durations", "did you mean duration?"},
		{"    slot_step: 30m  ", "    slot_step: 0m  ", "practice.yaml:29: appointment_types[0].slot_step", "from 1m to 24h"},
		{"buffer_after: 10m", "buffer_after: 2d", "practice.yaml:31: appointment_types[0].buffer_after", "out of bounds"},
		{"horizon: 60d", "horizon: 36h", "practice.yaml:33: appointment_types[0].horizon", "whole days"},
		{"horizon: 60d", "horizon: 9000d", "practice.yaml:33: appointment_types[0].horizon", "from 0m to 1000d"},
		{"max_per_day: 4", "max_per_day: 0", "practice.yaml:34: appointment_types[0].max_per_day", "whole number from 1"},
		{"max_per_day: 4", "max_per_day: 4.5", "practice.yaml:34: appointment_types[0].max_per_day", "whole number"},
		{"public: true", "public: yes", "practice.yaml:35: appointment_types[0].public", "true or false"},
		{"lane: joint", "lane: both", "practice.yaml:43: appointment_types[1].lane", "one of: joint, individual"},
		{"    approval: 0h            #", "    coaches: [mara]         #", "practice.yaml:38: appointment_types[0].coaches", "is written twice; the first is in line 37"},
		{"    coaches: [mara]\n  - slug: couple", "    coaches: []\n  - slug: couple", "practice.yaml:38: appointment_types[0].coaches", "needs a coach"},
		{"    coaches: [mara]\n  - slug: couple", "    coaches: [maya]\n  - slug: couple", "practice.yaml:38: appointment_types[0].coaches", "there is no coach maya; did you mean mara?"},
		{"    coaches: [mara]\n  - slug: couple", "    coaches: mara\n  - slug: couple", "practice.yaml:38: appointment_types[0].coaches", "must be a list"},
		{"    coaches: [mara]\n  - slug: couple", "    coaches: [mara, mara]\n  - slug: couple", "practice.yaml:38: appointment_types[0].coaches[1]", "twice"},
		{"    coaches: [mara]\n  - slug: couple", "  - slug: couple", "practice.yaml:25: appointment_types[0].coaches", "is missing"},
		{"slug: couple-session", "slug: meet-and-greet", "practice.yaml:39: appointment_types[1].slug", "is the slug of the one in line 25 already"},
		{"slug: meet-and-greet", "slug: Meet & Greet", "practice.yaml:25: appointment_types[0].slug", "is not a slug"},
		{"slug: meet-and-greet", "slug: meet--greet", "practice.yaml:25: appointment_types[0].slug", "is not a slug"},
		{"  - slug: meet-and-greet\n    name", "  - name", "practice.yaml:25: appointment_types[0].slug", "is missing"},
		{"timezone: Europe/London\n  currency", "timezone: Europe/Londn\n  currency", "practice.yaml:4: practice.timezone", "is not a time zone"},
		{"timezone: Europe/London\n  currency", "timezone: Local\n  currency", "practice.yaml:4: practice.timezone", "is not a time zone"},
		{"timezone: Europe/London\n  currency", "timezone: ../../etc/passwd\n  currency", "practice.yaml:4: practice.timezone", "is not a time zone"},
		{"currency: GBP", "currency: gbp", "practice.yaml:5: practice.currency", "is not a currency"},
		{"currency: GBP", "currency: XXX", "practice.yaml:5: practice.currency", "is not a currency"},
		{"currency: GBP", "currency: JPY", "practice.yaml:51: packages[0].price", "is not an amount in JPY"},
		{"email: hello@example.org", "email: hello@example", "practice.yaml:6: practice.email", "must end like .org"},
		{"email: hello@example.org", "email: a@example.org, b@example.org", "practice.yaml:6: practice.email", "one email address only"},
		{"email: mara@example.org", "email: \"mara@example.org\\r\\nBcc: x@example.com\"", "practice.yaml:11: coaches[0].email", "one email address only"},
		{"cancel_notice: 24h", "cancel_notice: one day", "practice.yaml:7: practice.cancel_notice", "is not a length of time"},
		{"cancel_notice: 24h", "cancel_notic: 24h", "practice.yaml:7: practice.cancel_notic", "did you mean cancel_notice?"},
		{"  name: Common Ground Coaching\n", "", "practice.yaml:1: practice.name", "is missing"},
		{"name: Common Ground Coaching", `name: ""`, "practice.yaml:2: practice.name", "fill this in"},
		{"name: Common Ground Coaching", `name: "Common\0Ground"`, "practice.yaml:2: practice.name", "bytes that are no text"},
		{"name: Common Ground Coaching", "name: " + strings.Repeat("ab ", 100), "practice.yaml:2: practice.name", "at most 200"},
		{"name: Common Ground Coaching", "name: !!binary aGVsbG8=", "practice.yaml:2: practice.name", "tag"},
		{"role: owner", "role: boss", "practice.yaml:12: coaches[0].role", "one of: owner, coach, assistant"},
		{"role: owner", "role: assistant", "practice.yaml:38: appointment_types[0].coaches", "is an assistant"},
		{"https://meet.example.org/mara", "javascript:alert(1)", "practice.yaml:15: coaches[0].meeting_url", "is not an address on the web"},
		{"https://calendar.example.org", "https://user:pass@calendar.example.org", "practice.yaml:23: coaches[0].busy_calendars[0]", "is not an address on the web"},
		{`"13:00-17:00"`, `"17:00-13:00"`, "practice.yaml:17: coaches[0].weekly_hours.mon[1]", "ends before it starts"},
		{`"13:00-17:00"`, `"13:00-25:00"`, "practice.yaml:17: coaches[0].weekly_hours.mon[1]", "is not a range of hours"},
		{`"13:00-17:00"`, `13`, "practice.yaml:17: coaches[0].weekly_hours.mon[1]", "is not a range of hours"},
		{`mon: ["09:00-12:00", "13:00-17:00"]`, `mon: "09:00-12:00"`, "practice.yaml:17: coaches[0].weekly_hours.mon", "must be a list"},
		{`mon: ["09:00-12:00", "13:00-17:00"]`, `monday: ["09:00-12:00"]`, "practice.yaml:17: coaches[0].weekly_hours.monday", "there is no such field"},
		{"date: 2026-12-24", "date: 2026-02-30", "practice.yaml:19: coaches[0].overrides[0].date", "is not a date"},
		{"date: 2026-12-24", "date: 24.12.2026", "practice.yaml:19: coaches[0].overrides[0].date", "is not a date"},
		{"date: 2026-12-28", "date: 2026-12-24", "practice.yaml:20: coaches[0].overrides[1].date", "has an override already, in line 19"},
		{"{date: 2026-12-24, hours: []}", "{date: 2026-12-24}", "practice.yaml:19: coaches[0].overrides[0].hours", "is missing"},
		{"to: 2026-05-15", "to: 2026-05-10", "practice.yaml:22: coaches[0].travel[0].to", "before it begins"},
		{"timezone: America/New_York}", "timezone: America/New_York}\n      - {from: 2026-05-15, to: 2026-05-20, timezone: Asia/Tokyo}", "practice.yaml:23: coaches[0].travel[1].from", "overlaps the one in line 22"},
		{"appointment_types: [couple-session]", "appointment_types: [couple-session, meet-and-greet]", "practice.yaml:50: packages[0].appointment_types", "must all be of one lane"},
		{"appointment_types: [couple-session]", "appointment_types: [couples-session]", "practice.yaml:50: packages[0].appointment_types", "did you mean couple-session?"},
		{"appointment_types: [couple-session]", "appointment_types: []", "practice.yaml:50: packages[0].appointment_types", "needs an appointment type"},
		{"price: 720.00", "price: 720.5", "practice.yaml:51: packages[0].price", "is not an amount in GBP; write it like 720.00"},
		{"price: 720.00", "price: -1", "practice.yaml:51: packages[0].price", "is not an amount"},
		{"price: 720.00", "price: 99999999999999", "practice.yaml:51: packages[0].price", "amount"},
		{"sessions: 6", "sessions: 0", "practice.yaml:49: packages[0].sessions", "from 1 to 1000"},
		{"valid_for: 180d", "valid_for: 12h", "practice.yaml:52: packages[0].valid_for", "from 24h to 3650d"},
		{"price: 720.00", "tax: vat\n    price: 720.00", "practice.yaml:51: packages[0].tax", "one of: none, inclusive, exclusive"},
		{"price: 720.00", "visibility: hidden\n    price: 720.00", "practice.yaml:51: packages[0].visibility", "one of: visible, link, withdrawn"},
		{"price: 720.00", "visibility: link\n    withdrawn: true\n    price: 720.00", "practice.yaml:52: packages[0].withdrawn", "something else than visibility"},
		{"price: 720.00", "visibility: null\n    withdrawn: true\n    price: 720.00", "practice.yaml:52: packages[0].withdrawn", "something else than visibility"},
		{"price: 720.00", "instalments: [{sessions: 6, price: 720.00}]\n    price: 720.00", "practice.yaml:51: packages[0].instalments[0]", "the whole price"},
		{"price: 720.00", "instalments: [{sessions: 3, price: 360.00}, {sessions: 2, price: 360.00, after: 30d}]\n    price: 720.00", "practice.yaml:51: packages[0].instalments", "5 sessions together, and the package has 6"},
		{"price: 720.00", "instalments: [{sessions: 3, price: 360.00}, {sessions: 3, price: 359.99, after: 30d}]\n    price: 720.00", "practice.yaml:51: packages[0].instalments", "719.99 together, and the package costs 720.00"},
		{"price: 720.00", "instalments:\n      - {sessions: 3, price: 360.00}\n      - {sessions: 3, price: 360.0, after: 30d}\n    price: 720.00", "practice.yaml:53: packages[0].instalments[1].price", "is not an amount in GBP"},
		{"price: 720.00", "instalments:\n      - {sessions: 3, price: 360.00}\n      - {sessions: 3, price: 360.00}\n    price: 720.00", "practice.yaml:53: packages[0].instalments[1].after", "later than the part before it"},
		{"lane: individual         #", "lane: coach         #", "practice.yaml:56: forms[0].lane", "one of"},
		{"send_on: first_purchase", "send_on: never", "practice.yaml:57: forms[0].send_on", "one of"},
		{"type: long_text, required: true}", "type: long_text, requird: true}", "practice.yaml:59: forms[0].questions[0].requird", "did you mean required?"},
		{"{key: goal, label: What would you like to be different?, type: long_text, required: true}", "{key: goal, type: long_text}", "practice.yaml:59: forms[0].questions[0].label", "is missing"},
		{"required: true}", "required: true}\n      - {key: goal, label: Again, type: text}", "practice.yaml:60: forms[0].questions[1].key", "line 59"},
		{"packages:\n", "packages: six\nx_packages:\n", "practice.yaml:46: packages", "must be a list"},
		{"packages:\n", "pakages:\n", "practice.yaml:46: pakages", "did you mean packages?"},
	} {
		text := strings.Replace(whole(t), row.old, row.new, 1)
		if text == whole(t) {
			t.Errorf("%q is not in the file", row.old)
			continue
		}
		found := mistakes(text)
		ok := false
		for _, m := range found {
			ok = ok || strings.HasPrefix(m.String(), row.want+": ") && strings.Contains(m.Say, row.say)
		}
		if !ok {
			t.Errorf("%s instead of %s\nwant %s: …%s…\ngot  %v", row.new, row.old, row.want, row.say, found)
		}
	}
}

func TestAllMistakesAreToldAtOnceInTheOrderOfTheFile(t *testing.T) {
	text := strings.NewReplacer("currency: GBP", "currency: GB", "role: owner", "role: boss",
		"duration: 90m", "duration: 90", "sessions: 6", "sessions: six", "[couple-session]", "[coupel-session]").Replace(whole(t))
	found := mistakes(text)
	lines := []int{5, 12, 41, 49, 50}
	if len(found) != len(lines) {
		t.Fatalf("%d mistakes, want %d:\n%v", len(found), len(lines), found)
	}
	var parsed setup.Mistakes
	if _, err := setup.Parse("practice.yaml", []byte(text)); !errors.As(err, &parsed) || !slices.Equal(parsed, found) {
		t.Errorf("without a database only these are told: %v", parsed)
	}
	for i, line := range lines {
		if found[i].Line != line {
			t.Errorf("mistake %d is in line %d, want %d: %v", i, found[i].Line, line, found[i])
		}
	}
}

func TestAFileThatIsNoPracticeFileIsRefusedWithALine(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"empty":            {"", "practice.yaml:1: the file is empty"},
		"comments alone":   {"# nothing\n", "practice.yaml:1: the file is empty"},
		"a list":           {"- a\n", "practice.yaml:1: the file must begin with a field"},
		"a word":           {"hello\n", "practice.yaml:1: the file must begin with a field"},
		"nothing in it":    {"{}", "practice.yaml:1: practice: is missing"},
		"a tab":            {"practice:\n\tname: x\n", "practice.yaml:2: this is not YAML"},
		"bad indentation":  {"practice:\n  name: x\n   timezone: y\n", "practice.yaml:3: this is not YAML"},
		"a colon":          {"practice:\n  name: A: B\n", "practice.yaml:2: this is not YAML"},
		"an open quote":    {"practice:\n  name: \"x\n", "practice.yaml:2: this is not YAML"},
		"two documents":    {"practice: {name: x}\n---\nb: 2\n", "practice.yaml:2: a second document"},
		"Latin-1":          {"practice:\n  name: caf\xe9\n", "practice.yaml:2: there is a byte here that is not UTF-8"},
		"NUL":              {"practice:\n  name: x\x00y\n", "practice.yaml:2: there is a control character (U+0000)"},
		"escape":           {"practice:\n  name: x\x1b[31m\n", "practice.yaml:2: there is a control character (U+001B)"},
		"UTF-16":           {"\xff\xfep\x00r\x00", "practice.yaml:1: there is a byte here"},
		"too large":        {strings.Repeat("# more\n", 200_000), "practice.yaml:1: the file is larger than 1024 KiB"},
		"merge key":        {"practice:\n  <<: {name: x}\n", "practice.yaml:2: practice: merging with <<"},
		"a key of a list":  {"? [a, b]\n: c\n", "practice.yaml:1: a field's name must be a single word"},
		"an unknown alias": {"practice: *x\n", "practice.yaml:1: this is not YAML"},
		"many coaches":     {"coaches:\n" + strings.Repeat("- slug: a\n", 201), "practice.yaml:1: coaches: has 201 entries"},
	} {
		found := mistakes(row.text)
		ok := false
		for _, m := range found {
			ok = ok || strings.HasPrefix(m.String(), row.want)
		}
		if !ok {
			t.Errorf("%s: want %s\ngot %v", name, row.want, found)
		}
	}
}

// A file of a few lines once grew to a billion entries behind aliases of
// aliases and took the reader's memory with it.
func TestAFileMadeToKeepTheReaderBusyEndsSoon(t *testing.T) {
	bomb := "practice:\n  name: x\n  reminders: &a [1m, 2m, 3m, 4m, 5m]\ncoaches:\n"
	hours := "[" + strings.TrimSuffix(strings.Repeat(`"00:00-00:01",`, 48), ",") + "]"
	day := "&day {date: 2026-01-01, hours: " + hours + "}"
	list := "&list [" + day + strings.Repeat(", *day", 1999) + "]"
	bomb += "- slug: c0\n  overrides: " + list + "\n"
	for i := 1; i < 200; i++ {
		bomb += "- slug: c" + strings.Repeat("0", i%50) + "x\n  overrides: *list\n"
	}
	for name, text := range map[string]string{
		"aliases":       bomb,
		"brackets":      "practice: " + strings.Repeat("[", 500_000),
		"dashes":        strings.Repeat("- ", 500_000),
		"question mark": strings.Repeat("? ", 500_000),
		"anchors":       strings.Repeat("&a ", 340_000),
		"long line":     "practice: {name: " + strings.Repeat("x", 1_000_000) + "}",
		"unknown keys":  "practice:\n" + strings.Repeat("  "+strings.Repeat("k", 80)+": 1\n", 12_000),
	} {
		start := time.Now()
		found := mistakes(text)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		if len(found) == 0 || len(found) > 51 {
			t.Errorf("%s: %d mistakes", name, len(found))
		}
		for _, m := range found {
			if len(m.String()) > 500 {
				t.Errorf("%s: a mistake of %d characters", name, len(m.String()))
			}
		}
	}
}

func TestJSONIsReadLikeYAML(t *testing.T) {
	text := "\ufeff{\n\t\"practice\": {\n\t\t\"name\": \"Caf\\u00e9 \\ud83d\\ude00 \\\\ud83d\", \"timezone\": \"Europe\\/London\",\n\t\t\"currency\": \"GBP\", \"email\": \"a@example.org\"\n\t},\n" +
		"\t\"coaches\": [{\"slug\": \"mara\", \"name\": \"Mara\", \"email\": \"m@example.org\"}],\n" +
		"\t\"appointment_types\": [{\"slug\": \"meet-and-greet\", \"name\": \"Call\", \"duration\": \"30m\", \"coaches\": [\"mara\"]}]\n}\n"
	if found := mistakes(text); found != nil {
		t.Fatal(found)
	}
	if found := mistakes(strings.Replace(text, `"30m"`, `30`, 1)); len(found) != 1 || found[0].Line != 7 {
		t.Fatal(found)
	}
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile("testdata/practice.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add("practice: &a {name: *a}")
	f.Add("{\"practice\":{\"name\":\"\\ud83d\"}}")
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range mistakes(text) {
			if m.Line < 1 || m.Say == "" || strings.ContainsAny(m.String(), "\n\r\x00") {
				t.Fatalf("a mistake that cannot be shown: %q", m)
			}
		}
	})
}
