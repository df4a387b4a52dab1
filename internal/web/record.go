package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/hook"
	"kintsugi/internal/web/page"
)

// unmatched stands for the route of requests that have none. Their path may
// hold a mistyped token, so it is not written down.
const unmatched = "unmatched"

// record gives a request its name and, when it is over, a line in the log and
// a number in the metrics. A name that the request brings along is not
// believed.
func record(log *slog.Logger, metrics *hook.Metrics) gin.HandlerFunc {
	return func(c *gin.Context) {
		began := time.Now()
		id := rand.Text()
		c.Set(page.RequestID, id)
		c.Header("X-Request-Id", id)
		ended := func(string, string, int, time.Duration) {}
		if metrics != nil {
			ended = metrics.Began()
		}
		// Also when the answer is cut off by a panic.
		defer func() {
			route, method, took := c.FullPath(), methodOf(c.Request), time.Since(began)
			if route == "" {
				route = unmatched
			}
			ended(route, method, c.Writer.Status(), took)
			log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request",
				slog.String("method", method),
				slog.String("route", route),
				slog.Int("status", c.Writer.Status()),
				slog.Float64("ms", float64(took.Microseconds())/1000),
				slog.Int("bytes", max(0, c.Writer.Size())),
				slog.String("request_id", id))
		}()
		c.Next()
	}
}

// methodOf is a method we know: the others are whatever somebody wrote.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "OTHER"
}

// catch turns a panic into the page for our own mistakes. When half an answer
// is out already, the connection is cut, so that nobody takes it for a whole
// one.
func catch(refuse guard.Refuse) gin.HandlerFunc {
	return func(c *gin.Context) {
		defer func() {
			thrown := recover()
			if thrown == nil {
				return
			}
			if err, ok := thrown.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(http.ErrAbortHandler)
			}
			begun := c.Writer.Written()
			err := fmt.Errorf("panic: %s\n%s", wordless(thrown), debug.Stack())
			refuse(c, http.StatusInternalServerError, fault.Wrap(fault.Internal, "", err))
			if begun {
				panic(http.ErrAbortHandler)
			}
		}()
		c.Next()
	}
}

// wordless says what was thrown without words that a person may have written.
func wordless(thrown any) string {
	if err, ok := thrown.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", thrown)
}
