package desk

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var (
	wordView    = page.Define[wordPage]("desk-engagement-word.html")
	handView    = page.Define[handPage]("desk-engagement-hand.html")
	restoreView = page.Define[restorePage]("desk-engagement-restore.html")
)

// turnEngagement pauses, ends or goes on: POST /desk/engagements/ID/state.
func (d *Desk) turnEngagement(c *gin.Context) error {
	act := reception.CoachAct(c.PostForm("act"))
	err := d.reception().TurnEngagement(c.Request.Context(), d.Who(c), engagement.ID(c.Param("engagement")), act, c.PostForm("reason"))
	if err == nil {
		return doneAt(c, "/desk/engagements/"+c.Param("engagement"), string(act))
	}
	return d.refuseEngagement(c, err, string(act))
}

// withdrawInvitation takes one back: POST /desk/engagements/ID/withdraw.
func (d *Desk) withdrawInvitation(c *gin.Context) error {
	err := d.reception().WithdrawInvitation(c.Request.Context(), d.Who(c), engagement.ID(c.Param("engagement")), people.ID(c.PostForm("person")))
	if err == nil {
		return doneAt(c, "/desk/engagements/"+c.Param("engagement"), "withdrawn")
	}
	return d.refuseEngagement(c, err, "")
}

// refuseEngagement draws the page again after an act that was refused.
func (d *Desk) refuseEngagement(c *gin.Context, refusal error, do string) error {
	kind := fault.KindOf(refusal)
	if kind != fault.Invalid && kind != fault.Conflict {
		return refusal
	}
	problems := page.ProblemsOf(refusal)
	if len(problems) == 0 {
		problems = page.Problems{{Name: "main", Say: fault.SayOf(refusal)}}
	}
	return d.drawEngagement(c, page.Status(kind), do, problems)
}

// wordPage gives a client another word.
type wordPage struct {
	Action, Back, Name string
	Invited            bool // a new letter goes with it
	Letter             string
	Person             string
	Word               deskField
	Op                 string
	Problems           page.Problems
}

// anotherWord asks for it: GET /desk/engagements/ID/word?person=ID.
func (d *Desk) anotherWord(c *gin.Context) error {
	return d.drawWord(c, http.StatusOK, c.Query("person"), nil)
}

// giveWord gives it: POST /desk/engagements/ID/word.
func (d *Desk) giveWord(c *gin.Context) error {
	id, person := engagement.ID(c.Param("engagement")), people.ID(c.PostForm("person"))
	err := d.reception().GiveWord(c.Request.Context(), d.Who(c), id, person, c.PostForm("word"), d.wordKey(c, "word"))
	if err == nil || fault.Is(err, once.Mismatch) {
		return doneAt(c, "/desk/engagements/"+string(id), "word")
	}
	if problems, is := startProblems(err, engagement.PolicyText{}, false); is {
		return d.drawWord(c, page.Status(fault.KindOf(err)), string(person), problems)
	}
	return err
}

func (d *Desk) drawWord(c *gin.Context, status int, person string, problems page.Problems) error {
	e, client, err := d.ownClient(c, person)
	if err != nil {
		return err
	}
	if !client.Seated() || e.State == engagement.Ended {
		return engagement.ErrNothing
	}
	frame, basics, err := d.frame(c, "Another word", "engagements")
	if err != nil {
		return err
	}
	here := "/desk/engagements/" + string(e.ID)
	m := wordPage{Action: here + "/word", Back: here, Name: client.Name, Person: person, Word: wordField("word", client.Name, c, problems), Op: d.opAgain(c), Problems: problems,
		Invited: client.Place == engagement.Invited}
	if m.Invited {
		known, err := people.Find(c.Request.Context(), d.DB, client.Person)
		if err != nil {
			return err
		}
		may, err := d.mayMail(c, known)
		if err != nil {
			return err
		}
		m.Letter = invitationLetter{from: basics.DiscreetName, site: d.Origin.String()}.to(client.Name, client.Email, may)
	}
	return wordView.Render(c, status, frame, m)
}

// ownClient finds a client of an engagement for its own coach.
func (d *Desk) ownClient(c *gin.Context, person string) (engagement.Engagement, engagement.Client, error) {
	e, err := d.ownEngagement(c)
	if err != nil {
		return e, engagement.Client{}, err
	}
	client, is := e.Client(people.ID(person))
	if !is {
		return e, client, engagement.ErrNothing
	}
	return e, client, nil
}

// handPage gives the work to another coach.
type handPage struct {
	Action, Back, With, Coach string
	Choose                    deskField // empty of choices where there is nobody
	Op                        string
	Problems                  page.Problems
}

// handOver asks to whom: GET /desk/engagements/ID/hand-over.
func (d *Desk) handOver(c *gin.Context) error { return d.drawHand(c, http.StatusOK, nil) }

// handOverSubmit does it: POST /desk/engagements/ID/hand-over.
func (d *Desk) handOverSubmit(c *gin.Context) error {
	id := engagement.ID(c.Param("engagement"))
	next, err := d.reception().HandEngagement(c.Request.Context(), d.Who(c), id, people.ID(c.PostForm("coach")), d.wordKey(c, "hand-over"))
	if err == nil || fault.Is(err, once.Mismatch) && next != "" {
		return doneAt(c, "/desk/engagements", "handed")
	}
	if problems, is := startProblems(err, engagement.PolicyText{}, false); is {
		return d.drawHand(c, page.Status(fault.KindOf(err)), problems)
	}
	return err
}

func (d *Desk) drawHand(c *gin.Context, status int, problems page.Problems) error {
	e, err := d.findEngagement(c)
	if err != nil {
		return err
	}
	if e.State == engagement.Ended && problems == nil {
		return engagement.ErrEnded
	}
	coaches, err := people.Coaches(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	here := "/desk/engagements/" + string(e.ID)
	m := handPage{Action: here + "/hand-over", Back: here, With: clientsSay(e), Coach: e.CoachName, Op: d.opAgain(c), Problems: problems,
		Choose: deskField{Name: "coach", Label: "Who takes over", Kind: "choice", Problem: problems.Of("coach")}}
	if e.CoachID == d.Who(c).ID {
		m.Coach = ""
	}
	for _, coach := range coaches {
		if coach.Bookable() && coach.ID != e.CoachID {
			m.Choose.Choices = append(m.Choose.Choices, deskChoice{string(coach.ID), coach.Name, string(coach.ID) == c.PostForm("coach")})
		}
	}
	frame, _, err := d.frame(c, "Hand over", "engagements")
	if err != nil {
		return err
	}
	return handView.Render(c, status, frame, m)
}

// restorePage begins a start over for a client who has lost their second proofs,
// or calls one off.
type restorePage struct {
	Action, Back, Name, Person string
	Runs                       string // how one stands that is under way; empty for none
	Word                       deskField
	Problems                   page.Problems
}

// restoring asks: GET /desk/engagements/ID/restore?person=ID.
func (d *Desk) restoring(c *gin.Context) error {
	return d.drawRestore(c, http.StatusOK, c.Query("person"), nil)
}

// restore begins it, or calls it off: POST /desk/engagements/ID/restore.
func (d *Desk) restore(c *gin.Context) error {
	id, person := engagement.ID(c.Param("engagement")), people.ID(c.PostForm("person"))
	var err error
	done := "restoring"
	if c.PostForm("act") == "call-off" {
		done = "not-restoring"
		err = d.reception().CallOffRestore(c.Request.Context(), d.Who(c), id, person)
	} else {
		err = d.reception().BeginRestore(c.Request.Context(), d.Login, d.Who(c), id, person, c.PostForm("word"))
	}
	if err == nil {
		return doneAt(c, "/desk/engagements/"+string(id), done)
	}
	if problems, is := startProblems(err, engagement.PolicyText{}, false); is {
		return d.drawRestore(c, page.Status(fault.KindOf(err)), string(person), problems)
	}
	return err
}

func (d *Desk) drawRestore(c *gin.Context, status int, person string, problems page.Problems) error {
	e, client, err := d.ownClient(c, person)
	if err != nil {
		return err
	}
	if client.Place != engagement.Accepted {
		return engagement.ErrNothing
	}
	part := clientPart{}
	here := "/desk/engagements/" + string(e.ID)
	if err := d.addRestore(c, &part, here, client); err != nil {
		return err
	}
	m := restorePage{Action: here + "/restore", Back: here, Name: client.Name, Person: person, Runs: part.Restore, Word: wordField("word", client.Name, c, problems), Problems: problems}
	m.Word.Hint = "Say it in the call, once you are sure that it is them, and nowhere else. It works from " +
		civil.When(d.Now().Add(login.RestoreWait), practice.Zone(d.Who(c).Timezone), d.Now()) + " on."
	frame, _, err := d.frame(c, "Starting over", "engagements")
	if err != nil {
		return err
	}
	return restoreView.Render(c, status, frame, m)
}
