package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/booking"
	"kintsugi/internal/browsertest"
	"kintsugi/internal/calendar/icaltest"
	"kintsugi/internal/engagement"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

const callsGround = `
practice: {cancel_notice: 24h}
appointment_types:
  - {slug: both, name: An hour together, duration: 60m, place: video, horizon: 300d, lane: joint, coaches: [noor]}
  - {slug: solo, name: An hour alone, duration: 60m, place: video, horizon: 300d, lane: individual, coaches: [noor]}
  - {slug: paid, name: A paid session, duration: 90m, place: video, horizon: 300d, lane: joint, credits: 1, coaches: [noor]}
  - {slug: intro, name: A first call, duration: 30m, place: video, horizon: 300d, public: true, once_per_person: true, coaches: [noor]}
`

// callers is a practice in which Ida and Jon work with Noor, and Kit does so alone.
type callers struct {
	*staffed
	id            engagement.ID
	ida, jon, kit people.ID
	held          map[people.ID]string // what a browser holds in which they are signed in with both proofs
}

func newCallers(t *testing.T) *callers {
	t.Helper()
	h := &callers{staffed: staff(t, false), held: map[people.ID]string{}}
	h.apply(callsGround)
	h.ida, h.jon, h.kit = h.known("ida"), h.known("jon"), h.known("kit")
	h.id = h.works(h.ida, h.jon)
	h.works(h.kit)
	for _, who := range []people.ID{h.ida, h.jon, h.kit} {
		h.held[who] = h.signedIn(who)
	}
	return h
}

func (h *callers) known(name string) (id people.ID) {
	h.t.Helper()
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) (err error) {
		id, _, err = people.FindOrCreate(h.ctx, tx, name+"@example.com", strings.ToUpper(name[:1])+name[1:]+"canary", "Europe/London", true, h.now())
		return err
	}))
	return id
}

func (h *callers) works(clients ...people.ID) (id engagement.ID) {
	h.t.Helper()
	work := h.first.engagement
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) (err error) {
		var invited []engagement.Invitee
		for _, c := range clients {
			invited = append(invited, engagement.Invitee{Person: c, Word: "harbour " + string(c)[:8]})
		}
		if id, err = work.Start(h.ctx, tx, h.coach("noor").ID, invited, engagement.ReadyPolicy(engagement.Confidential, "Noor"), h.now()); err != nil {
			return err
		}
		for _, c := range clients {
			if refused, err := work.Accept(h.ctx, tx, c, id, "harbour "+string(c)[:8], h.now()); refused != nil || err != nil {
				return fmt.Errorf("accept: %v, %w", refused, err)
			}
		}
		return nil
	}))
	return id
}

// session is one that Noor books.
func (h *callers) session(typeSlug string, who people.ID, start time.Time) booking.Booking {
	h.t.Helper()
	noor := booking.Viewer{ID: h.coach("noor").ID, Role: people.Member}
	b, err := h.booking.BookSession(h.ctx, noor, booking.Session{Type: typeSlug, Coach: "noor", Start: start, Engagement: h.id, For: who}, nil)
	h.must(err)
	return b
}

// as sends what the browser of a client holds.
func (h *callers) as(who people.ID) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Cookie", "kintsugi="+h.held[who]) }
}

// weakly is a browser in which a client has typed the code alone.
func (h *callers) weakly(who people.ID) func(*http.Request) {
	h.t.Helper()
	var token string
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) (err error) {
		token, err = login.SignInAs(h.ctx, tx, who, "After the code", h.now())
		return err
	}))
	h.exec(`update session set proven_at = null, fresh_at = null where person_id = $1 and device = 'After the code'`, who)
	return func(r *http.Request) { r.Header.Set("Cookie", "kintsugi="+token) }
}

// hour is one of Noor's on the Tuesday.
func hour(n int) time.Time {
	return monday.Truncate(24*time.Hour).AddDate(0, 0, 1).Add(time.Duration(n) * time.Hour)
}

// changing is what differs between two copies of one page.
var changing = regexp.MustCompile(`(nonce="|name="op" value=")[^"]*"`)

// still is a page as it is compared.
func still(a answer) string {
	return fmt.Sprint(a.status, " ", changing.ReplaceAllString(a.body, "$1…"))
}

// unlike are the lines in which two pages differ.
func unlike(was, now string) string {
	a, b := strings.Split(was, "\n"), strings.Split(now, "\n")
	var lines []string
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			lines = append(lines, "- "+a[i], "+ "+b[i])
		}
	}
	return fmt.Sprint(len(a), " and ", len(b), " lines\n", strings.Join(lines, "\n"))
}

// portalPages are all pages of calls that a client can ask for without an id.
func (h *callers) portalPages() []string {
	in := "&engagement=" + string(h.id)
	return []string{"/portal", "/portal/bookings", "/portal/bookings/new", "/portal/feed", "/portal/more", "/portal/readers",
		"/portal/sessions", "/portal/notes", "/portal/looks", "/portal/contact", "/portal/engagements/" + string(h.id), "/portal/engagements/" + string(h.id) + "/leave",
		"/portal/bookings/new?type=both&date=2027-01-14" + in, "/portal/bookings/new?type=solo&date=2027-01-14" + in, "/portal/bookings/new?type=intro&date=2027-01-14",
		"/portal/bookings/new?type=paid&date=2027-01-14" + in}
}

// C03, and existence is content: the partner asks for every page, before and
// after something was arranged for the other alone. Only the hour is not offered.
func TestThePartnerSeesNoDifferenceWhenSomethingIsArrangedForTheOtherAlone(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	h.session("both", "", hour(9))
	h.post("/portal/feed", url.Values{"act": {"make"}}, h.as(h.jon)).shows(303)
	feed := regexp.MustCompile(`/feeds/[A-Za-z0-9_-]+\.ics`).FindString(h.get("/portal/feed", h.as(h.jon)).shows(200).body)
	look := func() map[string]string {
		seen := map[string]string{"feed": still(h.get(feed))}
		weak := h.weakly(h.jon)
		for _, path := range h.portalPages() {
			seen[path] = still(h.get(path, h.as(h.jon)))
			seen["weak "+path] = still(h.get(path, weak))
		}
		return seen
	}
	before := look()
	solo := h.session("solo", h.ida, hour(12))
	idas, err := h.booking.FindAs(h.ctx, booking.Client{ID: h.ida, Strong: true}, solo.ID)
	h.must(err)
	asks := look()
	for path, was := range before {
		if now := asks[path]; now != was {
			t.Errorf("%s tells the partner:\n%s", path, unlike(was, now))
		}
	}
	if !strings.Contains(h.get("/portal/bookings", h.as(h.ida)).body, string(solo.ID)) {
		t.Fatal("the one it was arranged for does not see it")
	}
	// The hour is not offered to anybody, in the words of any hour that is not.
	for _, who := range []people.ID{h.jon, h.kit} {
		at := "/portal/bookings/new?type=intro&date=2026-12-08"
		if body := h.get(at, h.as(who)).shows(200).body; strings.Contains(body, `value="2026-12-08T12:`) || !strings.Contains(body, `value="2026-12-08T14:`) {
			t.Error("the hour is offered all the same")
		}
	}
	link := "/bookings/" + h.booking.LinkFor(idas, booking.ByPerson)
	for _, path := range []string{link, link + "/invite.ics"} {
		if body := h.get(path).shows(200).body; strings.Contains(body, "Joncanary") || strings.Contains(body, "jon@") {
			t.Errorf("%s names the partner", path)
		}
	}
}

// C01, C05: every address with an id in it, asked for by everybody whose it is not.
func TestACallOfOneAnswersEverybodyElseLikeAMadeUpOne(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	solo, joint := h.session("solo", h.ida, hour(12)), h.session("both", "", hour(15))
	weak := h.weakly(h.ida)
	nobody := func(*http.Request) {}
	for _, row := range []struct {
		about   string
		who     func(*http.Request)
		foreign []booking.Booking
	}{
		{"the partner", h.as(h.jon), []booking.Booking{solo}}, {"another client", h.as(h.kit), []booking.Booking{solo, joint}},
		{"a code alone", weak, []booking.Booking{solo}}, {"nobody", nobody, []booking.Booking{solo, joint}},
	} {
		for _, b := range row.foreign {
			for _, path := range []string{"/portal/bookings/%s", "/portal/bookings/%s?move=1", "/portal/bookings/%s?cancel=1", "/portal/bookings/%s/invite.ics"} {
				said := func(id string) string {
					a := h.get(fmt.Sprintf(path, id), row.who)
					return strings.ReplaceAll(still(a)+a.header.Get("Location"), id, "ID")
				}
				if real, made := said(string(b.ID)), said(uuid.NewString()); real != made {
					t.Errorf("%s, %s: %s\nand for one that does not exist: %s", row.about, path, real, made)
				}
				if strings.Contains(said(b.CalendarUID), "12:00") {
					t.Errorf("%s: a public identifier opens it", row.about)
				}
			}
			for _, act := range []string{"move", "cancel"} {
				form := url.Values{"start": {hour(17).Format(time.RFC3339)}, "timezone": {"Europe/London"}}
				said := func(id string) string {
					return strings.ReplaceAll(still(h.post("/portal/bookings/"+id+"/"+act, form, row.who)), id, "ID")
				}
				if real, made := said(string(b.ID)), said(uuid.NewString()); real != made {
					t.Errorf("%s, %s: %s\nand for one that does not exist: %s", row.about, act, real, made)
				}
			}
		}
	}
	if n := h.count(`select count(*) from booking where change > 0 or status <> 'confirmed'`); n != 0 {
		t.Errorf("%d calls were changed", n)
	}
	// With both proofs it is hers, and the code alone opens what both know of.
	h.get("/portal/bookings/"+string(solo.ID), h.as(h.ida)).shows(200)
	h.get("/portal/bookings/"+string(joint.ID), weak).shows(200)
}

// LAN-11: the page is open, the feed is subscribed, the letter lies in the inbox,
// and the client leaves.
func TestWhoLeavesLosesTheJointCallWithTheirNextRequest(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	b := h.session("both", "", hour(12))
	own, err := h.booking.FindAs(h.ctx, booking.Client{ID: h.jon}, b.ID)
	h.must(err)
	link, page := "/bookings/"+h.booking.LinkFor(own, booking.ByPerson), "/portal/bookings/"+string(b.ID)
	h.post("/portal/feed", url.Values{"act": {"make"}}, h.as(h.jon)).shows(303)
	feed := regexp.MustCompile(`/feeds/[A-Za-z0-9_-]+\.ics`).FindString(h.get("/portal/feed", h.as(h.jon)).body)
	first := h.get(feed).shows(200)
	tag := first.header.Get("ETag")
	ask := func(r *http.Request) { r.Header.Set("If-None-Match", tag) }
	h.get(feed, ask).shows(304)
	if events := icaltest.Read(t, []byte(first.body))[0].Events; len(events) != 1 || events[0].UID != b.CalendarUID {
		t.Fatalf("%+v", events)
	}
	h.get(page, h.as(h.jon)).shows(200)
	h.get(link).shows(200)
	made := still(h.get("/portal/bookings/"+uuid.NewString(), h.as(h.jon)))

	h.pass(time.Minute)
	h.post("/portal/engagements/"+string(h.id)+"/leave", url.Values{}, h.as(h.jon)).shows(303)

	h.get(link).shows(404)
	h.get(link + "/invite.ics").shows(404)
	h.post(link+"/cancel", url.Values{}).shows(404)
	if got := still(h.get(page, h.as(h.jon))); got != made {
		t.Errorf("the page: %s", got)
	}
	h.post(page+"/cancel", url.Values{}, h.as(h.jon)).shows(404)
	if body := h.get("/portal/bookings", h.as(h.jon)).shows(200).body; strings.Contains(body, string(b.ID)) {
		t.Error("it is still listed")
	}
	if events := icaltest.Read(t, []byte(h.get(feed, ask).shows(200).body))[0].Events; len(events) != 0 {
		t.Errorf("it is still fed: %+v", events)
	}
	if body := h.get(page, h.as(h.ida)).shows(200).body; !strings.Contains(body, "Confirmed") {
		t.Error("the other one lost it too")
	}
	// The coach is asked, decides, and is asked no more.
	held := h.signedIn(h.coach("noor").ID)
	noor := func(r *http.Request) { r.Header.Set("Cookie", "kintsugi="+held) }
	if today := h.get("/desk", noor).shows(200).body; !strings.Contains(today, "Somebody has left") || !strings.Contains(today, "Joncanary has left since this was arranged.") {
		t.Error("the coach is not asked")
	}
	call := h.get("/desk/bookings/"+string(b.ID), noor).shows(200).body
	for _, want := range []string{"Idacanary", "Joncanary", "Keep it for the one who stays", "ida@example.com"} {
		if !strings.Contains(call, want) {
			t.Errorf("the call’s page does not say %q", want)
		}
	}
	h.post("/desk/bookings/"+string(b.ID)+"/keep", url.Values{}, noor).shows(303)
	if today := h.get("/desk", noor).shows(200).body; strings.Contains(today, "Somebody has left") {
		t.Error("the coach is asked again")
	}
	h.get(page, h.as(h.ida)).shows(200)
	if n := h.count(`select count(*) from letter where about = $1 and kind <> 'call-confirmed' and kind not like 'call-reminder%' and kind <> 'call-confirmed-coach'`, b.ID); n != 0 {
		t.Errorf("%d letters about somebody who left", n)
	}
}

func TestWhatAClientCanBookByThemselves(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	weak := h.weakly(h.ida)
	in := string(h.id)
	form := func(pairs ...string) url.Values {
		f := url.Values{"timezone": {"Europe/London"}, "start": {hour(10).Format(time.RFC3339)}, "op": {h.first.guard.NewOp(h.now())}}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	kinds := h.get("/portal/bookings/new", h.as(h.ida)).shows(200).body
	for _, want := range []string{"An hour together", "An hour alone", "A first call", "A paid session", "There is no session left that can be used for this", "/portal/packages"} {
		if !strings.Contains(kinds, want) {
			t.Errorf("%q is not offered", want)
		}
	}
	if strings.Contains(kinds, "type=paid") {
		t.Error("what is paid for in advance can be chosen without a session")
	}
	if few := h.get("/portal/bookings/new", weak).shows(200).body; strings.Contains(few, "An hour alone") || strings.Contains(few, "A first call") || !strings.Contains(few, "An hour together") {
		t.Error("with a code alone: what only they may know of is offered")
	}
	if few := h.get("/portal/bookings/new", h.as(h.kit)).shows(200).body; strings.Contains(few, "An hour together") {
		t.Error("an hour for two is offered to one")
	}
	for _, asked := range []url.Values{form("type", "solo", "engagement", in), form("type", "intro"), form("type", "none")} {
		if at := h.post("/portal/bookings", asked, weak).shows(303).path(); at != "/sign-in/proof" {
			t.Errorf("with a code alone %v leads to %s", asked, at)
		}
	}
	h.post("/portal/bookings", form("type", "both", "engagement", in), h.as(h.kit)).shows(404)
	h.post("/portal/bookings", form("type", "paid", "engagement", in, "start", hour(12).Format(time.RFC3339)), h.as(h.ida)).shows(409)
	h.post("/portal/bookings", form("type", "both", "engagement", in, "start", "never"), h.as(h.ida)).shows(422)
	h.post("/portal/bookings", form("type", "both", "engagement", in, "start", hour(3).Format(time.RFC3339)), h.as(h.ida)).shows(422)

	joint := form("type", "both", "engagement", in)
	first := h.post("/portal/bookings", joint, weak).shows(303)
	if again := h.post("/portal/bookings", joint, weak).shows(303); again.path() != first.path() {
		t.Error("sent twice, booked twice")
	}
	for _, who := range []people.ID{h.ida, h.jon} {
		body := h.get(first.path(), h.as(who)).shows(200).body
		for _, want := range []string{"Your call together", "both of us and our coach", "We ask for 24 hours of notice", "Join the call"} {
			if !strings.Contains(body, want) {
				t.Errorf("the call’s page does not say %q", want)
			}
		}
		for _, word := range []string{"Idacanary</dd>", "Joncanary</dd>", "@example.com"} {
			if strings.Contains(body, word) {
				t.Errorf("the call’s page says %q", word)
			}
		}
	}
	taken := h.post("/portal/bookings", form("type", "solo", "engagement", in), h.as(h.jon)).shows(409).body
	if !strings.Contains(taken, "just been taken") {
		t.Error("the hour was taken and nothing says so")
	}
	once := form("type", "intro", "start", hour(14).Format(time.RFC3339))
	h.post("/portal/bookings", once, h.as(h.ida)).shows(303)
	again := h.post("/portal/bookings", form("type", "intro", "start", hour(16).Format(time.RFC3339)), h.as(h.ida)).shows(409).body
	if !strings.Contains(again, "You have had or booked such a call already") {
		t.Error("whoever is signed in is not told")
	}

	move := url.Values{"start": {hour(18).Format(time.RFC3339)}, "timezone": {"Europe/London"}, "op": {"x"}}
	h.post(first.path()+"/move", move, h.as(h.jon)).shows(303)
	if body := h.get(first.path(), h.as(h.ida)).shows(200).body; !strings.Contains(body, "18:00 (London)") {
		t.Error("moved by one, and not for the other")
	}
	h.post(first.path()+"/cancel", url.Values{"reason": {strings.Repeat("x", 1001)}}, h.as(h.ida)).shows(422)
	h.post(first.path()+"/cancel", url.Values{"reason": {"Reasoncanary"}}, h.as(h.ida)).shows(303)
	h.post(first.path()+"/cancel", url.Values{}, h.as(h.jon)).shows(303)
	if body := h.get(first.path(), h.as(h.jon)).shows(200).body; strings.Contains(body, "Reasoncanary") || strings.Contains(body, "ancelled it") {
		t.Error("the partner reads why, or who")
	}
	move.Set("op", "y")
	h.post(first.path()+"/move", move, h.as(h.jon)).shows(409)
}

// The worst that can be sent to these addresses is refused, and is no crash.
func TestTheCallsOfThePortalTakeWhateverIsSent(t *testing.T) {
	t.Parallel()
	h := newCallers(t)
	b := h.session("both", "", hour(12))
	for _, bad := range []string{"", "x", "\x00", "\xff\xfe", strings.Repeat("é", 5000), "\u202e\u202e", "'; drop table booking;--", "../../etc", "{{.}}", "999999999999999999999"} {
		for _, field := range []string{"type", "engagement", "coach", "start", "timezone", "date", "month", "phone", "op", "reason", "act"} {
			form := url.Values{"type": {"both"}, "engagement": {string(h.id)}, "start": {hour(5).Format(time.RFC3339)}}
			form.Set(field, bad)
			for _, path := range []string{"/portal/bookings", "/portal/bookings/" + string(b.ID) + "/move", "/portal/feed"} {
				if a := h.post(path, form, h.as(h.ida)); a.status >= 500 {
					t.Errorf("POST %s %s=%.20q: %d", path, field, bad, a.status)
				}
			}
			if a := h.get("/portal/bookings/new?"+form.Encode(), h.as(h.ida)); a.status >= 500 {
				t.Errorf("GET new %s=%.20q: %d", field, bad, a.status)
			}
			if a := h.get("/portal/bookings/"+string(b.ID)+"?move=1&"+form.Encode(), h.as(h.ida)); a.status >= 500 {
				t.Errorf("GET move %s=%.20q: %d", field, bad, a.status)
			}
		}
		if a := h.get("/portal/bookings/"+url.PathEscape(bad), h.as(h.ida)); a.status >= 500 {
			t.Errorf("GET %.20q: %d", bad, a.status)
		}
	}
	if logged := h.log.String(); strings.Contains(logged, "Idacanary") || strings.Contains(logged, "drop table") {
		t.Error("what was sent is in the log")
	}
}

// The whole way of a client through their calls, by the pages' own links and
// buttons, with scripts and without; every page can be used by everybody.
func TestAClientWalksThroughTheirCalls(t *testing.T) {
	t.Parallel()
	shots := os.Getenv("KINTSUGI_SHOTS")
	for name, options := range map[string][]browsertest.Option{
		"phone-dark": {browsertest.Phone(), browsertest.Dark(), browsertest.StillPages(), browsertest.Timezone("Europe/London")},
		"desk-light": {browsertest.Size(1280, 900), browsertest.ScriptsOff(), browsertest.StillPages()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newCallers(t)
			h.session("both", "", hour(9).AddDate(0, 0, 2))
			h.session("solo", h.ida, hour(12).AddDate(0, 0, 2))
			cancelled := h.session("both", "", hour(15).AddDate(0, 0, 2))
			_, err := h.booking.CancelAs(h.ctx, booking.Client{ID: h.jon}, cancelled.ID, "")
			h.must(err)
			tab := h.visitor(t, options...)
			look := looker(t, tab, shots, name)
			here := func(heading string) {
				t.Helper()
				look(heading)
				if title := tab.Title(); title != "Common Ground" {
					t.Errorf("%s is called %q", heading, title)
				}
			}
			tab.Open(h.base + "/robots.txt")
			h.carry(tab, h.held[h.ida])
			tab.Open(h.base + "/portal")
			here("Hello Idacanary")
			tab.Open(h.base + "/portal/bookings")
			here("Calls")
			tab.Click(".opening a.act")
			here("Book a call")
			tab.Click("#main a[href*='type=both']")
			here("An hour together")
			tab.Open(tab.URL() + "&date=2026-12-08")
			here("An hour together")
			tab.Click("label.time")
			tab.Click("form.act-form button.act")
			here("Your call together")
			tab.Click("#main a[href*='move=1']")
			here("Move this call")
			tab.Open(tab.URL() + "&date=2026-12-09")
			tab.Click("label.time")
			tab.Click("form.act-form button.act")
			here("Your call together")
			tab.Click("#main a[href*='cancel=1']")
			here("Cancel this call")
			tab.Click("button.act-danger")
			here("Your call together")
			tab.WaitText(".state", "Cancelled")
			tab.Open(h.base + "/portal/bookings/new?type=both&engagement=" + string(h.id) + "&date=2026-12-09")
			tab.Click("form.act-form button.act") // nothing was chosen
			here("An hour together")
			tab.Open(h.base + "/portal/feed")
			here("Your calls in your own calendar")
			tab.Click("form button.act")
			here("Your calls in your own calendar")
			tab.WaitText(".address", "/feeds/")
			tab.Click("button.act-danger")
			here("Your calls in your own calendar")
			tab.WaitText("form button.act", "Make my address")
		})
	}
}

// carry puts what a browser holds into a tab, which shows a page of ours.
func (h *staffed) carry(tab *browsertest.Tab, token string) {
	browsertest.Eval[string](tab, `document.cookie = "kintsugi=`+token+`;path=/"`)
}
