package web_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile are texts that broke other systems.
func hostile() []string {
	return []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`, `</textarea><script>alert(1)</script>`,
		`</title><script>alert(1)</script>`, `javascript:alert(1)`, `<a href="//evil.example">x</a>`, `<!--`, `]]>`, `&lt;b&gt;&#60;`,
		`{{.}}`, `{{template "seam"}}`, `${7*7}`, `%s%n%d`, `' or '1'='1`, `'; drop table booking;--`, `$1`, `../../etc/passwd`, `..\..\x`,
		"a\x00b", "\xff\xfe", "\xc3(", "\xed\xa0\x80", "line\r\nBcc: eve@example.com", "\x1b[31mred", "a\u202eb", "\u200b\u200b", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙ͅa", "😀👨‍👩‍👧", "\u2028x",
		"=cmd|' /C calc'!A0", "+1", "@SUM(1)", strings.Repeat("a", 5000), strings.Repeat("é", 3000), " ", "\t", "null", "undefined", "-1", "1e999", "NaN", "true",
	}
}

// skeleton is the tags of a page with their attributes' names, in order: what a
// text that was typed must never change.
func skeleton(p sheet) string {
	var b strings.Builder
	for _, n := range p.all("") {
		b.WriteString(n.Data)
		for _, a := range n.Attr {
			if a.Key != "aria-describedby" && a.Key != "aria-invalid" && a.Key != "checked" && a.Key != "selected" {
				b.WriteString(" " + a.Key)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// sound fails when a page was broken by what somebody typed.
func sound(t *testing.T, about string, a answer) {
	t.Helper()
	if a.status >= 500 {
		t.Errorf("%s: status %d", about, a.status)
	}
	if !utf8.ValidString(a.body) || strings.ContainsRune(a.body, 0) {
		t.Errorf("%s: bytes that are no text", about)
	}
	for _, leak := range []string{"pq:", "SQLSTATE", "goroutine ", "runtime error", "kintsugi/internal", "ZgotmplZ"} {
		if strings.Contains(a.body, leak) {
			t.Errorf("%s: shows %q", about, leak)
		}
	}
	for _, n := range a.page().all("") {
		for _, at := range n.Attr {
			if strings.HasPrefix(at.Key, "on") || (at.Key == "href" || at.Key == "src" || at.Key == "action") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(at.Val)), "javascript:") {
				t.Errorf("%s: %s has %s=%q", about, n.Data, at.Key, at.Val)
			}
		}
		if n.Data == "script" && attr(n, "src") == "" && attr(n, "type") != "application/ld+json" {
			t.Errorf("%s: a script that is not ours: %s", about, rawOf(n))
		}
	}
}

// C26, C31: every hostile text in every field of the booking form.
func TestWhateverIsTypedIntoTheFormIsInert(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	const path = "/book/quiet"
	f := h.get(path + "?timezone=Europe/London&date=2026-12-10").page().form(path)
	values := f.filled("Ana")
	values.Set("phone", "call me") // so that it is always refused and shown again
	plain := skeleton(h.post(path, values).shows(422).page())
	for _, field := range []string{"name", "email", "partner_name", "partner_email", "message", "phone", "op", "website", "start", "timezone", "date", "coach", "safe_to_email", "unknown"} {
		for _, text := range hostile() {
			sent := url.Values{}
			for name, list := range values {
				sent[name] = list
			}
			sent.Set(field, text)
			a := h.post(path, sent)
			about := field + " " + url.QueryEscape(text)[:min(40, len(url.QueryEscape(text)))]
			sound(t, about, a)
			if a.status == 422 && field == "message" && utf8.ValidString(text) && !strings.ContainsAny(text, "\x00\r") && len(text) < 4000 {
				if got := a.page().form(path).values.Get("message"); got != text || skeleton(a.page()) != plain {
					t.Errorf("%s: came back as %q, or the page is another", about, got)
				}
			}
		}
	}
	if h.bookings() != 0 {
		t.Errorf("%d bookings", h.bookings())
	}
}

// The same texts, booked: what the person and the coach then see.
func TestWhatWasBookedWithHostileWordsIsShownAsTyped(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	harmless := h.asked("Ana", set("message", "words"), set("partner_name", "Zoe"))
	plainPage := skeleton(h.get(harmless).page())
	plainCoach := skeleton(h.get(h.coachLink(harmless)).page())
	plainWords := skeleton(h.post(h.coachLink(harmless)+"/words", url.Values{}).page())
	plainFile := h.get(harmless + "/invite.ics").body
	h.post(harmless+"/cancel", url.Values{}).shows(303)
	booked := 0
	for _, text := range hostile() {
		f := h.get("/book/quiet?timezone=Europe/London&date=2026-12-10").page().form("/book/quiet").filled("Ana")
		for _, name := range []string{"name", "partner_name", "message"} {
			f.Set(name, text)
		}
		f.Set("phone", "+44 20 7946 0000")
		a := h.post("/book/quiet", f)
		sound(t, text, a)
		if a.status != 303 {
			continue
		}
		booked++
		link := a.path()
		coach := h.coachLink(link)
		words := h.post(coach+"/words", url.Values{}).shows(200)
		for about, pair := range map[string][2]string{
			"the page": {skeleton(h.get(link).page()), plainPage}, "the coach's page": {skeleton(h.get(coach).page()), plainCoach},
			"the words": {skeleton(words.page()), plainWords},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%.40q changes %s", text, about)
			}
		}
		for _, path := range []string{link, coach} {
			sound(t, text, h.get(path))
		}
		if file := h.get(link + "/invite.ics").body; strings.Count(file, "\r\n") != strings.Count(plainFile, "\r\n") {
			t.Errorf("%.40q changes the calendar file: %s", text, file)
		}
		h.post(link+"/cancel", url.Values{"reason": {text}})
		sound(t, text, h.get(coach))
	}
	if booked < 25 {
		t.Errorf("only %d could be booked", booked)
	}
	if strings.Contains(h.log.String(), "alert(1)") || strings.Contains(h.log.String(), "eve@example.com") {
		t.Error("the log holds what was typed")
	}
}

func TestEveryAddressTakesEveryTextCalmly(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	link := h.made("/book/meet", "2026-12-08", "Ana")
	for _, text := range hostile() {
		q, seg := url.QueryEscape(text), url.PathEscape(text)
		for _, path := range []string{
			"/" + seg, "/journal/" + seg, "/journal?after=" + q, "/coaches/" + seg, "/packages/" + seg, "/book/" + seg, "/book/meet?month=" + q, "/book/meet?date=" + q,
			"/book/meet?timezone=" + q, "/book/meet?coach=" + q, "/book/meet?" + q + "=1", "/bookings/" + seg, link + "?move=1&timezone=" + q, link + "?move=1&date=" + q,
			link + "?cancel=" + q, link + "/" + seg, "/feeds/" + seg + ".ics", "/static/" + seg, "/exit?" + q, "/help-now?" + q,
		} {
			sound(t, path[:min(60, len(path))], h.get(path, header("User-Agent", "x<script>"), header("Referer", "http://x/<script>")))
		}
		for _, act := range []string{"/reschedule", "/words", "/accept"} {
			sound(t, act, h.post(link+act, url.Values{"start": {text}, "op": {text}, "timezone": {text}, "date": {text}}))
		}
	}
	if h.count(`select count(*) from booking where change = 0 and status = 'confirmed'`) != 1 {
		t.Error("the booking was changed")
	}
}

// A body that is no form, is half one, or is another kind of form.
func TestBodiesThatAreNoFormsAreTakenCalmly(t *testing.T) {
	t.Parallel()
	h := build(t, limitsOff)
	many := strings.Repeat("a=1&", 9000)
	for about, c := range map[string][2]string{
		"nothing": {"application/x-www-form-urlencoded", ""}, "half an escape": {"application/x-www-form-urlencoded", "name=%zz&email=%"},
		"raw bytes": {"application/x-www-form-urlencoded", "name=\xff\x00\xfe&start=\x80"}, "json": {"application/json", `{"name":"x"}`}, "deep json": {"application/json", strings.Repeat("[", 30000)},
		"no kind": {"", "name=x"}, "semicolons": {"application/x-www-form-urlencoded", "a=1;b=2"}, "many fields": {"application/x-www-form-urlencoded", many},
		"parts":       {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nAna\r\n--b--\r\n"},
		"half a part": {"multipart/form-data; boundary=b", "--b\r\nContent-Disp"}, "no boundary": {"multipart/form-data", "--b"}, "xml": {"text/xml", "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>"},
	} {
		body := func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(c[1])), int64(len(c[1]))
			r.Header.Del("Content-Type")
			if c[0] != "" {
				r.Header.Set("Content-Type", c[0])
			}
		}
		a := h.send("POST", "/book/meet", nil, body)
		sound(t, about, a)
		if a.status != 422 && a.status != 400 && a.status != 415 {
			t.Errorf("%s: %d", about, a.status)
		}
	}
	if h.bookings() != 0 {
		t.Error("something was booked")
	}
}
