package guard

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/config"
	"kintsugi/internal/web/page"
)

// PutAway keeps private pages blank for a while after somebody left by the quick
// exit, so that Back shows nothing, also where it would send a form again.
// Whoever says that they are back sees them again, if their session still
// stands. Back names the page that a request is opened again with.
func PutAway(origin config.Origin, door *page.Door, back func(*gin.Context) string) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Cache-Control", "no-store")
		if !Exited(c, origin) {
			return
		}
		if c.Query("back") == "1" && c.Request.Method != http.MethodPost {
			ComeBack(c, origin)
			return
		}
		door.PutAway(c, back(c)+"?back=1")
	}
}
