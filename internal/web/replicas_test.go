package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/people"
	"kintsugi/internal/pg/pgtest"
)

// Two processes on one database, with nothing between them.

// browser holds a session and sends what it is told to where it is told to.
type browser struct {
	h      *staffed
	cookie string
}

func (h *staffed) browserOf(slug string) browser { return browser{h, h.signedIn(h.coach(slug).ID)} }

func (b browser) ask(p *process, method, path string, form url.Values) answer {
	b.h.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, p.base+path, body)
	b.h.must(err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", p.base)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "kintsugi", Value: b.cookie})
	}
	res, err := accessClient.RoundTrip(r)
	b.h.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	b.h.must(err)
	return answer{b.h.t, res.StatusCode, res.Header, string(text)}
}

// comes fails unless a page answers in these words of the access table.
func (b browser) comes(p *process, path, word string) {
	b.h.t.Helper()
	if got := b.ask(p, "GET", path, nil); outcome(got) != word {
		b.h.t.Errorf("%s: %s to %q, want %s", path, outcome(got), got.header.Get("Location"), word)
	}
}

func (b browser) does(p *process, path string, pairs ...string) {
	b.h.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	if got := b.ask(p, "POST", path, form); outcome(got) != "done" {
		b.h.t.Fatalf("%s: %s\n%s", path, outcome(got), got.page().words())
	}
}

// C09, I11: with an open page on one process, somebody is suspended on the
// other.
func TestSuspensionHoldsInTheOtherProcessAtTheNextRequest(t *testing.T) {
	h := staff(t, false)
	a, b := h.first, h.another(pgtest.New(t))
	call := h.booked("meet", "noor", hourOf(1), 1)
	letter := "/bookings/" + h.booking.LinkFor(call, booking.ByCoach)
	feed := strings.TrimPrefix(h.booking.CoachFeedURL(h.coach("noor")), h.base)
	noor, mara, nobody := h.browserOf("noor"), h.browserOf("mara"), browser{h: h}
	for _, p := range []*process{a, b} {
		noor.comes(p, "/desk", "page")
		noor.comes(p, "/desk/bookings/"+string(call.ID), "page")
		nobody.comes(p, letter, "page")
		nobody.comes(p, feed, "page")
	}
	mara.does(a, "/desk/team/noor/suspend", "act", "suspend")
	for _, p := range []*process{b, a} {
		noor.comes(p, "/desk", "sign-in")
		noor.comes(p, "/desk/bookings/"+string(call.ID), "sign-in")
		nobody.comes(p, letter, "none")
		nobody.comes(p, feed, "none")
		if got := noor.ask(p, "POST", "/desk/bookings/"+string(call.ID)+"/words", url.Values{}); outcome(got) != "sign-in" || holds(got.body, wordsCanary) {
			t.Errorf("what was written: %s", outcome(got))
		}
	}
	if n := h.count(`select count(*) from audit where act = 'enquiry read'`); n != 0 {
		t.Errorf("%d looks at what was written", n)
	}
}

func TestAnotherRoleHoldsInTheOtherProcessAtTheNextRequest(t *testing.T) {
	h := staff(t, false)
	a, b := h.first, h.another(pgtest.New(t))
	call := h.booked("meet", "olu", time.Date(2026, 12, 8, 10, 0, 0, 0, time.UTC), 1)
	olu, mara := h.browserOf("olu"), h.browserOf("mara")
	olu.comes(b, "/desk/journal", "page")
	olu.comes(b, "/desk/team", "none")
	change := func(role people.Role) {
		mara.does(a, "/desk/team/olu/edit", "name", "Olu Adeyemi", "email", "olu@example.org", "role", string(role), "timezone", "Europe/London",
			"meeting_url", "https://meet.example.org/olu")
	}
	change(people.Owner)
	olu.comes(b, "/desk/team", "page")
	change(people.Member)
	olu.comes(b, "/desk/team", "none")
	h.exec(`delete from type_coach where coach_id = $1`, h.coach("olu").ID) // an assistant is offered to nobody
	change(people.Assistant)
	olu.comes(b, "/desk/journal", "none")
	olu.comes(b, "/desk/bookings/"+string(call.ID), "page")
	if got := olu.ask(b, "POST", "/desk/bookings/"+string(call.ID)+"/words", url.Values{}); outcome(got) != "none" {
		t.Errorf("what was written to them when they were a coach: %s", outcome(got))
	}
}

func TestASessionEndedInOneProcessIsOverInTheOther(t *testing.T) {
	h := staff(t, false)
	a, b := h.first, h.another(pgtest.New(t))
	for about, end := range map[string]func(browser){
		"signing out":           func(x browser) { x.does(a, "/sign-out") },
		"leaving quickly":       func(x browser) { x.ask(a, "GET", "/exit", nil) },
		"ending all, elsewhere": func(browser) { h.browserOf("noor").does(a, "/sign-in/sessions/end-all") },
		"ending one, elsewhere": func(browser) {
			var id string
			h.must(h.db.Get(h.ctx, &id, `select id::text from session order by signed_in_at desc, id limit 1`))
			h.browserOf("noor").does(a, "/sign-in/sessions/end", "session", id)
		},
		"time": func(browser) { h.pass(31 * time.Minute) },
	} {
		h.exec(`delete from session`)
		noor := h.browserOf("noor")
		noor.comes(b, "/desk", "page")
		end(noor)
		if got := noor.ask(b, "GET", "/desk", nil); outcome(got) != "sign-in" {
			t.Errorf("%s: the other process answers %s", about, outcome(got))
		}
	}
}

// Ten processes would have been ten times the tries.
func TestTriesAreCountedTogether(t *testing.T) {
	h := staff(t, true)
	ps := []*process{h.first, h.another(pgtest.New(t))}
	began, let := time.Now(), 0
	for n := 0; ; n++ {
		got := (browser{h: h}).ask(ps[n%2], "POST", "/bookings/made-up/cancel", url.Values{})
		if got.status == http.StatusTooManyRequests {
			break
		}
		if let++; got.status != http.StatusNotFound || let > 200 {
			t.Fatalf("try %d is answered with %d", let, got.status)
		}
	}
	// 120 at once, and one more for every five seconds.
	if most := 121 + int(time.Since(began)/(5*time.Second)); let < 120 || let > most {
		t.Errorf("%d tries were let in by two processes", let)
	}
	for i, p := range ps {
		if got := (browser{h: h}).ask(p, "POST", "/bookings/made-up/cancel", url.Values{}); got.status != http.StatusTooManyRequests {
			t.Errorf("process %d lets one more in: %d", i, got.status)
		}
	}
}

// I8: two processes looked at the same moment and everybody got two letters.
func TestWhatIsDueIsDoneOnceByWhoeverIsThere(t *testing.T) {
	h := staff(t, false)
	second := h.another(pgtest.New(t))
	const people = 12
	for i := 1; i <= people; i++ {
		h.booked("meet", "noor", hourOf(i), i)
	}
	due := h.count(`select count(*) from letter where status = 'queued' and not_before <= $1`, h.now())
	if due < 2*people {
		t.Fatalf("%d letters are due", due)
	}
	stop := h.working(h.first, second)
	for limit := time.Now().Add(30 * time.Second); len(h.inbox.Taken()) < due && time.Now().Before(limit); {
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond) // time enough for a second copy
	stop()
	if n := len(h.inbox.Taken()); n != due {
		t.Errorf("%d letters came, %d were due", n, due)
	}
	seen := map[string]int{}
	for _, m := range h.inbox.Taken() {
		head, _, _ := strings.Cut(string(m.Data), "\r\n\r\n")
		for _, line := range strings.Split(head, "\r\n") {
			if strings.HasPrefix(line, "Message-ID:") {
				seen[line+fmt.Sprint(m.To)]++
			}
		}
	}
	for letter, n := range seen {
		if n > 1 {
			t.Errorf("%s came %d times", letter, n)
		}
	}
	if n := h.count(`select count(*) from letter where status = 'queued' and not_before <= $1`, h.now()); n != 0 {
		t.Errorf("%d letters still wait", n)
	}
}
