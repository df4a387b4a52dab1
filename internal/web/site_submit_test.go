package web_test

import (
	"maps"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// day is the booking page on a day, as somebody in London sees it, and the form
// on it after a person has had the time to read it.
func (h *whole) day(path, date string) (sheet, paper) {
	h.t.Helper()
	p := h.get(path + "?timezone=Europe/London&date=" + date).shows(200).page()
	f := p.form(path)
	h.pass(5 * time.Second)
	return p, f
}

// made books a call and gives the path of its page.
func (h *whole) made(path, date, who string, change ...func(url.Values)) string {
	h.t.Helper()
	_, f := h.day(path, date)
	values := f.filled(who)
	for _, c := range change {
		c(values)
	}
	return h.post(path, values).shows(303).path()
}

func set(name, value string) func(url.Values) {
	return func(v url.Values) { v.Set(name, value) }
}

func (h *whole) bookings() int { return h.count(`select count(*) from booking`) }

func TestAFilledFormLeadsToTheBookingsPage(t *testing.T) {
	t.Parallel()
	h := build(t)
	form, f := h.day("/book/meet", "2026-12-08")
	values := f.filled("Ana")
	values.Set("start", "2026-12-08T15:00:00Z")
	a := h.post("/book/meet", values).shows(303)
	if at := a.header.Get("Location"); !regexp.MustCompile(`^/bookings/[A-Za-z0-9_-]{40,}$`).MatchString(at) {
		t.Fatalf("leads to %q", at)
	}
	p := h.get(a.path()).shows(200).page()
	if p.heading() != "Your call is booked" || !strings.Contains(p.words(), "Tuesday 8 December, 15:00 (London)") {
		t.Errorf("the page says %s", p.words())
	}
	if h.bookings() != 1 || h.count(`select count(*) from letter`) != 4 {
		t.Errorf("%d bookings, %d letters", h.bookings(), h.count(`select count(*) from letter`))
	}
	// Whoever shares an inbox was promised one letter less than there are.
	if n := h.count(`select count(*) from letter where kind like 'call-reminder%'`); n != 2 || !strings.Contains(form.words(), "two reminders") {
		t.Errorf("%d reminders, and the form says %s", n, form.words())
	}
	// FC9: the same form again, by a second click or from the page before.
	for range 3 {
		if again := h.post("/book/meet", values).shows(303).path(); again != a.path() {
			t.Errorf("sent again it leads to %s", again)
		}
	}
	// Back, another time, and the same button: the first promise stands, and
	// its page is where it can be moved.
	values.Set("start", "2026-12-08T16:00:00Z")
	if again := h.post("/book/meet", values).shows(303).path(); again != a.path() {
		t.Errorf("changed and sent again it leads to %s", again)
	}
	if h.bookings() != 1 {
		t.Errorf("%d bookings", h.bookings())
	}
}

// The next person at a shared machine pressed Back, wrote their own name and
// address over what stood there, and was led to the page of the one before:
// the form's key was still the same, and its answer is a link.
func TestAFormThatSomebodyElseSendsAgainIsTheirOwnAct(t *testing.T) {
	t.Parallel()
	h := build(t)
	_, f := h.day("/book/meet", "2026-12-08")
	ana := f.filled("Ana")
	sam := maps.Clone(ana)
	sam["name"], sam["email"], sam["start"] = []string{"Sam"}, []string{"sam@example.com"}, []string{"2026-12-08T16:00:00Z"}
	ana.Set("start", "2026-12-08T15:00:00Z")
	first := h.post("/book/meet", ana).shows(303).path()
	second := h.post("/book/meet", sam).shows(303).path()
	if first == second {
		t.Error("Sam stands before Ana's booking")
	}
	if again := h.post("/book/meet", sam).shows(303).path(); again != second || h.bookings() != 2 {
		t.Errorf("sent twice it leads to %s, with %d bookings", again, h.bookings())
	}
	ana.Set("email", " "+strings.ToUpper(ana.Get("email")))
	if again := h.post("/book/meet", ana).shows(303).path(); again != first {
		t.Errorf("the same address in capitals leads to %s", again)
	}
}

func TestAFormWithoutAKeyIsANewActEachTime(t *testing.T) {
	t.Parallel()
	h := build(t)
	values := url.Values{"start": {"2026-12-08T15:00:00Z"}, "timezone": {"Europe/London"}, "name": {"Ana"}, "email": {"ana@example.com"}}
	h.post("/book/meet", values).shows(303)
	h.post("/book/meet", values).shows(409)
	values.Set("start", "2026-12-08T16:00:00Z")
	h.post("/book/meet", values).shows(303)
	if h.bookings() != 2 {
		t.Errorf("%d bookings", h.bookings())
	}
}

func TestAMachineThatFillsTheTrapGetsAnOrdinaryPage(t *testing.T) {
	t.Parallel()
	h := build(t)
	_, f := h.day("/book/meet", "2026-12-08")
	values := f.complete()
	values.Set("website", "https://spam.example")
	a := h.post("/book/meet", values).shows(200)
	if len(a.page().classed("problems")) != 0 || strings.Contains(a.body, "spam.example") || h.bookings() != 0 {
		t.Error("it is told, repeated or booked")
	}
}

func TestAFormSentAtOnceIsShownAgainAndThenTaken(t *testing.T) {
	t.Parallel()
	h := build(t)
	p := h.get("/book/meet?timezone=Europe/London&date=2026-12-08").page()
	values := p.form("/book/meet").complete()
	h.pass(1900 * time.Millisecond)
	a := h.post("/book/meet", values).shows(422)
	again := kept(t, "at once", a, values)
	if again.values.Get("start") != values.Get("start") || !strings.Contains(a.page().words(), "Please press the button once more") {
		t.Error("the time is lost, or nothing is said")
	}
	h.pass(200 * time.Millisecond)
	h.post("/book/meet", again.values).shows(303)
}

func TestWithLimitsOffNoFormIsTooFast(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	h.post("/book/meet", h.get("/book/meet?date=2026-12-08").page().form("/book/meet").complete()).shows(303)
}

// A form that was posted with an address of its own would book what somebody
// else had put into the link.
func TestOnlyTheBodyOfAFormCounts(t *testing.T) {
	t.Parallel()
	h := build(t)
	_, f := h.day("/book/meet", "2026-12-08")
	values := f.complete()
	query := url.Values{}
	for _, name := range []string{"name", "start", "email"} {
		query.Set(name, values.Get(name))
		values.Del(name)
	}
	query.Set("website", "x")
	query.Set("coach", "nobody")
	a := h.post("/book/meet?"+query.Encode(), values).shows(422)
	if got := kept(t, "from the address", a, values).values; got.Get("name") != "" || h.bookings() != 0 {
		t.Errorf("the address filled in %v", got)
	}
	h.send("GET", "/book/meet?"+f.complete().Encode(), nil).shows(200)
	h.send("PUT", "/book/meet", f.complete()).shows(405)
	h.send("POST", "/book/meet", f.complete(), header("X-HTTP-Method-Override", "DELETE")).shows(303)
	if h.bookings() != 1 {
		t.Errorf("%d bookings", h.bookings())
	}
}

// C06: a field of the program's own, sent along, was taken over.
func TestFieldsThatAreNotOfTheFormHaveNoEffect(t *testing.T) {
	t.Parallel()
	h := build(t)
	link := h.made("/book/quiet", "2026-12-10", "Ana", func(v url.Values) {
		v.Set("phone", "+44 20 7946 0000")
		for _, name := range []string{"role", "status", "Status", "coach_id", "COACH_ID", "person_id", "client_id", "price", "currency", "credits", "paid",
			"visibility", "tenant", "created_at", "made_at", "lane", "id", "type", "Type", "place", "duration", "repeated", "accepted_at", "_method"} {
			v.Set(name, "confirmed")
		}
		v.Set("type", "couple")
		v.Set("duration", "600")
		v.Set("email[]", "eve@example.com")
		v.Add("email", "eve@example.com")
	})
	if p := h.get(link).page(); p.heading() != "Your request has arrived" {
		t.Errorf("it became %s", p.words())
	}
	if n := h.count(`select count(*) from booking b join appointment_type t on t.id = b.type_id
		where t.slug = 'quiet' and b.status = 'pending' and b.ends_at - b.starts_at = interval '20 minutes'`); n != 1 {
		t.Error("it is not the call that was asked for")
	}
	if h.count(`select count(*) from person where email = 'ana@example.com'`) != 1 || h.count(`select count(*) from person where email = 'eve@example.com'`) != 0 {
		t.Error("it went to somebody else")
	}
}

func TestTooManyFormsKeepWhatWasTypedAndSayHowLongToWait(t *testing.T) {
	t.Parallel()
	h := build(t)
	_, f := h.day("/book/meet", "2026-12-08")
	values := f.complete()
	values.Set("name", "")
	var a answer
	for range 125 {
		if a = h.post("/book/meet", values); a.status != 422 {
			break
		}
	}
	a.shows(429)
	if again := kept(t, "too many", a, values); again.values.Get("start") != values.Get("start") {
		t.Error("the time chosen is lost")
	}
	if a.header.Get("Retry-After") == "" || !strings.Contains(a.page().words(), "Please wait a little and send it again; nothing is lost.") {
		t.Errorf("%v", a.header)
	}
	h.get("/book/meet").shows(200)
}

func TestAZoneThatIsNotKnownIsAskedAboutBeforeAnythingIsBooked(t *testing.T) {
	t.Parallel()
	h := build(t)
	_, f := h.day("/book/meet", "2026-12-08")
	values := f.complete()
	values.Set("timezone", "Mars/Olympus")
	a := h.post("/book/meet", values).shows(422)
	values.Set("timezone", "Europe/London")
	again := kept(t, "Mars", a, values)
	if !strings.Contains(a.page().words(), "We do not know a time zone called") || again.values.Get("start") == "" {
		t.Error(a.page().words())
	}
	h.post("/book/meet", again.values).shows(303)
}

// Somebody who passed over the question whether mail is safe is asked again,
// and is not written to meanwhile.
func TestTheQuestionWhetherMailIsSafeIsAskedAgain(t *testing.T) {
	t.Parallel()
	h := build(t)
	_, f := h.day("/book/meet", "2026-12-08")
	values := f.complete()
	values.Del("safe_to_email")
	a := h.post("/book/meet", values).shows(422)
	again := kept(t, "unanswered", a, values)
	again.values.Set("safe_to_email", "no")
	p := h.get(h.post("/book/meet", again.values).shows(303).path()).page()
	if got := wordsOf(p.classed("address")[0]); !strings.HasPrefix(got, h.base+"/bookings/") {
		t.Errorf("the address to keep is %q", got)
	}
	if n := h.count(`select count(*) from letter where kind not like '%-coach'`); n != 0 {
		t.Errorf("%d letters to somebody who may not be written to", n)
	}
}

// The time that was chosen stands with its zone wherever it is shown.
func TestABookingIsShownOnTheClockItWasMadeOn(t *testing.T) {
	t.Parallel()
	h := build(t)
	p := h.get("/book/meet?timezone=Pacific/Auckland&date=2026-12-12").page()
	f := p.form("/book/meet")
	h.pass(5 * time.Second)
	page := h.get(h.post("/book/meet", f.filled("Ana")).shows(303).path()).page()
	for _, said := range []string{"Saturday 12 December, 07:00 (Auckland)", "18:00 for Mara (London)"} {
		if !strings.Contains(page.words(), said) {
			t.Errorf("%q is not on the page: %s", said, page.words())
		}
	}
	if got := f.values.Get("start"); got != "2026-12-12T07:00:00+13:00" {
		t.Errorf("sent as %s", got)
	}
}
