package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/browsertest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Run(m)) }

// visitor opens a tab that fails the test when a page complains or asks another
// host for anything.
func (h *whole) visitor(t *testing.T, options ...browsertest.Option) *browsertest.Tab {
	t.Helper()
	tab := browsertest.New(t, options...)
	t.Cleanup(func() { h.calm(t, tab) })
	return tab
}

// looker gives what waits for the page under a heading, holds it to what everybody
// can use, and keeps a picture of it where shots names a folder.
func looker(t *testing.T, tab *browsertest.Tab, shots, name string) func(heading string) {
	n := 0
	return func(heading string) {
		t.Helper()
		tab.WaitText("h1", heading)
		for _, found := range append(tab.Axe(), tab.TooWide()...) {
			t.Errorf("%s: %s", heading, found)
		}
		if n++; shots != "" {
			tab.Screenshot(filepath.Join(shots, fmt.Sprintf("%s-%02d.png", name, n)))
		}
	}
}

// calm fails when the tab has met trouble or has asked elsewhere.
func (h *whole) calm(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	if elsewhere := tab.Elsewhere(h.base); len(elsewhere) > 0 {
		t.Errorf("asked elsewhere: %v", elsewhere)
	}
	for _, trouble := range tab.Troubles() {
		// A refused form is answered with 409 or 422, which the browser notes.
		if !strings.Contains(trouble, "status of 4") {
			t.Errorf("trouble: %s", trouble)
		}
	}
	tab.Forget()
}

// fillIn types what the form asks for, the way a person does.
func fillIn(tab *browsertest.Tab, who string) {
	tab.Type("#name", who)
	tab.Type("#email", strings.ToLower(who)+"@example.com")
	tab.Click("#safe_to_email input[value=yes] + span")
}

// The whole way, from an article to a call that is moved and then cancelled.
func TestTheWholeWayWithAndWithoutScripts(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]browsertest.Option{
		"scripts off": {browsertest.ScriptsOff()}, "scripts on": {browsertest.Timezone("Europe/London")},
		"phone, scripts off": {browsertest.ScriptsOff(), browsertest.Phone()}, "phone": {browsertest.Phone(), browsertest.Timezone("Europe/London")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			tab := h.visitor(t, options...)
			here := func(heading string) {
				t.Helper()
				tab.WaitText("h1", heading)
				if wide := tab.TooWide(); len(wide) > 0 {
					t.Errorf("%s is too wide: %v", heading, wide)
				}
			}
			tab.Open(h.base + "/")
			here("When trust has broken")
			tab.Click("a[href='/journal/first-week']")
			here("The first week & after")
			tab.Click(".calling a.act")
			here("Free meet & greet")
			tab.WaitText(".zone-now", "London, GMT")
			tab.Click(".month a[href*='2026-12-11']")
			tab.WaitText("#times", "Friday 11 December")
			h.pass(3 * time.Second)

			// Forgetting most of it first.
			tab.Click("label.time:nth-of-type(2)")
			tab.Type("#message", "We would both like to come.")
			tab.Click("form.act-form button.act")
			tab.WaitText(".problems", "Please look at")
			if got := tab.Texts(".problems li"); len(got) != 3 {
				t.Errorf("complains about %q", got)
			}
			if got := tab.Value("#message"); got != "We would both like to come." {
				t.Errorf("the message is %q", got)
			}
			fillIn(tab, "Ana")
			tab.Click("form.act-form button.act")
			here("Your call is booked")
			tab.WaitText("dl.details", "Friday 11 December, 18:30 (London)")
			booked := tab.URL()

			tab.Click("a[href$='?move=1']")
			tab.Click(".month a[href*='2026-12-09']")
			tab.WaitText("#times", "Wednesday 9 December")
			here("Move this call")
			tab.Click("label.time")
			tab.Click("form.act-form button.act")
			tab.WaitText("dl.details", "Wednesday 9 December, 09:00 (London)")
			tab.WaitText("dl.details", "Before: Friday 11 December, 18:30 (London)")

			tab.Click("a[href$='?cancel=1']")
			here("Cancel this call")
			tab.Type("#reason", "Something came up.")
			tab.Click("button.act-danger")
			here("This call has been cancelled")
			if tab.URL() != booked || h.count(`select count(*) from booking where status = 'cancelled' and change = 2`) != 1 {
				t.Errorf("at %s with %d", tab.URL(), h.count(`select change from booking`))
			}
		})
	}
}

// A person in Auckland sees Auckland's times without asking for them.
func TestWithScriptsThePersonsOwnClockIsFound(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	tab := h.visitor(t, browsertest.Timezone("Pacific/Auckland"))
	tab.Open(h.base + "/book/meet")
	tab.WaitText(".zone-now", "Auckland, NZDT")
	if !strings.Contains(tab.URL(), "timezone=Pacific%2FAuckland") {
		t.Errorf("the address is %s", tab.URL())
	}
	if got := browsertest.Eval[int](tab, `history.length`); got > 2 {
		t.Errorf("finding the clock left %d steps behind", got)
	}
	tab.Click("details.zone summary")
	if got := browsertest.Eval[int](tab, `document.querySelectorAll("#zone option").length`); got < 300 {
		t.Errorf("%d zones to choose from", got)
	}
	tab.Choose("#zone", "Asia/Kolkata")
	tab.Click("details.zone button")
	tab.WaitText(".zone-now", "Kolkata, IST")
	tab.Back()
	tab.WaitText(".zone-now", "Auckland, NZDT")
	off := h.visitor(t, browsertest.Timezone("Pacific/Auckland"), browsertest.ScriptsOff())
	off.Open(h.base + "/book/meet")
	off.WaitText(".zone-now", "London, GMT")
}

// FU2: choosing a day loaded the page anew, at its top, and what had been typed
// was gone.
func TestWithScriptsADayIsChosenInPlace(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	tab := h.visitor(t, browsertest.Timezone("Europe/London"))
	tab.Open(h.base + "/book/meet")
	tab.WaitText(".zone-now", "London, GMT")
	browsertest.Eval[bool](tab, `(window.same = true)`)
	tab.Click(".month a[href*='2026-12-11']")
	tab.WaitText("#times", "Friday 11 December")
	if !tab.HasFocus("#times") || !strings.Contains(tab.URL(), "date=2026-12-11") {
		t.Errorf("the focus is on %q at %s", tab.Focused(), tab.URL())
	}
	tab.Click("label.time")
	tab.Type("#name", "Ana")
	tab.Type("#message", "Kept.")
	tab.Click("a[href*='month=2027-01']")
	tab.WaitText("#month-name", "January 2027")
	tab.Click(".month a[href*='2027-01-05']")
	tab.WaitText("#times", "Tuesday 5 January")
	if tab.Value("#name") != "Ana" || tab.Value("#message") != "Kept." {
		t.Error("what was typed is gone")
	}
	if got := tab.Value("form.act-form [name=date]"); got != "2027-01-05" {
		t.Errorf("the form keeps the day %s", got)
	}
	tab.Back()
	tab.WaitText("#month-name", "January 2027")
	tab.Back()
	tab.WaitText("#times", "Friday 11 December")
	if !browsertest.Eval[bool](tab, `window.same === true`) {
		t.Error("the page was loaded anew")
	}
}

// FC9: two clicks on the button made two bookings.
func TestPressingTwiceBooksOnce(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]browsertest.Option{"scripts on": {browsertest.Timezone("Europe/London")}, "scripts off": {browsertest.ScriptsOff()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, limitsOff)
			tab := h.visitor(t, options...)
			tab.Open(h.base + "/book/meet?timezone=Europe/London&date=2026-12-11")
			tab.Click("label.time")
			fillIn(tab, "Ana")
			browsertest.Eval[bool](tab, `(() => { const b = document.querySelector("form.act-form button.act"); b.click(); b.click(); b.click(); return true; })()`)
			tab.WaitText("h1", "Your call is booked")
			first := tab.URL()
			tab.Back()
			tab.Wait("form.act-form")
			if n := h.bookings(); n != 1 {
				t.Errorf("%d bookings", n)
			}
			if name == "scripts off" {
				return // the form is empty again
			}
			if tab.Value("#name") == "Ana" {
				tab.Click("form.act-form button.act")
				tab.WaitText("h1", "Your call is booked")
				if tab.URL() != first || h.bookings() != 1 {
					t.Errorf("back and again makes %d bookings", h.bookings())
				}
			}
		})
	}
}
