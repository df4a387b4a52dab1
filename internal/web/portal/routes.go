package portal

import (
	"github.com/gin-gonic/gin"

	"kintsugi/internal/web/guard"
)

// Routes registers every page of the portal. Open stands behind the typed code,
// private behind a second proof as well.
func (p *Portal) Routes(r gin.IRouter) {
	away := guard.PutAway(p.Origin, p.Door, func(*gin.Context) string { return "/portal" })
	open := r.Group("/portal", away, p.Sessions.RequireClient())
	private := r.Group("/portal", away, p.Sessions.RequireStrongClient())
	h := p.Door.Handle

	// What is waiting, and what comes next.
	open.GET("", h(p.home))
	open.GET("/more", h(p.more))

	// Coming in: the invitation, the word, how secrets are kept.
	open.GET("/invitations/:engagement", h(p.invitation))
	open.POST("/invitations/:engagement", h(p.answer))
	open.GET("/word", h(p.word))
	open.POST("/word", h(p.recall))
	open.GET("/engagements/:engagement", h(p.engagement))
	open.GET("/engagements/:engagement/policy", h(p.policy))
	open.POST("/engagements/:engagement/policy", h(p.sign))
	open.GET("/engagements/:engagement/leave", h(p.leaving))
	open.POST("/engagements/:engagement/leave", h(p.leave))

	// Notes: what both read stands behind the code, the rest behind the proof.
	open.GET("/notes", h(p.notes))
	private.GET("/notes/write", h(p.write))
	private.POST("/notes", h(p.beginNote))
	p.pad().Routes(r.Group("/portal/notes", away), h, p.Sessions.RequireClient())

	// Forms: what waits, filling in, what was sent. What only the client and the
	// coach can read asks for the second proof by itself, there or not there. Who
	// is not signed in any more when they send keeps what they typed.
	open.GET("/forms", h(p.forms))
	open.GET("/forms/:sheet", h(p.form))
	open.GET("/forms/:sheet/change", h(p.changeForm))
	open.GET("/forms/:sheet/versions/:version", h(p.formVersion))
	r.POST("/portal/forms/:sheet", away, p.wordsKept, p.Sessions.RequireClient(), guard.Body(guard.LongestText, p.Door.RefuseAs), h(p.saveForm))
	open.POST("/forms/:sheet/draft", guard.Body(guard.LongestText, p.Door.RefuseAs), h(p.settleForm))
	open.POST("/forms/:sheet/pass-on", h(p.passFormOn))
	open.POST("/forms/:sheet/consents", guard.Body(guard.LongestText, p.Door.RefuseAs), h(p.takeBackConsent))

	// Calls: those of both behind the code; what is one's own asks for the second
	// proof, and so does what is not there.
	open.GET("/bookings", h(p.bookings))
	open.GET("/bookings/new", h(p.orProve(p.kinds)))
	open.GET("/bookings/series", h(p.orProve(p.series)))
	open.GET("/sessions", h(p.sessions))
	open.POST("/bookings", h(p.orProve(p.book)))
	open.GET("/bookings/:booking", h(p.orProve(p.booking)))
	open.GET("/bookings/:booking/invite.ics", h(p.orProve(p.bookingFile)))
	open.POST("/bookings/:booking/move", h(p.orProve(p.moveBooking)))
	open.POST("/bookings/:booking/cancel", h(p.orProve(p.cancelBooking)))
	fresh := p.Sessions.RequireFresh() // for what a moment at an open screen must not be enough for
	private.GET("/feed", fresh, h(p.feed))
	private.POST("/feed", fresh, h(p.changeFeed))

	// What can be bought, what was, and the papers of it: for whoever pays.
	open.GET("/packages", h(p.withPurse(p.packages)))
	open.GET("/packages/:package", h(p.withPurse(p.buy)))
	open.POST("/orders", h(p.withPurse(p.order)))
	open.GET("/orders", h(p.withPurse(p.orders)))
	open.GET("/orders/:order", h(p.withPurse(p.oneOrder)))
	open.POST("/orders/:order/pay", h(p.withPurse(p.payOrder)))
	open.POST("/orders/:order/drop", h(p.withPurse(p.dropOrder)))
	open.GET("/invoices/:invoice", h(p.withPurse(p.invoice)))

	// Who can read what, who looked, how they are reached.
	open.GET("/readers", h(p.readers))
	private.GET("/looks", h(p.looks))
	open.GET("/contact", h(p.contact))
	open.POST("/contact", h(p.saveContact))

	// A copy to keep, and what shall not be kept.
	private.GET("/export", fresh, h(p.export))
	private.POST("/export", fresh, h(p.makeCopy))
	private.GET("/erase", fresh, h(p.erase))
	private.POST("/erase", fresh, h(p.eraseNow))
}
