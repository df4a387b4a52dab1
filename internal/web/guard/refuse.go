package guard

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/web/page"
)

// Refuse ends a request with a status and what went wrong.
type Refuse func(c *gin.Context, status int, err error)

// RefuseInKind answers programs with a problem and people with a page. Under
// /api/ programs ask.
func RefuseInKind(log *slog.Logger, door *page.Door) Refuse {
	return func(c *gin.Context, status int, err error) {
		if strings.HasPrefix(c.Request.URL.Path, "/api/") {
			Problem(log, c, status, err)
			return
		}
		door.RefuseAs(c, status, err)
	}
}

// problem is an error as RFC 9457 writes it.
type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail"`
	Errors []problemField `json:"errors,omitempty"`
}

type problemField struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Problem ends a request with application/problem+json and logs it, once.
func Problem(log *slog.Logger, c *gin.Context, status int, err error) {
	c.Abort()
	status, err = page.Settle(status, err)
	page.Log(log, c, status, err)
	if c.Writer.Written() {
		return // the answer is on its way; nothing can be added to it
	}
	slug, title := titleOf(status)
	p := problem{Title: title, Status: status, Detail: fault.SayOf(err)}
	if said := fault.As(err); said != nil {
		if said.Slug != "" {
			slug = said.Slug
		}
		for _, f := range said.Fields {
			p.Errors = append(p.Errors, problemField{Field: f.Name, Message: f.Say})
		}
	}
	p.Type = "/problems/" + slug
	body, encoding := json.Marshal(p)
	if encoding != nil {
		panic(encoding) // a struct of texts can be written
	}
	page.Retry(c, status, err)
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Type", "application/problem+json")
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Status(status)
	c.Writer.WriteHeaderNow()
	if c.Request.Method != http.MethodHead {
		_, _ = c.Writer.Write(body) // when the connection is gone nobody is left to tell
	}
}

// titleOf gives a problem's stable name and its title.
func titleOf(status int) (slug, title string) {
	switch status {
	case http.StatusBadRequest:
		return "bad-request", "The request cannot be read"
	case http.StatusUnauthorized:
		return "unauthenticated", "Sign in first"
	case http.StatusForbidden:
		return "forbidden", "This is not allowed"
	case http.StatusNotFound:
		return "not-found", "There is nothing here"
	case http.StatusMethodNotAllowed:
		return "method-not-allowed", "This method does not work here"
	case http.StatusRequestTimeout:
		return "timeout", "The request took too long to arrive"
	case http.StatusConflict:
		return "conflict", "Something changed in the meantime"
	case http.StatusGone:
		return "gone", "This is over"
	case http.StatusRequestEntityTooLarge:
		return "too-large", "The request is too large"
	case http.StatusUnsupportedMediaType:
		return "unsupported-media-type", "This content type is not read here"
	case http.StatusMisdirectedRequest:
		return "misdirected", "This host is not served here"
	case http.StatusUnprocessableEntity:
		return "invalid", "Some of what was sent cannot be used"
	case http.StatusTooManyRequests:
		return "too-many", "Asked too often"
	case http.StatusServiceUnavailable:
		return "unavailable", "Not available right now"
	}
	if status < http.StatusInternalServerError {
		return "bad-request", http.StatusText(status)
	}
	return "internal", "Something went wrong on our side"
}
