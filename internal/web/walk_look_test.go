package web_test

import (
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/browsertest"
)

// kinds are one page of each kind, with its state.
func (h *whole) kinds() []string {
	h.t.Helper()
	link := h.made("/book/meet", "2026-12-08", "Ana", set("message", "words"), set("safe_to_email", "no"))
	asked := h.asked("Ben", set("message", "words"))
	over := h.made("/book/meet", "2026-12-08", "Cleo", set("start", "2026-12-08T16:00:00Z"))
	h.post(over+"/cancel", url.Values{}).shows(303)
	return []string{
		"/", "/journal", "/journal/first-week", "/coaches/mara", "/packages", "/packages/six", "/privacy", "/help-now", "/book",
		"/book/meet?timezone=Europe/London&date=2026-12-08", "/book/quiet?timezone=Pacific/Auckland&date=2026-12-10", "/book/meet?timezone=Mars/Olympus&month=2027-06",
		link, link + "?move=1&date=2026-12-09", link + "?cancel=1", h.coachLink(link), h.coachLink(asked), asked, over, "/nothing",
	}
}

// Nothing serious or critical by axe-core's rules, in the light and in the dark,
// and nothing to be scrolled to the side for: at 360 pixels, and at 1280 zoomed
// to 200 %.
func TestEveryKindOfPageCanBeUsedByEverybody(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]browsertest.Option{
		"light, zoomed to 200 %, scripts off": {browsertest.Size(640, 400), browsertest.StillPages(), browsertest.ScriptsOff()},
		"dark, on a phone":                    {browsertest.Phone(), browsertest.Dark(), browsertest.StillPages(), browsertest.Timezone("Europe/London")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, limitsOff)
			tab := h.visitor(t, options...)
			look := func(path string) {
				if found := tab.Axe(); len(found) > 0 {
					t.Errorf("%s:\n%s", path, strings.Join(found, "\n"))
				}
				if wide := tab.TooWide(); len(wide) > 0 {
					t.Errorf("%s is too wide: %v", path, wide)
				}
			}
			for _, path := range h.kinds() {
				tab.Open(h.base + path)
				look(path)
			}
			tab.Open(h.base + "/book/quiet?timezone=Europe/London&date=2026-12-10")
			tab.Click("label.time")
			tab.Click("form.act-form button.act")
			tab.WaitText(".problems", "Please look at")
			look("a refused form")
		})
	}
}

// heaviest is what the booking page may weigh with all it loads, as it comes
// over the wire.
const heaviest = 60_000

func TestTheBookingPageIsLight(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	tab := h.visitor(t, browsertest.Timezone("Europe/London"))
	tab.Open(h.base + "/book/meet?timezone=Europe/London&date=2026-12-08")
	requests := tab.Requests()
	for _, r := range requests {
		t.Logf("%6d bytes %s", r.Bytes, strings.TrimPrefix(r.URL, h.base))
	}
	t.Logf("%d bytes in %d requests", tab.Bytes(), len(requests))
	if tab.Bytes() > heaviest {
		t.Errorf("%d bytes, want at most %d", tab.Bytes(), heaviest)
	}
	if len(requests) > 6 {
		t.Errorf("%d requests", len(requests))
	}
}

// What is printed of a booking is the booking, without the ways around it.
func TestABookingCanBePrinted(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	tab := h.visitor(t, browsertest.ScriptsOff())
	for _, path := range []string{h.made("/book/meet", "2026-12-08", "Ana"), "/help-now", "/journal/first-week"} {
		tab.Open(h.base + path)
		hidden := browsertest.Eval[string](tab, `(() => {
			let found = "";
			for (const sheet of document.styleSheets) for (const rule of sheet.cssRules)
				if (rule.media?.mediaText === "print") for (const inner of rule.cssRules)
					if (inner.style?.display === "none") found += inner.selectorText + " ";
			return found;
		})()`)
		if !strings.Contains(hidden, "strip") {
			t.Errorf("printed with all its ways around: what is hidden is %q", hidden)
		}
	}
}
