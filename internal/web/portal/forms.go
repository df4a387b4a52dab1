package portal

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/intake"
	"kintsugi/internal/pg"
	"kintsugi/internal/web/page"
)

var formsView = page.Define[formsPage]("portal-forms.html")

// formsPage lists what a client is asked to fill in, what they have sent, and
// what was shared with them. What is between them and their coach alone stands
// in it behind the second proof; in front of it the page is the same whether or
// not there is anything.
type formsPage struct {
	Waiting, Sent, Shared, Back []formPart
	ProofHref                   string // empty when the second proof was given
}

// formPart is a form in one line of a list.
type formPart struct {
	Href, Name, Kind, Tag, State string
}

// forms lists them: GET /portal/forms.
func (p *Portal) forms(c *gin.Context) error {
	me, loc, now := p.who(c), p.zone(c), p.Now()
	var sheets []intake.Sheet
	var lanes []engagement.LaneInfo
	hidden, err := p.hidden(c)
	if err != nil {
		return err
	}
	err = p.as(c, func(ctx context.Context, tx *pg.Tx) (err error) {
		if sheets, err = intake.List(ctx, tx, me.Person, ""); err != nil {
			return err
		}
		lanes, err = engagement.Lanes(ctx, tx, me.Person, "")
		return err
	})
	if err != nil {
		return err
	}
	m := formsPage{}
	if !me.Strong {
		m.ProofHref = setUpAt("/portal/forms")
	}
	for _, s := range sheets {
		if hidden(s) || s.Erased && s.Kind != engagement.JointLane {
			continue
		}
		lane := laneOf(lanes, s.Lane)
		part := formPart{Href: "/portal/forms/" + string(s.ID), Name: s.FormName, Kind: string(s.Kind), Tag: lane.Tag(me.Person)}
		switch {
		case s.Erased:
			part.Href, part.Name, part.State = "", "This was erased", ""
			m.Sent = append(m.Sent, part)
		case s.Person != me.Person:
			part.Name, part.State = s.Name+": "+s.FormName, "Sent "+civil.Day(s.LastAt, loc, now)
			m.Shared = append(m.Shared, part)
		case s.State == intake.Submitted:
			part.State = "Sent " + civil.Day(s.LastAt, loc, now)
			m.Sent = append(m.Sent, part)
		case s.State == intake.Withdrawn:
			part.State = "Your coach has taken it back"
			m.Back = append(m.Back, part)
		default:
			part.State = waitingSay(s, lane)
			m.Waiting = append(m.Waiting, part)
		}
	}
	return draw(p, c, formsView, http.StatusOK, "forms", m)
}

// waitingForms are those that can be filled in now. What is between the client
// and their coach alone is among them behind the second proof.
func (p *Portal) waitingForms(c *gin.Context) ([]waitingPart, error) {
	me := p.who(c)
	hidden, err := p.hidden(c)
	if err != nil {
		return nil, err
	}
	var waits []waitingPart
	err = p.as(c, func(ctx context.Context, tx *pg.Tx) error {
		sheets, err := intake.List(ctx, tx, me.Person, "")
		if err != nil || len(sheets) == 0 {
			return err
		}
		lanes, err := engagement.Lanes(ctx, tx, me.Person, "")
		for _, s := range sheets {
			lane := laneOf(lanes, s.Lane)
			if s.State != intake.Open || s.Person != me.Person || hidden(s) || s.Erased || !lane.Writable() {
				continue
			}
			waits = append(waits, waitingPart{Href: "/portal/forms/" + string(s.ID), Say: s.FormName, Why: waitingSay(s, lane) + "."})
		}
		return err
	})
	return waits, err
}

// hidden tells which forms a session does not show before the second proof was
// given: those between the client and their coach alone. From when on a client has
// a second proof it is every form of theirs: what was told about safety, and of a
// form for both what they have typed, or sent before the other has.
func (p *Portal) hidden(c *gin.Context) (func(intake.Sheet) bool, error) {
	me := p.who(c)
	weak, err := p.inboxAlone(c)
	return func(s intake.Sheet) bool {
		return s.Private() && !me.Strong || weak && s.Person == me.Person
	}, err
}

func laneOf(lanes []engagement.LaneInfo, id engagement.LaneID) engagement.LaneInfo {
	for _, l := range lanes {
		if l.ID == id {
			return l
		}
	}
	return engagement.LaneInfo{}
}

// waitingSay says how it stands with a form that was not sent yet.
func waitingSay(s intake.Sheet, lane engagement.LaneInfo) string {
	switch {
	case !lane.ClosedAt.IsZero():
		return "This has ended; it cannot be sent any more"
	case lane.Waits():
		return "Opens once everybody has signed how secrets are kept"
	case s.DueOn != "":
		return "Please send it by " + dueSay(s.DueOn)
	}
	return "When it suits you"
}

func dueSay(date string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day.Format("Monday 2 January 2006")
}

// as runs an act or a look of the client who asks, in one transaction of theirs.
func (p *Portal) as(c *gin.Context, act func(ctx context.Context, tx *pg.Tx) error) error {
	ctx := c.Request.Context()
	return p.DB.InTxAs(ctx, string(p.who(c).Person), func(tx *pg.Tx) error { return act(ctx, tx) })
}

// sheet runs an act on a sheet of the client's, or a look at it, and reports
// whether it was answered already: who has not given the second proof is led to
// do so, both to what is behind it and to what there is not.
func (p *Portal) sheet(c *gin.Context, act func(ctx context.Context, tx *pg.Tx, s intake.Sheet) error) (answered bool, err error) {
	me := p.who(c)
	hidden, err := p.hidden(c)
	if err != nil {
		return false, err
	}
	err = p.as(c, func(ctx context.Context, tx *pg.Tx) error {
		s, err := intake.Find(ctx, tx, me.Person, intake.ID(c.Param("sheet")))
		if err != nil {
			return err
		}
		if hidden(s) {
			return engagement.ErrNothing
		}
		return act(ctx, tx, s)
	})
	if fault.KindOf(err) == fault.NotFound && !me.Strong {
		return true, p.prove(c)
	}
	return false, err
}
