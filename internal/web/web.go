// Package web is the front of the house: the order in which a request passes
// the doors, and the server it comes in by. What is said behind the doors
// belongs to site, api and hook.
package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/config"
	"kintsugi/internal/fault"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/hook"
	"kintsugi/internal/web/page"
)

// House is everything the front needs.
type House struct {
	Origin         config.Origin // the address people use
	TrustedProxies []netip.Prefix
	Log            *slog.Logger
	Door           *page.Door
	Health         *hook.Health
	Metrics        *hook.Metrics       // nil: nothing is counted
	Webhook        *hook.Webhook       // where Stripe knocks; nil: nowhere
	PayAt          string              // the origin of the pages on which people pay; empty: nowhere
	Routes         []func(gin.IRouter) // each audience registers its own

	// What bounds a request; zero means the usual.
	Deadline time.Duration // 12 s
	InFlight int           // 512
}

const (
	usualDeadline = 12 * time.Second
	usualInFlight = 512
)

// New builds the front. The doors, in the order a request passes them:
//
//  1. a name, a line in the log, a number in the metrics
//  2. a net for panics
//  3. the headers of the answer
//  4. health and readiness, which anybody may ask under any host
//  5. what another site's page sent is refused
//  6. a host that is not ours is refused
//  7. an address that is no text is refused
//  8. the body is taken in, up to its cap
//  9. a place among the requests at work, and a deadline for it
//
// and then the routes. Stripe's webhook passes the same doors, with a larger
// body, and is answered in plain text.
func New(h House) http.Handler {
	if h.Deadline == 0 {
		h.Deadline = usualDeadline
	}
	if h.InFlight == 0 {
		h.InFlight = usualInFlight
	}
	gin.SetMode(gin.ReleaseMode)
	refuse := guard.RefuseInKind(h.Log, h.Door)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	r.RedirectTrailingSlash = false // gin's own redirect can be led to another host
	r.MaxMultipartMemory = guard.LargestBody
	r.RemoteIPHeaders = []string{"X-Forwarded-For"}
	if err := r.SetTrustedProxies(ranges(h.TrustedProxies)); err != nil {
		panic(err) // prefixes are ranges
	}
	// Also for what has no route.
	r.Use(restoreHead, record(h.Log, h.Metrics), catch(refuse), guard.Headers(h.Origin, payAt(h)...))
	h.Health.Routes(r)
	inFlight, deadline := guard.InFlight(h.InFlight, refuse), guard.Deadline(h.Deadline)
	if h.Webhook != nil {
		h.Webhook.Routes(r.Group("", guard.SameOrigin(h.Origin, hook.Refuse), guard.OwnHost(h.Origin, hook.Refuse),
			guard.Body(hook.LargestEvent, hook.Refuse), inFlight, deadline))
	}
	r.Use(
		guard.SameOrigin(h.Origin, refuse),
		guard.OwnHost(h.Origin, refuse),
		guard.Readable(refuse),
		guard.Body(guard.LargestBody, refuse),
		inFlight,
		deadline,
	)
	for _, register := range h.Routes {
		register(r)
	}
	r.NoRoute(withoutSlash, func(c *gin.Context) {
		refuse(c, http.StatusNotFound, fault.New(fault.NotFound, "There is nothing at this address."))
	})
	r.NoMethod(func(c *gin.Context) {
		allowHead(c)
		refuse(c, http.StatusMethodNotAllowed, fault.Named(fault.Invalid, "method-not-allowed",
			"This address does not take that kind of request."))
	})
	return headAsGet(r)
}

func payAt(h House) []string {
	if h.PayAt == "" {
		return nil
	}
	return []string{h.PayAt}
}

func ranges(prefixes []netip.Prefix) []string {
	texts := make([]string, len(prefixes))
	for i, p := range prefixes {
		texts[i] = p.String()
	}
	return texts
}
