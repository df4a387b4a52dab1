package demo_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/config"
	"kintsugi/internal/demo"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
)

const calendar = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:one\r\nSEQUENCE:2\r\nSUMMARY:Common\r\n  Ground\\, London\r\n" +
	"DTSTART:20261208T230000Z\r\nDTEND:20261209T003000Z\r\nSTATUS:CONFIRMED\r\nBEGIN:VALARM\r\nSUMMARY:No\r\nEND:VALARM\r\nLOCATION:Video call\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"

// caught sends letters over real SMTP and gives the pages that show them.
func caught(t *testing.T, letters ...mail.Composed) (*demo.Catcher, http.Handler) {
	t.Helper()
	catcher, err := demo.Catch(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := catcher.Close(); err != nil {
			t.Error(err)
		}
	})
	to, err := mail.ParseSMTPURL(catcher.URL())
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range letters {
		if err := (&mail.Sender{Config: to}).Send(context.Background(), l, fmt.Sprintf("%d@example.org", i), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	origin, err := config.ParseOrigin("http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	front := &demo.Front{Origin: origin, Box: catcher.Box, FeedURL: func(c people.Coach) string { return "http://localhost:8080/feeds/" + c.Slug + ".ics" },
		Cast: demo.Cast{Coaches: []people.Coach{{Slug: "mara", Name: "Mara Lind", Email: "mara@example.org", Role: people.Owner, Active: true}}},
		Site: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the product") })}
	return catcher, front.Handler()
}

func letter(to, subject string) mail.Composed {
	return mail.Composed{From: mail.Address{Name: "Common Ground", Email: "hello@example.org"}, To: mail.Address{Email: to},
		Letter: mail.Letter{Subject: subject, Greeting: "Hello,", Paragraphs: []string{"A call <b>is</b> booked. Žluťoučký kůň."},
			Actions:  []mail.Action{{Words: "See it", URL: "http://localhost:8080/bookings/abc"}},
			Calendar: &mail.Calendar{Method: "REQUEST", Body: []byte(calendar)}}}
}

func ask(h http.Handler, target string) (*http.Response, string) {
	r := httptest.NewRequest("GET", target, nil)
	r.Host = "localhost:8080"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), w.Body.String()
}

func TestALetterIsShownAsAMailProgramShowsIt(t *testing.T) {
	_, h := caught(t, letter("noor@example.com", "Common Ground: Tuesday <script>"))
	for target, words := range map[string][]string{
		"/demo/mail":               {"noor@example.com", "Common Ground: Tuesday &lt;script&gt;", "invitation"},
		"/demo/mail/1":             {"Common Ground &lt;hello@example.org&gt;", `src="/demo/mail/1/body"`, "<code>REQUEST</code>", "<code>one</code>", "<code>2</code>", "Common Ground, London", "Video call", "Tuesday 8 December 2026, 23:00 to Wednesday 9 December, 00:30 UTC", "invite.ics"},
		"/demo/mail/1?show=text":   {"A call &lt;b&gt;is&lt;/b&gt; booked. Žluťoučký kůň.", "http://localhost:8080/bookings/abc"},
		"/demo/mail/1?show=source": {"Message-ID: &lt;0@example.org&gt;", "multipart/alternative"},
		"/demo/mail/1/body":        {`<head><base target="_blank">`, "A call &lt;b&gt;is&lt;/b&gt; booked."},
		"/demo/mail/1/source":      {"Message-ID: <0@example.org>"},
		"/demo/mail/1/invite.ics":  {calendar},
		"/demo":                    {"webcal://localhost:8080/feeds/mara.ics", "/demo/mail?to=mara%40example.org"},
		"/":                        {"the product"},
		"/bookings/abc":            {"the product"},
	} {
		res, body := ask(h, target)
		if res.StatusCode != 200 {
			t.Errorf("%s answers %d", target, res.StatusCode)
		}
		for _, word := range words {
			if !strings.Contains(body, word) {
				t.Errorf("%s lacks %q:\n%s", target, word, body)
			}
		}
		if strings.Contains(body, "<script>") && strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s lets through what somebody wrote", target)
		}
	}
}

// A letter is what other people wrote: on its page it must not run, load or
// reach anything.
func TestNothingInALetterReachesThePageAroundIt(t *testing.T) {
	_, h := caught(t, letter("noor@example.com", "Tuesday"))
	res, _ := ask(h, "/demo/mail/1/body")
	policy := res.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "sandbox allow-popups allow-popups-to-escape-sandbox", "frame-ancestors 'self'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("%q lacks %s", policy, part)
		}
	}
	if strings.Contains(policy, "script") {
		t.Errorf("scripts are allowed: %q", policy)
	}
	for _, target := range []string{"/demo", "/demo/mail", "/demo/mail/1", "/demo/mail/1/source", "/demo/mail/7", "/demo/mail/x"} {
		res, _ := ask(h, target)
		if policy := res.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: %q", target, policy)
		}
		if res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", target, res.Header)
		}
	}
}

func TestTheLetterBoxIsReadUnderItsOwnHostAlone(t *testing.T) {
	_, h := caught(t, letter("noor@example.com", "Tuesday"))
	for host, status := range map[string]int{"localhost:8080": 200, "127.0.0.1:9": 200, "[::1]:8080": 200, "evil.example": 421, "localhost.evil.example:8080": 421} {
		r := httptest.NewRequest("GET", "/demo/mail", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%s gets %d, want %d", host, w.Code, status)
		}
	}
	r := httptest.NewRequest("POST", "/demo/mail", nil)
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code == 200 && w.Body.String() != "the product" {
		t.Errorf("POST is answered with %d", w.Code)
	}
}

func TestTheOldestLettersGoFirstAndOnesOwnCanBeAskedFor(t *testing.T) {
	catcher, h := caught(t)
	if _, body := ask(h, "/demo/mail"); !strings.Contains(body, "No letter has come so far") {
		t.Errorf("an empty box says:\n%s", body)
	}
	to, err := mail.ParseSMTPURL(catcher.URL())
	if err != nil {
		t.Fatal(err)
	}
	sender := &mail.Sender{Config: to}
	for i := range 3 {
		who := []string{"noor@example.com", "mara@example.org"}[i%2]
		if err := sender.Send(context.Background(), letter(who, fmt.Sprint("Letter ", i)), fmt.Sprint(i, "@example.org"), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	all, hers := catcher.Box.Letters(""), catcher.Box.Letters("MARA@example.org")
	if len(all) != 3 || all[0].Subject != "Letter 2" || len(hers) != 1 || hers[0].Subject != "Letter 1" {
		t.Errorf("%d letters, %d hers", len(all), len(hers))
	}
	if _, body := ask(h, "/demo/mail?to=mara@example.org"); strings.Contains(body, "Letter 2") || !strings.Contains(body, "Letter 1") {
		t.Errorf("her letters:\n%s", body)
	}
	for range 20 {
		catcher.Box.Put("a@example.org", []string{"noor@example.com"}, []byte("Subject: Long\r\n\r\n"+strings.Repeat("x", 1<<20)), time.Now())
	}
	kept := catcher.Box.Letters("")
	bytes := 0
	for _, l := range kept {
		bytes += len(l.Raw)
	}
	if bytes > 16<<20 || kept[0].ID != 23 || kept[len(kept)-1].Subject != "Long" {
		t.Errorf("%d letters of %d bytes, from %d", len(kept), bytes, kept[len(kept)-1].ID)
	}
}

// What some other program on the machine sends is no letter of ours.
func TestWhatIsNoLetterIsShownAsItCame(t *testing.T) {
	box := &demo.Box{}
	for _, raw := range []string{"", "no header at all", "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nhalf", "Subject: =?x?q?=\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\nDTSTART:x\r\n"} {
		box.Put("a@example.org", []string{"b@example.org"}, []byte(raw), time.Now())
	}
	origin, err := config.ParseOrigin("http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	h := (&demo.Front{Origin: origin, Box: box, Site: http.NotFoundHandler()}).Handler()
	for id := range 4 {
		for _, show := range []string{"", "?show=text", "?show=source"} {
			if res, body := ask(h, fmt.Sprintf("/demo/mail/%d%s", id+1, show)); res.StatusCode != 200 {
				t.Errorf("letter %d%s answers %d: %s", id+1, show, res.StatusCode, body)
			}
		}
	}
}
