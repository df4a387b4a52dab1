package guard

import (
	"crypto/rand"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/config"
)

// nonceKey is where a response's nonce lies in the Gin context.
const nonceKey = "nonce"

// Nonce is the nonce of this response alone, for the scripts that its page
// carries. Empty before Headers has been.
func Nonce(c *gin.Context) string { return c.GetString(nonceKey) }

// Headers sets what every answer carries, refusals and files too. A handler
// may tighten a header afterwards.
//
// Referrer-Policy is same-origin and not no-referrer, with which Chromium posts
// forms on plain http with "Origin: null", so that every form would be refused.
//
// Pay are the origins, beside our own, that a form may lead to: where orders are
// paid. Browsers ask for it also after a redirect.
func Headers(origin config.Origin, pay ...string) gin.HandlerFunc {
	return func(c *gin.Context) {
		nonce := rand.Text()
		c.Set(nonceKey, nonce)
		h := c.Writer.Header()
		h.Set("Content-Security-Policy", policy(nonce, pay))
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", permissions)
		if origin.Secure() {
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
	}
}

// policy allows a page what comes from us, and scripts in it by nonce alone.
func policy(nonce string, pay []string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self' 'nonce-" + nonce + "'",
		"style-src 'self'",
		"img-src 'self' data:",
		"connect-src 'self'",
		"manifest-src 'self'",
		strings.Join(append([]string{"form-action 'self'"}, pay...), " "),
		"frame-ancestors 'none'",
		"base-uri 'none'",
	}, "; ")
}

// permissions takes from our own pages what none of them needs.
const permissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), " +
	"magnetometer=(), microphone=(), midi=(), payment=(), usb=(), browsing-topics=()"
