package desk

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

var formView = page.Define[formPage]("desk-form.html")

// formPage is a form as its writer sees it: what it asks, for whom, and what is
// missing before it can be used.
type formPage struct {
	Here, Name   string
	State        string
	Lane, Send   string
	Known        bool // it is in use or was
	Draft        bool // something is being written
	Use          bool // what is being written can be taken into use
	Overtaken    bool
	Op           string
	Revision     int
	Version      int
	Problems     page.Problems
	ToMend       []formMend
	About        []deskField
	AboutOpen    bool
	Questions    []questionLine
	Scores       []scoreLine
	CanCount     bool // there is something that can be counted up
	Withdrawable bool
}

// formMend is what keeps a form from being used, with the page where it is
// mended.
type formMend struct{ Href, Say string }

type questionLine struct {
	ID, Href, Move  string
	Label, Facts    string
	When            string
	First, Last     bool
	Number          int
	Section, Signed bool
}

type scoreLine struct{ Href, Name, Facts string }

// oneForm shows a form: GET /desk/forms/FORM.
func (d *Desk) oneForm(c *gin.Context) error {
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err != nil {
		return err
	}
	return d.drawForm(c, http.StatusOK, o, nil, nil)
}

// drawForm draws a form, with what was typed about it as a whole.
func (d *Desk) drawForm(c *gin.Context, status int, o openForm, about []deskField, problems page.Problems) error {
	frame, _, err := d.frame(c, o.draft.Name, "forms")
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		frame.Flash = formSay(c)
	}
	model := formPage{Here: formHref(o.draft.Slug), Name: o.draft.Name, State: o.state(), Lane: practice.LaneSay(o.draft.Lane), Send: practice.SendSay(o.draft.SendOn),
		Known: o.known, Draft: o.kept, Overtaken: o.overtaken(), Op: d.Guard.NewOp(d.Now()), Revision: o.draft.Revision, Version: o.form.Version,
		Problems: problems, About: about, AboutOpen: about != nil}
	if about == nil {
		model.About = formFields(o.draft)
	}
	withProblems(model.About, problems)
	model.addQuestions(o.draft.Definition)
	model.addMends(o)
	model.Use = o.changed() && len(o.draft.Questions) > 0 && len(model.ToMend) == 0
	return formView.Render(c, status, frame, model)
}

// state says whether clients see the form as it stands here.
func (o openForm) state() string {
	switch {
	case !o.known:
		return "A draft. Nobody is sent it yet."
	case o.changed() && o.form.Withdrawn:
		return fmt.Sprintf("Withdrawn, and being changed. The last version in use was %d.", o.form.Version)
	case o.changed():
		return fmt.Sprintf("Being changed. Clients are sent version %d until you take the changes into use.", o.form.Version)
	case o.form.Withdrawn:
		return fmt.Sprintf("Withdrawn, and sent to nobody. Version %d.", o.form.Version)
	}
	return fmt.Sprintf("In use. Version %d.", o.form.Version)
}

// formFields are what is said about a form as a whole.
func formFields(f practice.FormDraft) []deskField {
	return []deskField{
		{Name: "name", Label: "What is it called?", Value: f.Name, Hint: "Clients see it."},
		{Name: "lane", Label: "Who reads the answers?", Kind: "choice", Choices: choicesOf(f.Lane,
			practice.Individual, "The person who answers, and their coach",
			practice.Joint, "Both partners, and their coach",
			practice.Safety, "The person who answers, and their coach; also before anything is signed"),
			Hint: "Those who were sent it before keep the readers they were told of."},
		{Name: "send_on", Label: "When is it sent?", Kind: "choice", Choices: choicesOf(f.SendOn,
			practice.Manual, "When a coach sends it",
			practice.FirstBooking, "By itself, when somebody books for the first time",
			practice.FirstPurchase, "By itself, when somebody buys sessions for the first time")},
	}
}

func (m *formPage) addQuestions(d questions.Definition) {
	for i, q := range d.Questions {
		line := questionLine{ID: "question-" + q.Key, Href: m.Here + "/questions/" + q.Key, Move: m.Here + "/questions/" + q.Key + "/move",
			Label: q.Label, Facts: factsOf(q), When: questions.When(d, q), First: i == 0, Last: i == len(d.Questions)-1, Number: i + 1, Section: !q.Asks(), Signed: q.Signs()}
		m.Questions = append(m.Questions, line)
		m.CanCount = m.CanCount || q.Kind == questions.ScaleOf || q.Kind == questions.Choice
	}
	for _, s := range d.Scores {
		facts := "sum of "
		if s.How == questions.Mean {
			facts = "mean of "
		}
		m.Scores = append(m.Scores, scoreLine{m.Here + "/scores/" + s.Key, s.Name, facts + plural(len(s.Items), "answer", "answers")})
	}
}

// factsOf says how a question is asked.
func factsOf(q questions.Question) string {
	facts := q.Kind.Say()
	switch from, to := q.Steps(); {
	case q.Kind == questions.ScaleOf:
		facts += fmt.Sprintf(" from %d to %d", from, to)
	case len(q.Options) > 0:
		facts += ": " + plural(len(q.Options), "answer", "answers") + " to choose from"
	}
	if q.Required {
		facts += ", must be answered"
	}
	return facts
}

// addMends says what keeps the draft from being used.
func (m *formPage) addMends(o openForm) {
	if len(o.draft.Questions) == 0 {
		return // the page says what to do first
	}
	for _, mistake := range questions.Check(o.draft.Definition) {
		mend := formMend{Href: "#questions", Say: mistake.Say}
		switch {
		case mistake.Index < 0:
		case mistake.List == "scores":
			s := m.Scores[mistake.Index]
			mend = formMend{s.Href, "“" + s.Name + "”: " + mistake.Say}
		default:
			q := m.Questions[mistake.Index]
			mend = formMend{q.Href, fmt.Sprintf("Question %d, “%s”: %s", q.Number, q.Label, mistake.Say)}
		}
		m.ToMend = append(m.ToMend, mend)
	}
}

// saveForm keeps what a form is called, who reads it and when it is sent: POST
// /desk/forms/FORM.
func (d *Desk) saveForm(c *gin.Context) error {
	in := typed{c: c}
	name, err := people.CleanLine("name", in.text("name"), longestFormName)
	in.problems = append(in.problems, page.ProblemsOf(err)...)
	lane, send := in.text("lane"), in.text("send_on")
	if lane != practice.Individual && lane != practice.Joint && lane != practice.Safety {
		in.wrong("lane", "Choose who reads the answers.")
	}
	if send != practice.Manual && send != practice.FirstBooking && send != practice.FirstPurchase {
		in.wrong("send_on", "Choose when it is sent.")
	}
	status := statusMend
	if len(in.problems) == 0 {
		err := d.changeForm(c, "form", func(f *practice.FormDraft) error {
			f.Name, f.Lane, f.SendOn = name, lane, send
			return nil
		})
		if err == nil {
			return doneAt(c, formHref(c.Param("form")), "kept")
		}
		if !meantime(err) {
			return err
		}
		status, in.problems = http.StatusConflict, page.Problems{{Name: "main", Say: fault.SayOf(err)}}
	}
	o, err := d.openForm(c.Request.Context(), d.DB, c.Param("form"))
	if err != nil {
		return err
	}
	return d.drawForm(c, status, o, formFields(practice.FormDraft{Name: in.text("name"), Lane: lane, SendOn: send}), in.problems)
}

// useForm takes what was written into use: POST /desk/forms/FORM/use. It says
// which revision of the draft, and which version of the form, was looked at.
func (d *Desk) useForm(c *gin.Context) error {
	ctx, slug := c.Request.Context(), c.Param("form")
	o, err := d.openForm(ctx, d.DB, slug)
	if err != nil {
		return err
	}
	act, seen := "form changed", seenRevision(c)
	if !o.known {
		act = "form made"
	}
	version, _ := strconv.Atoi(c.PostForm("version"))
	err = d.setUp(c, doing{Act: act, About: string(o.form.ID), Key: d.opKey(c, "use form"), Part: func(tx *pg.Tx) (any, error) {
		now, err := d.openForm(ctx, tx, slug)
		switch {
		case err != nil:
			return nil, err
		case !now.kept || now.draft.Revision != seen || now.form.Version != version:
			return nil, practice.ErrDraftChanged()
		case len(questions.Check(now.draft.Definition)) > 0:
			return nil, fault.InvalidField("main", "Something has to be mended before this form can be used.")
		}
		return formPart(now.draft), nil
	}, Then: func(tx *pg.Tx) error { return practice.DropFormDraft(ctx, tx, slug, seen) }})
	if err == nil {
		return doneAt(c, formHref(slug), "used")
	}
	status := http.StatusConflict
	problems := page.Problems{{Name: "main", Say: "Somebody changed this form since you opened this page. Look at it as it is now, then decide again."}}
	if !meantime(err) {
		status = statusMend
		if problems, err = mended(err, "main", func(string) string { return "main" }); err != nil {
			return err
		}
	}
	if o, err = d.openForm(ctx, d.DB, slug); err != nil {
		return err
	}
	return d.drawForm(c, status, o, nil, problems)
}

// discardForm throws away what was being written: POST
// /desk/forms/FORM/discard.
func (d *Desk) discardForm(c *gin.Context) error {
	ctx, slug := c.Request.Context(), c.Param("form")
	o, err := d.openForm(ctx, d.DB, slug)
	if err != nil {
		return err
	}
	back := "/desk/forms"
	if o.known {
		back = formHref(slug)
	}
	if !o.kept {
		return doneAt(c, back, "discarded")
	}
	err = d.DB.InTx(ctx, func(tx *pg.Tx) error { return practice.DropFormDraft(ctx, tx, slug, seenRevision(c)) })
	if meantime(err) {
		if o, err = d.openForm(ctx, d.DB, slug); err != nil {
			return err
		}
		return d.drawForm(c, http.StatusConflict, o, nil, page.Problems{{Name: "main", Say: "Somebody wrote on this draft since you opened this page, so it was kept. Look at it as it is now, then decide again."}})
	}
	if err != nil {
		return err
	}
	return doneAt(c, back, "discarded")
}
