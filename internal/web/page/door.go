package page

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// Door is the one place where errors become pages. Handlers return what went
// wrong; the door chooses the number, says it to the person and logs it, once.
type Door struct {
	log   *slog.Logger
	frame func(*gin.Context) Frame
}

// NewDoor makes a door. Frame gives the layout for a request and must not
// fail: the page that says that the database is down needs it too.
func NewDoor(log *slog.Logger, frame func(*gin.Context) Frame) *Door {
	return &Door{log: log, frame: frame}
}

// Handle makes a Gin handler of one that returns its error.
func (d *Door) Handle(handler func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := handler(c); err != nil {
			d.Refuse(c, err)
		}
	}
}

// Refuse ends a request with the page for an error. Middleware calls it
// directly.
func (d *Door) Refuse(c *gin.Context, err error) {
	d.RefuseAs(c, Status(fault.KindOf(err)), err)
}

// statusLeft marks, in the log alone, a request whose sender did not wait.
const statusLeft = 499

// RefuseAs is Refuse for the few answers that no kind of fault stands for,
// such as 405 and 413.
func (d *Door) RefuseAs(c *gin.Context, status int, err error) {
	c.Abort()
	if c.Request.Context().Err() != nil && errors.Is(err, context.Canceled) {
		Log(d.log, c, statusLeft, err)
		c.Status(statusLeft)
		return
	}
	status, err = Settle(status, err)
	Log(d.log, c, status, err)
	if c.Writer.Written() {
		return // the answer is on its way; nothing can be added to it
	}
	Retry(c, status, err)
	c.Header("Cache-Control", "no-store")
	frame := d.frame(c)
	frame.NoIndex, frame.Path, frame.Structured = true, "", nil
	model := refusalOf(status, err)
	frame.Title = model.Heading
	if drawing := refusalView().Render(c, status, frame, model); drawing != nil {
		Log(d.log, c, http.StatusInternalServerError, drawing)
		write(c, status, "text/plain; charset=utf-8", []byte(model.Heading+"\n\n"+model.Say+"\n"))
	}
}

// Settle tells what nobody classified and is not our mistake from what is: a
// database that does not answer, and work that was given up when its time was
// over. Both pass, so the answer is 503 and not 500.
func Settle(status int, err error) (int, error) {
	if fault.As(err) != nil {
		return status, err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable, fault.Wrap(fault.Unavailable, "This took longer than it should, so we stopped. Please try again in a moment.", err)
	case pg.IsDown(err):
		return http.StatusServiceUnavailable, fault.Wrap(fault.Unavailable, "We cannot reach what we keep right now. Please try again in a moment; sending a form once more does nothing twice.", err)
	}
	return status, err
}

// Status is the HTTP status that stands for a kind of fault. Pages and the
// JSON interface share it.
func Status(kind fault.Kind) int {
	switch kind {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Gone:
		return http.StatusGone
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// Retry sets Retry-After where waiting helps: what the fault says, else a few
// seconds when we are unavailable and a minute when someone asked too often.
func Retry(c *gin.Context, status int, err error) {
	seconds := 0
	switch status {
	case http.StatusTooManyRequests:
		seconds = 60
	case http.StatusServiceUnavailable:
		seconds = 5
	default:
		return
	}
	if said := fault.As(err); said != nil && said.RetryAfter > 0 {
		seconds = said.RetryAfter
	}
	c.Header("Retry-After", strconv.Itoa(seconds))
}

// RequestID is the key under which the request's id lies in the Gin context.
const RequestID = "request_id"

// Log writes the one line about an error. Our own faults are logged with their
// cause; of a refusal only its kind and name are, since the sentence may repeat
// what somebody wrote.
func Log(log *slog.Logger, c *gin.Context, status int, err error) {
	line := []any{"status", status, "route", c.FullPath(), "request_id", c.GetString(RequestID)}
	ctx := context.WithoutCancel(c.Request.Context())
	switch {
	case status == statusLeft:
		log.InfoContext(ctx, "left before the answer", line...)
	case status >= http.StatusInternalServerError:
		log.ErrorContext(ctx, "failed", append(line, "error", err.Error())...)
	default:
		if said := fault.As(err); said != nil && said.Slug != "" {
			line = append(line, "slug", said.Slug)
		}
		log.InfoContext(ctx, "refused", line...)
	}
}
