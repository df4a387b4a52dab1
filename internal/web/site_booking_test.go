package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/calendar/icaltest"
)

// coachLink gives the path of the coach's own page of a booking.
func (h *whole) coachLink(link string) string {
	h.t.Helper()
	b, _, err := h.booking.ByLink(h.ctx, strings.TrimPrefix(link, "/bookings/"))
	h.must(err)
	return "/bookings/" + h.booking.LinkFor(b, booking.ByCoach)
}

// asked makes a request for a call by phone, which the coach has to accept.
func (h *whole) asked(who string, change ...func(url.Values)) string {
	h.t.Helper()
	return h.made("/book/quiet", "2026-12-10", who, append(change, set("phone", "+44 20 7946 0000"))...)
}

func TestABookingIsMovedWhereItIsFree(t *testing.T) {
	t.Parallel()
	h := build(t)
	link := h.made("/book/meet", "2026-12-08", "Ana", set("start", "2026-12-08T15:00:00Z"))
	ben := h.made("/book/meet", "2026-12-08", "Ben", set("start", "2026-12-08T16:00:00Z"), set("coach", "mara"))
	p := h.get(link).page()
	p = h.get(p.link("Move to another time")).shows(200).page()
	if p.link("Keep the time as it is") != link || len(p.forms()) != 1 {
		t.Fatalf("no way back, or no calendar: %v", p.hrefs())
	}
	day := h.get(p.link("Tuesday 8 December")).page()
	f := day.form("/reschedule")
	if !strings.Contains(strings.Join(times(day), " "), "15:00") {
		t.Error("the booking stands in its own way")
	}
	h.post(f.action, url.Values{"op": f.values["op"], "start": {"2026-12-11T18:00:00Z"}}).shows(303)
	h.post(f.action, url.Values{"op": f.values["op"], "start": {"2026-12-11T18:00:00Z"}}).shows(303)
	p = h.get(link).page()
	if !strings.Contains(p.words(), "Friday 11 December, 18:00 (London)") || !strings.Contains(p.words(), "Before: Tuesday 8 December, 15:00 (London)") {
		t.Error(p.words())
	}
	if n := h.count(`select change from booking where id = (select about::uuid from letter where kind = 'call-moved')`); n != 1 {
		t.Errorf("moved %d times", n)
	}
	// To where it is already: nothing changes.
	h.post(link+"/reschedule", url.Values{"start": {"2026-12-11T18:00:00Z"}}).shows(303)
	// To where somebody else is.
	taken := h.post(link+"/reschedule", url.Values{"start": {"2026-12-08T16:00:00Z"}, "timezone": {"Europe/Berlin"}, "date": {"2026-12-08"}}).shows(409)
	again := taken.page().form("/reschedule")
	if n := len(again.choose); n == 0 || n > 3 || again.values.Get("timezone") != "Europe/Berlin" {
		t.Errorf("offered instead: %v on the clock of %s", again.choose, again.values.Get("timezone"))
	}
	for _, start := range []string{"", "soon", "9999-12-31T00:00:00Z", "2026-12-08T03:00:00Z", "2020-01-01T09:00:00Z", "2027-06-01T09:00:00Z", "2026-12-08T10:07:00Z"} {
		a := h.post(link+"/reschedule", url.Values{"start": {start}, "date": {"2026-12-08"}}).shows(422)
		if len(a.page().form("/reschedule").choose) == 0 || len(a.page().classed("problems")) != 1 {
			t.Errorf("%q: no times, or nothing is said", start)
		}
	}
	if got := h.get(ben).page().words(); !strings.Contains(got, "Tuesday 8 December, 16:00") {
		t.Error("another booking was changed")
	}
	if h.count(`select max(change) from booking`) != 1 {
		t.Error("something else was moved")
	}
}

func TestABookingIsCancelledOnceWithOrWithoutAReason(t *testing.T) {
	t.Parallel()
	h := build(t)
	for _, reason := range []string{"", "We are ill.\r\nBoth."} {
		link := h.made("/book/meet", "2026-12-08", "Ana", set("start", "2026-12-08T15:00:00Z"))
		before := h.count(`select count(*) from letter`)
		p := h.get(h.get(link).page().link("Cancel this call")).page()
		f := p.form("/cancel")
		if p.link("Keep this call") != link {
			t.Error("no way back")
		}
		f.values.Set("reason", strings.Repeat("x", 1001))
		refused := h.post(f.action, f.values).shows(422)
		if again := refused.page().form("/cancel"); len(again.values.Get("reason")) != 1001 || refused.page().id("reason-problem") == nil {
			t.Error("what was typed is lost")
		}
		f.values.Set("reason", reason)
		for range 2 {
			if at := h.post(f.action, f.values).shows(303).path(); at != link {
				t.Errorf("leads to %s", at)
			}
		}
		p = h.get(link).page()
		if p.heading() != "This call has been cancelled" || p.link("Move") != "" || p.link("Cancel") != "" || p.link("Book another call") != "/book/meet" || p.link(".ics") != "" {
			t.Errorf("%s: %v", p.words(), p.hrefs())
		}
		if n := h.count(`select count(*) from letter`) - before; n != 2 {
			t.Errorf("%d letters followed", n)
		}
		h.get(link + "?move=1").shows(200)
		h.get(link + "?cancel=1").shows(200)
		closed := h.post(link+"/reschedule", url.Values{"start": {"2026-12-11T18:00:00Z"}}).shows(409)
		if closed.page().heading() != "This call has been cancelled" {
			t.Error(closed.page().words())
		}
	}
	if n := h.count(`select count(*) from booking where reason is not null`); n != 1 {
		t.Errorf("%d reasons are kept", n)
	}
}

func TestAPracticeMayRatherNotAskForAReason(t *testing.T) {
	t.Parallel()
	h := build(t)
	link := h.made("/book/meet", "2026-12-08", "Ana", set("start", "2026-12-08T15:00:00Z"))
	asks := func(link string) bool { return h.get(link+"?cancel=1").shows(200).page().id("reason") != nil }
	if !asks(link) {
		t.Error("nobody is asked, and the practice said nothing")
	}
	h.apply(`practice: {ask_reason: false}`)
	if asks(link) || !asks(h.coachLink(link)) {
		t.Error("only the coach has a place for a reason")
	}
	// A page from before still sends one, and may have to mend it.
	if long := h.post(link+"/cancel", url.Values{"reason": {strings.Repeat("x", 1001)}}).shows(422).page(); long.id("reason") == nil || long.id("reason-problem") == nil {
		t.Error("what was typed cannot be mended")
	}
	h.post(link+"/cancel", url.Values{"reason": {"We are ill."}}).shows(303)
	if n := h.count(`select count(*) from booking where reason is not null`); n != 1 {
		t.Errorf("%d reasons are kept", n)
	}
	other := h.made("/book/meet", "2026-12-08", "Ben", set("start", "2026-12-08T16:00:00Z"))
	f := h.get(other + "?cancel=1").page().form("/cancel")
	h.post(f.action, f.values).shows(303)
	if got := h.get(other).page().heading(); got != "This call has been cancelled" {
		t.Error(got)
	}
}

func TestWhatHasBegunCannotBeChangedAndStaysToBeSeen(t *testing.T) {
	t.Parallel()
	h := build(t)
	link := h.made("/book/meet", "2026-12-08", "Ana", set("start", "2026-12-08T15:00:00Z"))
	start := time.Date(2026, 12, 8, 15, 0, 0, 0, time.UTC)
	for _, at := range []struct {
		after   time.Duration
		heading string
	}{{0, "This call has begun"}, {29 * time.Minute, "This call has begun"}, {30 * time.Minute, "This call is over"}, {90 * 24 * time.Hour, "This call is over"}} {
		h.turnTo(start.Add(at.after))
		p := h.get(link).shows(200).page()
		if p.heading() != at.heading || p.link("Move to") != "" || p.link("Cancel this") != "" {
			t.Errorf("after %v: %s %v", at.after, p.heading(), p.hrefs())
		}
		if p.link("Join the call") == "" && at.after < time.Hour {
			t.Errorf("after %v it cannot be joined", at.after)
		}
		a := h.post(link+"/cancel", url.Values{}).shows(409)
		if !strings.Contains(a.page().words(), "so it cannot be changed any more") {
			t.Error(a.page().words())
		}
		h.post(link+"/reschedule", url.Values{"start": {"2026-12-11T18:00:00Z"}}).shows(409)
	}
	h.turnTo(start.Add(90*24*time.Hour + 31*time.Minute))
	h.get(link).shows(404)
	h.post(link+"/cancel", url.Values{}).shows(404)
}

func TestTheCoachAcceptsOrDeclinesAndIsHeld(t *testing.T) {
	t.Parallel()
	h := build(t)
	yes := h.asked("Ana")
	no := h.asked("Ben", set("start", "2026-12-10T10:40:00Z"))
	p := h.get(yes).page()
	if p.heading() != "Your request has arrived" || p.link(".ics") != "" || len(p.forms()) != 0 {
		t.Errorf("%s", p.words())
	}
	h.post(yes+"/accept", url.Values{}).shows(404)
	h.post(yes+"/decline", url.Values{}).shows(404)
	h.post(yes+"/words", url.Values{}).shows(404)

	coach := h.coachLink(yes)
	p = h.get(coach).page()
	if p.heading() != "Somebody asks for this hour" || len(p.forms()) != 2 {
		t.Fatalf("%s", p.words())
	}
	accept := p.form("/accept")
	h.pass(3 * time.Second)
	h.post(accept.action, accept.values).shows(303)
	h.post(accept.action, accept.values).shows(303)
	if got := h.post(p.form("/decline").action, p.form("/decline").values).shows(409).page(); got.heading() != "A call with you is booked" {
		t.Error(got.words())
	}
	if got := h.get(yes).page(); got.heading() != "Your call is booked" || !strings.Contains(got.words(), "Noor calls you on +44 20 7946 0000") {
		t.Error(got.words())
	}
	p = h.get(h.coachLink(no)).page()
	h.pass(3 * time.Second)
	h.post(p.form("/decline").action, p.form("/decline").values).shows(303)
	h.post(p.form("/accept").action, p.form("/accept").values).shows(409)
	if got := h.get(no).page(); got.heading() != "This hour could not be given to you" {
		t.Error(got.words())
	}
	late := h.asked("Cleo", set("start", "2026-12-10T10:40:00Z"))
	h.turnTo(time.Date(2026, 12, 10, 8, 0, 0, 0, time.UTC))
	h.post(h.coachLink(late)+"/accept", url.Values{}).shows(409)
	if got := h.get(late).page(); got.heading() != "Your request was not answered in time" {
		t.Error(got.words())
	}
}

// What somebody wrote is shown to the coach when they ask, and the look is on
// record; nobody else can ask.
func TestTheCoachReadsWhatWasWrittenAndThatIsOnRecord(t *testing.T) {
	t.Parallel()
	h := build(t)
	link := h.made("/book/meet", "2026-12-08", "Ana", set("message", "canary one\ncanary two"), set("partner_name", "Canary Three"), set("partner_email", "canary@example.com"))
	coach := h.coachLink(link)
	for _, path := range []string{link, coach, link + "?move=1", link + "?cancel=1", link + "/invite.ics"} {
		if body := strings.ToLower(h.get(path).body); strings.Contains(body, "canary") || strings.Contains(body, "ana@example.com") {
			t.Errorf("%s shows what was written, or the address", path)
		}
	}
	h.get(coach + "/words").shows(405)
	f := h.get(coach).page().form("/words")
	h.pass(3 * time.Second)
	a := h.post(f.action, f.values).shows(200)
	for _, said := range []string{"canary one canary two", "Canary Three", "canary@example.com", "ana@example.com"} {
		if !strings.Contains(a.page().words(), said) {
			t.Errorf("%q is not shown", said)
		}
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("%v", a.header)
	}
	if n := h.count(`select count(*) from audit where act = 'enquiry read'`); n != 1 {
		t.Errorf("%d looks on record", n)
	}
	if strings.Contains(strings.ToLower(h.log.String()), "canary") || strings.Contains(h.log.String(), strings.TrimPrefix(link, "/bookings/")) {
		t.Error("the log holds what was written, or a link")
	}
}

func TestABookingsPageIsDiscreetAndKeptByNobody(t *testing.T) {
	t.Parallel()
	h := build(t)
	link := h.made("/book/meet", "2026-12-08", "Ana")
	for _, path := range []string{link, h.coachLink(link), link + "?move=1", link + "?cancel=1"} {
		a := h.get(path, header("Accept-Encoding", "gzip")).shows(200)
		if a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Robots-Tag") != "noindex" || a.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %v", path, a.header)
		}
		p := a.page()
		if title := wordsOf(p.all("title")[0]); title != "Common Ground" {
			t.Errorf("%s has the title %q", path, title)
		}
		robots := ""
		for _, n := range p.all("meta") {
			if attr(n, "name") == "robots" {
				robots = attr(n, "content")
			}
			if strings.HasPrefix(attr(n, "property"), "og:") {
				t.Errorf("%s has a card", path)
			}
		}
		if robots != "noindex" || strings.Contains(a.body, "canonical") || strings.Contains(a.body, "@example") {
			t.Errorf("%s can be indexed, or shows an address", path)
		}
		labelled(t, path, p)
		for _, src := range loads(p) {
			if !strings.HasPrefix(src, "/static/") {
				t.Errorf("%s loads %s", path, src)
			}
		}
	}
}

func TestCalendarsOfABookingAreReadByAnyProgram(t *testing.T) {
	t.Parallel()
	h := build(t)
	link := h.made("/book/meet", "2026-12-08", "Ana", set("start", "2026-12-08T15:00:00Z"), set("message", "canary"))
	a := h.get(link + "/invite.ics").shows(200)
	if a.header.Get("Content-Type") != "text/calendar; charset=utf-8" || a.header.Get("Content-Disposition") != `attachment; filename="invite.ics"` {
		t.Errorf("sent as %v", a.header)
	}
	_, event := icaltest.One(t, []byte(a.body))
	if event.Summary != "Common Ground" || !event.Start.Equal(time.Date(2026, 12, 8, 15, 0, 0, 0, time.UTC)) || event.Status != "CONFIRMED" {
		t.Errorf("%+v", event)
	}
	if strings.Contains(a.body, strings.TrimPrefix(link, "/bookings/")) || strings.Contains(a.body, "Ana") || strings.Contains(a.body, "meet &") {
		t.Error("it tells more than the practice's discreet name and the hour")
	}
	// html/template let no such link through, and it led nowhere.
	subscribe, found := strings.CutPrefix(h.get(link).page().link("Subscribe"), "webcal://")
	if !found {
		t.Errorf("to subscribe, open %q", subscribe)
	}
	feed := "http://" + subscribe
	mara, err := peopleCoach(h, "mara")
	h.must(err)
	all := h.booking.CoachFeedURL(mara)
	for _, address := range []string{feed, all} {
		a := h.get(address).shows(200)
		if _, one := icaltest.One(t, []byte(a.body)); one.UID != event.UID {
			t.Errorf("another UID: %s", one.UID)
		}
		if again := h.get(address, header("If-None-Match", a.header.Get("ETag"))); again.status != http.StatusNotModified || again.body != "" {
			t.Errorf("asked again: %d", again.status)
		}
		if head := h.send("HEAD", address, nil); head.status != 200 || head.body != "" {
			t.Errorf("HEAD: %d", head.status)
		}
		h.get(strings.TrimSuffix(address, ".ics")).shows(404)
		h.get(strings.Replace(address, "/feeds/", "/bookings/", 1)).shows(404)
	}
	h.post(link+"/cancel", url.Values{}).shows(303)
	if _, one := icaltest.One(t, []byte(h.get(feed).shows(200).body)); one.Status != "CANCELLED" || one.Sequence != 1 {
		t.Errorf("after cancelling %+v", one)
	}
}

// Under "Your call is booked" stood the question whether to cancel it; and who
// moved a call that had been accepted was not told that it would have to be
// accepted again.
func TestThePageSaysWhatIsAboutToBeDone(t *testing.T) {
	t.Parallel()
	h := build(t)
	link, asked := h.made("/book/meet", "2026-12-08", "Ana"), h.asked("Ben")
	h.post(h.coachLink(asked)+"/accept", url.Values{}).shows(303)
	for path, want := range map[string]struct {
		heading string
		again   bool
	}{
		link + "?move=1":               {"Move this call", false},
		link + "?cancel=1":             {"Cancel this call", false},
		asked + "?move=1":              {"Move this call", true},
		h.coachLink(asked) + "?move=1": {"Move this call", false},
	} {
		p := h.get(path).shows(200).page()
		if p.heading() != want.heading || strings.Contains(p.words(), "has to be accepted too") != want.again {
			t.Errorf("%s: %s", path, p.words())
		}
	}
}

// Somebody whose mail is not safe kept the call in a calendar that others see.
// The entry said that there was a letter from us, and the coach's page said that
// both had been told.
func TestNothingSpeaksOfALetterToSomebodyWeDoNotWriteTo(t *testing.T) {
	t.Parallel()
	h := build(t)
	link := h.made("/book/meet", "2026-12-08", "Ana", set("safe_to_email", "no"))
	p := h.get(link).shows(200).page()
	for _, text := range []string{h.get(link + "/invite.ics").shows(200).body, p.link("Google Calendar"), p.link("Outlook")} {
		if strings.Contains(text, "letter") {
			t.Errorf("speaks of a letter: %s", text)
		}
	}
	if said := h.get(h.coachLink(link)).shows(200).page().words(); strings.Contains(said, "have been told") || !strings.Contains(said, "we do not write to them") {
		t.Errorf("the coach reads %s", said)
	}
}
