package web_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/people"
)

func TestACoachBooksAnHourForBothOrForOne(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	browser := func(slug string) func(*http.Request) {
		held := h.signedIn(h.coach(slug).ID)
		return func(r *http.Request) { r.Header.Set("Cookie", "kintsugi="+held) }
	}
	noor, olu, ash, mara := browser("noor"), browser("olu"), browser("ash"), browser("mara")
	at := "/desk/book?engagement=" + string(h.id)
	page := h.get(at+"&type=both", noor).shows(200).body
	if !strings.Contains(page, "Book for Idacanary and Joncanary") && !strings.Contains(page, "Book for Joncanary and Idacanary") {
		t.Error("the page does not say for whom")
	}
	if strings.Contains(page, `name="email"`) || strings.Contains(page, `name="for"`) {
		t.Error("an hour for both asks for somebody")
	}
	alone := h.get(at+"&type=solo", noor).shows(200).body
	for _, who := range []people.ID{h.ida, h.jon} {
		if !strings.Contains(alone, `name="for" value="`+string(who)+`"`) {
			t.Error("an hour for one cannot be given to either")
		}
	}
	for _, path := range []string{at, at + "&type=solo"} {
		h.get(path, olu).shows(404)
		h.get(path, mara).shows(200)
		h.get(path, ash).shows(200)
	}
	h.get("/desk/book?engagement=x", noor).shows(404)
	form := func(pairs ...string) url.Values {
		f := url.Values{"engagement": {string(h.id)}, "start": {hour(10).Format(time.RFC3339)}, "op": {h.first.guard.NewOp(h.now())}}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	h.post("/desk/book", form("type", "both"), olu).shows(404)
	h.post("/desk/book", form("type", "solo"), noor).shows(422)
	h.post("/desk/book", form("type", "solo", "for", string(h.kit)), noor).shows(422)
	h.post("/desk/book", form("type", "both", "start", ""), noor).shows(422)
	joint := form("type", "both")
	first := h.post("/desk/book", joint, noor).shows(303)
	if again := h.post("/desk/book", joint, noor).shows(303); again.path() != first.path() {
		t.Error("sent twice, booked twice")
	}
	call := h.get(first.path(), noor).shows(200).body
	for _, want := range []string{"Idacanary", "Joncanary", "ida@example.com", "jon@example.com", "Confirmation to Idacanary", "Confirmation to Joncanary"} {
		if !strings.Contains(call, want) {
			t.Errorf("the call’s page does not say %q", want)
		}
	}
	if seen := h.get(first.path(), ash).shows(200).body; !strings.Contains(seen, "Joncanary") || strings.Contains(seen, "@example.com</dd>") {
		t.Error("the office sees an address, or not the names")
	}
	h.get(first.path(), olu).shows(404)
	h.post("/desk/book", form("type", "solo", "for", string(h.jon)), noor).shows(409)
	odd := form("type", "solo", "for", string(h.jon), "other_date", "2026-12-08", "other_time", "23:10")
	if asked := h.post("/desk/book", odd, noor).shows(409).body; !strings.Contains(asked, "Do it all the same") {
		t.Error("it goes against a rule, and nobody is asked")
	}
	odd.Set("against", "hours")
	solo := h.post("/desk/book", odd, noor).shows(303)
	if seen := h.get(solo.path(), noor).shows(200).body; strings.Contains(seen, "Idacanary") || !strings.Contains(seen, "Joncanary") {
		t.Error("an hour of one names the other")
	}
	work := h.get("/desk/engagements/"+string(h.id), noor).shows(200).body
	for _, want := range []string{first.path(), solo.path(), "An hour together", "An hour alone", "/desk/book?engagement=" + string(h.id)} {
		if !strings.Contains(work, want) {
			t.Errorf("the page of their work does not hold %q", want)
		}
	}
	for _, path := range []string{"/desk/people/" + string(h.ida), "/desk/people/" + string(h.jon)} {
		if seen := h.get(path, noor).shows(200).body; !strings.Contains(seen, strings.TrimPrefix(first.path(), "/desk")) {
			t.Errorf("%s does not hold the joint call", path)
		}
	}
	if seen := h.get("/desk/people/"+string(h.ida), noor).shows(200).body; strings.Contains(seen, strings.TrimPrefix(solo.path(), "/desk")) {
		t.Error("the card of one holds the hour of the other")
	}
	if week := h.get("/desk/schedule?date=2026-12-08&view=list", noor).shows(200).body; !strings.Contains(week, "canary and ") {
		t.Error("the schedule does not name both")
	}
}

func TestTheDeskBooksForTwoInABrowser(t *testing.T) {
	t.Parallel()
	shots := os.Getenv("KINTSUGI_SHOTS")
	for name, options := range map[string][]browsertest.Option{
		"phone-light": {browsertest.Phone(), browsertest.StillPages(), browsertest.Timezone("Europe/London")},
		"desk-dark":   {browsertest.Size(1280, 900), browsertest.Dark(), browsertest.ScriptsOff(), browsertest.StillPages()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newCallers(t)
			tab := h.visitor(t, options...)
			here := looker(t, tab, shots, "coach-"+name)
			tab.Open(h.base + "/robots.txt")
			h.carry(tab, h.signedIn(h.coach("noor").ID))
			tab.Open(h.base + "/desk/book?engagement=" + string(h.id) + "&type=solo&date=2026-12-08")
			here("Book for")
			tab.Click(".times label.time")
			tab.Click(".steps button.act") // for nobody
			here("Book for")
			tab.WaitText("#for-problem", "Choose for whom")
			tab.Open(h.base + "/desk/book?engagement=" + string(h.id) + "&type=both&date=2026-12-09")
			here("Book for")
			tab.Click(".times label.time")
			tab.Click(".steps button.act")
			here("canary and ")
			call := strings.Split(tab.URL(), "?")[0]
			h.pass(time.Minute)
			h.post("/portal/engagements/"+string(h.id)+"/leave", url.Values{}, h.as(h.jon)).shows(303)
			tab.Open(h.base + "/desk")
			tab.WaitText("#left", "Somebody has left")
			here("")
			tab.Open(call)
			here("canary and ")
			tab.Click(".desk-warning button")
			here("Idacanary")
		})
	}
}
