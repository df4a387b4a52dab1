package desk

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

// bookWork is the engagement that an hour is booked in; the kind of appointment
// says whether it is for both or for one.
type bookWork struct {
	ID    string
	Names string // of those who have accepted
	Both  bool   // the chosen kind is for both
	For   []deskChoice
	Say   string       // who will know of it
	Use   []deskChoice // with one of their sessions or without; none where the kind asks for none

	e engagement.Engagement
}

// workOf reads the engagement that a page or a form of booking names; nil where
// it names none.
func (d *Desk) workOf(c *gin.Context) (*bookWork, error) {
	id := c.Query("engagement")
	if c.Request.Method == http.MethodPost {
		id = c.PostForm("engagement")
	}
	if id == "" {
		return nil, nil
	}
	e, err := engagement.Find(c.Request.Context(), d.DB, d.Who(c), engagement.ID(id))
	if err != nil {
		return nil, err
	}
	w := &bookWork{ID: id, e: e}
	for _, client := range e.Accepted() {
		if w.Names != "" {
			w.Names += " and "
		}
		w.Names += client.Name
	}
	return w, nil
}

// narrow leaves the kinds that the engagement's coach holds: those for both only
// while both have accepted.
func (w *bookWork) narrow(types []practice.Type, holds map[practice.TypeID][]people.Coach) []practice.Type {
	var left []practice.Type
	accepted := len(w.e.Accepted())
	for _, t := range types {
		at := slices.IndexFunc(holds[t.ID], func(c people.Coach) bool { return c.ID == w.e.CoachID })
		if at < 0 || accepted == 0 || t.Lane == practice.Joint && accepted < 2 {
			continue
		}
		holds[t.ID] = holds[t.ID][at : at+1]
		left = append(left, t)
	}
	return left
}

// choose words for whom the chosen kind is.
func (w *bookWork) choose(t practice.Type, chosen string) {
	if w.Both = t.Lane == practice.Joint; w.Both {
		w.Say = "Both know of it: each gets a letter of their own, sees it, and can move or cancel it."
		return
	}
	w.Say = "Only the one you choose knows of it. The other finds nothing of it anywhere; the hour is simply not free."
	accepted := w.e.Accepted()
	if len(accepted) == 1 {
		chosen, w.Say = string(accepted[0].Person), ""
	}
	for _, c := range accepted {
		w.For = append(w.For, deskChoice{Value: string(c.Person), Say: c.Name, Chosen: chosen == string(c.Person)})
	}
}

// uses says how many sessions there are that the chosen kind could be booked
// with, and lets choose. A page that was not sent yet proposes to use one where
// there is one for everybody who could be chosen.
func (d *Desk) uses(c *gin.Context, w *bookWork, t practice.Type, chosen string) error {
	if t.Credits == 0 {
		return nil
	}
	var persons []people.ID
	for _, client := range w.e.Accepted() {
		persons = append(persons, client.Person)
	}
	lots, err := credit.OfPeople(c.Request.Context(), d.DB, d.Who(c), w.e.ID, persons)
	if err != nil {
		return err
	}
	now := d.Now()
	left := func(person people.ID) (n int) {
		for _, l := range lots {
			if l.Person == person && slices.Contains(l.Types, t.Slug) {
				n += l.Usable(now)
			}
		}
		return n
	}
	say, enough := "", true
	if t.Lane == practice.Joint {
		n := left("")
		say, enough = booking.Sessions(n)+" left for both", n >= t.Credits
	} else {
		for _, client := range w.e.Accepted() {
			n := left(client.Person)
			if say != "" {
				say += "; "
			}
			say += client.Name + " has " + booking.Sessions(n) + " left"
			enough = enough && n >= t.Credits
		}
	}
	if chosen == "" && enough {
		chosen = "yes"
	}
	use := "Uses one of their sessions"
	if t.Credits > 1 {
		use = "Uses " + booking.Sessions(t.Credits) + " of theirs"
	}
	w.Use = []deskChoice{{Value: "yes", Say: use + " (" + say + ")", Chosen: chosen == "yes"}, {Value: "no", Say: "Without a session", Chosen: chosen != "yes"}}
	return nil
}

// back is where booking nothing leads.
func (w *bookWork) back() string { return "/desk/engagements/" + w.ID }

// keep is what every address of the page keeps.
func (w *bookWork) keep(values url.Values) url.Values {
	if w != nil {
		values.Set("engagement", w.ID)
	}
	return values
}

// bookSession books an hour of an engagement, as POST /desk/book does with one.
func (d *Desk) bookSession(c *gin.Context, w *bookWork, form bookForForm) error {
	typeSlug := c.PostForm("type")
	offer, err := d.Booking.OfferFor(c.Request.Context(), d.viewer(c), typeSlug, w.e.CoachSlug)
	if err != nil {
		return err
	}
	start, problems := readStart(c, practice.Zone(offer.Coaches[0].Timezone))
	if problems != nil {
		return d.drawBookFor(c, http.StatusUnprocessableEntity, typeSlug, w.e.CoachSlug, form, problems, nil)
	}
	b, err := d.Booking.BookSession(c.Request.Context(), d.viewer(c), booking.Session{Type: typeSlug, Coach: w.e.CoachSlug, Start: start,
		Engagement: w.e.ID, For: people.ID(form.For), Phone: form.Phone, Use: form.Use == "yes", Key: d.opKey(c, "book")}, booking.ReadRules(c.PostForm("against")))
	switch {
	case err == nil, fault.Is(err, once.Mismatch) && b.ID != "":
		c.Redirect(http.StatusSeeOther, "/desk/bookings/"+string(b.ID)+"?done="+quietly("booked", b))
		return nil
	case !mendable(err):
		return err
	}
	if problems = page.ProblemsOf(err); len(problems) == 0 {
		problems = page.Problems{{Name: "start", Say: fault.SayOf(err)}}
		if fault.Is(err, credit.NoCredit) {
			problems[0].Name = "use"
		}
	}
	return d.drawBookFor(c, page.Status(fault.KindOf(err)), typeSlug, w.e.CoachSlug, form, problems, err)
}
