package web_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/mail"
)

// state is everything that somebody did, as one text.
func (h *whole) state() string {
	h.t.Helper()
	var lines []string
	h.must(h.db.Select(h.ctx, &lines, `
		select 'booking ' || to_jsonb(b)::text from booking b
		union all select 'person ' || to_jsonb(p)::text from person p
		union all select 'letter ' || l.kind || ' ' || coalesce(l.about::text, '') || ' ' || l.change from letter l
		union all select 'operation ' || o.scope || o.key from operation o
		order by 1`))
	lines = append(lines, fmt.Sprint(h.count(`select count(*) from audit`)))
	return strings.Join(lines, "\n")
}

// letters writes every letter that waits, as it would leave now.
func (h *whole) letters() []string {
	h.t.Helper()
	var queued []mail.Queued
	h.must(h.db.Select(h.ctx, &queued, `select id, kind, about, change, recipient, stranger, not_before, made_at from letter order by kind, id`))
	var texts []string
	for _, q := range queued {
		q.Now = h.now()
		composed, err := h.booking.Composers()[q.Kind](h.ctx, h.db, q)
		if err != nil {
			continue // no longer true
		}
		text, html, err := mail.Render(composed.Letter)
		h.must(err)
		texts = append(texts, text+html)
		if composed.Letter.Calendar != nil {
			texts = append(texts, string(composed.Letter.Calendar.Body))
		}
	}
	return texts
}

// links lists the addresses on this site in some letters.
func (h *whole) links(letters []string) []string {
	found := regexp.MustCompile(regexp.QuoteMeta(h.base)+`[A-Za-z0-9/_.?=&;%-]*`).FindAllString(strings.Join(letters, "\n"), -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// FM6, FM7, C11: a mail provider's scanner opened every link of a letter,
// pressed the first button it found, and a call was cancelled that nobody had
// meant to cancel.
func TestAScannerOfLettersChangesNothing(t *testing.T) {
	t.Parallel()
	h := build(t)
	h.made("/book/meet", "2026-12-08", "Ana", set("message", "words"))
	h.asked("Ben", set("message", "words"))
	letters := h.letters()
	links := h.links(letters)
	if len(letters) < 6 || len(links) < 4 {
		t.Fatalf("%d letters with %v", len(letters), links)
	}
	before := h.state()
	pressed := 0
	for _, link := range links {
		for range 3 {
			for _, method := range []string{"GET", "HEAD"} {
				h.send(method, link, nil, header("User-Agent", "SafeLinks/1.0")).shows(200)
			}
		}
		p := h.get(link).page()
		for _, f := range p.forms() {
			h.post(f.action, f.values, header("User-Agent", "SafeLinks/1.0"))
			pressed++
		}
		for _, href := range p.hrefs() {
			if strings.HasPrefix(href, "/bookings/") {
				h.get(href).shows(200)
				h.send("HEAD", href, nil).shows(200)
			}
		}
	}
	if pressed < 4 {
		t.Errorf("only %d buttons were found", pressed)
	}
	if after := h.state(); after != before {
		t.Errorf("something changed:\n%s\n\nbefore:\n%s", after, before)
	}
}

// A person who presses the button that came too early does it a moment later,
// with the page they have before them.
func TestAButtonPressedTooEarlyWorksAMomentLater(t *testing.T) {
	t.Parallel()
	h := build(t)
	coach := h.coachLink(h.asked("Ana", set("message", "words")))
	for _, button := range []string{"/words", "/accept"} {
		f := h.get(coach).page().form(button)
		a := h.post(f.action, f.values).shows(422)
		if !strings.Contains(a.page().words(), "Please press the button once more.") || a.page().id("for-coach") == nil {
			t.Error("nothing is said")
		}
		h.post(f.action, a.page().form(button).values).shows(422)
		h.pass(2 * time.Second)
		if a = h.post(f.action, a.page().form(button).values); a.status != 200 && a.status != 303 {
			t.Errorf("%s a moment later: %d", button, a.status)
		}
	}
	if h.count(`select count(*) from booking where status = 'confirmed'`) != 1 {
		t.Error("not accepted")
	}
	other := h.coachLink(h.asked("Ben", set("start", "2026-12-10T10:40:00Z")))
	h.post(other+"/accept", url.Values{}).shows(303) // without a key it is an act of a program
}

// C08: an act asked for as a page, with its fields in the address.
func TestNoActCanBeAskedForAsAPage(t *testing.T) {
	t.Parallel()
	h := build(t)
	link := h.asked("Ana", set("message", "words"))
	before := h.state()
	for _, page := range []string{link, h.coachLink(link)} {
		for _, act := range []string{"/cancel", "/reschedule", "/accept", "/decline", "/words"} {
			for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"} {
				h.send(method, page+act+"?start=2026-12-11T18:00:00Z&reason=x", nil, header("X-HTTP-Method-Override", "POST")).shows(405)
			}
		}
		for _, query := range []string{"?cancel=1&reason=x", "?move=1&start=2026-12-11T18:00:00Z", "?_method=POST", "?accept=1", "?back=1"} {
			h.get(page + query).shows(200)
		}
		h.send("POST", page, url.Values{"_method": {"DELETE"}}).shows(405)
	}
	if after := h.state(); after != before {
		t.Errorf("something changed:\n%s\n\nbefore:\n%s", after, before)
	}
}

// C05: ids that stand in calendars and letters were keys to a booking's page.
func TestNoPublicIdOpensABooking(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	link := h.made("/book/meet", "2026-12-08", "Ana")
	other := h.made("/book/meet", "2026-12-08", "Ben", set("start", "2026-12-08T16:00:00Z"))
	token, theirs := strings.TrimPrefix(link, "/bookings/"), strings.TrimPrefix(other, "/bookings/")
	var ids []string
	h.must(h.db.Select(h.ctx, &ids, `
		select b.id::text from booking b union all select calendar_uid::text from booking
		union all select person_id::text from booking union all select coach_id::text from booking
		union all select id::text from letter union all select type_id::text from booking`))
	raw, err := base64.RawURLEncoding.DecodeString(token)
	h.must(err)
	foreign, err := base64.RawURLEncoding.DecodeString(theirs)
	h.must(err)
	text := base64.RawURLEncoding.EncodeToString
	last := raw[len(raw)-1]
	tries := append(ids, token[:len(token)-1], token+"A", token+"=", token[:len(token)-1]+"_", " "+token, strings.ToUpper(token), strings.ToLower(token),
		text(append(slices.Clone(raw[:32]), foreign[32:]...)), text(append(slices.Clone(foreign[:16]), raw[16:]...)),
		text(append(slices.Clone(raw[:len(raw)-1]), last+1)), text(make([]byte, len(raw))), text(raw[32:]), uuid.NewString(),
		strings.Repeat("A", 5000), "..", "%2e%2e", "' or 1=1--", "{{.}}")
	unknown := h.get("/bookings/" + text(make([]byte, len(raw)))).shows(404)
	for _, id := range tries {
		for _, path := range []string{"/bookings/" + url.PathEscape(id), "/bookings/" + url.PathEscape(id) + "/invite.ics", "/feeds/" + url.PathEscape(id) + ".ics"} {
			a := h.get(path)
			if a.status != 404 || strings.HasPrefix(path, "/bookings/") && a.body != unknown.body {
				t.Errorf("%.60s: %d, %d letters", path, a.status, len(a.body))
			}
		}
		for _, act := range []string{"/cancel", "/reschedule", "/accept", "/decline", "/words"} {
			a := h.post("/bookings/"+url.PathEscape(id)+act, url.Values{"start": {"2026-12-11T18:00:00Z"}})
			if a.status != 404 {
				t.Errorf("%.60s%s: %d", id, act, a.status)
			}
		}
	}
	if h.count(`select count(*) from booking where status = 'confirmed' and change = 0`) != 2 {
		t.Error("a booking was changed")
	}
}
