package portal

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/web/page"
)

var (
	engagementView = page.Define[engagementPage]("portal-engagement.html")
	policyView     = page.Define[policyPage]("portal-policy.html")
	leaveView      = page.Define[leavePage]("portal-leave.html")
)

// engagementPage is one coach's work with the client.
type engagementPage struct {
	Coach       string
	State, With string
	Neutral     string
	Policy      string // the way of keeping secrets that holds
	PolicyHref  string // empty where there is none to read
	SignFirst   bool
	ProofHref   string // where a second proof is set up; empty when one was given
	LeaveHref   string // empty when there is nothing to leave
	Lanes       []lanePart
}

// lanePart is a lane as its reader sees it.
type lanePart struct {
	Kind, Tag, Who string
	For            string // what it is for
	Since          string
	State          string // closed, or not open yet
	Readers        []readerPart
	Past           []readerPart
}

// readerPart is somebody who can read a lane, or could.
type readerPart struct{ Name, Since, Until string }

// policyPage is how secrets are kept, to be read and signed.
type policyPage struct {
	Back, Action string
	Latest       policyText
	Version      string // the id of the text that is signed
	ToSign       bool
	ProveHref    string       // where it is shown first that it is they who sign; empty where it was
	Before       []policyText // what the reader signed before, the one that holds first
	Name         string
	Problems     page.Problems
}

// policyText is one version as its reader sees it.
type policyText struct {
	Kind, Body string // Body is Markdown
	Signed     string // when and under which name; empty while it is not
	Under      string // the address that the name was signed under
	Holds      string // since when, or why not
	HoldsNow   bool
}

// leavePage says what leaving does.
type leavePage struct{ Back, Action, Coach, Other string }

// engagement shows one: GET /portal/engagements/ID. To whoever has a second proof
// it opens with that, there or not there.
func (p *Portal) engagement(c *gin.Context) error {
	ctx, me := c.Request.Context(), p.who(c)
	if led, err := p.proofFirst(c, c.Request.URL.Path); led || err != nil {
		return err
	}
	e, own, err := p.find(c)
	if err != nil {
		return err
	}
	if own.Place == engagement.Invited {
		c.Redirect(http.StatusSeeOther, "/portal/invitations/"+string(e.ID))
		return nil
	}
	versions, err := engagement.Policies(ctx, p.DB, e.ID)
	if err != nil {
		return err
	}
	lanes, err := engagement.Lanes(ctx, p.DB, me.Person, e.ID)
	if err != nil {
		return err
	}
	parted, err := engagement.Parted(ctx, p.DB, me.Person)
	if err != nil {
		return err
	}
	at := "/portal/engagements/" + string(e.ID)
	m := engagementPage{Coach: e.CoachName, State: stateSay(e, own), With: withSay(e, own),
		Neutral: neutralSay(e, parted[e.ID]), Lanes: p.laneParts(c, lanes)}
	if texts := engagement.ReadableBy(versions, own); len(texts) > 0 {
		m.PolicyHref = at + "/policy"
	}
	if held, is := engagement.HeldFor(versions, own); is && held.SignedBy(me.Person) {
		m.Policy = held.Kind.Say()
	}
	if own.Place == engagement.Accepted {
		m.LeaveHref = at + "/leave"
		_, m.SignFirst = engagement.ToSign(versions, me.Person)
	}
	if e.State == engagement.Ended {
		m.LeaveHref, m.SignFirst = "", false
	}
	if !me.Strong {
		m.ProofHref = setUpAt(at)
	}
	return draw(p, c, engagementView, http.StatusOK, "", m)
}

// setUpAt is where a second proof is given or set up, on the way to a page.
func setUpAt(next string) string {
	return "/sign-in/proof?" + url.Values{"next": {next}}.Encode()
}

func (p *Portal) find(c *gin.Context) (engagement.Engagement, engagement.Client, error) {
	me := p.who(c).Person
	e, err := engagement.FindForClient(c.Request.Context(), p.DB, me, engagement.ID(c.Param("engagement")))
	if err != nil {
		return engagement.Engagement{}, engagement.Client{}, err
	}
	own, _ := e.Client(me)
	return e, own, nil
}

func (p *Portal) laneParts(c *gin.Context, lanes []engagement.LaneInfo) []lanePart {
	me, loc, now := p.who(c).Person, p.zone(c), p.Now()
	var parts []lanePart
	for _, l := range lanes {
		part := lanePart{Kind: string(l.Kind), Tag: l.Tag(me), Who: l.Who(me), For: forSay(l.Kind), Since: civil.Day(l.MadeAt, loc, now)}
		named := func(r engagement.Reader) readerPart {
			name := r.Name
			switch {
			case r.Person == me:
				name = "You"
			case r.Coach:
				name += ", your coach"
			}
			return readerPart{Name: name, Since: civil.Day(r.Since, loc, now), Until: civil.Day(r.Until, loc, now)}
		}
		for _, r := range l.Readers {
			part.Readers = append(part.Readers, named(r))
		}
		for _, r := range l.Past {
			part.Past = append(part.Past, named(r))
		}
		switch {
		case !l.ClosedAt.IsZero():
			part.State = "Closed: nothing is added any more."
		case l.Waits():
			part.State = "Opens once everybody has signed how secrets are kept."
		}
		parts = append(parts, part)
	}
	return parts
}

// forSay says what a lane is for.
func forSay(kind engagement.LaneKind) string {
	switch kind {
	case engagement.JointLane:
		return "What the three of you share"
	case engagement.IndividualLane:
		return "What is between you and your coach"
	case engagement.SafetyLane:
		return "Your safety: open from the first moment, before anything is signed"
	}
	return ""
}

// policy shows how secrets are kept: GET /portal/engagements/ID/policy.
func (p *Portal) policy(c *gin.Context) error { return p.drawPolicy(c, http.StatusOK, "", nil) }

func (p *Portal) drawPolicy(c *gin.Context, status int, name string, problems page.Problems) error {
	if led, err := p.proofFirst(c, c.Request.URL.Path); led || err != nil {
		return err
	}
	e, own, err := p.find(c)
	if err != nil {
		return err
	}
	if own.Place == engagement.Invited {
		return engagement.ErrNothing // what they would sign is shown once they are in
	}
	versions, err := engagement.Policies(c.Request.Context(), p.DB, e.ID)
	if err != nil {
		return err
	}
	texts := engagement.ReadableBy(versions, own)
	if len(texts) == 0 {
		return engagement.ErrNothing
	}
	at, loc := "/portal/engagements/"+string(e.ID), p.zone(c)
	m := policyPage{Back: at, Action: at + "/policy", Version: string(texts[0].ID), Name: name, Problems: problems,
		ToSign: own.Place == engagement.Accepted && e.State != engagement.Ended && !texts[0].SignedBy(own.Person)}
	if m.ToSign {
		if m.ProveHref, err = p.signFirst(c, m.Action); err != nil {
			return err
		}
	}
	holds, is := engagement.HeldFor(versions, own)
	for i, text := range texts {
		part := policyText{Kind: text.Kind.Say(), Body: text.Body, Holds: "not any more"}
		if mine, signed := text.SignatureOf(own.Person); signed {
			part.Signed, part.Under = mine.Name+", "+civil.WhenExact(mine.SignedAt, loc), mine.Email
		}
		switch {
		case is && text.ID == holds.ID && own.Place == engagement.Left:
			part.Holds = "until you left"
		case is && text.ID == holds.ID:
			// By the day: by the minute it would tell when the other has signed.
			part.Holds, part.HoldsNow = "since "+civil.Day(text.InForceAt, loc, p.Now()), true
		case text.ID == versions[0].ID && own.Place != engagement.Left:
			part.Holds = "once everybody has signed it"
		}
		if i == 0 {
			m.Latest = part
		} else {
			m.Before = append(m.Before, part)
		}
	}
	return draw(p, c, policyView, status, "", m)
}

// sign takes a client's name under it: POST /portal/engagements/ID/policy.
func (p *Portal) sign(c *gin.Context) error {
	me, id := p.who(c), engagement.ID(c.Param("engagement"))
	to, err := p.signFirst(c, "/portal/engagements/"+string(id)+"/policy")
	if err != nil {
		return err
	}
	if to != "" {
		c.Redirect(http.StatusSeeOther, to)
		return nil
	}
	err = p.reception().SignPolicy(c.Request.Context(), me.Person, id, engagement.PolicyID(c.PostForm("version")), c.PostForm("name"))
	if problems, status, is := refused(err); is {
		return p.drawPolicy(c, status, c.PostForm("name"), problems)
	}
	if err != nil {
		return err
	}
	return doneAt(c, "/portal/engagements/"+string(id)+"/policy", "signed")
}

// leaving says what leaving does: GET /portal/engagements/ID/leave.
func (p *Portal) leaving(c *gin.Context) error {
	if led, err := p.proofFirst(c, c.Request.URL.Path); led || err != nil {
		return err
	}
	e, own, err := p.find(c)
	if err != nil {
		return err
	}
	at := "/portal/engagements/" + string(e.ID)
	if own.Place != engagement.Accepted || e.State == engagement.Ended {
		c.Redirect(http.StatusSeeOther, at)
		return nil
	}
	return draw(p, c, leaveView, http.StatusOK, "", leavePage{Back: at, Action: at + "/leave", Coach: e.CoachName, Other: withSay(e, own)})
}

// leave ends the client's part: POST /portal/engagements/ID/leave.
func (p *Portal) leave(c *gin.Context) error {
	id := engagement.ID(c.Param("engagement"))
	if led, err := p.proofFirst(c, "/portal/engagements/"+string(id)+"/leave"); led || err != nil {
		return err
	}
	if err := p.reception().LeaveEngagement(c.Request.Context(), p.who(c).Person, id); err != nil {
		return err
	}
	return doneAt(c, "/portal/engagements/"+string(id), "left")
}
