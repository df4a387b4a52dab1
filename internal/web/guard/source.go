package guard

import (
	"net/netip"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/web/page"
)

// Source is whom to count: the true peer, or what a trusted proxy says of it.
// An IPv6 network counts as one, since a single household has 2^64 addresses
// of it.
func Source(c *gin.Context) string {
	ip, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return "unknown" // no peer has such an address; all of them share a count
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	network, _ := ip.Prefix(64) // 64 is a length that IPv6 has
	return network.String()
}

// PerSource lets each source through as often as the limit says.
func (g *Guard) PerSource(limit Limit, refuse Refuse) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := g.Allow(c.Request.Context(), limit, Source(c)); err != nil {
			refuse(c, page.Status(fault.KindOf(err)), err)
		}
	}
}
