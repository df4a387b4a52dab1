package site

import (
	"github.com/gin-gonic/gin"

	"kintsugi/internal/web/guard"
)

// private keeps a booking's pages blank for a while after somebody left by the
// quick exit.
func (s *Site) private() gin.HandlerFunc {
	return guard.PutAway(s.Origin, s.Door(), func(c *gin.Context) string { return "/bookings/" + c.Param("token") })
}
