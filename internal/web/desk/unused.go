package desk

import (
	"context"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/money"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// unusedPart is sessions for two that nobody can book with any more, and what can
// be done with them. It stands at the desk alone.
type unusedPart struct {
	Say, Why string
	Refunds  []daylink // money that can go back, for whoever sees the orders and may
	Decides  string    // where its own coach corrects, gives or leaves them; empty for others
	Coach    string    // who decides, where it is somebody else
	Op       string
}

// unusedSay says how many there are: "3 sessions for two are unused".
func unusedSay(n int) string {
	if n == 1 {
		return "1 session for two is unused"
	}
	return strconv.Itoa(n) + " sessions for two are unused"
}

// unused says what waits for a decision on an engagement's page; nil where nothing
// does.
func (d *Desk) unused(c *gin.Context, e engagement.Engagement) (*unusedPart, error) {
	ctx, who := c.Request.Context(), d.Who(c)
	left, waits, err := credit.UndecidedIn(ctx, d.DB, e.ID, d.Now())
	if err != nil || !waits {
		return nil, err
	}
	m := &unusedPart{Say: unusedSay(left.Left), Why: "They are not two any more, so nobody can book with these."}
	if left.Ended {
		m.Why = "The work has ended, so nobody can book with these. If you go on with it, they can be used again."
	}
	back, err := d.Payment.Givable(ctx, d.payer(c), left.From)
	if err != nil {
		return nil, err
	}
	for _, g := range back {
		m.Refunds = append(m.Refunds, daylink{Say: "Give money back for " + g.Name + ", up to " + money.Format(g.MostMinor, g.Currency),
			Href: "/desk/orders/" + string(g.Order) + "/refund?" + url.Values{"part": {partText(g.Part)}}.Encode()})
	}
	if e.CoachID == who.ID && who.Role != people.Assistant {
		m.Decides, m.Op = "/desk/engagements/"+string(e.ID)+"/sessions", d.Guard.NewOp(d.Now())
	} else {
		m.Coach = e.CoachName
	}
	return m, nil
}

// leaveUnused leaves them as they are: POST /desk/engagements/ID/sessions with the
// act "leave".
func (d *Desk) leaveUnused(c *gin.Context, in engagement.ID) error {
	err := d.once(c, d.opKey(c, "leave "+string(in)), func(ctx context.Context, tx *pg.Tx) error {
		return credit.LeaveAsIs(ctx, tx, d.Who(c), in, d.Now())
	})
	if err != nil {
		return err
	}
	return doneAt(c, "/desk/engagements/"+string(in), "left-as-is")
}

// undecided names the coach's own work in which such sessions wait.
func (d *Desk) undecided(c *gin.Context) ([]daylink, error) {
	found, err := credit.UndecidedOf(c.Request.Context(), d.DB, d.Who(c), d.Now())
	if err != nil {
		return nil, err
	}
	var lines []daylink
	for _, u := range found {
		lines = append(lines, daylink{Href: "/desk/engagements/" + string(u.Engagement) + "#unused", Say: u.Names + ": " + unusedSay(u.Left)})
	}
	return lines, nil
}
