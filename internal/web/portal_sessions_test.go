package web_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/browsertest"
	"kintsugi/internal/credit"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
)

const sessionsGround = `
appointment_types:
  - {slug: alone, name: A paid hour alone, duration: 60m, place: video, horizon: 300d, lane: individual, credits: 1, coaches: [noor]}
`

func newSessions(t *testing.T) *callers {
	h := newCallers(t)
	h.apply(sessionsGround)
	return h
}

// paid puts sessions into a wallet as an order would.
func (h *callers) paid(to credit.Holder, n, days int) {
	h.t.Helper()
	types := practice.Slugs{"alone"}
	if to.Joint() {
		types = practice.Slugs{"paid"}
	}
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := credit.Grant(h.ctx, tx, credit.GrantOf{Holder: to, Sessions: n, Types: types, ValidDays: days, Source: "order", Key: uuid.NewString(),
			By: audit.Actor{Kind: audit.System}}, h.now())
		return err
	}))
}

func (h *callers) both() credit.Holder { return credit.Holder{Engagement: h.id} }

func (h *callers) newCall(typeSlug string, start time.Time, pairs ...string) url.Values {
	f := url.Values{"type": {typeSlug}, "engagement": {string(h.id)}, "timezone": {"Europe/London"}, "start": {start.Format(time.RFC3339)}, "op": {h.first.guard.NewOp(h.now())}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

func says(t *testing.T, about, body string, words ...string) {
	t.Helper()
	for _, want := range words {
		if !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", about, want)
		}
	}
}

func TestWhatACallUsesAndUntilWhenIsSaidBeforeItIsBookedAndOnItsPage(t *testing.T) {
	t.Parallel()
	h := newSessions(t)
	h.paid(h.both(), 4, 90)
	says(t, "the list of kinds", h.get("/portal/bookings/new", h.as(h.ida)).shows(200).body, "Uses 1 of 4 sessions", "type=paid")
	at := "/portal/bookings/new?type=paid&engagement=" + string(h.id) + "&date=2026-12-15"
	says(t, "choosing a time", h.get(at, h.weakly(h.ida)).shows(200).body, "Uses 1 of 4 sessions, for calls that begin on or before",
		"Free to move or cancel until 24 hours before it begins; later the session counts as used. That is until the same time on Monday 14 December.")
	says(t, "tomorrow", h.get("/portal/bookings/new?type=paid&date=2026-12-08&engagement="+string(h.id), h.as(h.ida)).shows(200).body,
		"That is, for a call at 06:00 no longer; at 07:30 no longer; at 09:00 until Monday 7 December, 09:00; at 10:30 until")
	says(t, "today", h.get("/portal/bookings/new?type=paid&date=2026-12-07&engagement="+string(h.id), h.as(h.ida)).shows(200).body,
		"Every time shown is nearer than that: once booked, the session counts as used, also when you cancel.")
	start := hour(12).AddDate(0, 0, 7)
	made := h.post("/portal/bookings", h.newCall("paid", start), h.as(h.ida)).shows(303).path()
	for _, who := range []people.ID{h.ida, h.jon} {
		says(t, "the call’s page", h.get(made, h.as(who)).shows(200).body, "It uses 1 session.", "Free to move or cancel until Monday 14 December, 12:00 (London); later the session counts as used.")
		says(t, "what is left", h.get("/portal/sessions", h.as(who)).shows(200).body, "3 of 4 sessions left", "Booked: A paid session, Tuesday 15 December, 12:00 (London)", "−1", made)
	}
	// Under the link of a letter it is the same rule.
	own, err := h.booking.FindAs(h.ctx, booking.Client{ID: h.jon}, booking.ID(strings.TrimPrefix(made, "/portal/bookings/")))
	h.must(err)
	link := "/bookings/" + h.booking.LinkFor(own, booking.ByPerson)
	says(t, "the page of the link", h.get(link).shows(200).body, "Free to move or cancel: until Monday 14 December 2026, 12:00 (London, GMT). Later the session counts as used")

	says(t, "moving", h.get(made+"?move=1&date=2026-12-16", h.as(h.ida)).shows(200).body, "The new time has a limit of its own. Free to move or cancel until 24 hours before", "until the same time on Tuesday 15 December")
	says(t, "moving under the link", h.get(link+"?move=1&date=2026-12-16").shows(200).body, "until the same time on Tuesday 15 December")
	h.pass(start.Add(-23 * time.Hour).Sub(h.now()))
	h.held[h.ida], h.held[h.jon] = h.signedIn(h.ida), h.signedIn(h.jon)
	late := h.get(made, h.as(h.ida)).shows(200).body
	says(t, "the page, late", late, "That has passed: it cannot be moved here any more, and when you cancel it the session counts as used.")
	if strings.Contains(late, "move=1") {
		t.Error("a move that is refused is offered")
	}
	move := url.Values{"start": {hour(12).AddDate(0, 0, 14).Format(time.RFC3339)}, "timezone": {"Europe/London"}, "op": {"x"}}
	says(t, "a late move", h.post(made+"/move", move, h.as(h.ida)).shows(409).body, "It could be moved until Monday 14 December 2026, 12:00")
	says(t, "a late move under the link", h.post(link+"/reschedule", move).shows(409).body, "It could be moved until Monday 14 December 2026, 12:00")
	api := h.post("/api/v1"+link+"/reschedule", nil, func(r *http.Request) {
		body := `{"start":"` + hour(12).AddDate(0, 0, 14).Format(time.RFC3339) + `"}`
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Type", "application/json")
	}).shows(409)
	says(t, "the answer to a program", api.body, "/problems/too-late", "It could be moved until Monday 14 December 2026, 12:00")
	h.post(made+"/cancel", url.Values{}, h.as(h.ida)).shows(303)
	says(t, "the page, called off late", h.get(made, h.as(h.jon)).shows(200).body, "The session that it was booked with counts as used.")
	says(t, "what is left", h.get("/portal/sessions", h.as(h.jon)).shows(200).body, "3 of 4 sessions left", "Counts as used: called off after the time for it")
}

func TestWithoutASessionTheRefusalIsKindAndLeadsOn(t *testing.T) {
	t.Parallel()
	h := newSessions(t)
	at := "/portal/bookings/new?type=paid&engagement=" + string(h.id)
	says(t, "choosing", h.get(at, h.as(h.ida)).shows(200).body, "There is no session left that can be used for this.", "/portal/packages")
	refused := h.post("/portal/bookings", h.newCall("paid", hour(9)), h.as(h.ida)).shows(409).body
	says(t, "the refusal", refused, "There is no session left that can be used for this.", "/portal/packages", `value="paid"`)
	h.post("/portal/bookings", h.newCall("both", hour(9)), h.as(h.jon)).shows(303) // the hour stayed free
}

// One is on the page with the last session while the other books with it.
func TestTheLastSessionGoesOnceAndTheOtherIsToldPlainly(t *testing.T) {
	t.Parallel()
	h := newSessions(t)
	h.paid(h.both(), 1, 0)
	says(t, "choosing", h.get("/portal/bookings/new?type=paid&engagement="+string(h.id), h.as(h.jon)).shows(200).body, "Uses your last session")
	h.post("/portal/bookings", h.newCall("paid", hour(9)), h.as(h.ida)).shows(303)
	says(t, "the other", h.post("/portal/bookings", h.newCall("paid", hour(15)), h.as(h.jon)).shows(409).body, "There is no session left that can be used for this.")
	if n := h.count(`select count(*) from booking`); n != 1 {
		t.Errorf("%d calls", n)
	}
}

// Existence is content: not a line, a number or a gap of what is the other's.
func TestThePartnerSeesNoDifferenceWhenTheOtherHasSessionsOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := newSessions(t)
	h.paid(h.both(), 2, 0)
	look := func() map[string]string {
		seen := map[string]string{}
		weak := h.weakly(h.jon)
		for _, path := range append(h.portalPages(), "/portal/bookings/new?type=alone&date=2027-01-14&engagement="+string(h.id)) {
			seen[path] = still(h.get(path, h.as(h.jon)))
			seen["weak "+path] = still(h.get(path, weak))
		}
		return seen
	}
	before := look()
	h.paid(credit.Holder{Person: h.ida}, 5, 30)
	h.post("/portal/bookings", h.newCall("alone", hour(11)), h.as(h.ida)).shows(303)
	for path, now := range look() {
		if now != before[path] {
			t.Errorf("%s tells the partner:\n%s", path, unlike(before[path], now))
		}
	}
	if got := h.post("/portal/bookings", h.newCall("alone", hour(15)), h.as(h.jon)).shows(409).body; strings.Contains(got, "sessions left") {
		t.Error("they book with the other’s, or are told of them")
	}
	mine := h.get("/portal/sessions", h.as(h.ida)).shows(200).body
	says(t, "her own page", mine, "4 of 5 sessions left", "2 sessions left")
	if weak := h.get("/portal/sessions", h.weakly(h.ida)).shows(200).body; strings.Contains(weak, "4 of 5") || !strings.Contains(weak, "Open your own space") {
		t.Error("what is hers alone opens with the code")
	}
}

func TestASeriesSaysOfEachDateWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	h := newSessions(t)
	h.paid(h.both(), 3, 0)
	h.session("solo", h.jon, hour(9).AddDate(0, 0, 7))
	form := h.newCall("paid", hour(9), "weeks", "5")
	first := h.post("/portal/bookings", form, h.as(h.ida)).shows(303)
	again := h.post("/portal/bookings", form, h.as(h.ida)).shows(303)
	where := first.header.Get("Location")
	if where != again.header.Get("Location") || h.count(`select count(*) from booking where credits = 1`) != 3 {
		t.Error("sent twice, booked twice")
	}
	body := h.get(where, h.as(h.ida)).shows(200).body
	says(t, "the series", body, "Tuesday 8 December, 09:00 (London)", "Tuesday 15 December, 09:00 (London)<br><span class=\"small\">It is taken.",
		"Free to move or cancel until Monday 28 December", "Tuesday 5 January 2027, 09:00 (London)<br><span class=\"small\">There is no session left")
	h.get(where, h.as(h.jon)).shows(404)
	h.get(where, h.as(h.kit)).shows(404)
	h.get("/portal/bookings/series?of=none", h.as(h.ida)).shows(404)
	none := h.post("/portal/bookings", h.newCall("paid", hour(15), "weeks", "2"), h.as(h.ida)).shows(409).body
	says(t, "nothing of it", none, "Tuesday 8 December, 15:00 (London): There is no session left", "Tuesday 15 December, 15:00")
	h.post("/portal/bookings", h.newCall("paid", hour(15), "weeks", "99"), h.as(h.ida)).shows(422)
	// What is one's own alone opens with the second proof alone, whoever has the address.
	h.paid(credit.Holder{Person: h.ida}, 2, 0)
	own := h.post("/portal/bookings", h.newCall("alone", hour(12), "weeks", "2"), h.as(h.ida)).shows(303).header.Get("Location")
	h.get(own, h.as(h.ida)).shows(200)
	if at := h.get(own, h.weakly(h.ida)).shows(303).path(); at != "/sign-in/proof" {
		t.Errorf("with the code alone it leads to %s", at)
	}
}

func TestSessionsThatRestAreNamedOnceAndCalmly(t *testing.T) {
	t.Parallel()
	h := newSessions(t)
	h.paid(h.both(), 2, 0)
	nudged := func() bool {
		return strings.Contains(h.get("/portal", h.weakly(h.jon)).shows(200).body, "The two of you have 2 sessions left, and nothing is arranged")
	}
	if nudged() {
		t.Error("at once")
	}
	h.pass(practice.DefaultRestDays * 24 * time.Hour)
	if !nudged() {
		t.Error("not after three weeks")
	}
	h.session("both", "", hour(10).AddDate(0, 0, 28))
	if nudged() {
		t.Error("although something is arranged")
	}
}

// Jon had left, and for weeks Ida's first page went on about the two of them.
func TestNothingIsSaidOfTheTwoToOneWhoIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *callers, tx *pg.Tx) error{
		"left": func(h *callers, tx *pg.Tx) error { return h.first.engagement.Leave(h.ctx, tx, h.jon, h.id, h.now()) },
		"ended": func(h *callers, tx *pg.Tx) error {
			return h.first.engagement.End(h.ctx, tx, h.coach("noor").ID, h.id, h.now())
		},
		"paused": func(h *callers, tx *pg.Tx) error {
			return h.first.engagement.Pause(h.ctx, tx, h.coach("noor").ID, h.id, h.now())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newSessions(t)
			h.paid(h.both(), 2, 0)
			h.pass(practice.DefaultRestDays * 24 * time.Hour)
			const say = "The two of you"
			says(t, "before", h.get("/portal", h.weakly(h.ida)).shows(200).body, say)
			h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error { return end(h, tx) }))
			if strings.Contains(h.get("/portal", h.weakly(h.ida)).shows(200).body, say) {
				t.Error("it is said all the same")
			}
		})
	}
}

// The number of statements of a page does not depend on how much there is.
func TestThePageOfSessionsAsksAsOftenForManyAsForFew(t *testing.T) {
	t.Parallel()
	h := newSessions(t)
	h.paid(h.both(), 2, 0)
	listened, wire := pgtest.Listened(t)
	ask := func() int {
		lots, err := credit.OfClient(h.ctx, listened, h.ida, true)
		h.must(err)
		_, err = credit.LedgerOfClient(h.ctx, listened, h.keys, h.ida, true)
		h.must(err)
		if len(lots) == 0 {
			t.Fatal("nothing is there")
		}
		n := len(wire.Statements())
		wire.Reset()
		return n
	}
	wire.Reset()
	few := ask()
	for range 20 {
		h.paid(h.both(), 1, 0)
	}
	if many := ask(); few != 2 || many != few {
		t.Errorf("%d for few, %d for many", few, many)
	}
}

// A client books with the last session, calls off in time and books again, and
// calls off late, with scripts and without; every page can be used by everybody.
func TestAClientWalksWithTheirLastSession(t *testing.T) {
	t.Parallel()
	shots := os.Getenv("KINTSUGI_SHOTS")
	for name, options := range map[string][]browsertest.Option{
		"phone-dark":  {browsertest.Phone(), browsertest.Dark(), browsertest.StillPages(), browsertest.Timezone("Europe/London")},
		"phone-light": {browsertest.Phone(), browsertest.ScriptsOff(), browsertest.StillPages()},
		"desk-light":  {browsertest.Size(1280, 900), browsertest.ScriptsOff(), browsertest.StillPages()},
		"desk-dark":   {browsertest.Size(1280, 900), browsertest.Dark(), browsertest.StillPages(), browsertest.Timezone("Europe/London")},
	} {
		t.Run(name, func(t *testing.T) {
			h := newSessions(t)
			h.paid(h.both(), 2, 60)
			h.post("/portal/bookings", h.newCall("paid", hour(9).AddDate(0, 0, 9)), h.as(h.jon)).shows(303)
			h.paid(credit.Holder{Person: h.ida}, 4, 0)
			tab := h.visitor(t, options...)
			here := looker(t, tab, shots, name)
			tab.Open(h.base + "/robots.txt")
			h.carry(tab, h.held[h.ida])
			tab.Open(h.base + "/portal/sessions")
			here("Sessions left")
			tab.Open(h.base + "/portal/bookings/new")
			here("Book a call")
			choose := func() {
				t.Helper()
				tab.Open(h.base + "/portal/bookings/new?type=paid&engagement=" + string(h.id) + "&date=2026-12-15")
				tab.WaitText("form.act-form", "Uses your last session")
				here("A paid session")
				tab.Click("label.time")
				tab.Click("form.act-form button.act")
				here("Your call together")
				tab.WaitText("#main", "Free to move or cancel until Monday 14 December, 06:00 (London); later the session counts as used.")
			}
			callOff := func(said string) {
				t.Helper()
				tab.Click("#main a[href*='cancel=1']")
				here("Cancel this call")
				tab.Click("button.act-danger")
				tab.WaitText(".state", "Cancelled")
				tab.WaitText("#main", said)
				here("Your call together")
			}
			choose()
			callOff("The session that it was booked with can be used again.")
			choose()
			page := tab.URL()
			h.turnTo(time.Date(2026, 12, 14, 12, 0, 0, 0, time.UTC))
			h.carry(tab, h.signedIn(h.ida))
			tab.Open(page)
			tab.WaitText("#main", "That has passed: it cannot be moved here any more")
			callOff("The session that it was booked with counts as used.")
			tab.Open(h.base + "/portal/sessions")
			here("Sessions left")
			tab.Open(h.base + "/portal/bookings/new?type=paid&engagement=" + string(h.id) + "&date=2026-12-22")
			tab.WaitText("form.act-form", "There is no session left that can be used for this.")
			here("A paid session")
			tab.Open(h.base + "/portal/bookings/new?type=alone&engagement=" + string(h.id) + "&date=2026-12-22")
			tab.Click("label.time")
			tab.Choose("#weeks", "5")
			tab.Click("form.act-form button.act")
			here("Your weekly calls")
		})
	}
}

// The coach looks at what is left, changes it, and gives.
func TestACoachWalksThroughTheSessionsOfTheirClients(t *testing.T) {
	shots := os.Getenv("KINTSUGI_SHOTS")
	for name, options := range map[string][]browsertest.Option{
		"coach-phone-dark": {browsertest.Phone(), browsertest.Dark(), browsertest.StillPages()},
		"coach-desk-light": {browsertest.Size(1280, 900), browsertest.ScriptsOff(), browsertest.StillPages()},
	} {
		t.Run(name, func(t *testing.T) {
			h := newSessions(t)
			h.paid(h.both(), 6, 60)
			h.post("/portal/bookings", h.newCall("paid", hour(9).AddDate(0, 0, 9)), h.as(h.jon)).shows(303)
			tab := h.visitor(t, options...)
			here := looker(t, tab, shots, name)
			tab.Open(h.base + "/robots.txt")
			h.carry(tab, h.signedIn(h.coach("noor").ID))
			tab.Open(h.base + "/desk/engagements/" + string(h.id))
			here("Idacanary")
			tab.Click("#main a[href$='/sessions']")
			here("Sessions left")
			tab.Click("input[name='types'][value='alone']")
			tab.Click("aside button.act") // for whom and why are missing
			here("Sessions left")
			tab.Click("input[name='holder'][value='" + string(h.ida) + "']")
			tab.Type("#reason", "for the missed hour")
			tab.Click("aside button.act")
			tab.WaitText("#main", "Given by Noor: for the missed hour")
			here("Sessions left")
			tab.Open(h.base + "/desk/book?type=paid&engagement=" + string(h.id))
			here("Book for")
			tab.Open(h.base + "/desk/people/" + string(h.ida) + "/sessions")
			here("Sessions of their own")
		})
	}
}

func TestACopyHoldsOnesOwnSessionsAndThoseOfBothAndNothingOfThePartner(t *testing.T) {
	h := newSessions(t)
	h.paid(h.both(), 6, 0)
	h.paid(credit.Holder{Person: h.ida}, 3, 0)
	for _, as := range []string{"json", "html"} {
		idas := h.post("/portal/export", url.Values{"as": {as}}, h.as(h.ida)).shows(200).body
		jons := h.post("/portal/export", url.Values{"as": {as}}, h.as(h.jon)).shows(200).body
		says(t, as+" of Ida", idas, "6 sessions left", "3 sessions left", "Came in")
		says(t, as+" of Jon", jons, "6 sessions left")
		if strings.Contains(jons, "3 sessions") {
			t.Error("his copy holds hers")
		}
		if as == "html" { // in the words of the pages
			says(t, as, idas, "both of us and our coach: ", "me and my coach: ", "Goes on, since ", "Calls: not said")
		}
	}
}

// C41: one session left, fifty bookings of different hours by both partners at
// once, over two processes.
func TestOneSessionRacedOverTwoProcessesBooksOneHour(t *testing.T) {
	h := newSessions(t)
	h.paid(h.both(), 1, 0)
	second := h.another(pgtest.New(t))
	var got [50]int
	var racing sync.WaitGroup
	for i := range got {
		who := browser{h.staffed, h.held[[]people.ID{h.ida, h.jon}[i%2]]}
		at := []*process{h.first, second}[i/2%2]
		form := h.newCall("paid", hour(9).AddDate(0, 0, i))
		racing.Go(func() { got[i] = who.ask(at, "POST", "/portal/bookings", form).status })
	}
	racing.Wait()
	counts := map[int]int{}
	for _, status := range got {
		counts[status]++
	}
	if counts[303] != 1 || counts[303]+counts[409] != len(got) {
		t.Errorf("%v", counts)
	}
	if n := h.count(`select count(*) from booking where credits = 1`); n != 1 {
		t.Errorf("%d hours are booked", n)
	}
	says(t, "the one who lost", h.get("/portal/sessions", h.as(h.jon)).shows(200).body, "No session left of 1")
}
