package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// headKey marks a request that came as HEAD and is routed as GET.
type headKey struct{}

// headAsGet lets HEAD find the routes of GET, which Gin keeps apart. Handlers
// see HEAD again, so that the few which act on GET can leave it alone.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.WithContext(context.WithValue(r.Context(), headKey{}, true))
			r.Method = http.MethodGet // of our copy
			w = headWriter{w}
		}
		next.ServeHTTP(w, r)
	})
}

// restoreHead gives a request that was routed as GET its own method back.
func restoreHead(c *gin.Context) {
	if c.Request.Context().Value(headKey{}) != nil {
		c.Request.Method = http.MethodHead
	}
}

// headWriter keeps the head of an answer and drops its body.
type headWriter struct{ http.ResponseWriter }

// Write drops the body.
func (w headWriter) Write(body []byte) (int, error) { return len(body), nil }

// WriteString drops the body.
func (w headWriter) WriteString(body string) (int, error) { return len(body), nil }

// Unwrap lets http.ResponseController find the connection.
func (w headWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// allowHead adds HEAD to the methods that Gin lists in Allow.
func allowHead(c *gin.Context) {
	allowed := c.Writer.Header().Get("Allow")
	for one := range strings.SplitSeq(allowed, ", ") {
		if one == http.MethodGet {
			c.Header("Allow", allowed+", "+http.MethodHead)
			return
		}
	}
}

// withoutSlash leads from /journal/ to /journal. The new address begins with a
// single slash and a plain character, since browsers take //host and /\host
// for another site.
func withoutSlash(c *gin.Context) {
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		return
	}
	path := c.Request.URL.EscapedPath()
	to := strings.TrimRight(path, "/")
	if to == path || len(to) < 2 || to[0] != '/' || to[1] == '/' || to[1] == '\\' {
		return
	}
	if c.Request.URL.RawQuery != "" {
		to += "?" + c.Request.URL.RawQuery
	}
	c.Header("Location", to)
	c.AbortWithStatus(http.StatusPermanentRedirect)
	c.Writer.WriteHeaderNow()
}
