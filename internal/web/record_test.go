package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kintsugi/internal/web"
	"kintsugi/internal/web/hook"
)

// A log that was read by a helper of the practice held the links of clients.
func TestTheLogHoldsNoPathTokenAddressOrName(t *testing.T) {
	t.Parallel()
	f := open(t)
	secrets := []string{"wagtail", "192.0.2.99", "sam@example.org", "goldfinch"}
	private := []func(*http.Request){
		from("192.0.2.99:4000"), header("Cookie", "kintsugi=goldfinch"), header("User-Agent", "wagtail"),
		header("X-Request-Id", "goldfinch"), header("Referer", "http://localhost:8080/bookings/wagtail"),
	}
	f.ask("GET", "/bookings/wagtail?email=sam@example.org", private...)
	f.ask("GET", "/bookings/wagtail/nothing", private...)
	f.ask("GET", "/mistyped/wagtail", private...)
	f.ask("GET", "/panic/wagtail", private...)
	f.ask("GET", "/", append(private, host("goldfinch.example"))...)
	f.ask("POST", "/act", append(private, header("Origin", "https://goldfinch.example"))...)
	f.ask("WAGTAIL", "/", private...)
	f.ask("POST", "/act", append(private, form("name=goldfinch"))...)

	for _, secret := range secrets {
		if strings.Contains(strings.ToLower(f.log.String()), secret) {
			t.Errorf("%s is in the log:\n%s", secret, f.log)
		}
	}
	requests := 0
	for line := range strings.Lines(f.log.String()) {
		var entry struct {
			Msg, Method, Route string
			Status             int
			ID                 string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry.Msg == "request" {
			requests++
			if entry.Route == "" || entry.Status == 0 || entry.ID == "" || entry.Method == "" {
				t.Errorf("a line that says too little: %s", line)
			}
		}
	}
	want(t, "lines", requests, 8)
	if !strings.Contains(f.log.String(), `"route":"/bookings/:token"`) {
		t.Error("the log does not tell the route")
	}
}

func TestAPanicBecomesAPageAndOneEntryWithItsPlace(t *testing.T) {
	t.Parallel()
	f := open(t)
	res := f.ask("GET", "/panic/x")
	want(t, "status", res.StatusCode, 500)
	body := text(t, res)
	if !strings.Contains(body, "<h1>") || strings.Contains(body, "goroutine") || strings.Contains(body, ".go:") {
		t.Errorf("the page says %s", body)
	}
	want(t, "entries", strings.Count(f.log.String(), "panic: "), 1)
	if !strings.Contains(f.log.String(), "house_test.go") {
		t.Error("the log does not tell where")
	}
	want(t, "the next request", f.ask("GET", "/").StatusCode, 200)
}

// Half a page with status 200 looked like a whole one.
func TestAPanicInTheMiddleOfAnAnswerCutsTheConnection(t *testing.T) {
	t.Parallel()
	f := open(t)
	res, err := http.Get("http://" + f.serve(t, nil) + "/half")
	if err != nil {
		return // cut before the head was read: just as well
	}
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("half an answer ends like a whole one")
	}
	res.Body.Close()
	if !strings.Contains(f.log.String(), `"route":"/half"`) {
		t.Error("the request has no line in the log")
	}
}

func TestMetricsTellRoutesApartAndNothingElse(t *testing.T) {
	t.Parallel()
	metrics := hook.NewMetrics()
	f := open(t, func(h *web.House) { h.Metrics = metrics })
	metrics.Pool(f.db.Stats)
	f.ask("GET", "/bookings/wagtail")
	f.ask("GET", "/mistyped/wagtail")
	f.ask("GET", "/healthz")
	w := httptest.NewRecorder()
	hook.Admin(metrics).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	told := w.Body.String()
	for _, line := range []string{
		`kintsugi_http_requests_total{method="GET",route="/bookings/:token",status="2xx"} 1`,
		`kintsugi_http_requests_total{method="GET",route="unmatched",status="4xx"} 1`,
		`kintsugi_http_request_seconds_count{route="/healthz"} 1`,
		`kintsugi_http_in_flight 0`,
		`kintsugi_db_connections_open`,
	} {
		if !strings.Contains(told, line) {
			t.Errorf("%s is missing", line)
		}
	}
	if strings.Contains(told, "wagtail") {
		t.Error("a token is in the metrics")
	}
}
