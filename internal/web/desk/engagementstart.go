package desk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

var startView = page.Define[startPage]("desk-engagement-new.html")

// startPage turns a call that was held into work with one person or with two.
// Without a person it asks for whom.
type startPage struct {
	Here, Back  string
	Ways        []page.MenuItem // alone, or with a second person
	Couple      bool
	Name        string
	First, Word deskField // under which of their addresses, and the word they are told
	Letter      string    // what they will be sent
	NoCall      bool      // nobody has spoken with them yet
	Second      secondPart
	Policies    []policyChoice
	Op          string
	Problems    page.Problems

	Typed string // who is looked for, while nobody is chosen
	Found []joinChoice
	Empty string
}

// secondPart asks who the other person is: somebody whom the practice knows, or
// a name and an address.
type secondPart struct {
	Sought   string
	Found    []secondChoice
	Empty    string
	New      bool // nobody of those is chosen
	Fields   []deskField
	Safe     string
	Safety   string // what is wrong with Safe
	Word     deskField
	Letter   string
	Problems page.Problems
	Suffix   string // of the names of its fields: "_2", or nothing
}

type secondChoice struct {
	ID, Say string
	Chosen  bool
}

// policyChoice is a way of keeping secrets with the text that would be signed.
type policyChoice struct {
	Value, Say, Field, Body, Problem string
	Chosen                           bool
	Keep                             bool // the text that is there already
}

// newEngagement asks with whom and how: GET /desk/engagements/new?person=ID.
func (d *Desk) newEngagement(c *gin.Context) error {
	if c.Query("person") == "" {
		return d.drawStartWith(c)
	}
	return d.drawStart(c, http.StatusOK, people.ID(c.Query("person")), c.Query("with") == "two", nil)
}

// startEngagement begins it: POST /desk/engagements/new.
func (d *Desk) startEngagement(c *gin.Context) error {
	who, couple := d.Who(c), c.PostForm("with") == "two"
	person := people.ID(c.PostForm("person"))
	if c.PostForm("act") == "find" {
		return d.drawStart(c, http.StatusOK, person, couple, nil)
	}
	clients := []reception.Invitee{{Person: person, Word: c.PostForm("word_1")}}
	if couple {
		clients = append(clients, readSecond(c, "_2"))
	}
	policy := readPolicy(c)
	if !couple {
		policy = engagement.PolicyText{Kind: engagement.Confidential, Body: c.PostForm("policy_text_alone")}
	}
	id, err := d.reception().StartEngagement(c.Request.Context(), who, clients, policy, d.wordKey(c, "engagement"))
	if err == nil || fault.Is(err, once.Mismatch) && id != "" {
		return doneAt(c, "/desk/engagements/"+string(id), "started")
	}
	if problems, is := startProblems(err, policy, couple); is {
		return d.drawStart(c, page.Status(fault.KindOf(err)), person, couple, problems)
	}
	return err
}

// wordKey is the operation key of a form in which a word is given. Nothing that
// is kept of it confirms a guess at the word.
func (d *Desk) wordKey(c *gin.Context, scope string) once.Key {
	op := c.PostForm("op")
	if !guard.UsableOp(op) {
		return once.Key{}
	}
	return once.Key{Scope: "desk " + scope, Text: d.Guard.OpOf(op, string(d.Who(c).ID)),
		Fingerprint: d.Booking.Links.Fingerprint("desk "+scope, c.Request.PostForm.Encode())}
}

// startProblems are what has to be mended, at the fields of the form.
func startProblems(err error, policy engagement.PolicyText, couple bool) (page.Problems, bool) {
	kind := fault.KindOf(err)
	if kind != fault.Invalid && kind != fault.Conflict {
		return nil, false
	}
	problems := page.ProblemsOf(err)
	if len(problems) == 0 {
		problems = page.Problems{{Name: "main", Say: fault.SayOf(err)}}
	}
	for i := range problems {
		switch {
		case problems[i].Name == "policy_text" && couple:
			problems[i].Name += "_" + string(policy.Kind)
		case problems[i].Name == "policy_text":
			problems[i].Name += "_alone"
		case problems[i].Name == "email_1": // the first is chosen, not typed
			problems[i].Name = "person"
		}
	}
	return problems, true
}

// readSecond reads who the other person is.
func readSecond(c *gin.Context, suffix string) reception.Invitee {
	in := reception.Invitee{Word: c.PostForm("word" + suffix)}
	if chosen := c.PostForm("second"); chosen != "" && chosen != "new" {
		in.Person = people.ID(chosen)
		return in
	}
	in.Name, in.Email, in.Safe = c.PostForm("name"+suffix), c.PostForm("email"+suffix), people.Consent(c.PostForm("safe"+suffix))
	return in
}

// readPolicy reads the way that was chosen and the text as it stood there.
func readPolicy(c *gin.Context) engagement.PolicyText {
	kind := engagement.PolicyKind(c.PostForm("policy"))
	if kind.Say() == "" {
		return engagement.PolicyText{Kind: kind}
	}
	return engagement.PolicyText{Kind: kind, Body: c.PostForm("policy_text_" + string(kind))}
}

// drawStartWith asks for whom, while nobody is chosen.
func (d *Desk) drawStartWith(c *gin.Context) error {
	m := startPage{Here: "/desk/engagements/new", Back: "/desk/engagements", Typed: c.Query("q")}
	found, err := d.findPeople(c, m.Typed, "")
	if err != nil {
		return err
	}
	for _, e := range found {
		m.Found = append(m.Found, joinChoice{string(e.ID), e.Name, e.Email, ""})
	}
	if m.Typed != "" && len(m.Found) == 0 {
		m.Empty = "Nobody was found by this name or address."
	}
	frame, _, err := d.frame(c, "Work with somebody", "engagements")
	if err != nil {
		return err
	}
	return startView.Render(c, http.StatusOK, frame, m)
}

// findPeople looks for people by name or address, without one who is not meant.
func (d *Desk) findPeople(c *gin.Context, typed string, without people.ID) ([]reception.Entry, error) {
	if strings.TrimSpace(typed) == "" {
		return nil, nil
	}
	list, err := reception.People(c.Request.Context(), d.DB, d.viewer(c), reception.Look{Typed: typed}, d.Now())
	if err != nil {
		return nil, err
	}
	var kept []reception.Entry
	for _, e := range list.People {
		if e.ID != without {
			kept = append(kept, e)
		}
	}
	return kept, nil
}

func (d *Desk) drawStart(c *gin.Context, status int, person people.ID, couple bool, problems page.Problems) error {
	ctx, v := c.Request.Context(), d.viewer(c)
	records, err := reception.FindRecords(ctx, d.DB, v, person)
	if err != nil {
		return err
	}
	face := string(records[0].ID)
	frame, basics, err := d.frame(c, "Work with "+records[0].Name, "engagements")
	if err != nil {
		return err
	}
	letters := invitationLetter{from: basics.DiscreetName, site: d.Origin.String()}
	m := startPage{Here: "/desk/engagements/new", Back: "/desk/people/" + face, Couple: couple, Name: records[0].Name, Problems: problems, Op: d.opAgain(c),
		Ways: []page.MenuItem{
			{Href: "/desk/engagements/new?person=" + string(person), Say: "With " + records[0].Name + " alone", Here: !couple},
			{Href: "/desk/engagements/new?with=two&person=" + string(person), Say: "Together with a second person", Here: couple}}}
	m.First = deskField{Name: "person", Label: "Their address", Kind: "choice", Problem: problems.Of("person"), Value: string(person),
		Hint: "The invitation goes to this address, and they sign in with it. It has to be theirs alone."}
	for _, r := range records {
		say := r.Email
		if say == "" {
			say = r.Name + " (no address)"
		}
		m.First.Choices = append(m.First.Choices, deskChoice{string(r.ID), say, r.ID == person})
		if r.ID == person {
			may, err := d.mayMail(c, r.Person)
			if err != nil {
				return err
			}
			m.Letter = letters.to(r.Name, r.Email, may)
		}
	}
	m.Word = wordField("word_1", records[0].Name, c, problems)
	if couple {
		if m.Second, err = d.secondPart(c, "_2", records[0].ID, letters, problems); err != nil {
			return err
		}
		m.Policies = policyChoices(c, d.Who(c).Name, nil, problems)
	} else {
		m.Policies = []policyChoice{aloneChoice(c, d.Who(c).Name, problems)}
	}
	if m.NoCall, err = d.neverSpoken(c, records); err != nil {
		return err
	}
	return startView.Render(c, status, frame, m)
}

// opAgain is the operation key of a form: a new one, or the same again when the
// form comes back.
func (d *Desk) opAgain(c *gin.Context) string {
	if op := c.PostForm("op"); guard.UsableOp(op) {
		return op
	}
	return d.Guard.NewOp(d.Now())
}

// mayMail reports whether letters may go to somebody.
func (d *Desk) mayMail(c *gin.Context, p people.Person) (bool, error) {
	history, err := people.ContactHistory(c.Request.Context(), d.DB, p)
	if err != nil {
		return false, err
	}
	return history[0].MayEmail == people.Yes, nil
}

// neverSpoken reports whether no call with somebody has taken place yet: the
// word is told in one.
func (d *Desk) neverSpoken(c *gin.Context, records []reception.Record) (bool, error) {
	calls, err := booking.OfPerson(c.Request.Context(), d.DB, d.viewer(c), reception.Card{Records: records}.IDs(), 50)
	if err != nil {
		return false, err
	}
	for _, b := range calls {
		if b.Status == booking.Completed || b.Status == booking.Confirmed && b.End.Before(d.Now()) {
			return false, nil
		}
	}
	return true, nil
}

// wordField asks for the word that somebody is told, with one made up.
func wordField(name, who string, c *gin.Context, problems page.Problems) deskField {
	f := deskField{Name: name, Label: "The word you tell " + firstWord(who), Value: engagement.SuggestWord(), Problem: problems.Of(name),
		Hint: "Say it in the call, and to nobody else: whoever reads their mail does not know it. It is not shown again. Case and spaces do not matter."}
	if f.Label == "The word you tell " {
		f.Label = "The word you tell them"
	}
	if c.Request.Method == http.MethodPost {
		f.Value = c.PostForm(name)
	}
	return f
}

// secondPart words the question who the other person is, with what was typed.
func (d *Desk) secondPart(c *gin.Context, suffix string, without people.ID, letters invitationLetter, problems page.Problems) (secondPart, error) {
	chosen := people.ID(c.PostForm("second"))
	s := secondPart{Sought: c.PostForm("sought"), Suffix: suffix, Safe: c.PostForm("safe" + suffix), Safety: problems.Of("safe" + suffix), Problems: problems,
		Word: wordField("word"+suffix, "", c, problems), Letter: letters.unknown()}
	s.Fields = withProblems([]deskField{
		{Name: "name" + suffix, Label: "Their name", Value: c.PostForm("name" + suffix)},
		{Name: "email" + suffix, Label: "Their own email address", Kind: "email", Value: c.PostForm("email" + suffix),
			Hint: "One that the other cannot open. If the practice knows it already, it is that person."},
	}, problems)
	found, err := d.findPeople(c, s.Sought, without)
	if err != nil {
		return s, err
	}
	for _, e := range found {
		s.Found = append(s.Found, secondChoice{string(e.ID), e.Name + ", " + e.Email, e.ID == chosen})
	}
	listed := slices.ContainsFunc(s.Found, func(f secondChoice) bool { return f.Chosen })
	if chosen != "" && chosen != "new" && !listed {
		if records, err := reception.FindRecords(c.Request.Context(), d.DB, d.viewer(c), chosen); err == nil {
			s.Found = append(s.Found, secondChoice{string(chosen), records[0].Name + ", " + records[0].Email, true})
		}
	}
	s.New = !slices.ContainsFunc(s.Found, func(f secondChoice) bool { return f.Chosen })
	if strings.TrimSpace(s.Sought) != "" && len(found) == 0 {
		s.Empty = "Nobody was found by this name or address."
	}
	return s, nil
}

// policyChoices are the three ways, each with its text, as typed or as it is
// ready. Current is the text that is there already and can be kept; nil for none.
func policyChoices(c *gin.Context, coach string, current *engagement.Policy, problems page.Problems) []policyChoice {
	posted := c.Request.Method == http.MethodPost
	chosen := c.PostForm("policy")
	var choices []policyChoice
	if current != nil {
		choices = append(choices, policyChoice{Value: "keep", Say: "The text that is there already: " + current.Kind.Say(), Body: current.Body, Keep: true, Chosen: !posted || chosen == "keep"})
	}
	for i, kind := range engagement.PolicyKinds() {
		p := policyChoice{Value: string(kind), Say: kind.Say(), Field: "policy_text_" + string(kind), Body: engagement.ReadyPolicy(kind, coach).Body,
			Chosen: chosen == string(kind) || !posted && i == 0 && current == nil}
		p.Problem = problems.Of(p.Field)
		if _, typed := c.GetPostForm(p.Field); typed {
			p.Body = c.PostForm(p.Field)
		}
		choices = append(choices, p)
	}
	return choices
}

func aloneChoice(c *gin.Context, coach string, problems page.Problems) policyChoice {
	p := policyChoice{Field: "policy_text_alone", Body: engagement.ReadyPolicyAlone(coach).Body, Problem: problems.Of("policy_text_alone"), Chosen: true}
	if _, typed := c.GetPostForm(p.Field); typed {
		p.Body = c.PostForm(p.Field)
	}
	return p
}

// invitationLetter says what somebody who is invited will be sent.
type invitationLetter struct{ from, site string }

func (l invitationLetter) to(name, email string, may bool) string {
	if !may {
		return "Mail is not safe for " + name + ", so no letter goes. Tell them to sign in with " + email + " at " + l.site + "/sign-in when it suits them; the invitation waits there."
	}
	return "One letter goes to " + email + ": “" + l.from + ": there is something for you”. It names nobody and does not say what it is. They answer alone, with the word."
}

func (l invitationLetter) unknown() string {
	return "One letter goes to their address: “" + l.from + ": there is something for you”. It names nobody and does not say what it is. They answer alone, with the word, " +
		"and then find the name of the other. Where mail is not safe, no letter goes: tell them to sign in at " + l.site + "/sign-in."
}
