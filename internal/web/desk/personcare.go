package desk

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/office"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

// savePersonNote keeps the office note: POST /desk/people/ID/note.
func (d *Desk) savePersonNote(c *gin.Context) error {
	seen, _ := strconv.Atoi(c.PostForm("version")) // what is no number was never saved
	text := c.PostForm("note")
	err := d.reception().SaveNote(c.Request.Context(), d.viewer(c), personID(c), seen, text)
	if err == nil {
		return toPerson(c, personID(c), "note")
	}
	return d.refusePerson(c, err, "note", func(m *personPage) {
		m.Notes.Theirs, m.Notes.Text = m.Notes.Text, text
		if fault.KindOf(err) != fault.Conflict {
			m.Notes.Theirs, m.Notes.Version = "", seen
		}
	})
}

// placePerson keeps where somebody stands: POST /desk/people/ID/standing.
func (d *Desk) placePerson(c *gin.Context) error {
	s := office.Standing{Stage: office.Stage(c.PostForm("stage")), Reason: c.PostForm("reason"), Source: c.PostForm("source"),
		NextStep: c.PostForm("next_step"), NextOn: c.PostForm("next_on")}
	err := d.reception().Place(c.Request.Context(), d.viewer(c), personID(c), s)
	if err == nil {
		return toPerson(c, personID(c), "standing")
	}
	return d.refusePerson(c, err, "stage", func(m *personPage) {
		typed := m.Standing
		for _, list := range []struct {
			choices []choicePart
			chosen  string
		}{{typed.Stages, string(s.Stage)}, {typed.Reasons, s.Reason}, {typed.Sources, s.Source}} {
			for i := range list.choices {
				list.choices[i].Chosen = list.choices[i].Value == list.chosen
			}
		}
		typed.NextStep, typed.NextOn = s.NextStep, s.NextOn
		m.Standing = typed
	})
}

// handPerson lets another coach look after somebody: POST /desk/people/ID/hand.
func (d *Desk) handPerson(c *gin.Context) error {
	err := d.reception().HandTo(c.Request.Context(), d.viewer(c), personID(c), people.ID(c.PostForm("coach")))
	if err != nil {
		return err
	}
	return toPerson(c, personID(c), "handed")
}

// refusePerson draws a person's page again after an act that was refused, with
// what was typed. Field stands for a refusal that names none.
func (d *Desk) refusePerson(c *gin.Context, refusal error, field string, refill func(*personPage)) error {
	kind := fault.KindOf(refusal)
	if kind != fault.Invalid && kind != fault.Conflict {
		return refusal
	}
	card, err := d.reception().Find(c.Request.Context(), d.DB, d.viewer(c), personID(c))
	if err != nil {
		return err
	}
	m, err := d.personModel(c, card)
	if err != nil {
		return err
	}
	if m.Problems = page.ProblemsOf(refusal); len(m.Problems) == 0 {
		m.Problems = page.Problems{{Name: field, Say: fault.SayOf(refusal)}}
	}
	refill(&m)
	return d.drawPerson(c, page.Status(kind), m)
}

var contactView = page.Define[contactPage]("desk-person-contact.html")

// contactPage asks how one address of a person may be used.
type contactPage struct {
	Action, Back string
	Name, Email  string
	Version      int
	Questions    []contactQuestion
	Problems     page.Problems
	History      []contactLine
}

type contactQuestion struct {
	Name, Say, Hint string
	Choices         []choicePart
	Problem         string
}

type contactLine struct{ When, By, Mail, Call, Message string }

// contact is the page on how somebody may be reached: GET /desk/people/ID/contact.
func (d *Desk) contact(c *gin.Context) error { return d.drawContact(c, http.StatusOK, nil, nil) }

// saveContact keeps it: POST /desk/people/ID/contact.
func (d *Desk) saveContact(c *gin.Context) error {
	seen, _ := strconv.Atoi(c.PostForm("version")) // what is no number was never saved
	k := people.Contact{MayEmail: people.Consent(c.PostForm("may_email")), MayCall: people.Consent(c.PostForm("may_call")),
		MayLeave: people.Consent(c.PostForm("may_leave_message"))}
	err := d.reception().SetContact(c.Request.Context(), d.viewer(c), personID(c), seen, k)
	switch fault.KindOf(err) {
	case fault.Invalid:
		return d.drawContact(c, http.StatusUnprocessableEntity, err, &k)
	case fault.Conflict:
		return d.drawContact(c, http.StatusConflict, err, nil)
	}
	if err != nil {
		return err
	}
	return toPerson(c, personID(c), "contact")
}

func (d *Desk) drawContact(c *gin.Context, status int, refusal error, typed *people.Contact) error {
	card, err := d.reception().Find(c.Request.Context(), d.DB, d.viewer(c), personID(c))
	if err != nil {
		return err
	}
	now, loc := d.Now(), practice.Zone(d.Who(c).Timezone)
	r := card.Records[0]
	for _, one := range card.Records {
		if one.ID == personID(c) {
			r = one
		}
	}
	k := r.Contact[0]
	m := contactPage{Action: "/desk/people/" + string(r.ID) + "/contact", Back: "/desk/people/" + string(card.ID()), Name: r.Name, Email: r.Email,
		Version: k.Version, Problems: page.ProblemsOf(refusal)}
	if refusal != nil && len(m.Problems) == 0 {
		m.Problems = page.Problems{{Name: "may_email", Say: fault.SayOf(refusal)}}
	}
	if typed != nil {
		k = *typed
	}
	yesNo := func(chosen people.Consent, unknown bool) []choicePart {
		list := []choicePart{{"yes", "Yes", chosen == people.Yes}, {"no", "No", chosen == people.No}}
		if unknown {
			list = append(list, choicePart{"unknown", "Not asked yet", chosen == people.Unknown})
		}
		return list
	}
	m.Questions = []contactQuestion{
		{"may_email", "May we write to this address?", "With a no, every letter to it is held from now on, also for calls that are booked already.", yesNo(k.MayEmail, false), m.Problems.Of("may_email")},
		{"may_call", "May we call?", "", yesNo(k.MayCall, true), m.Problems.Of("may_call")},
		{"may_leave_message", "May we leave a message, with somebody or on a machine?", "", yesNo(k.MayLeave, true), m.Problems.Of("may_leave_message")},
	}
	for _, h := range r.Contact {
		by := orNobody(h.By)
		switch {
		case h.Version == 0:
			by = "Themselves, when they first wrote"
		case h.ChangedBy == r.ID:
			by = "Themselves"
		}
		m.History = append(m.History, contactLine{civil.When(h.ChangedAt, loc, now), by, sayConsent(h.MayEmail), sayConsent(h.MayCall), sayConsent(h.MayLeave)})
	}
	frame, _, err := d.frame(c, "How to reach "+r.Name, "people")
	if err != nil {
		return err
	}
	return contactView.Render(c, status, frame, m)
}
