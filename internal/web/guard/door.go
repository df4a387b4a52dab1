package guard

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/config"
	"kintsugi/internal/fault"
)

// SameOrigin refuses what changes something and was sent by another site's
// page. It goes by Sec-Fetch-Site and Origin, so programs, which send neither,
// pass; there is no way round it.
func SameOrigin(origin config.Origin, refuse Refuse) gin.HandlerFunc {
	protection := http.NewCrossOriginProtection()
	return func(c *gin.Context) {
		err := protection.Check(c.Request)
		if err == nil && downgraded(origin, c.Request) {
			err = errors.New("from the plain http page of an https site")
		}
		if err != nil {
			refuse(c, http.StatusForbidden, &fault.Error{
				Kind: fault.Forbidden, Slug: "cross-origin", Err: err,
				Say: "This was sent by a page that is not ours, so it was not done. Open our own page and send it from there.",
			})
		}
	}
}

// downgraded reports whether a browser that does not say Sec-Fetch-Site posts
// from plain http to a site that people reach by https: whoever holds the
// network could have written that page, though the host is the same.
func downgraded(origin config.Origin, r *http.Request) bool {
	return origin.Secure() && r.Header.Get("Sec-Fetch-Site") == "" &&
		strings.HasPrefix(strings.ToLower(r.Header.Get("Origin")), "http:") &&
		r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

// OwnHost refuses requests for a host that is not ours: a page built for a
// foreign one could put foreign links into what people see. While people reach
// us on this machine alone, each of its names on any port is ours.
func OwnHost(origin config.Origin, refuse Refuse) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !ownHost(origin, c.Request.Host) {
			refuse(c, http.StatusMisdirectedRequest, fault.Named(fault.Invalid, "misdirected",
				"There is no site of that name here. Please use the address you were given."))
		}
	}
}

func ownHost(origin config.Origin, host string) bool {
	if host == origin.Host() {
		return true
	}
	given, err := config.ParseOrigin(origin.Scheme() + "://" + host)
	if err != nil || strings.HasSuffix(host, "/") {
		return false
	}
	if given == origin {
		return true
	}
	if !origin.Loopback() {
		return false
	}
	switch given.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return true
	}
	return false
}

// Readable refuses addresses with bytes in them that are no text: PostgreSQL
// takes neither a zero byte nor broken UTF-8, and no link of ours has one.
func Readable(refuse Refuse) gin.HandlerFunc {
	return func(c *gin.Context) {
		if !readable(c.Request) {
			refuse(c, http.StatusBadRequest, fault.New(fault.Invalid, "This address has characters in it that cannot be read."))
		}
	}
}

func readable(r *http.Request) bool {
	path := r.URL.Path
	if !utf8.ValidString(path) || strings.ContainsFunc(path, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return false
	}
	plain := !strings.ContainsFunc(r.URL.RawQuery, func(c rune) bool { return c == '%' || c < ' ' || c >= 0x7f })
	if plain {
		return true
	}
	for name, values := range r.URL.Query() {
		for _, text := range append(values, name) {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return false
			}
		}
	}
	return true
}
