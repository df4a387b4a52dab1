package web_test

import (
	"net/url"
	"strings"
	"testing"

	"kintsugi/internal/pg/pgtest"
)

// A page asked the database once for each day of the month, and was slow where
// many had booked. The number of questions is fixed, whatever there is to show.
func TestAPageAsksTheDatabaseAFewTimesHoweverMuchThereIs(t *testing.T) {
	t.Parallel()
	db, wire := pgtest.Listened(t)
	h := build(t, through(db), limitsOff)
	h.apply(`practice: {colour: "#7a2e5d"}`)
	link := h.asked("Ana", set("message", "words"))
	coach := h.coachLink(link)
	most := map[string]int{
		"/": 4, "/journal": 2, "/journal/first-week": 4, "/coaches/mara": 3, "/packages": 4, "/packages/six": 4, "/privacy": 1, "/terms": 1, "/help-now": 1, "/book": 2,
		"/book/meet": 2, "/book/meet?timezone=Europe/London&date=2026-12-08": 2, "/book/meet?month=2027-01": 2, "/book/meet?month=2027-06": 3,
		"/book/meet?date=2026-12-12": 3, "/book/quiet": 2, link: 1, coach: 2, link + "?move=1": 4, link + "?cancel=1": 1, link + "/invite.ics": 1,
		"/journal/feed.atom": 2, "/sitemap.xml": 4, "/exit": 0, "/robots.txt": 0, "/nothing": 0, "/static/css/site.css": 0,
		"/theme/7a2e5d-9fcdb9.0.css": 0, "/logo/abababababababababababab.png": 1, "/logo/x.png": 0,
	}
	ask := func(about string) {
		for path, n := range most {
			h.get(path) // the first time, a connection may be made
			wire.Reset()
			h.get(path)
			var asked []string
			for _, s := range wire.Statements() {
				asked = append(asked, strings.Join(strings.Fields(s.Query), " "))
			}
			if len(asked) > n {
				t.Errorf("%s: %s asks %d times, want at most %d:\n%s", about, path, len(asked), n, strings.Join(asked, "\n"))
			}
			t.Logf("%s: %-55.55s %d statements, %d trips", about, path, len(asked), wire.Trips())
		}
	}
	ask("quiet")
	for i, start := range []string{"2026-12-08T09:00:00Z", "2026-12-08T10:00:00Z", "2026-12-08T13:00:00Z", "2026-12-08T14:00:00Z", "2026-12-09T09:00:00Z", "2026-12-09T10:00:00Z", "2026-12-15T09:00:00Z", "2026-12-16T09:00:00Z"} {
		h.made("/book/meet", "2026-12-08", string(rune('A'+i)), set("start", start))
	}
	ask("busy")

	wire.Reset()
	values := url.Values{"start": {"2026-12-22T09:00:00Z"}, "timezone": {"Europe/London"}, "name": {"Zoe"}, "email": {"zoe@example.com"}, "message": {"words"}}
	h.post("/book/meet", values).shows(303)
	t.Logf("to book: %d statements, %d trips", len(wire.Statements()), wire.Trips())
	if wire.Trips() > 12 {
		t.Errorf("to book takes %d trips", wire.Trips())
	}
}
