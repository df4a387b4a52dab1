package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/web"
)

func TestEveryAnswerCarriesTheHeadersOfTheHouse(t *testing.T) {
	f := open(t, withOrigin(t, "https://talk.example.org"), func(h *web.House) { h.Deadline = 300 * time.Millisecond })
	tooMany := func(r *http.Request) { f.ask("GET", "/limited", host("talk.example.org")) }
	nonces := map[string]bool{}
	for _, row := range []struct {
		method, target string
		status         int
		options        []func(*http.Request)
	}{
		{"GET", "/", 200, nil},
		{"HEAD", "/", 200, nil},
		{"GET", "/healthz", 200, nil},
		{"GET", "/readyz", 200, nil},
		{"GET", "/exit", 303, nil},
		{"GET", "/journal/", 308, nil},
		{"GET", "/static/css/site.css", 200, nil},
		{"GET", "/%00", 400, nil},
		{"POST", "/act", 403, []func(*http.Request){header("Sec-Fetch-Site", "cross-site")}},
		{"GET", "/nothing", 404, nil},
		{"GET", "/static/nothing.css", 404, nil},
		{"GET", "/api/v1/nothing", 404, nil},
		{"DELETE", "/", 405, nil},
		{"POST", "/act", 413, []func(*http.Request){form(strings.Repeat("x", 70_000))}},
		{"GET", "/", 421, []func(*http.Request){host("evil.example")}},
		{"GET", "/limited", 429, []func(*http.Request){tooMany, tooMany}},
		{"GET", "/panic/x", 500, nil},
		{"GET", "/broken", 500, nil},
		{"GET", "/slow", 503, nil},
	} {
		t.Run(row.method+" "+row.target, func(t *testing.T) {
			res := f.ask(row.method, row.target, append([]func(*http.Request){host("talk.example.org")}, row.options...)...)
			want(t, "status", res.StatusCode, row.status)
			h := res.Header
			for name, value := range map[string]string{
				"X-Content-Type-Options":       "nosniff",
				"X-Frame-Options":              "DENY",
				"Cross-Origin-Opener-Policy":   "same-origin",
				"Cross-Origin-Resource-Policy": "same-origin",
				"Strict-Transport-Security":    "max-age=63072000",
				"Server":                       "",
				"X-Powered-By":                 "",
			} {
				want(t, name, h.Get(name), value)
			}
			if got := h.Get("Referrer-Policy"); got != "same-origin" && row.target != "/exit" {
				t.Errorf("Referrer-Policy %q", got)
			}
			if !strings.Contains(h.Get("Permissions-Policy"), "camera=()") {
				t.Error("no Permissions-Policy")
			}
			csp := h.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
				if !strings.Contains(csp, part) {
					t.Errorf("policy %q lacks %s", csp, part)
				}
			}
			nonce := regexp.MustCompile(`'nonce-([A-Za-z0-9]{22,})'`).FindStringSubmatch(csp)
			if nonce == nil || nonces[nonce[1]] {
				t.Fatalf("no fresh nonce in %q", csp)
			}
			nonces[nonce[1]] = true
			if row.status >= 400 {
				want(t, "Cache-Control", h.Get("Cache-Control"), "no-store")
				if row.method != "HEAD" && !strings.Contains(h.Get("Content-Type"), "charset=utf-8") && !strings.Contains(h.Get("Content-Type"), "json") {
					t.Errorf("an answer of unknown letters: %q", h.Get("Content-Type"))
				}
			}
			if len(h.Get("X-Request-Id")) < 22 {
				t.Error("the request has no name")
			}
			retry := h.Get("Retry-After") != ""
			want(t, "Retry-After is there", retry, row.status == 429 || row.status == 503)
		})
	}
}

func TestAPlainHTTPSiteDoesNotPromiseHTTPS(t *testing.T) {
	want(t, "HSTS", open(t).ask("GET", "/").Header.Get("Strict-Transport-Security"), "")
}

// C19: an auto-submitted form or a fetch from elsewhere did what its reader
// never meant.
func TestOnlyOurOwnPagesAndProgramsMayAct(t *testing.T) {
	const https, lan, here = "https://talk.example.org", "http://talk.lan:8080", "http://localhost:8080"
	for _, row := range []struct {
		about, origin, host string
		headers             []string
		status              int
	}{
		{"our form on https", https, "talk.example.org", []string{"Origin", https, "Sec-Fetch-Site", "same-origin"}, 200},
		{"our form on https in an older browser", https, "talk.example.org", []string{"Origin", https}, 200},
		{"our form on plain http in the house", lan, "talk.lan:8080", []string{"Origin", lan}, 200},
		{"our form on this machine", here, "127.0.0.1:8080", []string{"Origin", "http://127.0.0.1:8080", "Sec-Fetch-Site", "same-origin"}, 200},
		{"a program", https, "talk.example.org", nil, 200},
		{"typed or from a bookmark", https, "talk.example.org", []string{"Sec-Fetch-Site", "none"}, 200},
		{"another site's form", https, "talk.example.org", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 403},
		{"another site's form in an older browser", https, "talk.example.org", []string{"Origin", "https://evil.example"}, 403},
		{"a sibling host", https, "talk.example.org", []string{"Origin", "https://shop.example.org", "Sec-Fetch-Site", "same-site"}, 403},
		{"a sibling host in an older browser", https, "talk.example.org", []string{"Origin", "https://shop.example.org"}, 403},
		{"no origin to speak of", https, "talk.example.org", []string{"Origin", "null"}, 403},
		{"no origin, says the browser", https, "talk.example.org", []string{"Origin", "null", "Sec-Fetch-Site", "cross-site"}, 403},
		{"from http to https", https, "talk.example.org", []string{"Origin", "http://talk.example.org", "Sec-Fetch-Site", "cross-site"}, 403},
		{"from http to https in an older browser", https, "talk.example.org", []string{"Origin", "http://talk.example.org"}, 403},
		{"another port of this machine", here, "localhost:8080", []string{"Origin", "http://localhost:9999"}, 403},
	} {
		t.Run(row.about, func(t *testing.T) {
			f := open(t, withOrigin(t, row.origin))
			options := []func(*http.Request){host(row.host), form("name=Sam")}
			for i := 0; i < len(row.headers); i += 2 {
				options = append(options, header(row.headers[i], row.headers[i+1]))
			}
			res := f.ask("POST", "/act", options...)
			want(t, "status", res.StatusCode, row.status)
			want(t, "times it was done", f.acts, map[int]int{200: 1, 403: 0}[row.status])
		})
	}
}

// C22: a mail with links to the host that a stranger had asked for.
func TestAForeignHostIsNotServed(t *testing.T) {
	for _, row := range []struct {
		origin, host, target string
		status               int
	}{
		{"https://talk.example.org", "talk.example.org", "/", 200},
		{"https://talk.example.org", "Talk.Example.ORG", "/", 200},
		{"https://talk.example.org", "talk.example.org:443", "/", 200},
		{"https://talk.example.org", "talk.example.org:8080", "/", 421},
		{"https://talk.example.org", "evil.example", "/", 421},
		{"https://talk.example.org", "talk.example.org.evil.example", "/", 421},
		{"https://talk.example.org", "talk.example.org@evil.example", "/", 421},
		{"https://talk.example.org", "talk.example.org/x", "/", 421},
		{"https://talk.example.org", "localhost", "/", 421},
		{"https://talk.example.org", "", "/", 421},
		{"https://talk.example.org", "evil.example", "/healthz", 200},
		{"https://talk.example.org", "10.0.0.7:8080", "/readyz", 200},
		{"https://talk.example.org", "evil.example", "/nothing", 421},
		{"http://localhost:8080", "localhost:8080", "/", 200},
		{"http://localhost:8080", "localhost", "/", 200},
		{"http://localhost:8080", "127.0.0.1:9", "/", 200},
		{"http://localhost:8080", "[::1]:9", "/", 200},
		{"http://localhost:8080", "127.0.0.2:8080", "/", 421},
		{"http://localhost:8080", "evil.example:8080", "/", 421},
		{"http://localhost:8080", "localhost.evil.example", "/", 421},
	} {
		f := open(t, withOrigin(t, row.origin))
		res := f.ask("GET", row.target, host(row.host))
		want(t, row.origin+" asked as "+row.host+row.target, res.StatusCode, row.status)
		for _, forged := range []string{"X-Forwarded-Host", "Forwarded", "X-Original-Host"} {
			res := f.ask("GET", row.target, host(row.host), header(forged, "talk.example.org"))
			want(t, "with "+forged, res.StatusCode, row.status)
		}
	}
}

// C08: a link that cancelled when it was fetched, by any method.
func TestMethods(t *testing.T) {
	f := open(t)
	for _, row := range []struct {
		method, target string
		status         int
		allow          string
	}{
		{"GET", "/act?name=Sam", 405, "POST"},
		{"HEAD", "/act?name=Sam", 405, "POST"},
		{"PUT", "/act", 405, "POST"},
		{"DELETE", "/bookings/abc", 405, "GET, HEAD"},
		{"PATCH", "/", 405, "GET, HEAD"},
		{"OPTIONS", "/", 405, "GET, HEAD"},
		{"TRACE", "/", 405, "GET, HEAD"},
		{"BREW", "/", 405, "GET, HEAD"},
		{"HEAD", "/", 200, ""},
		{"HEAD", "/bookings/abc", 200, ""},
		{"HEAD", "/healthz", 200, ""},
		{"HEAD", "/missing", 404, ""},
		{"POST", "/nothing", 404, ""},
	} {
		res := f.ask(row.method, row.target, header("X-HTTP-Method-Override", "POST"))
		want(t, row.method+" "+row.target, res.StatusCode, row.status)
		want(t, "Allow of "+row.method+" "+row.target, res.Header.Get("Allow"), row.allow)
		if body := text(t, res); row.method == "HEAD" && body != "" {
			t.Errorf("HEAD %s has a body: %q", row.target, body)
		}
	}
	if res := f.ask("POST", "/", form("_method=DELETE")); res.StatusCode != 405 {
		t.Errorf("POST / with _method is %d", res.StatusCode)
	}
	want(t, "acts", f.acts, 0)
}

func TestHeadOnTheQuickExitDoesNothing(t *testing.T) {
	f := open(t)
	res := f.ask("HEAD", "/exit")
	want(t, "status", res.StatusCode, 303)
	want(t, "cookies", len(res.Cookies()), 0)

	res = f.ask("GET", "/exit")
	if len(res.Cookies()) != 1 || res.Cookies()[0].Name != "kintsugi_exit" || !res.Cookies()[0].HttpOnly || res.Cookies()[0].MaxAge != 300 {
		t.Errorf("cookies %v", res.Cookies())
	}
	if to := res.Header.Get("Location"); !strings.HasPrefix(to, "https://") {
		t.Errorf("leads to %q", to)
	}
	secure := open(t, withOrigin(t, "https://talk.example.org")).ask("GET", "/exit", host("talk.example.org")).Cookies()
	if len(secure) != 1 || secure[0].Name != "__Host-kintsugi_exit" || !secure[0].Secure || secure[0].Path != "/" {
		t.Errorf("cookies on https %v", secure)
	}
}

func TestPathsThatAreNoneLeadNowhere(t *testing.T) {
	f := open(t)
	for target, status := range map[string]int{
		"/bookings/a%00b":                        400,
		"/bookings/a%0d%0ab":                     400,
		"/bookings/%ff":                          400,
		"/?q=%00":                                400,
		"/?q=%ff":                                400,
		"/?q=%C3%A9&b=100%":                      200, // a stray percent sign from another program's link
		"/?q=a%0Ab":                              200,
		"/../etc/passwd":                         404,
		"/bookings/../act":                       404,
		"/static/../web.go":                      404,
		"/static/%2e%2e/embed.go":                404,
		"/bookings/a%2fb":                        404,
		"//evil.example/":                        404,
		"//evil.example/%2f..":                   404,
		"/%5cevil.example/":                      308,
		"/bookings/" + strings.Repeat("x", 4000): 200,
	} {
		res := f.ask("GET", "/", func(r *http.Request) {
			u, err := url.Parse("http://localhost:8080" + target)
			if err != nil {
				t.Fatal(target, err)
			}
			r.URL = u
			r.URL.Scheme, r.URL.Host = "", ""
		})
		want(t, target, res.StatusCode, status)
		if to := res.Header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || len(to) > 1 && strings.ContainsAny(to[1:2], `/\`)) {
			t.Errorf("%s leads to %q", target, to)
		}
	}
	want(t, "a slash too many", f.ask("GET", "/bookings/abc/?x=1").Header.Get("Location"), "/bookings/abc?x=1")
}

func TestProgramsGetProblemsAndPeoplePages(t *testing.T) {
	f := open(t)
	for _, row := range []struct {
		method, target string
		status         int
		slug           string
		options        []func(*http.Request)
	}{
		{"GET", "/api/v1/nothing", 404, "not-found", nil},
		{"DELETE", "/api/v1/slots", 405, "method-not-allowed", nil},
		{"POST", "/api/v1/slots", 413, "too-large", []func(*http.Request){form(strings.Repeat("x", 70_000))}},
		{"POST", "/api/v1/slots", 403, "cross-origin", []func(*http.Request){header("Origin", "https://evil.example")}},
		{"GET", "/api/v1/slots", 421, "misdirected", []func(*http.Request){host("evil.example")}},
	} {
		res := f.ask(row.method, row.target, row.options...)
		want(t, row.slug, res.StatusCode, row.status)
		want(t, "type of "+row.slug, res.Header.Get("Content-Type"), "application/problem+json")
		var p struct {
			Type, Title, Detail string
			Status              int
		}
		if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
			t.Fatal(err)
		}
		if p.Type != "/problems/"+row.slug || p.Status != row.status || p.Title == "" || p.Detail == "" {
			t.Errorf("%s is told as %+v", row.slug, p)
		}
	}
	res := f.ask("GET", "/nothing")
	if body := text(t, res); !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") || !strings.Contains(body, "<h1>") {
		t.Errorf("people get %s", body)
	}
}

// Whoever had written an article for an hour lost it when their session had ended
// meanwhile: they were led to the door, and what they had typed was gone.
func TestWhatWasWrittenAtTheDeskIsGivenBackToWhoeverWasSignedOut(t *testing.T) {
	t.Parallel()
	h := staff(t, false)
	const long = "An hour of \"work\" & <more>\nשלום"
	for _, at := range []string{"/desk/journal/new", "/desk/settings/texts", "/desk/settings/help", "/desk/team/mara/profile", "/desk/note-templates",
		"/desk/people/6c1f0f2c-0000-4000-8000-000000000000/note", "/desk/forms/intake/add", "/desk/forms/intake/questions/goal"} {
		form := h.post(at, url.Values{"body": {long}, "op": {"once"}}).shows(401).page().form(at)
		if form.values.Get("body") != long || form.values.Get("op") != "once" {
			t.Errorf("%s gives back %v", at, form.values)
		}
	}
	if to := h.post("/desk/block", url.Values{"body": {long}}).shows(303).path(); to != "/sign-in" {
		t.Errorf("a short act leads to %s", to)
	}
}
