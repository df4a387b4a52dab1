package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/slot"
	"kintsugi/internal/web/page"
)

var bookForView = page.Define[bookForPage]("desk-book.html")

type bookForPage struct {
	Problems page.Problems
	Types    []daylink
	Coaches  []daylink
	What     string
	Facts    string
	Type     string // slug; empty where the coach holds nothing
	Coach    string
	CoachSay string
	Pick     freeTimes
	Form     bookForForm
	Person   []deskField
	Work     *bookWork // the engagement it is booked in; nil for somebody else
	Op       string
	Back     string
}

// bookForForm is what was typed, kept through every refusal.
type bookForForm struct {
	Name, Email, Timezone, Phone, Safe string
	For                                string // the client whose own hour it is
	Use                                string // yes or no: with one of their sessions
}

// fields are the inputs about the person.
func (f bookForForm) fields(phone, known bool, problems page.Problems) []deskField {
	var fields []deskField
	if !known {
		fields = []deskField{
			{Name: "name", Label: "Their name", Value: f.Name},
			{Name: "email", Label: "Their email address", Kind: "email", Value: f.Email, Hint: "They get the usual letter with the time, the link and an entry for their calendar."},
		}
	}
	if phone {
		fields = append(fields, deskField{Name: "phone", Label: "Their phone number", Value: f.Phone, Hint: "With its country code, like +44 20 7946 0000."})
	}
	return withProblems(fields, problems)
}

// bookFor asks for whom and when: GET /desk/book?type=&coach=&date=, and with
// engagement= for the people of one.
func (d *Desk) bookFor(c *gin.Context) error {
	return d.drawBookFor(c, http.StatusOK, c.Query("type"), c.Query("coach"), bookForForm{}, nil, nil)
}

// kinds are what the coaches whom the viewer may book for hold.
func (d *Desk) kinds(ctx context.Context, w whose) (types []practice.Type, holds map[practice.TypeID][]people.Coach, err error) {
	all, err := practice.Types(ctx, d.DB)
	if err != nil {
		return nil, nil, err
	}
	holders, err := practice.Holders(ctx, d.DB)
	if err != nil {
		return nil, nil, err
	}
	holds = map[practice.TypeID][]people.Coach{}
	for _, h := range holders {
		for _, coach := range append(w.All, w.Coaches...) {
			if coach.ID == h.CoachID {
				holds[h.TypeID] = append(holds[h.TypeID], coach)
				break
			}
		}
	}
	for _, t := range all {
		if len(holds[t.ID]) > 0 {
			types = append(types, t)
		}
	}
	return types, holds, nil
}

// chosen finds the type and the coach that are asked for. Without a type it is
// the first, and without a coach the viewer themselves, or the first who holds
// it.
func chosen(types []practice.Type, holds map[practice.TypeID][]people.Coach, typeSlug, coachSlug string, who people.Coach) (practice.Type, people.Coach, error) {
	for _, t := range types {
		if typeSlug != "" && t.Slug != typeSlug {
			continue
		}
		for _, wanted := range []string{coachSlug, who.Slug} {
			for _, coach := range holds[t.ID] {
				if coach.Slug == wanted {
					return t, coach, nil
				}
			}
		}
		return t, holds[t.ID][0], nil
	}
	return practice.Type{}, people.Coach{}, booking.ErrNoType
}

func (d *Desk) drawBookFor(c *gin.Context, status int, typeSlug, coachSlug string, form bookForForm, problems page.Problems, refusal error) error {
	ctx, now := c.Request.Context(), d.Now()
	work, err := d.workOf(c)
	if err != nil {
		return err
	}
	if work != nil {
		coachSlug = work.e.CoachSlug
	}
	asked := coachSlug
	if d.Who(c).Role != people.Member && asked != "" {
		asked = everybody // whom it is for is settled below
	}
	w, err := d.readWhose(c, asked)
	if err != nil {
		return err
	}
	types, holds, err := d.kinds(ctx, w)
	if err != nil {
		return err
	}
	m := bookForPage{Problems: problems, Form: form, Op: d.Guard.NewOp(now), Back: "/desk/schedule", Work: work}
	if work != nil {
		types, m.Back = work.narrow(types, holds), work.back()
	}
	if op := c.PostForm("op"); op != "" {
		m.Op = op // the same act, sent again
	}
	if len(types) > 0 {
		t, coach, err := chosen(types, holds, typeSlug, coachSlug, d.Who(c))
		if err != nil {
			return err
		}
		offer, err := d.Booking.OfferFor(ctx, d.viewer(c), t.Slug, coach.Slug)
		if err != nil {
			return err
		}
		if err := d.fillBookFor(c, &m, types, holds[t.ID], offer, refusal); err != nil {
			return err
		}
	}
	frame, _, err := d.frame(c, "Book for somebody", "schedule")
	if err != nil {
		return err
	}
	return bookForView.Render(c, status, frame, m)
}

// fillBookFor words the chosen type and draws its free times.
func (d *Desk) fillBookFor(c *gin.Context, m *bookForPage, types []practice.Type, coaches []people.Coach, offer availability.TypeOffer, refusal error) error {
	coach, loc := offer.Coaches[0], practice.Zone(offer.Coaches[0].Timezone)
	m.Type, m.What = offer.Type.Slug, offer.Type.Name
	if m.Work != nil {
		m.Work.choose(offer.Type, m.Form.For)
		if err := d.uses(c, m.Work, offer.Type, m.Form.Use); err != nil {
			return err
		}
	}
	m.Person = m.Form.fields(offer.Type.Place == practice.Phone, m.Work != nil, m.Problems)
	m.Coach, m.CoachSay = coach.Slug, coach.Name
	m.Facts = civil.Duration(offer.Type.Duration())
	if m.Form.Timezone == "" {
		m.Form.Timezone = coach.Timezone
	}
	href := func(typeSlug, coachSlug string) string {
		values := m.Work.keep(url.Values{"type": {typeSlug}, "coach": {coachSlug}})
		if date := c.Query("date"); date != "" {
			values.Set("date", date)
		}
		return "/desk/book?" + values.Encode()
	}
	for _, t := range types {
		m.Types = append(m.Types, daylink{Href: href(t.Slug, coach.Slug), Say: t.Name, Chosen: t.Slug == m.Type})
	}
	if len(coaches) > 1 {
		for _, other := range coaches {
			m.Coaches = append(m.Coaches, daylink{Href: href(m.Type, other.Slug), Say: other.Name, Chosen: other.Slug == m.Coach})
		}
	}
	ctx := c.Request.Context()
	pick, err := d.readFreeTimes(c, "/desk/book", m.Work.keep(url.Values{"type": {m.Type}, "coach": {m.Coach}}), loc, func(from, to time.Time) ([]slot.Slot, error) {
		return d.Booking.OfferOf(ctx, offer, from, to)
	})
	if err != nil {
		return err
	}
	pick.refuse(refusal, m.Problems, loc, d.Now())
	m.Pick = pick
	return nil
}

// bookForSubmit books: POST /desk/book.
func (d *Desk) bookForSubmit(c *gin.Context) error {
	ctx, v := c.Request.Context(), d.viewer(c)
	form := bookForForm{Name: c.PostForm("name"), Email: c.PostForm("email"), Timezone: c.PostForm("timezone"), Phone: c.PostForm("phone"), Safe: c.PostForm("safe_to_email"), For: c.PostForm("for"), Use: c.PostForm("use")}
	if work, err := d.workOf(c); work != nil || err != nil {
		if err != nil {
			return err
		}
		return d.bookSession(c, work, form)
	}
	typeSlug, coachSlug := c.PostForm("type"), c.PostForm("coach")
	offer, err := d.Booking.OfferFor(ctx, v, typeSlug, coachSlug)
	if err != nil {
		return err
	}
	start, problems := readStart(c, practice.Zone(offer.Coaches[0].Timezone))
	request := booking.Request{Type: typeSlug, Coach: coachSlug, Start: start, Timezone: form.Timezone, Name: form.Name,
		Email: form.Email, Phone: form.Phone, SafeToEmail: form.Safe == "yes", Key: d.opKey(c, "book")}
	if problems != nil {
		request.Start = d.Now() // complained about already
	}
	problems = append(problems, page.ProblemsOf(d.Booking.Check(offer, request))...)
	if form.Safe != "yes" && form.Safe != "no" {
		problems = append(problems, fault.Field{Name: "safe_to_email", Say: "Say whether it is safe to write to this address."})
	}
	if problems != nil {
		return d.drawBookFor(c, http.StatusUnprocessableEntity, typeSlug, coachSlug, form, problems, nil)
	}
	b, err := d.Booking.BookFor(ctx, v, request, booking.ReadRules(c.PostForm("against")))
	switch {
	case err == nil, fault.Is(err, once.Mismatch) && b.ID != "":
		c.Redirect(http.StatusSeeOther, "/desk/bookings/"+string(b.ID)+"?done="+quietly("booked", b))
		return nil
	case !mendable(err):
		return err
	}
	if problems = page.ProblemsOf(err); len(problems) == 0 {
		problems = page.Problems{{Name: "start", Say: fault.SayOf(err)}}
	}
	return d.drawBookFor(c, page.Status(fault.KindOf(err)), typeSlug, coachSlug, form, problems, err)
}

// mendable reports whether a form can come back with what is wrong.
func mendable(err error) bool {
	var refused *booking.Refused
	kind := fault.KindOf(err)
	return errors.As(err, &refused) || kind == fault.Invalid || kind == fault.Conflict
}
