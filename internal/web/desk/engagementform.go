package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

var engagementFormView = page.Define[engagementFormPage]("desk-engagement-form.html")

// engagementFormPage is what a client has sent, in the words in which they were
// asked, with what changed since the version before.
type engagementFormPage struct {
	Here, Back, Name, Whose string
	Kind, Tag, Who          string
	Sent, Policy            string
	Passed                  string // when they passed it on; empty where it was answered here
	Older                   bool
	Unshared                string // of a form for both: that the other cannot read it yet
	Scores                  []resultLine
	Changes                 []changeLine
	Compared                string // when the version before was sent; empty for the first
	Answers                 []answerLine
	Signatures              []signatureLine
	Versions                []sentLine
	Lost                    string // a sentence, where something does not open
}

type resultLine struct{ Name, Value, Range, Say, Answered string }

type changeLine struct{ Label, Before, Now string }

type answerLine struct {
	Label, Answer string
	Section, Text bool
}

type signatureLine struct {
	ID, Label, Text, Name, Email, When, Hash, TakenBack string
	Typed, Broken                                       bool
}

type sentLine struct {
	Href, When string
	Here, Last bool
}

// engagementForm opens what a client has sent: GET /desk/engagements/ID/forms/ID.
// Each look is put on record, and the client can see that there was one.
func (d *Desk) engagementForm(c *gin.Context) error {
	e, err := d.ownEngagement(c)
	if err != nil {
		return err
	}
	version := 0
	if asked := c.Query("version"); asked != "" {
		if version, err = strconv.Atoi(asked); err != nil || version < 1 {
			return engagement.ErrNothing
		}
	}
	var f intake.Filled
	var policies []engagement.Policy
	if err := d.asCoach(c, func(ctx context.Context, tx *pg.Tx) (err error) {
		s, err := intake.Find(ctx, tx, d.Who(c).ID, intake.ID(c.Param("sheet")))
		if err != nil {
			return err
		}
		if s.Engagement != e.ID || s.Sent == 0 || s.Erased || version > s.Sent {
			return engagement.ErrNothing
		}
		if f, err = d.Intake.Read(ctx, tx, d.Who(c).ID, s.ID, d.Now()); err != nil {
			return err
		}
		policies, err = engagement.Policies(ctx, tx, e.ID)
		return err
	}); err != nil {
		return err
	}
	m := d.engagementFormModel(c, f, version, policies)
	frame, _, err := d.frame(c, "Answers", "engagements")
	if err != nil {
		return err
	}
	return engagementFormView.Render(c, http.StatusOK, frame, m)
}

func (d *Desk) engagementFormModel(c *gin.Context, f intake.Filled, version int, policies []engagement.Policy) engagementFormPage {
	loc, now, me := practice.Zone(d.Who(c).Timezone), d.Now(), d.Who(c).ID
	back := "/desk/engagements/" + string(f.Engagement) + "/forms"
	m := engagementFormPage{Here: back + "/" + string(f.ID), Back: back, Name: f.FormName, Whose: f.Name, Kind: string(f.Kind), Tag: f.Lane.Tag(me), Who: f.Lane.Who(me)}
	if f.Kind == engagement.JointLane && f.SharedAt.IsZero() {
		m.Who = "You and " + f.Name + " can read this."
		if f.Round == "" {
			m.Unshared = "It was passed on by " + f.Name + ", and is for you two alone: do not mention it to the other."
		} else {
			m.Unshared = "Once both have answered, both of them can read both. Until then, do not mention that this one has been sent."
		}
	}
	if !f.PassedAt.IsZero() {
		m.Passed = civil.When(f.PassedAt, loc, now)
	}
	at := 0
	for i, v := range f.Versions {
		here := v.Version == version || version == 0 && i == 0
		if here {
			at = i
		}
		href := m.Here
		if i > 0 {
			href += "?version=" + strconv.Itoa(v.Version)
		}
		m.Versions = append(m.Versions, sentLine{href, civil.When(v.SentAt, loc, now), here, i == 0})
	}
	v := f.Versions[at]
	m.Sent, m.Older = civil.When(v.SentAt, loc, now), at > 0
	if i := slices.IndexFunc(policies, func(p engagement.Policy) bool { return p.ID == v.Policy }); i >= 0 {
		m.Policy = policies[i].Kind.Say()
	}
	if at+1 < len(f.Versions) {
		before := f.Versions[at+1]
		m.Compared = civil.When(before.SentAt, loc, now)
		for _, ch := range intake.Changes(f.Asks.Definition, before.Answers, v.Answers) {
			if ch.Question.Kind != questions.Signature {
				m.Changes = append(m.Changes, changeLine{ch.Question.Label, ch.Before, ch.Now})
			}
		}
	}
	if v.Broken {
		m.Lost = engagement.BrokenSay
	}
	m.Scores = resultLines(questions.Score(f.Asks.Definition, v.Answers))
	for _, q := range questions.Visible(f.Asks.Definition, v.Answers) {
		if !q.Signs() {
			m.Answers = append(m.Answers, answerLine{q.Label, q.Said(v.Answers[q.Key]), !q.Asks(), q.Kind == questions.LongText})
		}
	}
	for _, g := range v.Signatures {
		line := signatureLine{ID: string(g.ID), Label: g.Label, Text: g.Text, Name: g.Name, Email: g.Email, When: civil.WhenExact(g.SignedAt, loc), Hash: g.Hash,
			Typed: g.Typed, Broken: !g.Whole}
		if !g.Holds() {
			line.TakenBack = civil.WhenExact(g.TakenBackAt, loc)
		}
		m.Signatures = append(m.Signatures, line)
	}
	return m
}

// resultLines put results into words. They speak of answers, never of a person.
func resultLines(results []questions.Result) []resultLine {
	var lines []resultLine
	for _, r := range results {
		line := resultLine{Name: r.Name, Value: "Too few answers", Range: "from " + r.Least.String() + " to " + r.Most.String(), Say: r.Say,
			Answered: strconv.Itoa(r.Answered) + " of " + strconv.Itoa(r.Items)}
		if r.Known {
			line.Value = r.Value.String()
		}
		lines = append(lines, line)
	}
	return lines
}
