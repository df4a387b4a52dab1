package site

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var plainView = page.Define[plainPage]("plain.html")

type plainPage struct {
	Heading string
	Say     []string
	Act     *link
}

// private keeps a booking's pages blank for a while after somebody left by the
// quick exit, so that Back shows nothing, also where it would send a form again.
// Whoever says that they are back sees them again.
func (s *Site) private(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	if !guard.Exited(c, s.Origin) {
		return
	}
	if c.Query("back") == "1" && c.Request.Method != http.MethodPost {
		guard.ComeBack(c, s.Origin)
		return
	}
	frame := s.frameAnyway(c)
	frame.Discreet = true
	if err := plainView.Render(c, http.StatusOK, frame, plainPage{
		Heading: "This page is put away",
		Say:     []string{"It can be opened again in a few minutes, or now."},
		Act:     &link{Href: "/bookings/" + c.Param("token") + "?back=1", Say: "Open it again"},
	}); err != nil {
		s.Door().Refuse(c, err)
	}
	c.Abort()
}
