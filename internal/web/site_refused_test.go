package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// kept fails unless the page holds everything that was sent.
func kept(t *testing.T, about string, a answer, sent url.Values) paper {
	t.Helper()
	p := a.page()
	f := p.form(a.path0())
	for _, name := range []string{"op", "timezone", "coach", "name", "email", "partner_name", "partner_email", "message", "phone", "safe_to_email"} {
		// Browsers and parsers agree on line ends in their own way.
		if plain := strings.ReplaceAll(sent.Get(name), "\r\n", "\n"); sent.Has(name) && f.values.Get(name) != plain {
			t.Errorf("%s: %s was %q and is %q", about, name, sent.Get(name), f.values.Get(name))
		}
	}
	if len(p.classed("problems")) != 1 || attr(p.classed("problems")[0], "role") != "alert" {
		t.Errorf("%s: no list of what to mend", about)
	}
	labelled(t, about, p)
	return f
}

// path0 is what the form on a page of this answer posts to.
func (a answer) path0() string {
	for _, f := range a.page().forms() {
		if strings.HasPrefix(f.action, "/book/") {
			return f.action
		}
	}
	return "/book/ (there is no form)"
}

// complete is a form in which everything is filled in, with letters that are
// not plain ones.
func (f paper) complete() url.Values {
	v := f.filled("Ana")
	v.Set("name", `Ana "Änn" O'Lee & <co>`)
	v.Set("partner_name", "Zoë ☕")
	v.Set("partner_email", "zoe@example.com")
	v.Set("message", "\n\nFirst line.\r\n  Second & \"third\" </textarea><b>line</b>.")
	v.Set("safe_to_email", "no")
	return v
}

func TestEveryMistakeIsNamedAtOnceWithALinkToItsField(t *testing.T) {
	t.Parallel()
	h := build(t)
	_, f := h.day("/book/quiet", "2026-12-10")
	values := f.complete()
	for name, value := range map[string]string{"name": " ", "email": "ana@", "partner_email": "x", "phone": "call me", "safe_to_email": "perhaps", "message": strings.Repeat("é", 4001)} {
		values.Set(name, value)
	}
	a := h.post("/book/quiet", values).shows(422)
	values.Del("safe_to_email") // is none of the answers
	again := kept(t, "six mistakes", a, values)
	p := a.page()
	var targets []string
	for _, n := range p.all("a") {
		if n.Parent.Data == "li" && strings.HasPrefix(attr(n, "href"), "#") {
			target := strings.TrimPrefix(attr(n, "href"), "#")
			targets = append(targets, target)
			if p.id(target) == nil || p.id(target+"-problem") == nil {
				t.Errorf("%s: no such field, or nothing is said beside it", target)
			}
		}
	}
	if got := strings.Join(targets, " "); got != "name email safe_to_email phone partner_email message" {
		t.Errorf("named %s", got)
	}
	for _, name := range []string{"name", "email", "phone", "partner_email", "message"} {
		if n := p.id(name); attr(n, "aria-invalid") != "true" || !strings.Contains(attr(n, "aria-describedby"), name+"-problem") {
			t.Errorf("%s is not marked", name)
		}
	}
	if again.values.Get("start") != values.Get("start") {
		t.Errorf("the time chosen was %s and is %s", values.Get("start"), again.values.Get("start"))
	}
	for name, value := range map[string]string{"name": "Ana", "email": "ana@example.com", "partner_email": "", "phone": "+44 20 7946 0000", "safe_to_email": "yes", "message": "Short."} {
		again.values.Set(name, value)
	}
	h.post("/book/quiet", again.values).shows(303)
}

// Somebody filled in everything, had chosen no time, and found an empty page.
func TestWithoutATimeEverythingIsKeptAndTimesAreShown(t *testing.T) {
	t.Parallel()
	h := build(t)
	for about, c := range map[string]struct {
		change func(url.Values)
		day    string
	}{
		"the day shown before":  {func(v url.Values) { v.Del("start") }, "Thursday 10 December"},
		"no day either":         {func(v url.Values) { v.Del("start"); v.Del("date") }, "Monday 7 December"},
		"a day without times":   {func(v url.Values) { v.Del("start"); v.Set("date", "2026-12-12") }, "Monday 14 December"},
		"a day long ago":        {func(v url.Values) { v.Del("start"); v.Set("date", "2001-01-01") }, "Monday 7 December"},
		"a time that is none":   {set("start", "soon"), "Thursday 10 December"},
		"a time out of reach":   {set("start", "9999-12-31T00:00:00Z"), "Thursday 10 December"},
		"off the grid":          {set("start", "2026-12-10T09:10:00Z"), "Thursday 10 December"},
		"beyond the horizon":    {set("start", "2027-06-01T09:00:00Z"), "Monday 7 December"},
		"an hour nobody offers": {set("start", "2026-12-10T03:00:00Z"), "Thursday 10 December"},
	} {
		_, f := h.day("/book/meet", "2026-12-10")
		values := f.complete()
		c.change(values)
		a := h.post("/book/meet", values).shows(422)
		again := kept(t, about, a, values)
		if got := wordsOf(a.page().id("times")); got != c.day || len(again.choose) == 0 {
			t.Errorf("%s: times of %q are shown", about, got)
		}
	}
	if h.bookings() != 0 {
		t.Error("something was booked")
	}
}

// FC15: the hour was taken while the form was filled in.
func TestAnHourTakenMeanwhileKeepsTheFormAndOffersOthers(t *testing.T) {
	t.Parallel()
	h := build(t)
	_, f := h.day("/book/meet", "2026-12-11")
	values := f.complete()
	values.Set("start", "2026-12-11T18:30:00Z")
	h.made("/book/meet", "2026-12-11", "Ben", set("start", "2026-12-11T18:30:00Z"))
	a := h.post("/book/meet", values).shows(409)
	again := kept(t, "taken", a, values)
	if !strings.Contains(a.page().words(), "This time has just been taken.") {
		t.Error("nothing is said")
	}
	if len(again.choose) == 0 || len(again.choose) > 3 || strings.Contains(strings.Join(again.choose, " "), "18:30") {
		t.Fatalf("offered instead: %v", again.choose)
	}
	if got := times(a.page()); got[0] != "Friday 11 December, 19:30" {
		t.Errorf("said as %v", got)
	}
	// The same form with another time is the same act, and it is done.
	again.values.Set("start", again.choose[0])
	h.post("/book/meet", again.values).shows(303)
	if h.bookings() != 2 {
		t.Errorf("%d bookings", h.bookings())
	}
}

func TestATabLeftOpenSinceYesterdayIsTold(t *testing.T) {
	t.Parallel()
	h := build(t)
	for about, start := range map[string]string{"past": "2026-12-07T09:00:00Z", "too soon": "2026-12-08T10:30:00Z"} {
		h.turnTo(monday)
		_, f := h.day("/book/meet", "2026-12-07")
		values := f.complete()
		values.Set("start", start)
		h.turnTo(monday.AddDate(0, 0, 1).Add(time.Hour))
		a := h.post("/book/meet", values).shows(422)
		if again := kept(t, about, a, values); len(again.choose) == 0 || len(again.choose) > 3 {
			t.Errorf("%s: offered instead %v", about, again.choose)
		}
	}
}

// When the last free hour has gone, what was typed is still there.
func TestWithNothingFreeAnyMoreTheFormIsStillKept(t *testing.T) {
	t.Parallel()
	h := build(t)
	_, f := h.day("/book/meet", "2026-12-11")
	values := f.complete()
	h.apply("coaches:\n  - {slug: mara, weekly_hours: {}}\n  - {slug: noor, weekly_hours: {}}\n")
	a := h.post("/book/meet", values).shows(422)
	kept(t, "nothing free", a, values)
	if p := a.page(); p.id("start") == nil || !strings.Contains(p.words(), "There are no free times at the moment.") {
		t.Error(p.words())
	}
}
