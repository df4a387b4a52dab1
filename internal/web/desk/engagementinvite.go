package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var (
	joiningView = page.Define[joiningPage]("desk-engagement-invite.html")
	secretsView = page.Define[secretsPage]("desk-engagement-policy.html")
)

// joiningPage asks another person into work that goes on.
type joiningPage struct {
	Action, Back string
	With         string // who is in it or invited already; empty for nobody
	Again        *againPart
	Second       secondPart
	Policies     []policyChoice
	Told         string // what has to be ticked; empty for nothing
	Ticked       bool
	Op           string
	Problems     page.Problems
}

// againPart is somebody who was in it or invited before.
type againPart struct {
	ID, Name, Letter string
	Word             deskField
}

// inviteSecond asks who: GET /desk/engagements/ID/invite?person=ID.
func (d *Desk) inviteSecond(c *gin.Context) error {
	return d.drawJoining(c, http.StatusOK, c.Query("person"), nil)
}

// sendSecond invites them: POST /desk/engagements/ID/invite.
func (d *Desk) sendSecond(c *gin.Context) error {
	id, again := engagement.ID(c.Param("engagement")), c.PostForm("person")
	if c.PostForm("act") == "find" {
		return d.drawJoining(c, http.StatusOK, "", nil)
	}
	j := reception.Joining{Who: readSecond(c, ""), Told: c.PostForm("told") == "yes"}
	if again != "" {
		j.Who = reception.Invitee{Person: people.ID(again), Word: c.PostForm("word")}
	}
	if c.PostForm("policy") != "keep" && c.PostForm("policy") != "" {
		j.Policy = readPolicy(c)
	}
	err := d.reception().InviteToEngagement(c.Request.Context(), d.Who(c), id, j, d.wordKey(c, "invite"))
	if err == nil || fault.Is(err, once.Mismatch) {
		return doneAt(c, "/desk/engagements/"+string(id), "invited")
	}
	if problems, is := startProblems(err, j.Policy, true); is {
		return d.drawJoining(c, page.Status(fault.KindOf(err)), again, problems)
	}
	return err
}

func (d *Desk) drawJoining(c *gin.Context, status int, again string, problems page.Problems) error {
	e, err := d.ownEngagement(c)
	if err != nil {
		return err
	}
	if status == http.StatusOK && (e.State == engagement.Ended || len(e.Seated()) == 2) {
		return engagement.ErrNothing
	}
	frame, basics, err := d.frame(c, "Invite somebody", "engagements")
	if err != nil {
		return err
	}
	versions, err := engagement.Policies(c.Request.Context(), d.DB, e.ID)
	if err != nil {
		return err
	}
	letters := invitationLetter{from: basics.DiscreetName, site: d.Origin.String()}
	here := "/desk/engagements/" + string(e.ID)
	m := joiningPage{Action: here + "/invite", Back: here, Op: d.opAgain(c), Problems: problems, Ticked: c.PostForm("told") == "yes"}
	var without people.ID
	for _, client := range e.Seated() {
		m.With, without = client.Name, client.Person
	}
	if m.With != "" {
		m.Told = m.With + " knows that they will learn of this"
	}
	if again != "" {
		if m.Again, err = d.againPart(c, e, again, letters, problems); err != nil {
			return err
		}
	} else if m.Second, err = d.secondPart(c, "", without, letters, problems); err != nil {
		return err
	}
	m.Policies = d.joiningPolicies(c, e, versions, problems)
	return joiningView.Render(c, status, frame, m)
}

// joiningPolicies offer the text that is there where it was made for two, and
// the ready ones. Where somebody comes back to be the only client, it stays.
func (d *Desk) joiningPolicies(c *gin.Context, e engagement.Engagement, versions []engagement.Policy, problems page.Problems) []policyChoice {
	if len(e.Seated()) == 0 {
		return nil
	}
	var current *engagement.Policy
	if len(e.Clients) > 1 && len(versions) > 0 {
		current = &versions[0]
	}
	return policyChoices(c, d.Who(c).Name, current, problems)
}

func (d *Desk) againPart(c *gin.Context, e engagement.Engagement, again string, letters invitationLetter, problems page.Problems) (*againPart, error) {
	client, is := e.Client(people.ID(again))
	if !is {
		return nil, engagement.ErrNothing
	}
	known, err := people.Find(c.Request.Context(), d.DB, client.Person)
	if err != nil {
		return nil, err
	}
	may, err := d.mayMail(c, known)
	if err != nil {
		return nil, err
	}
	return &againPart{ID: again, Name: client.Name, Letter: letters.to(client.Name, client.Email, may), Word: wordField("word", client.Name, c, problems)}, nil
}

// secretsPage is how secrets are kept: the texts, who signed which, and a new
// one.
type secretsPage struct {
	Action, Back, With string
	Versions           []secretsText
	Policies           []policyChoice // empty where nothing can be put before them
	Alone              bool
	Op                 string
	Problems           page.Problems
}

type secretsText struct {
	Say, Body, Made string
	Holds           string // since when; empty for one that does not
	Newest          bool
	Signed          []signedLine
}

type signedLine struct{ Name, As, When string }

// secrets shows them: GET /desk/engagements/ID/policy.
func (d *Desk) secrets(c *gin.Context) error { return d.drawSecrets(c, http.StatusOK, nil) }

// proposeSecrets puts another text before them: POST /desk/engagements/ID/policy.
func (d *Desk) proposeSecrets(c *gin.Context) error {
	id := engagement.ID(c.Param("engagement"))
	text := readPolicy(c)
	alone := c.PostForm("with") == "one"
	if alone {
		text = engagement.PolicyText{Kind: engagement.Confidential, Body: c.PostForm("policy_text_alone")}
	}
	err := d.reception().ProposePolicy(c.Request.Context(), d.Who(c), id, text, d.wordKey(c, "policy"))
	if err == nil || fault.Is(err, once.Mismatch) {
		return doneAt(c, "/desk/engagements/"+string(id), "proposed")
	}
	if problems, is := startProblems(err, text, !alone); is {
		return d.drawSecrets(c, page.Status(fault.KindOf(err)), problems)
	}
	return err
}

func (d *Desk) drawSecrets(c *gin.Context, status int, problems page.Problems) error {
	e, err := d.ownEngagement(c)
	if err != nil {
		return err
	}
	versions, err := engagement.Policies(c.Request.Context(), d.DB, e.ID)
	if err != nil {
		return err
	}
	now, loc := d.Now(), practice.Zone(d.Who(c).Timezone)
	here := "/desk/engagements/" + string(e.ID)
	m := secretsPage{Action: here + "/policy", Back: here, With: clientsSay(e), Op: d.opAgain(c), Problems: problems, Alone: len(e.Seated()) < 2}
	holds, is := engagement.InForce(versions)
	for i, v := range versions {
		text := secretsText{Say: v.Kind.Say(), Body: v.Body, Made: civil.Day(v.MadeAt, loc, now), Newest: i == 0}
		if is && v.ID == holds.ID {
			text.Holds = civil.When(v.InForceAt, loc, now)
		}
		for _, client := range e.Clients {
			if s, signed := v.SignatureOf(client.Person); signed {
				text.Signed = append(text.Signed, signedLine{client.Name, s.Name, civil.WhenExact(s.SignedAt, loc)})
			}
		}
		m.Versions = append(m.Versions, text)
	}
	switch {
	case e.State == engagement.Ended:
	case m.Alone:
		m.Policies = []policyChoice{aloneChoice(c, d.Who(c).Name, problems)}
	default:
		m.Policies = policyChoices(c, d.Who(c).Name, nil, problems)
	}
	frame, _, err := d.frame(c, "How secrets are kept", "engagements")
	if err != nil {
		return err
	}
	return secretsView.Render(c, status, frame, m)
}
