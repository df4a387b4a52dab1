package portal

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/intake"
	"kintsugi/internal/pg"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

var formView = page.Define[formPage]("portal-form.html")

// formPage is a form to be filled in.
type formPage struct {
	Here, Name, Coach string
	Kind, Tag         string
	Who               string // who will be able to read it, and from when on
	Policy            string // how secrets are kept; empty where nothing was signed yet
	PolicyHref        string
	Newer             bool
	Due               string
	Change            bool // of what was sent
	Shut              string
	ShutHref          string       // where it can be opened; may be empty
	Kept              []answerPart // what was typed and cannot be sent
	Asides            []asidePart
	Questions         []page.Asked
	Draft, Sent       int
	Op                string
	Saved             string // when it was saved last
	Lost              string // a sentence, where something typed does not open
	Problems          page.Problems
}

// asidePart is what was typed into a question in another place.
type asidePart struct{ Href, Label, Answer, When string }

// answerPart is one question with its answer.
type answerPart struct {
	Label, Answer string
	Section       bool
}

// form shows a form to be filled in, or what was sent of it:
// GET /portal/forms/ID.
func (p *Portal) form(c *gin.Context) error {
	var w intake.Writing
	answered, err := p.sheet(c, func(ctx context.Context, tx *pg.Tx, s intake.Sheet) (err error) {
		if s.Person == p.who(c).Person && s.State != intake.Submitted {
			w, err = p.Intake.Write(ctx, tx, s.Person, s.ID)
		}
		return err
	})
	switch {
	case answered || err != nil:
		return err
	case w.ID == "":
		return p.sentForm(c)
	}
	return p.drawForm(c, http.StatusOK, w, w.Draft.Answers, nil)
}

// changeForm shows what was sent, to be changed: GET /portal/forms/ID/change.
func (p *Portal) changeForm(c *gin.Context) error {
	var w intake.Writing
	answered, err := p.sheet(c, func(ctx context.Context, tx *pg.Tx, s intake.Sheet) (err error) {
		w, err = p.Intake.Write(ctx, tx, p.who(c).Person, s.ID)
		return err
	})
	switch {
	case answered || err != nil:
		return err
	case w.State != intake.Submitted:
		return doneAt(c, "/portal/forms/"+string(w.ID), "")
	}
	return p.drawForm(c, http.StatusOK, w, w.Draft.Answers, nil)
}

// drawForm shows a form with what was typed and what has to be mended.
func (p *Portal) drawForm(c *gin.Context, status int, w intake.Writing, typed questions.Answers, problems page.Problems) error {
	return draw(p, c, formView, status, "forms", p.formModel(c, w, typed, problems))
}

func (p *Portal) formModel(c *gin.Context, w intake.Writing, typed questions.Answers, problems page.Problems) formPage {
	me, loc, now := p.who(c), p.zone(c), p.Now()
	at := "/portal/engagements/" + string(w.Engagement)
	m := formPage{
		Here: "/portal/forms/" + string(w.ID), Name: w.FormName, Kind: string(w.Kind), Tag: w.Lane.Tag(me.Person),
		Who: w.Sheet.Who(w.Lane), PolicyHref: at + "/policy", Newer: w.Newer, Change: w.State == intake.Submitted,
		Draft: w.Draft.Version, Sent: w.Sent, Op: p.Guard.NewOp(now),
	}
	m.Problems = questions.Named(w.Asks.Definition, problems) // the list on top says which question each is about
	if w.Policy.ID != "" && w.Lane.ClosedAt.IsZero() {        // where it is over, what holds now is the others' own
		m.Policy = w.Policy.Kind.Say()
	}
	for _, r := range w.Lane.Readers {
		if r.Coach {
			m.Coach = r.Name
		}
	}
	if w.Draft.Broken {
		m.Lost = engagement.BrokenSay
	}
	if w.DueOn != "" && !m.Change {
		m.Due = dueSay(w.DueOn)
	}
	switch {
	case w.State == intake.Withdrawn:
		m.Shut = fault.SayOf(intake.ErrTakenBack)
	case w.Erased:
		m.Shut = "This was erased."
	case !w.Lane.ClosedAt.IsZero():
		m.Shut = "This has ended, so nothing can be sent any more. What you had written is still here for you."
	case w.Lane.Waits():
		m.Shut = "This opens once everybody who works with you here has signed how secrets are kept. It waits for you until then."
		m.ShutHref = at + "/policy"
	}
	if m.Shut != "" {
		m.Kept = toldParts(w.Asks.Definition, typed)
		return m
	}
	if !w.Draft.SavedAt.IsZero() {
		m.Saved = savedSay(w.Draft, loc, now)
	}
	for _, a := range w.Draft.Asides {
		q, found := w.Asks.Find(a.Key)
		if said := q.Said(a.Answer); found && said != "" {
			m.Asides = append(m.Asides, asidePart{"#" + questions.Input(a.Key), q.Label, said, civil.When(a.At, loc, now)})
		}
	}
	m.Questions = page.Questions(w.Asks.Definition, typed, problems)
	return m
}

// toldParts puts answers into words, question by question.
func toldParts(d questions.Definition, a questions.Answers) []answerPart {
	var parts []answerPart
	for _, line := range questions.Told(d, a) {
		if line.Answer != "" {
			parts = append(parts, answerPart{Label: line.Question.Label, Answer: line.Answer})
		}
	}
	return parts
}

// settleForm lets go of what was set aside, or of what was not sent:
// POST /portal/forms/ID/draft.
func (p *Portal) settleForm(c *gin.Context) error {
	act := p.Intake.Settle
	done := ""
	if c.PostForm("act") == "discard" {
		act, done = p.Intake.Discard, "discarded"
	}
	answered, err := p.sheet(c, func(ctx context.Context, tx *pg.Tx, s intake.Sheet) error {
		return act(ctx, tx, p.who(c).Person, s.ID)
	})
	if answered || err != nil {
		return err
	}
	if done == "" && c.PostForm("change") != "" {
		return doneAt(c, "/portal/forms/"+c.Param("sheet")+"/change", "")
	}
	return doneAt(c, "/portal/forms/"+c.Param("sheet"), done)
}

// seen is what a page had before it. What is no number was never saved.
func seen(c *gin.Context) intake.Seen {
	count := func(name string) int {
		n, err := strconv.ParseInt(c.PostForm(name), 10, 32)
		if err != nil {
			return 0
		}
		return int(n)
	}
	return intake.Seen{Draft: count("draft"), Sent: count("sent")}
}
