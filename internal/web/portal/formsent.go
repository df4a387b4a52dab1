package portal

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/pg"
	"kintsugi/internal/questions"
	"kintsugi/internal/web/page"
)

var sentFormView = page.Define[sentFormPage]("portal-form-sent.html")

// sentFormPage is what was sent of a form, in the words in which it was asked.
type sentFormPage struct {
	Here, Name, Whose string // Whose is empty for one's own
	Kind, Tag, Who    string
	Sent              string
	Older             bool // not what counts now
	Policy            string
	Answers           []answerPart
	Signatures        []signaturePart
	Versions          []versionPart
	ChangeHref        string // empty where nothing can be changed
	Begun             bool   // a change was begun and not sent
	Erased            bool
	Lost              string // a sentence, where something does not open
	Passed            string // when it was passed on to this coach; empty where it was answered here
	Onward            []onwardPart
}

// signaturePart is what was agreed to or signed.
type signaturePart struct {
	ID, Label, Text, Name, Email, When, Hash string
	Typed                                    bool
	TakenBack                                string // when; empty while it holds
	Broken                                   bool   // the words are not the ones that were signed
	Action                                   string // takes a consent back; empty where that is not possible
	Op                                       string
}

type versionPart struct {
	Href, When string
	Here, Last bool
}

// sentForm shows what counts now.
func (p *Portal) sentForm(c *gin.Context) error { return p.sentVersion(c, 0) }

// formVersion shows an older version: GET /portal/forms/ID/versions/N.
func (p *Portal) formVersion(c *gin.Context) error {
	n, err := strconv.Atoi(c.Param("version"))
	if err != nil || n < 1 {
		return engagement.ErrNothing
	}
	return p.sentVersion(c, n)
}

// sentVersion shows a version of what was sent, or the newest. A look at what
// the other client wrote is put on record.
func (p *Portal) sentVersion(c *gin.Context, version int) error {
	var f intake.Filled
	var policies []engagement.Policy
	var onward []intake.Onward
	begun := false
	answered, err := p.sheet(c, func(ctx context.Context, tx *pg.Tx, s intake.Sheet) (err error) {
		me := p.who(c).Person
		if s.Sent == 0 || version > s.Sent {
			return engagement.ErrNothing
		}
		if f, err = p.Intake.Read(ctx, tx, me, s.ID, p.Now()); err != nil {
			return err
		}
		if version > f.Sent {
			return engagement.ErrNothing // of the other, before both had answered
		}
		if s.Person == me && !s.Erased {
			w, err := p.Intake.Write(ctx, tx, me, s.ID)
			if err != nil {
				return err
			}
			begun = w.Draft.Version > 0
			if onward, err = intake.Onwards(ctx, tx, me, s.ID); err != nil {
				return err
			}
		}
		policies, err = engagement.Policies(ctx, tx, s.Engagement)
		return err
	})
	if answered || err != nil {
		return err
	}
	m := p.sentModel(c, f, version, policies, begun)
	m.Onward = p.onwardParts(c, f.Sheet, onward)
	return draw(p, c, sentFormView, http.StatusOK, "forms", m)
}

func (p *Portal) sentModel(c *gin.Context, f intake.Filled, version int, policies []engagement.Policy, begun bool) sentFormPage {
	me, loc, now := p.who(c), p.zone(c), p.Now()
	m := sentFormPage{Here: "/portal/forms/" + string(f.ID), Name: f.FormName, Kind: string(f.Kind), Tag: f.Lane.Tag(me.Person),
		Who: f.ReadBy(f.Lane, me.Person), Begun: begun, Erased: f.Erased}
	own := f.Person == me.Person
	if !f.PassedAt.IsZero() {
		m.Passed = civil.When(f.PassedAt, loc, now)
	}
	if !own {
		m.Whose = f.Name
	}
	for i, v := range f.Versions {
		href := m.Here
		if i > 0 {
			href += "/versions/" + strconv.Itoa(v.Version)
		}
		here := v.Version == version || version == 0 && i == 0
		m.Versions = append(m.Versions, versionPart{href, civil.When(v.SentAt, loc, now), here, i == 0})
		if !here {
			continue
		}
		m.Sent, m.Older, m.Answers = civil.When(v.SentAt, loc, now), i > 0, sentParts(f.Asks.Definition, v.Answers)
		if v.Broken {
			m.Lost = engagement.BrokenSay
		}
		for _, g := range v.Signatures {
			m.Signatures = append(m.Signatures, p.signaturePart(f, g, own && i == 0, loc))
		}
		for _, held := range policies {
			if held.ID == v.Policy {
				m.Policy = held.Kind.Say()
			}
		}
	}
	if own && f.Lane.Writable() && !f.Erased && !m.Older {
		m.ChangeHref = m.Here + "/change"
	}
	return m
}

// sentParts are the questions that were asked with their answers. Consents and
// signatures stand by themselves.
func sentParts(d questions.Definition, a questions.Answers) []answerPart {
	var parts []answerPart
	for _, q := range questions.Visible(d, a) {
		switch {
		case !q.Asks():
			parts = append(parts, answerPart{Label: q.Label, Section: true})
		case !q.Signs():
			parts = append(parts, answerPart{Label: q.Label, Answer: q.Said(a[q.Key])})
		}
	}
	return parts
}

func (p *Portal) signaturePart(f intake.Filled, g intake.Signature, acts bool, loc *time.Location) signaturePart {
	part := signaturePart{ID: string(g.ID), Label: g.Label, Text: g.Text, Name: g.Name, Email: g.Email, When: civil.WhenExact(g.SignedAt, loc),
		Hash: g.Hash, Typed: g.Typed, Broken: !g.Whole}
	if !g.Holds() {
		part.TakenBack = civil.WhenExact(g.TakenBackAt, loc)
	} else if acts && !g.Typed {
		part.Action = "/portal/forms/" + string(f.ID) + "/consents"
	}
	return part
}

// takeBackConsent ends a consent from now on: POST /portal/forms/ID/consents.
func (p *Portal) takeBackConsent(c *gin.Context) error {
	answered, err := p.sheet(c, func(ctx context.Context, tx *pg.Tx, s intake.Sheet) error {
		return p.Intake.TakeBack(ctx, tx, p.who(c).Person, s.ID, intake.SignatureID(c.PostForm("consent")), p.Now())
	})
	if answered || err != nil {
		return err
	}
	if p.Wake != nil {
		p.Wake()
	}
	return doneAt(c, "/portal/forms/"+c.Param("sheet"), "consent-ended")
}
