package desk

import (
	"github.com/gin-gonic/gin"

	"kintsugi/internal/people"
)

// Routes registers every page of the desk. Each group says who is let in; a
// handler still shows only what is theirs.
func (d *Desk) Routes(r gin.IRouter) {
	everyone := r.Group("/desk", noStore, d.wordsKept, d.Require(all()...))
	coaches := r.Group("/desk", noStore, d.wordsKept, d.Require(people.Owner, people.Member))
	owner := r.Group("/desk", noStore, d.wordsKept, d.Require(people.Owner))
	h := d.Door.Handle

	// Today, the schedule, and what is done with a call.
	everyone.GET("", h(d.today))
	everyone.GET("/schedule", h(d.schedule))
	everyone.GET("/bookings/:id", h(d.oneBooking))
	coaches.POST("/bookings/:id/accept", h(d.acceptBooking))
	coaches.POST("/bookings/:id/decline", h(d.declineBooking))
	everyone.POST("/bookings/:id/move", h(d.moveBooking))
	everyone.POST("/bookings/:id/cancel", h(d.cancelBooking))
	coaches.POST("/bookings/:id/keep", h(d.keepBooking))
	everyone.POST("/bookings/:id/complete", h(d.completeBooking))
	everyone.POST("/bookings/:id/no-show", h(d.missBooking))
	coaches.POST("/bookings/:id/give-back", h(d.giveBack))
	everyone.POST("/bookings/:id/undo", h(d.unmarkBooking))
	coaches.POST("/bookings/:id/words", h(d.readBookingWords))
	everyone.GET("/book", h(d.bookFor))
	everyone.POST("/book", h(d.bookForSubmit))
	everyone.GET("/block", h(d.block))
	everyone.POST("/block", h(d.blockSubmit))
	everyone.GET("/blocks/:id", h(d.oneBlock))
	everyone.POST("/blocks/:id/open", h(d.openBlock))
	owner.POST("/again", h(d.tryAgain))

	// Work with clients: who is in it, how it stands, how secrets are kept. Its
	// own coach alone sees into it; the owner may hand it to another.
	everyone.GET("/engagements", h(d.engagements))
	coaches.GET("/engagements/new", h(d.newEngagement))
	coaches.POST("/engagements/new", h(d.startEngagement))
	everyone.GET("/engagements/:engagement", h(d.oneEngagement))
	everyone.GET("/engagements/:engagement/sessions", h(d.engagementSessions))
	coaches.POST("/engagements/:engagement/sessions", h(d.changeEngagementSessions))
	coaches.GET("/engagements/:engagement/invite", h(d.inviteSecond))
	coaches.POST("/engagements/:engagement/invite", h(d.sendSecond))
	coaches.GET("/engagements/:engagement/word", h(d.anotherWord))
	coaches.POST("/engagements/:engagement/word", h(d.giveWord))
	coaches.POST("/engagements/:engagement/withdraw", h(d.withdrawInvitation))
	coaches.GET("/engagements/:engagement/policy", h(d.secrets))
	coaches.POST("/engagements/:engagement/policy", h(d.proposeSecrets))
	coaches.POST("/engagements/:engagement/state", h(d.turnEngagement))
	coaches.GET("/engagements/:engagement/restore", d.Fresh, h(d.restoring))
	coaches.POST("/engagements/:engagement/restore", d.Fresh, h(d.restore))
	coaches.GET("/engagements/:engagement/hand-over", h(d.handOver))
	coaches.POST("/engagements/:engagement/hand-over", h(d.handOverSubmit))

	// Notes on the work with somebody, for its own coach alone.
	coaches.GET("/engagements/:engagement/notes", h(d.notes))
	coaches.POST("/engagements/:engagement/notes", h(d.beginNote))
	coaches.GET("/engagements/:engagement/notes/new", h(d.newNote))
	coaches.POST("/engagements/:engagement/notes/search", h(d.searchNotes))
	d.pad().Routes(r.Group("/desk/engagements/:engagement/notes", noStore), h, d.Require(people.Owner, people.Member))
	coaches.GET("/note-templates", h(d.noteTemplates))
	coaches.POST("/note-templates", h(d.saveNoteTemplate))

	// The journal.
	coaches.GET("/journal", h(d.journal))
	coaches.GET("/journal/:id", h(d.article))
	coaches.POST("/journal/:id", h(d.write))

	// Hours: the week, days that differ, travel, calendars, why a time is closed.
	everyone.GET("/hours", h(d.hours))
	everyone.GET("/hours/:coach", h(d.coachHours))
	everyone.POST("/hours/:coach", h(d.saveHours))
	everyone.GET("/hours/:coach/dates", h(d.coachDates))
	everyone.POST("/hours/:coach/dates", h(d.saveDates))
	everyone.GET("/hours/:coach/travel", h(d.coachTravel))
	everyone.POST("/hours/:coach/travel", h(d.saveTravel))
	everyone.GET("/hours/:coach/why", h(d.why))
	coaches.GET("/hours/:coach/calendars", h(d.coachCalendars))
	coaches.POST("/hours/:coach/calendars", h(d.saveCalendars))
	coaches.POST("/hours/:coach/feed", d.Fresh, h(d.renewFeed))

	// What the clients of an engagement are asked, for its coach alone.
	coaches.GET("/engagements/:engagement/forms", h(d.engagementForms))
	coaches.POST("/engagements/:engagement/forms", h(d.sendSheet))
	coaches.GET("/engagements/:engagement/forms/:sheet", h(d.engagementForm))
	coaches.POST("/engagements/:engagement/forms/:sheet/withdraw", h(d.withdrawSheet))

	// What can be booked.
	owner.GET("/types", h(d.types))
	owner.POST("/types", h(d.createType))
	owner.GET("/types/new", h(d.newType))
	owner.GET("/types/:type/edit", h(d.editType))
	owner.POST("/types/:type/edit", h(d.saveType))
	owner.GET("/types/:type/hours", h(d.typeHours))
	owner.POST("/types/:type/hours", h(d.saveTypeHours))
	owner.POST("/types/:type/withdraw", h(d.withdraw))

	// What can be bought.
	owner.GET("/packages", h(d.packages))
	owner.POST("/packages", h(d.createPackage))
	owner.GET("/packages/new", h(d.newPackage))
	owner.GET("/packages/:package/edit", h(d.editPackage))
	owner.POST("/packages/:package/edit", h(d.savePackage))
	owner.POST("/packages/:package/move", h(d.movePackage))
	owner.POST("/packages/:package/show", h(d.showPackage))
	owner.POST("/packages/:package/link", h(d.renewPackageLink))

	// Money: an office fact. A coach sees that of their own clients; an assistant
	// looks and gives nothing back.
	everyone.GET("/money", h(d.money))
	everyone.GET("/orders", h(d.orders))
	everyone.GET("/orders/:order", h(d.oneOrder))
	coaches.GET("/orders/:order/refund", d.Fresh, h(d.refunding))
	coaches.POST("/orders/:order/refund", d.Fresh, h(d.refund))
	staff := r.Group("/desk", noStore, d.Require(people.Owner, people.Assistant))
	staff.GET("/money/reviews", h(d.reviews))
	staff.POST("/money/reviews/:review", h(d.decided))
	coaches.GET("/money/table", d.Fresh, h(d.moneyTable))
	coaches.POST("/money/table", d.Fresh, h(d.giveMoneyTable))
	owner.GET("/settings/payments", h(d.settingPayments))

	// Forms: what clients are asked, written in a draft and then taken into use.
	coaches.GET("/forms", h(d.forms))
	coaches.POST("/forms", h(d.beginForm))
	coaches.GET("/forms/new", h(d.newForm))
	coaches.GET("/forms/:form", h(d.oneForm))
	coaches.POST("/forms/:form", h(d.saveForm))
	coaches.POST("/forms/:form/use", h(d.useForm))
	coaches.POST("/forms/:form/discard", h(d.discardForm))
	coaches.POST("/forms/:form/withdraw", h(d.withdrawForm))
	coaches.GET("/forms/:form/add", h(d.addQuestion))
	coaches.POST("/forms/:form/add", h(d.saveQuestion))
	coaches.GET("/forms/:form/questions/:question", h(d.oneQuestion))
	coaches.POST("/forms/:form/questions/:question", h(d.saveQuestion))
	coaches.POST("/forms/:form/questions/:question/move", h(d.moveQuestion))
	coaches.GET("/forms/:form/count", h(d.addScore))
	coaches.POST("/forms/:form/count", h(d.saveScore))
	coaches.GET("/forms/:form/scores/:score", h(d.oneScore))
	coaches.POST("/forms/:form/scores/:score", h(d.saveScore))
	coaches.POST("/forms/:form/scores/:score/remove", h(d.removeScore))
	coaches.GET("/forms/:form/preview", h(d.previewForm))
	coaches.POST("/forms/:form/preview", h(d.tryForm))
	coaches.GET("/forms/:form/versions", h(d.formVersions))

	// What the practice says of itself.
	owner.GET("/settings", h(d.settings))
	owner.POST("/settings", h(d.saveSettings))
	owner.GET("/settings/look", h(d.look))
	owner.POST("/settings/look", h(d.saveLook))
	owner.POST("/settings/look/logo", h(d.saveLogo))
	owner.GET("/settings/texts", h(d.texts))
	owner.POST("/settings/texts", h(d.saveTexts))
	owner.GET("/settings/help", h(d.settingHelp))
	owner.POST("/settings/help", h(d.saveSettingHelp))
	owner.GET("/settings/letters", h(d.letters))
	owner.GET("/settings/letters/:kind", h(d.letter))
	owner.GET("/settings/letters/:kind/sheet", h(d.letterSheet))

	// Who works here. The proof is asked for before a form opens, not after it
	// has been filled in.
	owner.GET("/team", h(d.team))
	owner.GET("/team/invite", d.Fresh, h(d.invite))
	owner.POST("/team/invite", d.Fresh, h(d.sendInvite))
	owner.GET("/team/:coach/edit", d.Fresh, h(d.member))
	owner.POST("/team/:coach/edit", d.Fresh, h(d.saveMember))
	owner.POST("/team/:coach/suspend", d.Fresh, h(d.suspend))
	coaches.GET("/team/:coach/profile", h(d.profile))
	coaches.POST("/team/:coach/profile", h(d.saveProfile))
	// People: found, cared for, joined, given out, erased; and what was done.
	office := r.Group("/desk", noStore, d.Require(people.Owner, people.Assistant))
	everyone.GET("/people", h(d.people))
	everyone.GET("/people/:id", h(d.person))
	everyone.GET("/people/:id/sessions", h(d.personSessions))
	coaches.POST("/people/:id/sessions", h(d.changePersonSessions))
	everyone.GET("/people/:id/contact", h(d.contact))
	everyone.POST("/people/:id/contact", h(d.saveContact))
	everyone.POST("/people/:id/note", h(d.savePersonNote))
	coaches.POST("/people/:id/standing", h(d.placePerson))
	coaches.GET("/people/:id/join", h(d.join))
	coaches.POST("/people/:id/join", h(d.joinSubmit))
	coaches.POST("/people/:id/part", h(d.part))
	coaches.POST("/people/:id/spam", h(d.spam))
	coaches.POST("/people/:id/not-spam", h(d.notSpam))
	coaches.GET("/people/:id/packages", h(d.offers))
	coaches.POST("/people/:id/packages", h(d.offer))
	coaches.GET("/people/:id/export", d.Fresh, h(d.export))
	coaches.POST("/people/:id/export", d.Fresh, h(d.exportSubmit))
	coaches.GET("/people/:id/erase", d.Fresh, h(d.erase))
	coaches.POST("/people/:id/erase", d.Fresh, h(d.eraseSubmit))
	owner.POST("/people/:id/hand", h(d.handPerson))
	coaches.GET("/people/table", d.Fresh, h(d.givePeople))
	coaches.POST("/people/table", d.Fresh, h(d.givePeopleSubmit))
	office.GET("/people/take", h(d.takePeople))
	office.POST("/people/take", h(d.takePeopleSubmit))
	coaches.GET("/audit", h(d.trail))
}

// noStore keeps every page of the desk out of caches and out of Back.
func noStore(c *gin.Context) { c.Header("Cache-Control", "no-store") }
