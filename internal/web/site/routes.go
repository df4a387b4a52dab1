// Package site is what everybody can see: the practice's pages, the journal,
// booking a call without an account, and a booking's own page behind its link.
package site

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

// Site serves the public pages.
type Site struct {
	DB      *pg.DB
	Booking *booking.Service
	Guard   *guard.Guard
	Assets  *page.Assets
	Origin  config.Origin // the address people use
	Log     *slog.Logger
	Now     func() time.Time
	Leave   func(*gin.Context) // ends the session of whoever leaves quickly; may be nil
	Sells   bool               // payments are set up, so packages can be bought

	names lastNames
	door  *page.Door
}

// Door is where the errors of all pages become pages.
func (s *Site) Door() *page.Door {
	if s.door == nil {
		s.door = page.NewDoor(s.Log, s.frameAnyway)
	}
	return s.door
}

// Routes registers every public page.
func (s *Site) Routes(r gin.IRouter) {
	h := s.Door().Handle

	// The practice.
	r.GET("/", h(s.home))
	r.GET("/coaches/:slug", h(s.coach))
	r.GET("/packages", h(s.packages))
	r.GET("/packages/:slug", h(s.onePackage))
	r.GET("/packages/by-link/:token", h(s.linkedPackage))
	r.GET("/privacy", h(s.privacy))
	r.GET("/terms", h(s.terms))

	// The journal.
	r.GET("/journal", h(s.journal))
	r.GET("/journal/:slug", h(s.article))
	r.GET("/drafts/:token", h(s.draft))

	// Booking a call.
	r.GET("/book", h(s.bookIndex))
	r.GET("/book/:type", h(s.book))
	r.POST("/book/:type", h(s.submit))

	// A booking's own page. Only what is posted there acts.
	private := s.private()
	r.GET("/bookings/:token", private, h(s.show))
	r.GET("/bookings/:token/invite.ics", h(s.invite))
	r.POST("/bookings/:token/reschedule", private, s.tokenAct(), h(s.reschedule))
	r.POST("/bookings/:token/cancel", private, s.tokenAct(), h(s.cancel))
	r.POST("/bookings/:token/accept", private, s.tokenAct(), h(s.accept))
	r.POST("/bookings/:token/decline", private, s.tokenAct(), h(s.decline))
	r.POST("/bookings/:token/words", private, s.tokenAct(), h(s.words))
	r.GET("/feeds/:file", h(s.feed))

	// Safety.
	r.GET("/help-now", h(s.helpNow))
	r.GET("/exit", h(guard.Exit(s.Origin, s.Leave)))

	// For machines.
	r.GET("/sitemap.xml", h(s.sitemap))
	r.GET("/robots.txt", h(s.robots))
	r.GET("/favicon.ico", func(c *gin.Context) { c.Redirect(http.StatusMovedPermanently, s.asset("img/favicon.svg")) })
	r.GET("/static/*name", h(s.Assets.Serve))
	r.GET("/theme/:file", h(page.ServeTheme))
	r.GET("/logo/:file", h(s.logo))
}

// tokenAct bounds how often one source may act under links.
func (s *Site) tokenAct() gin.HandlerFunc {
	return s.Guard.PerSource(guard.TokenActs(), func(c *gin.Context, status int, err error) {
		s.Door().RefuseAs(c, status, err)
	})
}
