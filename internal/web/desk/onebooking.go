package desk

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var oneBookingView = page.Define[oneBookingPage]("desk-booking.html")

// oneBookingPage is a booking with everything that can be done about it. One of
// three bodies shows: moving, ending, or the booking itself.
type oneBookingPage struct {
	callLine
	Problems page.Problems
	When     string
	Was      string
	Length   string
	Coach    string
	People   []onePerson // who it is with; two for a joint call
	Unsafe   string      // to whom nothing may be written
	Departed string      // who has left, where the coach has to decide
	Notes    []string
	Against  []string
	Here     string // address of this page
	Op       string
	Write    []noteLink // where a note about it can be written

	Work *daylink // what it belongs to, or what can begin after it
	Use  string   // what it uses of their sessions, or what became of those
	Free string   // until when they can change it without losing any
	Back reasonField

	MayAccept, MayDecline, MayMove, MayCancel, MayMark, MayUnmark, MayWrite, MayKeep bool
	MayGiveBack                                                                      bool

	MayRead bool
	Words   []daypair
	Letters []daypair
	History []daypair

	Moving *movingPage
	Ending *endingPage
}

// onePerson is a client of a call, as the desk may see them.
type onePerson struct {
	Href, Name string
	Email      string
	Elsewhere  string // their clock, where it differs
}

// endingPage asks once more before a call is cancelled or a request declined.
type endingPage struct {
	Heading, Action, Act, Say, Typed, Sent string
}

// oneBooking is a booking's page: GET /desk/bookings/ID. It only shows; forms
// on it act.
func (d *Desk) oneBooking(c *gin.Context) error {
	b, err := d.bookingOf(c)
	if err != nil {
		return err
	}
	m, err := d.oneBookingModel(c, b)
	if err != nil {
		return err
	}
	switch do := c.Query("do"); {
	case do == "move" && m.MayMove:
		if err := d.addMove(c, &m, b, nil); err != nil {
			return err
		}
	case do == "cancel" && m.MayCancel, do == "decline" && m.MayDecline:
		m.addEnding(c, do, b)
	}
	return d.drawOneBooking(c, http.StatusOK, m)
}

func (d *Desk) bookingOf(c *gin.Context) (booking.Booking, error) {
	return d.Booking.FindFor(c.Request.Context(), d.viewer(c), booking.ID(c.Param("id")))
}

func (d *Desk) drawOneBooking(c *gin.Context, status int, m oneBookingPage) error {
	frame, _, err := d.frame(c, "A call", "schedule")
	if err != nil {
		return err
	}
	if c.Request.Method == http.MethodGet {
		frame.Flash = daySay(c.Query("done"))
	}
	return oneBookingView.Render(c, status, frame, m)
}

// oneBookingModel is the booking in words, on the coach's clock.
func (d *Desk) oneBookingModel(c *gin.Context, b booking.Booking) (oneBookingPage, error) {
	ctx, now, v := c.Request.Context(), d.Now(), d.viewer(c)
	w := whose{loc: practice.Zone(b.CoachZone)}
	m := oneBookingPage{
		callLine: w.line(b, v, now), When: civil.When(b.Start, w.loc, now), Length: civil.Duration(b.End.Sub(b.Start)),
		Coach: b.CoachName, Here: "/desk/bookings/" + string(b.ID), People: peopleOf(b, w.loc),
	}
	m.Op = d.Guard.NewOp(now)
	if !b.MovedFrom.IsZero() && b.Status.Live() {
		m.Was = "Before: " + civil.When(b.MovedFrom, w.loc, now)
	}
	m.Note, m.Unsafe, m.Departed = "", unsafeSay(b), departedSay(b)
	if b.Repeated {
		m.Notes = append(m.Notes, "This address has booked such a call before.")
	}
	for _, r := range booking.ReadRules(b.Against) {
		m.Against = append(m.Against, r.Say())
	}
	open, pending := b.Open(now), standing(b, now) == booking.Pending
	m.MayAccept = pending && open && v.Role != people.Assistant
	m.MayDecline = m.MayAccept
	m.MayMove, m.MayCancel = open, open && !pending
	m.MayKeep = open && len(b.Departed()) == 1 && v.Role != people.Assistant
	m.MayMark = b.Status == booking.Confirmed && !now.Before(b.Start)
	m.MayUnmark = b.Unmarkable(now)
	m.MayWrite = v.Role != people.Assistant
	m.Work = workAfter(b, v, now)
	m.MayRead = b.Written() && b.CoachID == v.ID && v.Role != people.Assistant

	err := d.addUse(c, &m, b, w.loc)
	if err != nil {
		return m, err
	}
	if m.Write, err = d.notesAbout(c, b); err != nil {
		return m, err
	}
	fates, err := mail.About(ctx, d.DB, string(b.ID))
	if err != nil {
		return m, err
	}
	lines, err := audit.About(ctx, d.DB, string(b.ID))
	if err != nil {
		return m, err
	}
	m.Letters = letterLines(fates, b, w.loc, now)
	for _, l := range lines {
		if l.Act == "enquiry read" && b.CoachID != v.ID {
			continue // that something was written is theirs to know
		}
		m.History = append(m.History, daypair{civil.Day(l.At, w.loc, now) + ", " + civil.Clock(l.At, w.loc), actSay(l, b, v)})
	}
	return m, nil
}

// workAfter is the work that a call belongs to, or, once a first one was held,
// the way to begin some.
func workAfter(b booking.Booking, v booking.Viewer, now time.Time) *daylink {
	held := b.Status == booking.Completed || b.Status == booking.Confirmed && b.End.Before(now)
	switch {
	case b.Engagement != "":
		return &daylink{Href: "/desk/engagements/" + string(b.Engagement), Say: "See the work it belongs to"}
	case held && b.CoachID == v.ID && v.Role != people.Assistant:
		return &daylink{Href: "/desk/engagements/new?person=" + string(b.PersonID), Say: "Begin to work with them"}
	}
	return nil
}

// peopleOf are those whom a call is with.
func peopleOf(b booking.Booking, loc *time.Location) []onePerson {
	one := func(id people.ID, name, email, zone string) onePerson {
		p := onePerson{Href: "/desk/people/" + string(id), Name: name, Email: email}
		if theirs := practice.Zone(zone); civil.Clock(b.Start, theirs) != civil.Clock(b.Start, loc) {
			p.Elsewhere = civil.Clock(b.Start, theirs) + " for them (" + civil.Place(theirs) + ")"
		}
		return p
	}
	all := []onePerson{one(b.PersonID, b.Name, b.Email, b.Timezone)}
	if g := b.Guest; g.ID != "" {
		all = append(all, one(g.ID, g.Name, g.Email, g.Timezone))
	}
	return all
}

// letterLines say what became of the letters to the person, or to each of two.
func letterLines(fates []mail.Fate, b booking.Booking, loc *time.Location, now time.Time) []daypair {
	var lines []daypair
	for _, f := range fates {
		to, gone := "", b.Gone
		switch {
		case f.Recipient == string(b.Guest.ID) && b.Guest.ID != "":
			to, gone = " to "+b.Guest.Name, b.Guest.Gone
		case f.Recipient != string(b.PersonID):
			continue
		case b.Guest.ID != "":
			to = " to " + b.Name
		}
		say := map[string]string{
			"queued": "waits to be sent", "skipped": "not sent: it was no longer true", "held": "not sent: mail is not safe for them",
			"capped": "not sent: too many letters to this address", "failed": "could not be sent", "bounced": "could not be delivered: the address is not known there",
		}[f.Status]
		if f.Status == "queued" && f.Change != b.Change {
			say = "will not be sent: the call has changed since"
		}
		if f.Status == "queued" && gone {
			say = "will not be sent: they have left"
		}
		if f.SentAt != nil {
			say = "sent " + civil.Day(*f.SentAt, loc, now) + ", " + civil.Clock(*f.SentAt, loc)
		}
		lines = append(lines, daypair{booking.LetterSay(f.Kind) + to, say})
	}
	return lines
}

// actSay says who did what to a booking.
func actSay(l audit.Line, b booking.Booking, v booking.Viewer) string {
	who := "the program"
	switch {
	case l.Actor == string(v.ID):
		who = "you"
	case l.Actor == string(b.CoachID):
		who = b.CoachName
	case l.ActorKind == audit.Coach:
		who = "somebody of the practice"
	case l.Actor == string(b.Guest.ID) && b.Guest.ID != "":
		who = b.Guest.Name
	case l.ActorKind == audit.Person, l.ActorKind == audit.Visitor:
		who = b.Name
	}
	say := map[string]string{
		"booking made": "Booked", "booking accepted": "Accepted", "booking declined": "Declined", "booking moved": "Moved",
		"booking cancelled": "Cancelled", "booking expired": "Ran out", "booking completed": "Marked as held", "booking missed": "Marked as missed",
		"booking unmarked": "Mark taken back", "booking kept for one": "Kept for one", "enquiry read": "What they wrote was read",
	}[l.Act]
	switch {
	case say == "":
		say = l.Act
	case l.Act == "booking made" && strings.Contains(l.Detail, `"pending"`):
		say = "Asked for"
	}
	return say + " by " + who
}

// addEnding turns the page into the question whether to end the call.
func (m *oneBookingPage) addEnding(c *gin.Context, do string, b booking.Booking) {
	told := firstWord(b.Name) + " is told at once, and the hour is free again."
	switch untold := unsafeSay(b) + departedSay(b); {
	case b.Guest.ID != "" && untold == "":
		told = "Both are told at once, each by a letter of their own, and the hour is free again."
	case b.Guest.ID != "":
		told = strings.TrimSpace(unsafeSay(b)+" "+departedSay(b)) + " Whoever can be told is told at once, and the hour is free again."
	case untold != "":
		told = "Mail is not safe for them: they see it only when they open their page. The hour is free again at once."
	}
	m.Ending = &endingPage{Heading: "Cancel the call with " + b.Names(), Action: m.Here + "/cancel", Act: "Cancel this call", Say: told, Typed: c.PostForm("words"), Sent: "Cancelling…"}
	if b.Credits > 0 {
		m.Ending.Say += " The " + sessionWord(b.Credits) + " it was booked with can be used again, and will last for at least 30 days."
	}
	if do == "decline" {
		m.Ending.Heading, m.Ending.Action, m.Ending.Act, m.Ending.Sent = "Decline the request of "+b.Names(), m.Here+"/decline", "Decline this request", "Declining…"
	}
}

// acceptBooking is the coach's yes: POST /desk/bookings/ID/accept.
func (d *Desk) acceptBooking(c *gin.Context) error {
	return d.actOn(c, "accepted", "", d.Booking.AcceptFor)
}

// declineBooking is the coach's no: POST /desk/bookings/ID/decline.
func (d *Desk) declineBooking(c *gin.Context) error {
	return d.actOn(c, "declined", "decline", func(ctx context.Context, v booking.Viewer, id booking.ID) (booking.Booking, error) {
		return d.Booking.DeclineFor(ctx, v, id, c.PostForm("words"))
	})
}

// cancelBooking calls a booking off: POST /desk/bookings/ID/cancel. An assistant
// sends no words, since they could not read them afterwards.
func (d *Desk) cancelBooking(c *gin.Context) error {
	return d.actOn(c, "cancelled", "cancel", func(ctx context.Context, v booking.Viewer, id booking.ID) (booking.Booking, error) {
		return d.Booking.CancelFor(ctx, v, id, d.wordsTyped(c))
	})
}

// wordsTyped are the words to the person, from those who may write them.
func (d *Desk) wordsTyped(c *gin.Context) string {
	if d.Who(c).Role == people.Assistant {
		return ""
	}
	return c.PostForm("words")
}

// keepBooking makes a call that one of two has left the other one's own: POST
// /desk/bookings/ID/keep.
func (d *Desk) keepBooking(c *gin.Context) error {
	return d.actOn(c, "kept", "", d.Booking.KeepFor)
}

// completeBooking notes that a call took place: POST /desk/bookings/ID/complete.
func (d *Desk) completeBooking(c *gin.Context) error {
	return d.actOn(c, "held", "", d.Booking.Complete)
}

// missBooking notes that the person did not come: POST /desk/bookings/ID/no-show.
func (d *Desk) missBooking(c *gin.Context) error {
	return d.actOn(c, "missed", "", d.Booking.NoShow)
}

// unmarkBooking takes that back: POST /desk/bookings/ID/undo.
func (d *Desk) unmarkBooking(c *gin.Context) error {
	return d.actOn(c, "undone", "", d.Booking.Unmark)
}

// actOn does one act on a booking and leads back to where it was asked for. A
// refusal draws the booking's page as it stands now, with what was typed.
func (d *Desk) actOn(c *gin.Context, done, form string, act func(context.Context, booking.Viewer, booking.ID) (booking.Booking, error)) error {
	acted, err := act(c.Request.Context(), d.viewer(c), booking.ID(c.Param("id")))
	if err == nil {
		c.Redirect(http.StatusSeeOther, d.backTo(c, quietly(done, acted)))
		return nil
	}
	invalid := fault.KindOf(err) == fault.Invalid
	if !invalid && fault.KindOf(err) != fault.Conflict {
		return err
	}
	b, findErr := d.bookingOf(c)
	if findErr != nil {
		return findErr
	}
	m, modelErr := d.oneBookingModel(c, b)
	if modelErr != nil {
		return modelErr
	}
	if m.Problems = page.ProblemsOf(err); len(m.Problems) == 0 {
		m.Problems = page.Problems{{Name: "main", Say: fault.SayOf(err)}}
	}
	m.Back.Value, m.Back.Problem = c.PostForm("reason"), m.Problems.Of("reason")
	if invalid && form != "" {
		m.addEnding(c, form, b)
	}
	return d.drawOneBooking(c, page.Status(fault.KindOf(err)), m)
}

// backTo is where an act leads: the day it was done from, or the booking.
func (d *Desk) backTo(c *gin.Context, done string) string {
	if c.PostForm("from") == "today" {
		at := "/desk?done=" + done
		if slug := c.PostForm("coach"); plainSlug(slug) {
			at += "&coach=" + slug
		}
		return at
	}
	return "/desk/bookings/" + c.Param("id") + "?done=" + done
}

// plainSlug reports whether a text can stand in an address as it is.
func plainSlug(s string) bool {
	for _, r := range s {
		if r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// readBookingWords shows the coach what the person wrote: POST
// /desk/bookings/ID/words. It is a form and not a link, and each look is on
// record.
func (d *Desk) readBookingWords(c *gin.Context) error {
	b, words, err := d.Booking.ReadWordsFor(c.Request.Context(), d.viewer(c), booking.ID(c.Param("id")))
	if err != nil {
		return err
	}
	m, err := d.oneBookingModel(c, b)
	if err != nil {
		return err
	}
	for _, p := range []daypair{{"Message", words.Message}, {"Partner’s name", words.PartnerName}, {"Partner’s mail", words.PartnerEmail},
		{"Reason for cancelling", words.Reason}, {"Your words to them", words.Note}} {
		if p.Value != "" {
			m.Words = append(m.Words, p)
		}
	}
	m.MayRead = false
	if lost := words.Lost(); lost != "" {
		m.Words = append(m.Words, daypair{"Left out", lost})
	}
	if len(m.Words) == 0 {
		m.Words = []daypair{{"Message", "They wrote nothing."}}
	}
	return d.drawOneBooking(c, http.StatusOK, m)
}
