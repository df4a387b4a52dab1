package guard

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
)

// LargestBody is how much a form or a JSON request may hold, and LongestText how
// much where people write at length.
const (
	LargestBody = 64 << 10
	LongestText = 4 << 20
)

// atLength reports whether an address is one where people write at length: forms,
// notes and what is added to them. What is sent there is taken in by a Body of
// their own, behind the door: only for somebody who is signed in so much is held.
func atLength(path string) bool {
	if strings.HasPrefix(path, "/portal/forms/") {
		return true
	}
	notes := strings.HasPrefix(path, "/portal/notes/") || strings.HasPrefix(path, "/desk/engagements/") && strings.Contains(path, "/notes/")
	return notes && (strings.HasSuffix(path, "/edit") || strings.HasSuffix(path, "/add"))
}

// Body takes in what was sent before anybody waits for it, so that someone who
// sends slowly holds a connection and nothing else, and refuses what is too
// long, before it has been taken in where its length is announced.
func Body(largest int64, refuse Refuse) gin.HandlerFunc {
	return func(c *gin.Context) {
		r := c.Request
		if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
			return
		}
		if largest == LargestBody && atLength(r.URL.Path) {
			r.Body = http.MaxBytesReader(c.Writer, r.Body, LongestText+1)
			return
		}
		if r.ContentLength > largest {
			tooLarge(c, refuse)
			return
		}
		var body bytes.Buffer
		n, err := io.Copy(&body, io.LimitReader(r.Body, largest+1))
		switch {
		case n > largest:
			tooLarge(c, refuse)
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.Header("Connection", "close")
			refuse(c, http.StatusRequestTimeout, fault.New(fault.Invalid, "What you sent took too long to arrive, so nothing was done. Please send it again."))
		case err != nil:
			c.Header("Connection", "close")
			refuse(c, http.StatusBadRequest, fault.New(fault.Invalid, "What you sent broke off on its way, so nothing was done. Please send it again."))
		default:
			r.Body = io.NopCloser(&body)
		}
	}
}

func tooLarge(c *gin.Context, refuse Refuse) {
	c.Header("Connection", "close")
	refuse(c, http.StatusRequestEntityTooLarge, fault.Named(fault.Invalid, "too-large",
		"This is longer than we can take in, so nothing was done. Please shorten it and send it again."))
}

// InFlight lets only so many requests work at once. The rest are told to come
// back in a moment, rather than to wait in a queue that grows.
func InFlight(most int, refuse Refuse) gin.HandlerFunc {
	places := make(chan struct{}, most)
	return func(c *gin.Context) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			c.Next()
		default:
			refuse(c, http.StatusServiceUnavailable, &fault.Error{
				Kind: fault.Unavailable, Slug: "unavailable", RetryAfter: 2,
				Say: "Many people are here at this moment. Please try again in a few seconds; nothing is lost.",
			})
		}
	}
}

// Deadline bounds how long a request may work. What it asks of the database is
// given up then, and the person is told to try again.
func Deadline(longest time.Duration) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), longest)
		defer cancel()
		c.Request = c.Request.WithContext(ctx)
		c.Next()
	}
}
