package site

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
)

// coachPart is what only the coach's own link shows.
type coachPart struct {
	Notes         []string
	AcceptAction  string // with these the request waits for an answer
	AcceptOp      string
	DeclineAction string
	DeclineOp     string
	Deadline      string
	WordsAction   string // empty when nothing was written
	WordsOp       string
	Words         []pair // on the answer to that form
}

func (s *Site) coachPart(b booking.Booking, here string, now time.Time, loc *time.Location) *coachPart {
	part := &coachPart{}
	if b.Repeated {
		part.Notes = append(part.Notes, "This address has booked such a call before.")
	}
	part.Notes = append(part.Notes, b.Cautions()...)
	if b.Status == booking.Pending && !b.Due(now) {
		part.AcceptAction, part.AcceptOp = here+"/accept", s.Guard.NewOp(now)
		part.DeclineAction, part.DeclineOp = here+"/decline", s.Guard.NewOp(now)
		part.Deadline = "Without an answer the request ends on " + civil.When(b.ExpiresAt, loc, now) + "."
	}
	if b.Written() {
		part.WordsAction, part.WordsOp = here+"/words", s.Guard.NewOp(now)
	}
	return part
}

// accept is the coach's yes: POST /bookings/TOKEN/accept.
func (s *Site) accept(c *gin.Context) error { return s.answer(c, s.Booking.Accept) }

// decline is the coach's no: POST /bookings/TOKEN/decline.
func (s *Site) decline(c *gin.Context) error { return s.answer(c, s.Booking.Decline) }

func (s *Site) answer(c *gin.Context, act func(context.Context, string) (booking.Booking, error)) error {
	if s.Guard.TooFast(c.PostForm("op"), s.Now()) {
		return s.askAgain(c)
	}
	b, err := act(c.Request.Context(), c.Param("token"))
	if err == nil {
		return back(c)
	}
	if !fault.Is(err, booking.BookingClosed) {
		return err
	}
	m := s.bookingModel(b, booking.ByCoach)
	m.Problems = problem("main", fault.SayOf(err))
	return s.drawBooking(c, http.StatusConflict, b, m)
}

// askAgain shows the coach's page once more and does nothing: a letter's link
// leads straight to these forms, and some scanners of letters press the first
// button they find, at once. A person has read the page before. The keys of the
// forms stay, so the next press is late enough.
func (s *Site) askAgain(c *gin.Context) error {
	b, side, err := s.Booking.ByLink(c.Request.Context(), c.Param("token"))
	if err == nil && side != booking.ByCoach {
		err = booking.ErrNoBooking
	}
	if err != nil {
		return err
	}
	m := s.bookingModel(b, side)
	op := c.PostForm("op")
	m.Coach.AcceptOp, m.Coach.DeclineOp, m.Coach.WordsOp = op, op, op
	m.Problems = problem("for-coach", "That was faster than a page can be read, so nothing was done. Please press the button once more.")
	return s.drawBooking(c, http.StatusUnprocessableEntity, b, m)
}

// words shows the coach what the person wrote: POST /bookings/TOKEN/words. It
// is a form and not a link, so that no scanner of letters reads it, and each
// look is on record.
func (s *Site) words(c *gin.Context) error {
	if s.Guard.TooFast(c.PostForm("op"), s.Now()) {
		return s.askAgain(c)
	}
	b, w, err := s.Booking.ReadWords(c.Request.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	m := s.bookingModel(b, booking.ByCoach)
	for _, p := range []pair{{"Name", b.Name}, {"Mail", b.Email}, {"Phone", b.Phone}, {"Name", b.Guest.Name}, {"Mail", b.Guest.Email}, {"Message", w.Message},
		{"Partner’s name", w.PartnerName}, {"Partner’s mail", w.PartnerEmail}, {"Reason for cancelling", w.Reason}, {"Left out", w.Lost()}} {
		if p.Value != "" {
			m.Coach.Words = append(m.Coach.Words, p)
		}
	}
	m.Coach.WordsAction = ""
	return s.drawBooking(c, http.StatusOK, b, m)
}
