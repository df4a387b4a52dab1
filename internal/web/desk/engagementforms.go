package desk

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/intake"
	"kintsugi/internal/once"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var engagementFormsView = page.Define[engagementFormsPage]("desk-engagement-forms.html")

// engagementFormsPage is what the clients of an engagement were asked to fill
// in, how it stands with each, and sending them something more.
type engagementFormsPage struct {
	Back, Action string
	With         string
	Clients      []clientSheets
	Joint        []jointSheets
	Forms        []sendChoice
	To           []choicePart
	Chosen       string
	Due          string
	Op           string
	Shut         string // why nothing can be sent
	Problems     page.Problems
}

// clientSheets are the forms that one client answers alone.
type clientSheets struct {
	ID, Name string
	Forms    []sheetLine
}

// jointSheets is a form that both clients were asked at once.
type jointSheets struct {
	Name, Sent, BackHref string
	Op                   string
	Lines                []sheetLine
}

// sheetLine is a form in one line, as its coach sees it.
type sheetLine struct {
	Href, Name, Who, Kind, Tag, Sent, State, Note string
	BackHref                                      string // takes it back; empty where it cannot be
	Op                                            string
}

type sendChoice struct {
	Value, Say, Goes string
	Chosen           bool
}

// asCoach runs an act or a look in one transaction of the coach who asks.
func (d *Desk) asCoach(c *gin.Context, act func(ctx context.Context, tx *pg.Tx) error) error {
	ctx := c.Request.Context()
	return d.DB.InTxAs(ctx, string(d.Who(c).ID), func(tx *pg.Tx) error { return act(ctx, tx) })
}

// engagementForms shows them: GET /desk/engagements/ID/forms.
func (d *Desk) engagementForms(c *gin.Context) error {
	return d.drawEngagementForms(c, http.StatusOK, nil)
}

func (d *Desk) drawEngagementForms(c *gin.Context, status int, problems page.Problems) error {
	e, err := d.ownEngagement(c)
	if err != nil {
		return err
	}
	var sheets []intake.Sheet
	var lanes []engagement.LaneInfo
	var forms []practice.Form
	if err := d.asCoach(c, func(ctx context.Context, tx *pg.Tx) (err error) {
		if sheets, err = intake.List(ctx, tx, d.Who(c).ID, e.ID); err != nil {
			return err
		}
		if lanes, err = engagement.Lanes(ctx, tx, d.Who(c).ID, e.ID); err != nil {
			return err
		}
		forms, err = practice.AllForms(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	m := d.engagementFormsModel(c, e, sheets, lanes)
	m.Problems = problems
	m.choose(c, e, forms)
	frame, _, err := d.frame(c, "Forms with "+m.With, "engagements")
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		frame.Flash = sheetsSay(c.Query("done"))
	}
	return engagementFormsView.Render(c, status, frame, m)
}

func (d *Desk) engagementFormsModel(c *gin.Context, e engagement.Engagement, sheets []intake.Sheet, lanes []engagement.LaneInfo) engagementFormsPage {
	loc, now, me := practice.Zone(d.Who(c).Timezone), d.Now(), d.Who(c).ID
	at := "/desk/engagements/" + string(e.ID)
	m := engagementFormsPage{Back: at, Action: at + "/forms", With: clientsSay(e), Op: d.Guard.NewOp(now)}
	rounds := map[string]int{}
	for _, s := range sheets {
		lane := engagement.LaneInfo{}
		for _, l := range lanes {
			if l.ID == s.Lane {
				lane = l
			}
		}
		line := sheetLine{Href: m.Action + "/" + string(s.ID), Name: s.FormName, Who: s.Name, Kind: string(s.Kind), Tag: lane.Tag(me),
			Sent: civil.Day(s.SentAt, loc, now), State: sheetSay(s, lane, loc, now), Op: d.Guard.NewOp(now)}
		if s.Occasion != "" {
			line.Note = "Sent by itself"
		}
		if s.Newer && s.State == intake.Open {
			line.Note = strings.TrimPrefix(line.Note+". The form was changed since; they answer it as it was sent", ". ")
		}
		if s.State == intake.Open && lane.ClosedAt.IsZero() {
			line.BackHref = line.Href + "/withdraw"
		}
		if s.Sent == 0 || s.Erased {
			line.Href = ""
		}
		if s.Round != "" {
			nth, known := rounds[s.Round]
			if !known {
				nth = len(m.Joint)
				rounds[s.Round] = nth
				m.Joint = append(m.Joint, jointSheets{Name: s.FormName, Sent: line.Sent})
			}
			j := &m.Joint[nth]
			if line.BackHref != "" {
				j.BackHref, j.Op, line.BackHref = line.BackHref, line.Op, ""
			}
			j.Lines = append(j.Lines, line)
			continue
		}
		i := slices.IndexFunc(m.Clients, func(o clientSheets) bool { return o.ID == string(s.Person) })
		if i < 0 {
			i = len(m.Clients)
			m.Clients = append(m.Clients, clientSheets{ID: string(s.Person), Name: s.Name})
		}
		m.Clients[i].Forms = append(m.Clients[i].Forms, line)
	}
	for _, j := range m.Joint {
		slices.SortStableFunc(j.Lines, func(a, b sheetLine) int { return strings.Compare(a.Who, b.Who) })
	}
	slices.SortStableFunc(m.Clients, func(a, b clientSheets) int { return strings.Compare(a.Name, b.Name) })
	if e.State == engagement.Ended {
		m.Shut = "This has ended, so nothing more can be sent. What was answered stays readable."
	}
	return m
}

// sheetSay says how it stands with a form. That somebody has begun to type is
// theirs to know.
func sheetSay(s intake.Sheet, lane engagement.LaneInfo, loc *time.Location, now time.Time) string {
	switch {
	case s.Erased:
		return "Erased"
	case s.State == intake.Submitted && s.Sent > 1:
		return "Answered, changed " + civil.Day(s.LastAt, loc, now)
	case s.State == intake.Submitted:
		return "Answered " + civil.Day(s.LastAt, loc, now)
	case s.State == intake.Withdrawn:
		return "Taken back"
	case !lane.ClosedAt.IsZero():
		return "Not answered"
	case lane.Waits():
		return "Opens once everybody has signed how secrets are kept"
	case s.DueOn != "":
		return "Not answered yet, asked for by " + dueDay(s.DueOn)
	}
	return "Not answered yet"
}

func dueDay(date string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day.Format("2 January")
}

// choose offers what can be sent, and to whom.
func (m *engagementFormsPage) choose(c *gin.Context, e engagement.Engagement, forms []practice.Form) {
	m.Chosen, m.Due = c.PostForm("form"), c.PostForm("due_on")
	if op := c.PostForm("op"); op != "" {
		m.Op = op // the same act, sent again
	}
	accepted := e.Accepted()
	to := c.PostFormArray("to")
	for _, client := range accepted {
		m.To = append(m.To, choicePart{Value: string(client.Person), Say: client.Name, Chosen: slices.Contains(to, string(client.Person)) || len(accepted) == 1})
	}
	slices.SortStableFunc(m.To, func(a, b choicePart) int { return strings.Compare(a.Say, b.Say) })
	for _, f := range forms {
		if f.Withdrawn || f.Lane == practice.Joint && len(accepted) != 2 {
			continue
		}
		goes := map[string]string{practice.Individual: "each answers alone, for you", practice.Joint: "goes to both, read by both once both have answered",
			practice.Safety: "each answers alone, for you; opens at once"}[f.Lane]
		m.Forms = append(m.Forms, sendChoice{Value: f.Slug, Say: f.Name, Goes: goes, Chosen: f.Slug == m.Chosen})
	}
	if len(accepted) == 0 && m.Shut == "" {
		m.Shut = "Nobody has accepted yet. Forms can be sent from then on, those about safety also before anything is signed."
	}
}

// sendSheet sends one: POST /desk/engagements/ID/forms.
func (d *Desk) sendSheet(c *gin.Context) error {
	e, err := d.ownEngagement(c)
	if err != nil {
		return err
	}
	what := intake.Sending{Form: c.PostForm("form"), DueOn: c.PostForm("due_on")}
	for _, one := range c.PostFormArray("to") {
		what.To = append(what.To, people.ID(one))
	}
	err = d.once(c, d.opKey(c, "send form"), func(ctx context.Context, tx *pg.Tx) error {
		_, err := d.Intake.Send(ctx, tx, d.Who(c).ID, e.ID, what, d.Now())
		return err
	})
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
		problems := page.ProblemsOf(err)
		if len(problems) == 0 {
			problems = page.Problems{{Name: "main", Say: fault.SayOf(err)}}
		}
		return d.drawEngagementForms(c, page.Status(fault.KindOf(err)), problems)
	}
	if err != nil {
		return err
	}
	return d.toSheets(c, "form-sent")
}

// withdrawSheet takes one back: POST /desk/engagements/ID/forms/ID/withdraw.
func (d *Desk) withdrawSheet(c *gin.Context) error {
	e, err := d.ownEngagement(c)
	if err != nil {
		return err
	}
	err = d.asCoach(c, func(ctx context.Context, tx *pg.Tx) error {
		return d.Intake.Withdraw(ctx, tx, d.Who(c).ID, e.ID, intake.ID(c.Param("sheet")), d.Now())
	})
	if fault.KindOf(err) == fault.Conflict {
		return d.drawEngagementForms(c, http.StatusConflict, page.Problems{{Name: "main", Say: fault.SayOf(err)}})
	}
	if err != nil {
		return err
	}
	return d.toSheets(c, "form-back")
}

// once runs an act of a coach that a second click does not do again.
func (d *Desk) once(c *gin.Context, key once.Key, act func(ctx context.Context, tx *pg.Tx) error) error {
	var done bool
	if settled, err := once.Find(c.Request.Context(), d.DB, key, &done); settled || err != nil {
		return err
	}
	err := d.asCoach(c, func(ctx context.Context, tx *pg.Tx) error {
		if err := act(ctx, tx); err != nil {
			return err
		}
		return once.Settle(ctx, tx, key, true, d.Now())
	})
	if once.IsRepeat(err) {
		return nil
	}
	if err == nil && d.Wake != nil {
		d.Wake()
	}
	return err
}

func (d *Desk) toSheets(c *gin.Context, done string) error {
	c.Redirect(http.StatusSeeOther, "/desk/engagements/"+c.Param("engagement")+"/forms?done="+done)
	return nil
}

// sheetsSay is what the page says after an act that led to it.
func sheetsSay(done string) string {
	switch done {
	case "form-sent":
		return "Sent. They find it in their space; a letter says only that there is something to see."
	case "form-back":
		return "Taken back. Nobody was written to."
	}
	return ""
}
