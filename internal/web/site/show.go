package site

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/calendar"
	"kintsugi/internal/civil"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/pick"
)

var bookingView = page.Define[bookingPage]("booking.html")

// bookingPage is a booking behind its link. One of three bodies shows: moving,
// cancelling, or the booking itself.
type bookingPage struct {
	State    booking.Status
	StateSay string
	Heading  string
	Next     string // what happens next
	Problems page.Problems
	KeepLink string // address of this page, when we send no mail to this person
	Note     string // what the coach wrote about how it stands, for the person alone
	NoteFrom string

	Start     string // RFC 3339
	When      string
	Elsewhere string // the other side's clock, where it differs
	Was       string // where it was before a move
	What      string
	Length    string
	With      string
	WithHref  string
	Where     string
	JoinHref  string

	MoveHref, CancelHref string // empty when not possible any more
	Limit                string
	Notice               string // until when it is free to change, where it uses sessions
	Again                *link
	Calendar             *pick.Calendar
	Coach                *coachPart // only under the coach's link
	Moving               *pick.Moving
	Cancelling           *pick.Cancelling
}

// show is a booking's page: GET /bookings/TOKEN. It only shows; forms on it act.
func (s *Site) show(c *gin.Context) error {
	b, side, err := s.Booking.ByLink(c.Request.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	model := s.bookingModel(b, side)
	if side == booking.ByCoach {
		undelivered, err := booking.Undelivered(c.Request.Context(), s.DB, b)
		if err != nil {
			return err
		}
		for _, name := range undelivered {
			if b.Guest.ID == "" {
				name = "this person"
			}
			model.Coach.Notes = append(model.Coach.Notes, "A letter to "+name+" could not be delivered. The address may be mistyped.")
		}
	}
	if side == booking.ByPerson {
		if model.Note, err = s.Booking.Note(c.Request.Context(), s.DB, b); err != nil {
			return err
		}
		model.NoteFrom = firstName(b.CoachName)
	}
	open := b.Open(s.Now())
	switch {
	case open && c.Query("move") == "1" && model.MoveHref != "":
		if err := s.addMoving(c, &model, b, side, nil); err != nil {
			return err
		}
	case open && c.Query("cancel") == "1":
		s.addCancelling(c, &model, b, side)
	}
	return s.drawBooking(c, http.StatusOK, b, model)
}

// drawBooking answers with the page: neutral title, kept by no cache.
func (s *Site) drawBooking(c *gin.Context, status int, b booking.Booking, model bookingPage) error {
	frame := s.frameOf(c, practice.Basics{Name: b.Practice, DiscreetName: b.Discreet, Timezone: b.PracticeZone, Email: b.ReplyTo})
	frame.Discreet, frame.NoIndex = true, true
	return bookingView.Render(c, status, frame, model)
}

// bookingModel is the booking in words, on the reader's clock.
func (s *Site) bookingModel(b booking.Booking, side booking.Party) bookingPage {
	now := s.Now()
	loc, other := practice.Zone(b.Timezone), practice.Zone(b.CoachZone)
	if side == booking.ByCoach {
		loc, other = other, loc
	}
	here := "/bookings/" + s.Booking.LinkFor(b, side)
	m := bookingPage{
		State: stateNow(b, now), Start: b.Start.In(loc).Format(time.RFC3339), When: civil.When(b.Start, loc, now),
		What: b.TypeName, Length: civil.Duration(b.End.Sub(b.Start)), With: b.CoachName, WithHref: "/coaches/" + b.CoachSlug,
		Where: whereWords(b, side), JoinHref: b.JoinURL(),
	}
	if civil.Clock(b.Start, loc) != civil.Clock(b.Start, other) {
		who := firstName(b.CoachName)
		if side == booking.ByCoach {
			who = "them"
		}
		m.Elsewhere = fmt.Sprintf("%s for %s (%s)", civil.Clock(b.Start, other), who, civil.Place(other))
	}
	if !b.MovedFrom.IsZero() && b.Status.Live() {
		m.Was = "Before: " + civil.When(b.MovedFrom, loc, now)
	}
	m.sayState(b, side, now, loc)
	if b.Open(now) {
		m.MoveHref, m.CancelHref = here+"?move=1", here+"?cancel=1"
		m.Limit = "You can move or cancel it until it begins."
		if b.Credits > 0 && side == booking.ByPerson {
			m.Limit, m.Notice = "", "Free to move or cancel: "+lowerFirst(b.FreeSay(now))
			if b.Status == booking.Confirmed && now.After(b.FreeUntil) {
				m.MoveHref = ""
			}
		} else if b.Credits > 0 {
			m.Limit += " It uses " + booking.Sessions(b.Credits) + " of theirs, which they get back when you cancel it."
		}
	} else if side == booking.ByPerson {
		m.Again = again(b)
	}
	if side == booking.ByPerson && !b.SafeToEmail && b.Open(now) {
		m.KeepLink = s.Booking.URLFor(b, side)
	}
	if b.Status == booking.Confirmed && b.Open(now) {
		m.Calendar = &pick.Calendar{File: here + "/invite.ics", Google: b.GoogleLink(), Outlook: b.OutlookLink(),
			Subscribe: s.Booking.FeedURL(b, side), Title: b.Discreet}
	}
	if side == booking.ByCoach {
		m.With, m.WithHref = b.Names(), ""
		m.Coach = s.coachPart(b, here, now, loc)
	}
	return m
}

// lowerFirst makes a sentence the end of another.
func lowerFirst(sentence string) string { return strings.ToLower(sentence[:1]) + sentence[1:] }

// again is where somebody books another call: a client behind their sign-in,
// everybody else on the public page.
func again(b booking.Booking) *link {
	if b.Engagement != "" {
		return &link{Href: "/portal/bookings", Say: "See your other calls"}
	}
	return &link{Href: "/book/" + b.TypeSlug, Say: "Book another call"}
}

// stateNow is where the booking stands as people should see it: a request that
// ran out a second ago has run out.
func stateNow(b booking.Booking, now time.Time) booking.Status {
	if b.Due(now) {
		return booking.Expired
	}
	return b.Status
}

// sayState puts where the booking stands, and what happens next, into words.
func (m *bookingPage) sayState(b booking.Booking, side booking.Party, now time.Time, loc *time.Location) {
	coach, mine := firstName(b.CoachName), side == booking.ByPerson
	say := func(state, heading, next string) { m.StateSay, m.Heading, m.Next = state, heading, next }
	switch {
	case m.State == booking.Pending && mine:
		say("Waiting for an answer", "Your request has arrived",
			"The time is kept for you until "+civil.When(b.ExpiresAt, loc, now)+". "+told(b, "You get an email as soon as there is an answer.", "Look here for the answer."))
	case m.State == booking.Pending:
		say("Waiting for your answer", "Somebody asks for this hour", "The hour is kept for them until you answer.")
	case m.State == booking.Confirmed && now.Before(b.Start) && mine:
		say("Confirmed", "Your call is booked", told(b, mailed(b, now), "We send you no email, as you asked."))
	case m.State == booking.Confirmed && now.Before(b.Start):
		say("Confirmed", "A call with you is booked", told(b, "Both of you have been told.", "The person sees it on their page; we do not write to them."))
	case m.State == booking.Confirmed && now.Before(b.End):
		say("Now", "This call has begun", "It is not too late to join.")
	case m.State == booking.Confirmed || m.State == booking.Completed:
		say("Over", "This call is over", "Nothing more is to be done here.")
	case m.State == booking.NoShow:
		say("Over", "This call did not take place", "Nothing more is to be done here.")
	case m.State == booking.Cancelled:
		say("Cancelled", "This call has been cancelled", cancelledBy(b, side, coach))
	case m.State == booking.Declined && mine:
		say("Not possible", "This hour could not be given to you", "We are sorry. You are welcome to choose another one.")
	case m.State == booking.Declined:
		say("Declined", "You declined this request", told(b, "The person has been told, and the hour is free again.", "The person sees it on their page, and the hour is free again."))
	case mine:
		say("Ran out", "Your request was not answered in time", "We are sorry. The hour is no longer kept for you; you are welcome to choose another one.")
	default:
		say("Ran out", "This request was not answered in time", told(b, "The person has been told, and the hour is free again.", "The person sees it on their page, and the hour is free again."))
	}
}

// mailed says where the email about a booking is by now.
func mailed(b booking.Booking, now time.Time) string {
	if now.Sub(b.ChangedAt) < 10*time.Minute {
		return "The time is on its way to you by email, too."
	}
	return "The time is in your email, too."
}

// told chooses between what is said to somebody we write to and to somebody we do not.
func told(b booking.Booking, written, silent string) string {
	if len(b.Unsafe()) == 0 {
		return written
	}
	return silent
}

func cancelledBy(b booking.Booking, side booking.Party, coach string) string {
	switch {
	case b.Joint && side == booking.ByPerson:
		// Who of the three did is theirs to say to each other.
		return "The time is free for someone else."
	case b.EndedBy == side:
		return "You cancelled it. The time is free for someone else."
	case b.Joint:
		return "One of them cancelled it. The time is free again."
	case side == booking.ByPerson:
		return coach + " cancelled it. You are welcome to choose another time."
	}
	return "The person cancelled it. The time is free again."
}

// whereWords says where the call is held.
func whereWords(b booking.Booking, side booking.Party) string {
	switch {
	case b.Place == practice.Video && b.Status == booking.Pending:
		return "By video; the link is here once the call is accepted"
	case b.Place == practice.Video:
		return "By video"
	case b.Place == practice.Phone && side == booking.ByCoach:
		return "By phone: you call " + b.Phone
	case b.Place == practice.Phone && b.Phone == "":
		return "By phone"
	case b.Place == practice.Phone:
		return firstName(b.CoachName) + " calls you on " + b.Phone
	}
	return b.Place
}

// invite is the booking as a calendar file: GET /bookings/TOKEN/invite.ics.
func (s *Site) invite(c *gin.Context) error {
	b, _, err := s.Booking.ByLink(c.Request.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	body, err := b.File()
	if err != nil {
		return fmt.Errorf("write calendar file: %w", err)
	}
	c.Header("Cache-Control", "no-store")
	c.Header("X-Robots-Tag", "noindex")
	c.Header("Content-Disposition", `attachment; filename="invite.ics"`)
	c.Data(http.StatusOK, calendar.ContentType, body)
	return nil
}

// back leads to the booking's page after an act.
func back(c *gin.Context) error {
	c.Redirect(http.StatusSeeOther, "/bookings/"+strings.TrimSpace(c.Param("token")))
	return nil
}
