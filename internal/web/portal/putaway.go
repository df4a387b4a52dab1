package portal

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var putAwayView = page.Define[putAwayPage]("portal-away.html")

// putAwayPage is all there is to see for a while after a quick exit.
type putAwayPage struct{ Back string }

// putAway keeps every page of the portal blank for a while after somebody left
// by the quick exit, so that Back shows nothing. Whoever says that they are back
// is led to sign in again: their session has ended.
func (p *Portal) putAway(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	if !guard.Exited(c, p.Origin) {
		return
	}
	if c.Query("back") == "1" && c.Request.Method != http.MethodPost {
		guard.ComeBack(c, p.Origin)
		return
	}
	frame, _, err := p.frame(c, "")
	if err == nil {
		frame.Menu, frame.User = nil, ""
		err = putAwayView.Render(c, http.StatusOK, frame, putAwayPage{Back: "/portal?back=1"})
	}
	if err != nil {
		p.Door.Refuse(c, err)
	}
	c.Abort()
}
