package desk

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var sessionsView = page.Define[sessionsPage]("desk-sessions.html")

// sessionsPage is what clients have left, for the practice: everybody who sees
// them sees numbers and days; the coach whose sessions they are also the
// reasons, and can give, add, take out and make them last.
type sessionsPage struct {
	Here, Back, BackSay, Heading string
	Wallets                      []walletPart
	Give                         *givePart
	Op                           string
	Problems                     page.Problems
}

// walletPart is whose sessions they are.
type walletPart struct {
	Name string
	Say  string // who sees them
	Lots []deskLot
}

// deskLot is sessions that came together.
type deskLot struct {
	ID, Left, For, Until string
	Hold                 bool
	Gift                 bool
	May                  bool
	History              []deskLotLine
	Open                 bool // its forms, after a refusal
	Typed                sessionsForm
	AmountProblem        string
	UntilProblem         string
	Why, WhyLonger       reasonField
}

// reasonField is where the reason of an act is written.
type reasonField struct{ ID, Value, Problem string }

type deskLotLine struct{ When, Say, Amount, By, Href string }

// givePart gives sessions.
type givePart struct {
	Holders []deskChoice // one where there is no choice
	Types   []deskChoice
	Form    sessionsForm
	Why     reasonField
}

// sessionsForm is what was typed.
type sessionsForm struct {
	Act, Lot, Way, Amount, Sessions, Until, Reason, Holder string
	Types                                                  []string
}

func readSessionsForm(c *gin.Context) sessionsForm {
	return sessionsForm{Act: c.PostForm("act"), Lot: c.PostForm("lot"), Way: c.PostForm("way"), Amount: c.PostForm("amount"), Sessions: c.PostForm("sessions"),
		Until: c.PostForm("until"), Reason: c.PostForm("reason"), Holder: c.PostForm("holder"), Types: c.PostFormArray("types")}
}

// whoseSessions is whose sessions a page is about.
type whoseSessions struct {
	in      engagement.ID
	own     bool // it is the viewer's own work, or their own person
	persons []people.ID
	names   map[people.ID]string
	page    sessionsPage
}

// engagementSessions shows those of an engagement and of its clients: GET
// /desk/engagements/ID/sessions.
func (d *Desk) engagementSessions(c *gin.Context) error {
	w, err := d.sessionsOfEngagement(c)
	if err != nil {
		return err
	}
	return d.drawSessions(c, http.StatusOK, w, sessionsForm{}, nil)
}

// changeEngagementSessions gives, adjusts, extends or leaves as is: POST
// /desk/engagements/ID/sessions.
func (d *Desk) changeEngagementSessions(c *gin.Context) error {
	w, err := d.sessionsOfEngagement(c)
	if err != nil {
		return err
	}
	return d.changeSessions(c, w)
}

func (d *Desk) sessionsOfEngagement(c *gin.Context) (whoseSessions, error) {
	e, err := d.findEngagement(c)
	if err != nil {
		return whoseSessions{}, err
	}
	at := "/desk/engagements/" + string(e.ID)
	w := whoseSessions{in: e.ID, own: e.CoachID == d.Who(c).ID, names: map[people.ID]string{},
		page: sessionsPage{Here: at + "/sessions", Back: at, BackSay: clientsSay(e), Heading: "Sessions left"}}
	for _, client := range e.Clients {
		if client.AcceptedAt.IsZero() {
			continue // nothing of theirs belongs here yet
		}
		w.persons = append(w.persons, client.Person)
		w.names[client.Person] = client.Name
	}
	return w, nil
}

// personSessions shows those of one person: GET /desk/people/ID/sessions.
func (d *Desk) personSessions(c *gin.Context) error {
	w, err := d.sessionsOfPerson(c)
	if err != nil {
		return err
	}
	return d.drawSessions(c, http.StatusOK, w, sessionsForm{}, nil)
}

// changePersonSessions gives, adjusts or extends: POST /desk/people/ID/sessions.
func (d *Desk) changePersonSessions(c *gin.Context) error {
	w, err := d.sessionsOfPerson(c)
	if err != nil {
		return err
	}
	return d.changeSessions(c, w)
}

func (d *Desk) sessionsOfPerson(c *gin.Context) (whoseSessions, error) {
	card, err := d.reception().Find(c.Request.Context(), d.DB, d.viewer(c), personID(c))
	if err != nil {
		return whoseSessions{}, err
	}
	at := "/desk/people/" + string(personID(c))
	w := whoseSessions{own: true, persons: card.IDs(), names: map[people.ID]string{},
		page: sessionsPage{Here: at + "/sessions", Back: at, BackSay: card.Records[0].Name, Heading: "Sessions of their own"}}
	for _, r := range card.Records {
		w.names[r.ID] = r.Name
	}
	return w, nil
}

// at gives each problem the input of the lot that it is about.
func (f sessionsForm) at(problems page.Problems) page.Problems {
	if f.Lot == "" {
		return problems
	}
	there := slices.Clone(problems)
	for i, p := range there {
		if p.Name == "reason" && f.Act == "extend" {
			p.Name = "longer"
		}
		there[i].Name = p.Name + "-" + f.Lot
	}
	return there
}

// refuse shows the form that was refused as it was typed.
func (l *deskLot) refuse(f sessionsForm, problems page.Problems) {
	l.Open, l.Typed, l.AmountProblem, l.UntilProblem = true, f, problems.Of("amount"), problems.Of("until")
	if f.Act == "extend" {
		l.WhyLonger.Value, l.WhyLonger.Problem = f.Reason, problems.Of("reason")
	} else {
		l.Why.Value, l.Why.Problem = f.Reason, problems.Of("reason")
	}
}

func (d *Desk) drawSessions(c *gin.Context, status int, w whoseSessions, typed sessionsForm, problems page.Problems) error {
	ctx, who, now := c.Request.Context(), d.Who(c), d.Now()
	lots, err := credit.OfPeople(ctx, d.DB, who, w.in, w.persons)
	if err != nil {
		return err
	}
	lines, err := credit.Ledger(ctx, d.DB, d.Booking.Keys, who, lots)
	if err != nil {
		return err
	}
	if err := d.hideHours(c, lines); err != nil {
		return err
	}
	m := w.page
	m.Problems, m.Op = typed.at(problems), d.Guard.NewOp(now)
	if op := c.PostForm("op"); op != "" {
		m.Op = op // the same act, sent again
	}
	loc := practice.Zone(who.Timezone)
	if w.in != "" {
		m.Wallets = append(m.Wallets, walletPart{Name: "For both", Say: "Both of them see what is left and what it was used for."})
	}
	for _, id := range w.persons {
		m.Wallets = append(m.Wallets, walletPart{Name: "For " + w.names[id] + " alone", Say: "Nobody but they and the practice know of these."})
	}
	for _, l := range lots {
		i := 0
		if !l.Joint() {
			i = slices.Index(w.persons, l.Person)
			if w.in != "" {
				i++
			}
		}
		part := deskLotOf(l, lines, loc, now)
		if part.ID == typed.Lot {
			part.refuse(typed, problems)
		}
		m.Wallets[i].Lots = append(m.Wallets[i].Lots, part)
	}
	if w.own && who.Role != people.Assistant {
		if m.Give, err = d.giving(c, w, typed, problems); err != nil {
			return err
		}
	}
	frame, _, err := d.frame(c, m.Heading, "engagements")
	if err != nil {
		return err
	}
	if status == http.StatusOK && c.Query("done") == "sessions" {
		frame.Flash = "Done. It stands below, and in what they see."
	}
	return sessionsView.Render(c, status, frame, m)
}

// hideHours takes the hour out of each line about a booking that is another
// coach's: that a session was used is seen, and not with whom or when.
func (d *Desk) hideHours(c *gin.Context, lines []credit.Movement) error {
	if d.Who(c).Role != people.Member {
		return nil
	}
	var ids []booking.ID
	for _, m := range lines {
		if m.Booking != "" {
			ids = append(ids, booking.ID(m.Booking))
		}
	}
	seen, err := d.Booking.Seen(c.Request.Context(), d.viewer(c), ids)
	if err != nil {
		return err
	}
	for i := range lines {
		if m := &lines[i]; m.Booking != "" && !seen[booking.ID(m.Booking)] {
			m.Booking, m.StartsAt, m.TypeName = "", time.Time{}, ""
			if m.ActorKind == string(audit.Coach) {
				m.By = "the practice"
			}
		}
	}
	return nil
}

func deskLotOf(l credit.Lot, lines []credit.Movement, loc *time.Location, now time.Time) deskLot {
	part := deskLot{Why: reasonField{ID: "reason-" + string(l.ID)}, WhyLonger: reasonField{ID: "longer-" + string(l.ID)}, ID: string(l.ID), Left: l.LeftSay(now), For: l.ForSay(), Until: l.UntilSay(now), Hold: l.Holds > 0, Gift: l.Source == credit.Gift, May: l.Own}
	for _, m := range lines {
		if m.Lot != l.ID {
			continue
		}
		line := deskLotLine{When: civil.Day(m.At, loc, now) + ", " + civil.Clock(m.At, loc), Say: m.Say(loc, now), Amount: m.Signed(), By: m.By}
		if m.Kind == credit.Revoked && m.Reason != "" { // why is for the practice; a partner reads this line too, without
			line.Say += ": " + m.Reason
		}
		if line.By == "" {
			line.By = "by itself"
		}
		if m.Booking != "" {
			line.Href = "/desk/bookings/" + string(m.Booking)
		}
		part.History = append(part.History, line)
	}
	return part
}

// sessionsShort says in a few lines what clients have left, for the page that
// leads to them.
func (d *Desk) sessionsShort(c *gin.Context, in engagement.ID, persons []people.ID, names map[people.ID]string) ([]string, error) {
	lots, err := credit.OfPeople(c.Request.Context(), d.DB, d.Who(c), in, persons)
	if err != nil {
		return nil, err
	}
	now := d.Now()
	var lines []string
	for _, l := range lots {
		if l.Left(now) == 0 {
			continue
		}
		whose := "For both"
		if !l.Joint() {
			whose = "For " + names[l.Person] + " alone"
		}
		line := whose + ": " + l.LeftSay(now)
		if l.ExpiresOn != "" {
			line += ", until " + credit.SayDate(l.ExpiresOn)
		}
		if l.Holds > 0 {
			line += ", on hold"
		}
		lines = append(lines, line)
	}
	return lines, nil
}
