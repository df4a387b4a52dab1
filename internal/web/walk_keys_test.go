package web_test

import (
	"strings"
	"testing"
	"time"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/web/guard"
)

// The keyboard alone: the way out comes first, then the way to the page; the
// arrows choose a time, and Enter sends.
func TestACallIsBookedWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]browsertest.Option{"scripts off": {browsertest.ScriptsOff()}, "scripts on": {browsertest.Timezone("Europe/London")}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, limitsOff)
			tab := h.visitor(t, options...)
			tab.Open(h.base + "/book/meet?timezone=Europe/London&month=2026-12")
			tab.Press("Tab")
			if !tab.HasFocus("a[href='/exit']") {
				t.Errorf("first is %s", tab.Focused())
			}
			tab.Press("Tab")
			if !tab.HasFocus("a[href='#main']") {
				t.Errorf("second is %s", tab.Focused())
			}
			tab.Press("Enter")
			until := func(selector string) {
				t.Helper()
				for range 40 {
					if tab.HasFocus(selector) {
						return
					}
					tab.Press("Tab")
				}
				t.Fatalf("%s is not reached; the focus is on %s", selector, tab.Focused())
			}
			until(".month a[href*='2026-12-11']")
			tab.Press("Enter")
			tab.WaitText("#times", "Friday 11 December")
			until(".times input")
			tab.Press("Space", "ArrowDown", "ArrowDown")
			until("#name")
			tab.Press("Ana")
			until("#email")
			tab.Press("ana@example.com")
			until("#safe_to_email input")
			tab.Press("Space")
			until("form.act-form button.act")
			if found := browsertest.Eval[string](tab, `getComputedStyle(document.activeElement).outlineStyle`); found == "none" {
				t.Error("the focus cannot be seen")
			}
			tab.Press("Enter")
			tab.WaitText("h1", "Your call is booked")
			tab.WaitText("dl.details", "Friday 11 December, 19:00 (London)")
		})
	}
}

// After a refusal the list of what to mend is read first and leads to the field.
func TestARefusedFormLeadsToWhatHasToBeMended(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	tab := h.visitor(t, browsertest.Timezone("Europe/London"))
	tab.Open(h.base + "/book/meet?timezone=Europe/London&date=2026-12-11")
	tab.Click("label.time")
	tab.Type("#name", "Ana")
	tab.Click("details.more summary")
	tab.Type("#partner_email", "nobody@")
	tab.Click("form.act-form button.act")
	tab.WaitText(".problems", "Please look at")
	if !tab.HasFocus(".problems") {
		t.Errorf("the focus is on %q", tab.Focused())
	}
	tab.Click(".problems a[href='#partner_email']")
	if !tab.HasFocus("#partner_email") || tab.Value("#partner_email") != "nobody@" {
		t.Errorf("the focus is on %q", tab.Focused())
	}
	tab.Click(".problems a[href='#email']")
	if !tab.HasFocus("#email") {
		t.Errorf("the focus is on %q", tab.Focused())
	}
}

// left tells whether the tab has tried to go to the neutral site. The browser of
// these tests reaches no other machine, so it is the try that counts.
func left(tab *browsertest.Tab) bool {
	for _, r := range tab.Requests() {
		if r.URL == guard.Neutral && r.Kind == "Document" {
			return true
		}
	}
	return false
}

// C47, ACC-07: the way out by mouse, by keyboard and by three presses of Shift;
// Back shows nothing of a booking.
func TestLeavingQuicklyShowsNothingBehindBack(t *testing.T) {
	t.Parallel()
	scripts := []browsertest.Option{browsertest.Timezone("Europe/London")}
	for name, c := range map[string]struct {
		options []browsertest.Option
		leave   func(*browsertest.Tab)
	}{
		"a click":                 {scripts, func(tab *browsertest.Tab) { tab.Click("a.exit") }},
		"three Shifts":            {scripts, func(tab *browsertest.Tab) { tab.Press("Shift", "Shift", "Shift") }},
		"the keyboard":            {scripts, func(tab *browsertest.Tab) { tab.Press("Tab", "Enter") }},
		"a click without scripts": {[]browsertest.Option{browsertest.ScriptsOff()}, func(tab *browsertest.Tab) { tab.Click("a.exit") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, limitsOff)
			link := h.made("/book/meet", "2026-12-08", "Ana")
			tab := browsertest.New(t, c.options...)
			tab.Open(h.base + "/journal")
			tab.Open(h.base + link)
			tab.WaitText("h1", "Your call is booked")
			start := time.Now()
			c.leave(tab)
			if !left(tab) {
				t.Fatalf("still at %s after %v", tab.URL(), time.Since(start))
			}
			tab.Forget()
			tab.Back()
			words := browsertest.Eval[string](tab, `document.documentElement?.hidden ? "" : document.body?.innerText ?? ""`)
			if strings.Contains(words, "Your call is booked") || strings.Contains(words, "December") {
				t.Errorf("Back shows %s", words)
			}
			if name == "a click without scripts" {
				if !strings.Contains(words, "This page is put away") {
					t.Errorf("Back shows %s", words)
				}
				tab.Click("main a.act")
				tab.WaitText("h1", "Your call is booked")
			}
		})
	}
}

func TestShiftForACapitalLetterIsNotLeaving(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	tab := h.visitor(t, browsertest.Timezone("Europe/London"))
	tab.Open(h.base + "/book/meet?timezone=Europe/London&date=2026-12-11")
	tab.Type("#name", "A B C D")
	tab.Press("Shift", "Shift", "a", "Shift", "Escape", "Escape", "Escape")
	if left(tab) || tab.Value("#name") == "" {
		t.Error("it left")
	}
}
