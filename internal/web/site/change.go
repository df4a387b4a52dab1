package site

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/pick"
)

// addMoving turns the booking's page into the one where another time is chosen.
func (s *Site) addMoving(c *gin.Context, m *bookingPage, b booking.Booking, side booking.Party, refused *booking.Refused) error {
	now, here := s.Now(), "/bookings/"+c.Param("token")
	zone := b.Timezone
	if side == booking.ByCoach {
		zone = b.CoachZone
	}
	values := c.Request.URL.Query()
	if c.Request.Method == http.MethodPost {
		values = url.Values{"timezone": {c.PostForm("timezone")}, "date": {c.PostForm("date")}}
	}
	l := pick.Read(values, here, url.Values{"move": {"1"}}, zone)
	l.Chosen, l.Insist = true, len(m.Problems) > 0 // the booking knows its reader's zone; nothing has to be found out
	moving, err := l.Move(c.Request.Context(), s.Booking, b, m.Problems.Of("start"), refused, now)
	if err != nil {
		return err
	}
	if side == booking.ByCoach {
		moving.Rule, moving.Next = "", ""
	}
	moving.Action, moving.Op, moving.Back = here+"/reschedule", s.Guard.NewOp(now), here
	m.Heading, m.Next, m.Moving = "Move this call", moving.Next, moving
	return nil
}

// reschedule moves a booking: POST /bookings/TOKEN/reschedule.
func (s *Site) reschedule(c *gin.Context) error {
	start, err := time.Parse(time.RFC3339, c.PostForm("start"))
	if err != nil || !pick.Sensible(slot.DateOf(start)) {
		return s.refuseMove(c, fault.InvalidField("start", "Choose the new time first."))
	}
	key := once.Key{}
	if op := c.PostForm("op"); guard.UsableOp(op) {
		key = once.Key{Scope: "form reschedule", Text: op}
	}
	_, _, err = s.Booking.Reschedule(c.Request.Context(), c.Param("token"), start, key)
	if err != nil && !fault.Is(err, once.Mismatch) {
		return s.refuseMove(c, err)
	}
	return back(c)
}

// refuseMove draws the page again after a move that was not possible. Of a
// booking that is over it simply shows how it stands.
func (s *Site) refuseMove(c *gin.Context, refusal error) error {
	var refused *booking.Refused
	isRefused := errors.As(refusal, &refused)
	if kind := fault.KindOf(refusal); !isRefused && kind != fault.Invalid && kind != fault.Conflict {
		return refusal
	}
	b, side, err := s.Booking.ByLink(c.Request.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	m := s.bookingModel(b, side)
	m.Problems = problem("start", fault.SayOf(refusal))
	if b.Open(s.Now()) && m.MoveHref != "" {
		if err := s.addMoving(c, &m, b, side, refused); err != nil {
			return err
		}
	}
	return s.drawBooking(c, page.Status(fault.KindOf(refusal)), b, m)
}

// addCancelling turns the booking's page into the question whether to cancel.
func (s *Site) addCancelling(c *gin.Context, m *bookingPage, b booking.Booking, side booking.Party) {
	here := "/bookings/" + c.Param("token")
	say := firstName(b.CoachName) + " is told at once, and the time is free for someone else."
	if b.Joint && side == booking.ByPerson {
		say = "It is cancelled for both of you, and " + say
	}
	if side == booking.ByCoach {
		say = told(b, "The person is told at once. Your reason stays with you.", "Mail is not safe for this person: they see it only when they open their page. Your reason stays with you.")
	}
	typed := c.PostForm("reason")
	// A coach's reason is a note to themselves. What was typed has to be seen to be mended.
	asks := b.AskReason || side == booking.ByCoach || typed != ""
	m.Cancelling = &pick.Cancelling{Action: here + "/cancel", Op: s.Guard.NewOp(s.Now()), Asks: asks, Reason: typed, Say: say, Back: here}
	m.Heading, m.Next = "Cancel this call", ""
}

// cancel calls a booking off: POST /bookings/TOKEN/cancel.
func (s *Site) cancel(c *gin.Context) error {
	b, side, err := s.Booking.Cancel(c.Request.Context(), c.Param("token"), c.PostForm("reason"))
	if err == nil {
		return back(c)
	}
	invalid := fault.KindOf(err) == fault.Invalid
	if !invalid && !fault.Is(err, booking.BookingClosed) {
		return err
	}
	m := s.bookingModel(b, side)
	m.Problems = page.ProblemsOf(err)
	status := http.StatusConflict
	if invalid {
		status = http.StatusUnprocessableEntity
		s.addCancelling(c, &m, b, side)
	} else {
		m.Problems = problem("main", fault.SayOf(err))
	}
	return s.drawBooking(c, status, b, m)
}
