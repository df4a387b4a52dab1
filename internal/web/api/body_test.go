package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// C06: a field in other letters slipped past a check that knew it in lower
// case, because Go's own reader takes either.
func TestABodyThatCannotBeReadIsABadRequestAndDoesNothing(t *testing.T) {
	h := open(t)
	good := body()
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	for about, sent := range map[string]string{
		"nothing":               "",
		"blanks":                " \n",
		"null":                  "null",
		"a list":                "[" + good + "]",
		"a text":                `"x"`,
		"a number":              "1",
		"half":                  good[:len(good)-1],
		"two objects":           good + good,
		"something behind":      good + " x",
		"a comment":             "/* x */" + good,
		"a byte order mark":     "\ufeff" + good,
		"single quotes":         strings.ReplaceAll(good, `"`, `'`),
		"no UTF-8":              strings.Replace(good, "Ana", "An\xff", 1),
		"a raw line end":        strings.Replace(good, "Ana", "A\nna", 1),
		"a raw zero byte":       strings.Replace(good, "Ana", "A\x00na", 1),
		"an unknown field":      body("colour", "red"),
		"a field of the answer": body("status", "confirmed"),
		"a field of the form":   body("website", "x"),
		"other letters":         strings.Replace(good, `"email"`, `"Email"`, 1),
		"capitals":              strings.Replace(good, `"start"`, `"START"`, 1),
		"a long s":              strings.Replace(good, `"start"`, `"ſtart"`, 1), // folds to s
		"a field twice":         strings.Replace(good, `{`, `{"email":"eve@example.com",`, 1),
		"a number for a text":   strings.Replace(good, `"Ana"`, `7`, 1),
		"a flag for a text":     strings.Replace(good, `"Ana"`, `true`, 1),
		"an object for a text":  strings.Replace(good, `"Ana"`, `{"first":"Ana"}`, 1),
		"a list for a text":     strings.Replace(good, `"Ana"`, `["Ana"]`, 1),
		"a deep one":            strings.Replace(good, `"Ana"`, deep, 1),
		"a prototype":           strings.Replace(good, `{`, `{"__proto__":{"type":"private"},`, 1),
		"an empty name":         strings.Replace(good, `{`, `{"":"x",`, 1),
	} {
		t.Run(about, func(t *testing.T) {
			h.t = t
			h.post(bookings, sent).refused(400, "bad-request")
		})
	}
	h.t = t
	if n := h.count(`select count(*) from booking`); n != 0 {
		t.Errorf("%d bookings", n)
	}
}

// An escaped name is the same name: a reader that compares bytes misses it.
func TestAnEscapedNameIsTheNameItMeans(t *testing.T) {
	h := open(t)
	h.post(bookings, strings.Replace(body(), `"email"`, `"\u0065mail"`, 1)).wants(201)
	twice := strings.Replace(body(), `{`, `{"\u0065mail":"eve@example.com",`, 1)
	h.post(bookings, twice).refused(400, "bad-request")
}

func TestNullIsAFieldLeftOut(t *testing.T) {
	h := open(t)
	h.post(bookings, strings.Replace(body(), `{`, `{"coach":null,"message":null,"phone":null,"partner_name":null,"partner_email":null,"safe_to_email":null,`, 1)).wants(201)
	if got := h.post(bookings, strings.Replace(body(), `"Ana"`, `null`, 1)).refused(422, "invalid").fields(); got != "name" {
		t.Errorf("a name of null is told as %q", got)
	}
}

func TestABodyOfAnotherTypeIsNotRead(t *testing.T) {
	h := open(t)
	for _, kind := range []string{"", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json-patch+json", "application/json, text/plain", ";"} {
		h.post(bookings, body(), header("Content-Type", kind)).refused(415, "unsupported-media-type")
	}
	h.post(bookings, body(), header("Content-Type", "APPLICATION/JSON;charset=UTF-8")).wants(201)
}

func TestALongBodyIsRefusedWholeWhetherOrNotItSaysItsLength(t *testing.T) {
	h := open(t)
	long := body("message", strings.Repeat("x", 65<<10))
	h.post(bookings, long).refused(413, "too-large")
	h.post(bookings, long, func(r *http.Request) { r.ContentLength = -1 }).refused(413, "too-large")
	// Just below the cap it is read, and too long for the field.
	if got := h.post(bookings, body("message", strings.Repeat("x", 60<<10))).refused(422, "invalid").fields(); got != "message" {
		t.Errorf("names %q", got)
	}
}

func TestEverythingThatIsWrongIsNamedAtOnce(t *testing.T) {
	h := open(t)
	for _, row := range []struct{ sent, fields string }{
		{`{}`, "type start timezone name email"},
		{`{"type":"call"}`, "start timezone name email"},
		{body("start", "tomorrow"), "start"},
		{body("start", "2026-12-08 10:00:00Z"), "start"},
		{body("start", "2026-12-08T10:00:00"), "start"},
		{body("start", "2026-12-08T9:00:00Z"), "start"},
		{body("start", "2026-12-08T10:00:00,5Z"), "start"},
		{body("start", "2026-12-08T25:00:00Z"), "start"},
		{body("start", "2026-02-30T10:00:00Z"), "start"},
		{body("start", "0000-12-08T10:00:00Z"), "start"},
		{body("start", "9999-12-08T10:00:00Z"), "start"},
		{body("timezone", "Local"), "timezone"},
		{body("timezone", "Europe/Atlantis", "email", "ana"), "timezone email"},
		{body("name", "  "), "name"},
		{body("name", strings.Repeat("x", 201)), "name"},
		{body("email", "ana@example.com, eve@example.com"), "email"},
		{body("email", "Ana <ana@example.com>"), "email"},
		{body("partner_email", "ben"), "partner_email"},
		{body("partner_name", strings.Repeat("x", 201)), "partner_name"},
		{body("message", strings.Repeat("ä", 4001)), "message"},
		{body("phone", "call me"), "phone"},
		{body("type", "phoned"), "phone"},
		{body("safe_to_email", "Yes"), "safe_to_email"},
		{body("safe_to_email", "true"), "safe_to_email"},
	} {
		if got := h.post(bookings, row.sent).refused(422, "invalid").fields(); got != row.fields {
			t.Errorf("%s names %q, want %q", row.sent, got, row.fields)
		}
	}
	if n := h.count(`select count(*) from booking`); n != 0 {
		t.Errorf("%d bookings", n)
	}
	h.books("type", "phoned", "phone", "+44 20 7946 0000", "message", strings.Repeat("ä", 4000))
}
