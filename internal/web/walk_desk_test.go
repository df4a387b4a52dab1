package web_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"kintsugi/internal/browsertest"
)

// letterTo waits for a letter to an address and gives its text.
func (h *staffed) letterTo(address string, after int) string {
	h.t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		for _, m := range h.inbox.Taken()[after:] {
			if m.To[0] == address {
				return string(m.Read(h.t).Find("text/plain").Body)
			}
		}
	}
	h.t.Fatalf("no letter came to %s", address)
	return ""
}

// codeTo waits for the letter with a code among those that come to an address,
// and gives the code.
func (h *staffed) codeTo(address string, after int) string {
	h.t.Helper()
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		for _, m := range h.inbox.Taken()[after:] {
			if m.To[0] != address {
				continue
			}
			if code := oneCode.FindStringSubmatch(string(m.Read(h.t).Find("text/plain").Body)); code != nil {
				return strings.ToLower(strings.TrimRight(code[1], "."))
			}
		}
	}
	h.t.Fatalf("no code came to %s", address)
	return ""
}

var oneCode = regexp.MustCompile(`Your code is (\S+(?: \S+)?)`)

// firstSignIn is what a coach does who was invited: a code from the letter, an
// app, ten codes on paper, and then the desk.
func firstSignIn(h *staffed, tab *browsertest.Tab, address string) {
	h.t.Helper()
	before := len(h.inbox.Taken())
	tab.Open(h.base + "/desk")
	tab.WaitText("h1", "Sign in")
	tab.Type("#email", address)
	tab.Click("main button")
	tab.WaitText("h1", "Type the code")
	tab.Type("#code", h.codeTo(address, before))
	tab.Click("main button")
	tab.WaitText("h1", "Set up a second proof")
	number, err := totp.GenerateCode(strings.ReplaceAll(tab.Text(".secret"), " ", ""), h.now())
	h.must(err)
	tab.Type("#code", number)
	tab.Click(".sheet .act")
	tab.WaitText("h1", "Keep these ten codes")
	tab.Click("main a.act")
	tab.WaitText("h1", "Monday 7 December")
}

// The whole way of a coach through the real front, from the letter with the
// code to a day that runs: with scripts, and on a phone without.
func TestACoachsFirstDay(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]browsertest.Option{
		"scripts on": {browsertest.Timezone("Europe/London")}, "phone, scripts off": {browsertest.ScriptsOff(), browsertest.Phone()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := staff(t, true)
			h.working(h.first)
			request := h.booked("asked", "olu", time.Date(2026, 12, 8, 10, 0, 0, 0, time.UTC), 1)
			tab := h.visitor(t, options...)
			here := func(heading string) {
				t.Helper()
				tab.WaitText("h1", heading)
				if wide := tab.TooWide(); len(wide) > 0 {
					t.Errorf("%s is too wide: %v", heading, wide)
				}
			}
			firstSignIn(h, tab, "olu@example.org")

			// The week, and what people see of it.
			tab.Open(h.base + "/desk/hours")
			here("Your hours")
			tab.Type("#wed-0", "14:00")
			tab.Type("#wed-0-to", "15:00")
			tab.Click("main form button.act")
			tab.WaitText(".notice", "Saved.")
			tab.WaitText(".desk-times", "Wednesday 9 December")
			prospect := h.visitor(t, options...)
			prospect.Open(h.base + "/book/meet?coach=olu&timezone=Europe/London&date=2026-12-09")
			prospect.WaitText("#times", "Wednesday 9 December")
			if offered := strings.Join(prospect.Texts("label.time"), " "); !strings.Contains(offered, "14:00") || !strings.Contains(offered, "14:30") {
				t.Errorf("a prospect is offered %q", offered)
			}

			// Somebody asked for a call.
			tab.Open(h.base + "/desk")
			here("Monday 7 December")
			tab.WaitText("[aria-labelledby=requests]", "Perdita")
			tab.Click("[aria-labelledby=requests] form button.act")
			tab.WaitText(".notice", "Accepted")
			if n := h.count(`select count(*) from booking where id = $1 and status = 'confirmed'`, request.ID); n != 1 {
				t.Error("the request was not accepted")
			}

			// The call moves, by the keyboard alone.
			tab.Open(h.base + "/desk/schedule")
			press(t, tab, "Perdita")
			press(t, tab, "Move to another time")
			press(t, tab, "Wednesday 9 December")
			reach(t, tab, "start")
			tab.Press("Space")
			press(t, tab, "Move to this time")
			tab.WaitText(".notice", "Both of you have been told")
			if n := h.count(`select count(*) from booking where id = $1 and starts_at = timestamptz '2026-12-09 14:00Z'`, request.ID); n != 1 {
				t.Error("the call was not moved")
			}

			// Why can nobody book then?
			tab.Open(h.base + "/desk/hours/olu/why?type=meet&date=2026-12-09&time=14:00")
			tab.WaitText("[aria-labelledby=answer]", "Closed")
			if reasons := strings.Join(tab.Texts(".desk-reasons li"), " "); !strings.Contains(reasons, "Perdita") {
				t.Errorf("the reasons are %q", reasons)
			}

			// And home.
			tab.Open(h.base + "/desk")
			tab.Click("form[action='/sign-out'] button")
			tab.WaitText("h1", "Sign in")
			tab.Back()
			if strings.Contains(tab.Text("body"), "Perdita") {
				t.Error("Back shows the desk of somebody who signed out")
			}
		})
	}
}

// reach presses Tab until the focus is on what is meant.
func reach(t *testing.T, tab *browsertest.Tab, what string) {
	t.Helper()
	for range 90 {
		if strings.Contains(tab.Focused(), what) {
			return
		}
		tab.Press("Tab")
	}
	t.Fatalf("the keyboard never comes to %q", what)
}

func press(t *testing.T, tab *browsertest.Tab, what string) {
	t.Helper()
	reach(t, tab, what)
	tab.Press("Enter")
}

// Every page of the desk and of signing in that the access table shows to the
// owner or to a coach: nothing serious by axe-core's rules, nothing to scroll to
// the side for, nothing in the console.
func TestEveryPageBehindTheDoorCanBeUsedByEverybody(t *testing.T) {
	t.Parallel()
	table := readAccess(t)
	for name, options := range map[string][]browsertest.Option{
		"a phone in the dark": {browsertest.Phone(), browsertest.Dark(), browsertest.StillPages(), browsertest.Timezone("Europe/London")},
		"a desk in the light": {browsertest.Size(1280, 900), browsertest.StillPages(), browsertest.Timezone("Europe/London")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := staff(t, false)
			w := h.watch()
			tab := h.visitor(t, options...)
			tab.Open(h.base + "/robots.txt") // any page: cookies are set from one
			looked := 0
			for _, who := range []string{"owner", "coach"} {
				for _, row := range table.rows {
					seen := row.cells["owner"] == "page"
					if row.method != "GET" || row.cells[who] != "page" || who == "coach" && seen || strings.HasSuffix(row.route, "/sheet") ||
						strings.HasPrefix(row.query, "coach=noor") || strings.HasPrefix(row.query, "show=") || // the same page with less on it
						!strings.HasPrefix(row.route, "/desk") && !strings.HasPrefix(row.route, "/sign-in") {
						continue
					}
					s := h.scene(row.route, w.sams)
					h.turnTo(s.now)
					browsertest.Eval[string](tab, `document.cookie = "kintsugi=`+w.cookie(who, s)+`;path=/"`)
					path := row.route
					for part, value := range w.params(row.route, s, who) {
						path = strings.Replace(path, part, value, 1)
					}
					if row.query != "" {
						path += "?" + row.query
					}
					tab.Open(h.base + path)
					if strings.HasPrefix(tab.Text("h1"), "Sign in") {
						t.Fatalf("%s: the door is shut", path)
					}
					looked++
					for _, found := range append(tab.Axe(), tab.TooWide()...) {
						t.Errorf("%s: %s", path, found)
					}
				}
			}
			if looked < 40 {
				t.Errorf("only %d pages were looked at", looked)
			}
		})
	}
}
