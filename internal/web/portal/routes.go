package portal

import "github.com/gin-gonic/gin"

// Routes registers every page of the portal. Open stands behind the typed code,
// private behind a second proof as well.
func (p *Portal) Routes(r gin.IRouter) {
	open := r.Group("/portal", p.putAway, p.Sessions.RequireClient())
	private := r.Group("/portal", p.putAway, p.Sessions.RequireStrongClient())
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
	p.pad().Routes(open.Group("/notes"), h)

	// Who can read what, who looked, how they are reached.
	open.GET("/readers", h(p.readers))
	private.GET("/looks", h(p.looks))
	open.GET("/contact", h(p.contact))
	open.POST("/contact", h(p.saveContact))

	// A copy to keep.
	fresh := p.Sessions.RequireFresh()
	private.GET("/export", fresh, h(p.export))
	private.POST("/export", fresh, h(p.makeCopy))
}
