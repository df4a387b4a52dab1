package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/web/guard"
)

// cookie is what a browser sends back of a Set-Cookie.
func cookie(a answer) string {
	both, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
	return both
}

// C47: after leaving quickly, Back showed the booking to whoever came in.
func TestAfterLeavingQuicklyABookingsPagesAreBlankUntilTheyAreOpenedAgain(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	link := h.made("/book/meet", "2026-12-08", "Ana", set("message", "canary"))
	coach := h.coachLink(link)
	a := h.get("/exit").shows(http.StatusSeeOther)
	if a.header.Get("Location") != guard.Neutral || !strings.Contains(a.header.Get("Set-Cookie"), "HttpOnly") || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", a.header)
	}
	left := header("Cookie", cookie(a))
	before := h.state()
	for _, path := range []string{link, coach, link + "?move=1", link + "?cancel=1"} {
		a := h.get(path, left).shows(200)
		if a.page().heading() != "This page is put away" || strings.Contains(a.body, "December") || strings.Contains(a.body, "Mara") || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s shows %s", path, a.page().words())
		}
	}
	// Back may also be to the answer to a form, which the browser sends again.
	for _, act := range []string{"/words", "/cancel", "/accept", "/decline", "/reschedule"} {
		a := h.post(coach+act, url.Values{"start": {"2026-12-11T18:00:00Z"}}, left)
		if a.page().heading() != "This page is put away" || strings.Contains(a.body, "canary") {
			t.Errorf("%s again shows %s", act, a.page().words())
		}
		if again := a.page().link("Open it again"); again != coach+"?back=1" {
			t.Errorf("opened again at %s", again)
		}
	}
	if h.state() != before {
		t.Error("something was done")
	}
	a = h.get(h.get(link, left).page().link("Open it again"), left).shows(200)
	if a.page().heading() != "Your call is booked" || !strings.Contains(a.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("opened again it shows %s, %v", a.page().words(), a.header)
	}
	if a := h.get("/", left); a.page().heading() != "When trust has broken" {
		t.Error("pages that everybody can see are put away too")
	}
	if a := h.send("HEAD", "/exit", nil); a.header.Get("Set-Cookie") != "" {
		t.Error("looking at the way out with HEAD leaves a mark")
	}
}

// The way out is the first thing on each page, the help is next to it, and
// neither needs a script.
func TestEveryPageBeginsWithTheWayOut(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	link := h.made("/book/meet", "2026-12-08", "Ana")
	paths := []string{link, h.coachLink(link), link + "?move=1", "/nothing", "/bookings/x"}
	for path := range pages() {
		paths = append(paths, path)
	}
	for _, path := range paths {
		links := h.get(path).page().hrefs()
		if len(links) < 3 || links[0] != "/exit" || links[1] != "#main" || links[2] != "/help-now" {
			t.Errorf("%s begins with %v", path, links[:min(3, len(links))])
		}
	}
}
