package site

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/pick"
)

// submit books: POST /book/TYPE. On success 303 to the booking's page; on
// refusal the form again with everything that was typed.
func (s *Site) submit(c *gin.Context) error {
	ctx := c.Request.Context()
	form := bookForm{
		Name: c.PostForm("name"), Email: c.PostForm("email"), Phone: c.PostForm("phone"), Message: c.PostForm("message"),
		PartnerName: c.PostForm("partner_name"), PartnerEmail: c.PostForm("partner_email"), SafeToEmail: c.PostForm("safe_to_email"),
	}
	offer, err := s.Booking.TypeOffer(ctx, c.Param("type"), c.PostForm("coach"))
	if err != nil {
		return err
	}
	l := s.submitLooking(c, offer)
	if guard.Trapped(c.PostForm("website")) {
		return s.drawBook(c, http.StatusOK, offer, l, bookForm{}, nil, nil)
	}
	if err := s.maySubmit(c); err != nil {
		if fault.KindOf(err) != fault.TooMany {
			return err
		}
		page.Retry(c, http.StatusTooManyRequests, err)
		return s.drawBook(c, http.StatusTooManyRequests, offer, l, form, problem("start", fault.SayOf(err)), nil)
	}
	op := c.PostForm("op")
	if s.Guard.TooFast(op, s.Now()) {
		return s.drawBook(c, http.StatusUnprocessableEntity, offer, l, form,
			problem("start", "That was faster than we can take. Please press the button once more; nothing is lost."), nil)
	}
	request, problems := s.readRequest(c, form, offer, l)
	if len(problems) > 0 {
		return s.drawBook(c, http.StatusUnprocessableEntity, offer, l, form, problems, nil)
	}
	request.Key = once.Key{Scope: "form book", Text: s.Guard.OpOf(op, form.Email)}
	b, err := s.Booking.Book(ctx, request)
	if err != nil && !fault.Is(err, once.Mismatch) {
		return s.refuseBook(c, offer, l, form, err)
	}
	if err := s.Guard.Allow(ctx, guard.BookingsMade(), guard.Source(c)); err != nil && fault.KindOf(err) != fault.TooMany {
		s.Log.WarnContext(ctx, "count of bookings", "error", err) // the booking stands; only the count is missing
	}
	c.Redirect(http.StatusSeeOther, "/bookings/"+s.Booking.LinkFor(b, booking.ByPerson))
	return nil
}

// maySubmit asks the limits of this source.
func (s *Site) maySubmit(c *gin.Context) error {
	if err := s.Guard.Allow(c.Request.Context(), guard.BookingSubmits(), guard.Source(c)); err != nil {
		return err
	}
	return s.Guard.Peek(c.Request.Context(), guard.BookingsMade(), guard.Source(c))
}

// submitLooking shows the day of the time that was chosen, or the day that was
// shown before.
func (s *Site) submitLooking(c *gin.Context, offer availability.TypeOffer) pick.Look {
	values := url.Values{"timezone": {c.PostForm("timezone")}, "date": {c.PostForm("date")}}
	l := s.bookLooking(offer, c.PostForm("coach"), values)
	l.At(c.PostForm("start"))
	return l
}

// readRequest makes a request of the form, and complains about all of it at
// once: what the form alone can tell, and what the booking room will say.
func (s *Site) readRequest(c *gin.Context, form bookForm, offer availability.TypeOffer, l pick.Look) (booking.Request, page.Problems) {
	r := booking.Request{
		Type: c.Param("type"), Coach: c.PostForm("coach"), Timezone: l.Zone, Name: form.Name, Email: form.Email, Phone: form.Phone,
		PartnerName: form.PartnerName, PartnerEmail: form.PartnerEmail, Message: form.Message, SafeToEmail: form.SafeToEmail != "no",
	}
	var found page.Problems
	if text := c.PostForm("start"); text != "" {
		start, err := time.Parse(time.RFC3339, text)
		if err != nil || !pick.Sensible(slot.DateOf(start)) {
			found = append(found, fault.Field{Name: "start", Say: "Choose one of the times shown."})
		}
		r.Start = start
	}
	if l.Note != "" {
		found = append(found, fault.Field{Name: "zone", Say: l.Note + " Look at the time again and book it, or change the time zone."})
	}
	// Our page asks whether mail is safe; somebody who passed over the question
	// is asked again rather than written to. Programs that know only the field
	// names get the same default as in the API.
	_, ours := s.Guard.OpAge(c.PostForm("op"), s.Now())
	if known := form.SafeToEmail == "yes" || form.SafeToEmail == "no"; !known && (ours || form.SafeToEmail != "") {
		found = append(found, fault.Field{Name: "safe_to_email", Say: "Say whether it is safe for us to write to this address."})
	}
	return r, inOrder(append(found, page.ProblemsOf(s.Booking.Check(offer, r))...))
}

// inOrder puts problems into the order of the form, one for each field.
func inOrder(found page.Problems) page.Problems {
	var problems page.Problems
	for _, name := range []string{"zone", "start", "timezone", "name", "email", "safe_to_email", "phone", "partner_name", "partner_email", "message"} {
		if say := found.Of(name); say != "" {
			problems = append(problems, fault.Field{Name: name, Say: say})
		}
	}
	return problems
}

// refuseBook draws the form again after the booking room said no.
func (s *Site) refuseBook(c *gin.Context, offer availability.TypeOffer, l pick.Look, form bookForm, err error) error {
	var refused *booking.Refused
	switch {
	case errors.As(err, &refused):
		status := page.Status(refused.Fault.Kind)
		return s.drawBook(c, status, offer, l, form, problem("start", refused.Fault.Say), refused)
	case fault.KindOf(err) == fault.Invalid:
		return s.drawBook(c, http.StatusUnprocessableEntity, offer, l, form, page.ProblemsOf(err), nil)
	}
	return err
}

func problem(field, say string) page.Problems { return page.Problems{{Name: field, Say: say}} }
