package portal

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/calendar"
	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/pick"
)

var bookingView = page.Define[bookingPage]("portal-booking.html")

// bookingPage is one call. One of three bodies shows: moving, cancelling, or the
// call itself.
type bookingPage struct {
	bookingLine
	Problems  page.Problems
	Heading   string
	Next      string
	Who       string // who knows of it, in a sentence
	Note      string // what the coach wrote about how it stands
	NoteFrom  string
	Elsewhere string // the coach's clock, where it differs
	Was       string
	WithHref  string
	Where     string
	Notice    string // until when the practice asks to be told
	Use       string // what it uses of their sessions, or used

	MoveHref, CancelHref string // empty when not possible any more
	Calendar             *pick.Calendar
	Moving               *pick.Moving
	Cancelling           *pick.Cancelling
}

// booking shows one: GET /portal/bookings/ID. It only shows; forms on it act.
func (p *Portal) booking(c *gin.Context) error {
	b, err := p.findBooking(c)
	if err != nil {
		return err
	}
	m, err := p.bookingModel(c, b)
	if err != nil {
		return err
	}
	switch open := b.Open(p.Now()); {
	case open && c.Query("move") == "1" && m.MoveHref != "":
		if err := p.addMoving(c, &m, b, nil); err != nil {
			return err
		}
	case open && c.Query("cancel") == "1":
		p.addCancelling(c, &m, b)
	}
	return draw(p, c, bookingView, http.StatusOK, "bookings", m)
}

func (p *Portal) findBooking(c *gin.Context) (booking.Booking, error) {
	return p.Booking.FindAs(c.Request.Context(), p.client(c), booking.ID(c.Param("booking")))
}

// bookingModel is the call in words, on the client's clock.
func (p *Portal) bookingModel(c *gin.Context, b booking.Booking) (bookingPage, error) {
	ctx, now := c.Request.Context(), p.Now()
	loc, other := practice.Zone(b.Timezone), practice.Zone(b.CoachZone)
	m := bookingPage{bookingLine: lineOf(b, now), Heading: "Your call", Who: "You and " + firstName(b.CoachName) + " know of this call, and nobody else.",
		WithHref: "/coaches/" + b.CoachSlug, Where: whereWords(b), NoteFrom: firstName(b.CoachName)}
	if b.Joint {
		m.Heading, m.Who = "Your call together", "This call is for both of you, and "+firstName(b.CoachName)+" knows of it. Whoever of you sees it here can move or cancel it."
	}
	_, m.Next = stateWords(b, now)
	if civil.Clock(b.Start, loc) != civil.Clock(b.Start, other) {
		m.Elsewhere = fmt.Sprintf("%s for %s (%s)", civil.Clock(b.Start, other), firstName(b.CoachName), civil.Place(other))
	}
	if !b.MovedFrom.IsZero() && b.Status.Live() {
		m.Was = "Before: " + civil.When(b.MovedFrom, loc, now)
	}
	if b.Open(now) {
		m.MoveHref, m.CancelHref = m.Href+"?move=1", m.Href+"?cancel=1"
		basics, err := practice.LoadBasics(ctx, p.DB)
		if err != nil {
			return m, err
		}
		m.Notice = noticeSay(b, basics.CancelMinutes, loc, now)
		if b.Credits > 0 {
			m.Notice = freeNotice(b, loc, now)
			if b.Status == booking.Confirmed && now.After(b.FreeUntil) {
				m.MoveHref = ""
			}
		}
	}
	if err := p.addUse(c, &m, b); err != nil {
		return m, err
	}
	if b.Status == booking.Confirmed && b.Open(now) {
		m.Calendar = &pick.Calendar{File: m.Href + "/invite.ics", Google: b.GoogleLink(), Outlook: b.OutlookLink(), Title: b.Discreet}
	}
	var err error
	m.Note, err = p.Booking.Note(ctx, p.DB, b)
	return m, err
}

// noticeSay says, before anything is pressed, how long ahead the practice asks
// to be told.
func noticeSay(b booking.Booking, minutes int, loc *time.Location, now time.Time) string {
	if minutes == 0 {
		return "You can move or cancel it until it begins."
	}
	asked := "We ask for " + civil.Duration(time.Duration(minutes)*time.Minute) + " of notice. "
	until := b.Start.Add(-time.Duration(minutes) * time.Minute)
	if now.Before(until) {
		return asked + "That is until " + civil.When(until, loc, now) + "; after that it still works, and counts as short notice."
	}
	return asked + "That time has passed: you can still move or cancel it until it begins, and it counts as short notice."
}

// whereWords says where the call is held.
func whereWords(b booking.Booking) string {
	switch {
	case b.Place == practice.Video && b.Status == booking.Pending:
		return "By video; the link is here once the call is accepted"
	case b.Place == practice.Video:
		return "By video"
	case b.Place == practice.Phone && b.Phone == "":
		return "By phone"
	case b.Place == practice.Phone:
		return firstName(b.CoachName) + " calls you on " + b.Phone
	}
	return b.Place
}

// bookingFile is the call for any calendar program: GET
// /portal/bookings/ID/invite.ics.
func (p *Portal) bookingFile(c *gin.Context) error {
	b, err := p.findBooking(c)
	if err != nil {
		return err
	}
	body, err := b.File()
	if err != nil {
		return fmt.Errorf("write calendar file: %w", err)
	}
	c.Header("Content-Disposition", `attachment; filename="invite.ics"`)
	c.Data(http.StatusOK, calendar.ContentType, body)
	return nil
}

// addMoving turns the page into the one where another time is chosen.
func (p *Portal) addMoving(c *gin.Context, m *bookingPage, b booking.Booking, refused *booking.Refused) error {
	now := p.Now()
	values := c.Request.URL.Query()
	if c.Request.Method == http.MethodPost {
		values = url.Values{"timezone": {c.PostForm("timezone")}, "date": {c.PostForm("date")}}
	}
	l := pick.Read(values, m.Href, url.Values{"move": {"1"}}, b.Timezone)
	l.Chosen, l.Insist = true, len(m.Problems) > 0
	moving, err := l.Move(c.Request.Context(), p.Booking, b, m.Problems.Of("start"), refused, now)
	if err != nil {
		return err
	}
	moving.Action, moving.Op, moving.Back = m.Href+"/move", p.Guard.NewOp(now), m.Href
	m.Heading, m.Next, m.Moving = "Move this call", moving.Next, moving
	return nil
}

// moveBooking moves it: POST /portal/bookings/ID/move.
func (p *Portal) moveBooking(c *gin.Context) error {
	id := booking.ID(c.Param("booking"))
	start, err := time.Parse(time.RFC3339, c.PostForm("start"))
	if err != nil || !pick.Sensible(slot.DateOf(start)) {
		return p.refuseMove(c, fault.InvalidField("start", "Choose the new time first."))
	}
	key := once.Key{Scope: "portal move", Text: p.Guard.OpOf(c.PostForm("op"), string(p.who(c).Person))}
	if _, err = p.Booking.RescheduleAs(c.Request.Context(), p.client(c), id, start, key); err != nil && !fault.Is(err, once.Mismatch) {
		return p.refuseMove(c, err)
	}
	return doneAt(c, "/portal/bookings/"+string(id), "moved")
}

// refuseMove draws the page again after a move that was not possible. Of a call
// that is over it simply shows how it stands.
func (p *Portal) refuseMove(c *gin.Context, refusal error) error {
	var taken *booking.Refused
	isTaken := errors.As(refusal, &taken)
	if kind := fault.KindOf(refusal); !isTaken && kind != fault.Invalid && kind != fault.Conflict {
		return refusal
	}
	b, err := p.findBooking(c)
	if err != nil {
		return err
	}
	m, err := p.bookingModel(c, b)
	if err != nil {
		return err
	}
	m.Problems = page.Problems{{Name: "start", Say: fault.SayOf(refusal)}}
	if b.Open(p.Now()) && m.MoveHref != "" {
		if err := p.addMoving(c, &m, b, taken); err != nil {
			return err
		}
	}
	return draw(p, c, bookingView, page.Status(fault.KindOf(refusal)), "bookings", m)
}

// addCancelling turns the page into the question whether to cancel.
func (p *Portal) addCancelling(c *gin.Context, m *bookingPage, b booking.Booking) {
	say := firstName(b.CoachName) + " is told at once, and the time is free for someone else."
	if b.Joint {
		say = "It is cancelled for both of you. " + firstName(b.CoachName) + " is told at once, and so is each of you who gets our letters. A reason is read by " + firstName(b.CoachName) + " alone."
	}
	typed := c.PostForm("reason")
	m.Cancelling = &pick.Cancelling{Action: m.Href + "/cancel", Asks: b.AskReason || typed != "", Reason: typed, Say: say, Back: m.Href}
	m.Heading, m.Next = "Cancel this call", ""
}

// cancelBooking calls it off: POST /portal/bookings/ID/cancel.
func (p *Portal) cancelBooking(c *gin.Context) error {
	id := booking.ID(c.Param("booking"))
	_, err := p.Booking.CancelAs(c.Request.Context(), p.client(c), id, c.PostForm("reason"))
	problems, status, is := refused(err)
	if err == nil {
		return doneAt(c, "/portal/bookings/"+string(id), "cancelled")
	}
	if !is {
		return err
	}
	b, err := p.findBooking(c)
	if err != nil {
		return err
	}
	m, err := p.bookingModel(c, b)
	if err != nil {
		return err
	}
	if m.Problems = problems; status == http.StatusUnprocessableEntity {
		p.addCancelling(c, &m, b)
	}
	return draw(p, c, bookingView, status, "bookings", m)
}
