package page_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/web/page"
)

// knock sends a request through a door whose handler fails, and gives the
// answer and the log.
func knock(ctx context.Context, err error) (*httptest.ResponseRecorder, string) {
	gin.SetMode(gin.TestMode)
	var lines bytes.Buffer
	door := page.NewDoor(slog.New(slog.NewTextHandler(&lines, nil)), func(*gin.Context) page.Frame {
		return page.Frame{Practice: "Common Ground", Path: "/x"}
	})
	engine := gin.New()
	engine.Use(func(c *gin.Context) { c.Set(page.RequestID, "req-7") })
	engine.GET("/bookings/:token", door.Handle(func(*gin.Context) error { return err }))
	recorder := httptest.NewRecorder()
	engine.ServeHTTP(recorder, httptest.NewRequest("GET", "/bookings/geheim", nil).WithContext(ctx))
	return recorder, lines.String()
}

func TestEachKindOfFaultHasItsStatusAndAWholePage(t *testing.T) {
	for kind, status := range map[fault.Kind]int{
		fault.Invalid: 422, fault.Unauthenticated: 401, fault.Forbidden: 403, fault.NotFound: 404, fault.Conflict: 409,
		fault.Gone: 410, fault.TooMany: 429, fault.Unavailable: 503, fault.Internal: 500,
	} {
		answer, log := knock(t.Context(), fmt.Errorf("cancel: %w", fault.New(kind, "The hour is over.")))
		body := answer.Body.String()
		if answer.Code != status || page.Status(kind) != status {
			t.Errorf("kind %v: %d, want %d", kind, answer.Code, status)
		}
		if !strings.Contains(body, "The hour is over.") || !strings.Contains(body, `href="/help-now"`) || !strings.Contains(body, "</html>") {
			t.Errorf("kind %v: the page says %q", kind, body)
		}
		if strings.Count(body, "<h1>") != 1 || answer.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("kind %v: %v", kind, answer.Header())
		}
		if strings.Count(log, "\n") != 1 || !strings.Contains(log, "request_id=req-7") || !strings.Contains(log, "route=/bookings/:token") {
			t.Errorf("kind %v: logged %q", kind, log)
		}
	}
}

func TestAnErrorNobodyClassifiedIsOursAndKeepsItsCauseToTheLog(t *testing.T) {
	answer, log := knock(t.Context(), errors.New("pq: relation is missing"))
	if answer.Code != 500 || strings.Contains(answer.Body.String(), "pq:") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if !strings.Contains(log, "pq: relation is missing") {
		t.Errorf("logged %q", log)
	}
}

func TestNeitherTheSentenceNorTheAddressOfARefusalIsLogged(t *testing.T) {
	_, log := knock(t.Context(), fault.Named(fault.Invalid, "bad-mail", "sam@example.org is not an address."))
	if strings.Contains(log, "sam@") || strings.Contains(log, "geheim") || !strings.Contains(log, "slug=bad-mail") {
		t.Errorf("logged %q", log)
	}
}

func TestWaitingIsNamedWhereItHelps(t *testing.T) {
	for _, row := range []struct {
		err  error
		want string
	}{
		{&fault.Error{Kind: fault.TooMany, Say: "Too often.", RetryAfter: 90}, "90"},
		{fault.New(fault.TooMany, "Too often."), "60"},
		{fault.New(fault.Unavailable, "Not now."), "5"},
		{fault.New(fault.Conflict, "Taken."), ""},
	} {
		if answer, _ := knock(t.Context(), row.err); answer.Header().Get("Retry-After") != row.want {
			t.Errorf("%v: Retry-After %q, want %q", row.err, answer.Header().Get("Retry-After"), row.want)
		}
	}
}

func TestTheFieldsToMendAreNamed(t *testing.T) {
	answer, _ := knock(t.Context(), &fault.Error{Kind: fault.Invalid, Say: "Two things.", Fields: []fault.Field{{Name: "name", Say: "Write <your> name."}, {Name: "email", Say: "Write your address."}}})
	if !strings.Contains(answer.Body.String(), "<li>Write &lt;your&gt; name.</li><li>Write your address.</li>") {
		t.Errorf("%s", answer.Body)
	}
}

func TestSomeoneWhoLeftIsNotCalledAnError(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	answer, log := knock(gone, fmt.Errorf("read: %w", context.Canceled))
	if answer.Body.Len() != 0 || strings.Contains(log, "level=ERROR") || !strings.Contains(log, "left before the answer") {
		t.Errorf("%d %q, logged %q", answer.Code, answer.Body, log)
	}
}

func TestAnAnswerThatTookTooLongIsUnavailable(t *testing.T) {
	for _, err := range []error{context.DeadlineExceeded, context.Canceled} {
		answer, log := knock(t.Context(), fmt.Errorf("read: %w", err))
		if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" || !strings.Contains(log, "level=ERROR") {
			t.Errorf("%v: %d, logged %q", err, answer.Code, log)
		}
	}
}

// A handler failed after it had written; a second page was appended to the
// first.
func TestNothingIsAddedToAnAnswerThatIsOnItsWay(t *testing.T) {
	gin.SetMode(gin.TestMode)
	door := page.NewDoor(slog.New(slog.DiscardHandler), func(*gin.Context) page.Frame { return page.Frame{} })
	engine := gin.New()
	engine.GET("/", door.Handle(func(c *gin.Context) error {
		c.String(200, "done")
		return errors.New("late")
	}))
	recorder := httptest.NewRecorder()
	engine.ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil))
	if recorder.Code != 200 || recorder.Body.String() != "done" {
		t.Errorf("%d %q", recorder.Code, recorder.Body)
	}
}

func TestProblemsAreCountedAndFoundByField(t *testing.T) {
	problems := page.ProblemsOf(fmt.Errorf("book: %w", &fault.Error{Kind: fault.Invalid, Fields: []fault.Field{{Name: "name", Say: "Write your name."}, {Name: "x"}}}))
	if len(problems) != 1 || problems.Of("name") != "Write your name." || problems.Of("email") != "" || problems.Count() != "one thing" {
		t.Errorf("%v", problems)
	}
	if page.ProblemsOf(errors.New("x")) != nil {
		t.Error("an error without fields names problems")
	}
}
