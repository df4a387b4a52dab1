package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/engagement"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var (
	exportView = page.Define[exportPage]("portal-export.html")
	copyView   = page.Define[copyPage]("portal-copy.html")
)

type exportPage struct{}

// copyPage is a client's copy as a document that can be read anywhere.
type copyPage struct {
	reception.ClientCopy
	MadeAt      string
	Contact     []copyOfContact
	Engagements []copyOfWork
	Notes       []copyOfNote
	Calls       []copyOfCall
	Orders      []copyOfOrder
}

type copyOfContact struct {
	At  time.Time
	Say string
	By  string
}

type copyOfWork struct {
	reception.CopyEngagement
	State  string
	Spaces []copyOfSpace
}

type copyOfSpace struct {
	Tag     string
	Readers []string
}

type copyOfOrder struct {
	reception.CopyOrder
	Status string
	Papers []reception.CopyPaper
}

type copyOfNote struct {
	reception.CopyOfNote
	Space string
}

type copyOfCall struct{ When, What, Coach, Status string }

// export says what a copy holds before it is made: GET /portal/export.
func (p *Portal) export(c *gin.Context) error {
	return draw(p, c, exportView, http.StatusOK, "more", exportPage{})
}

// makeCopy gives it as a file: POST /portal/export. Its name says nothing.
func (p *Portal) makeCopy(c *gin.Context) error {
	found, err := p.reception().CopyForClient(c.Request.Context(), p.who(c).Person)
	if err != nil {
		return err
	}
	if c.PostForm("as") == "json" {
		raw, err := json.MarshalIndent(found, "", "  ")
		if err != nil {
			return fmt.Errorf("write copy: %w", err)
		}
		return give(c, "copy.json", "application/json; charset=utf-8", append(raw, '\n'))
	}
	paper, err := copyView.Paper("A copy", copyInWords(found, p.zone(c)))
	if err != nil {
		return err
	}
	return give(c, "copy.html", "text/html; charset=utf-8", paper)
}

// copyInWords says a copy as the pages say it.
func copyInWords(found reception.ClientCopy, loc *time.Location) copyPage {
	m := copyPage{ClientCopy: found, MadeAt: civil.WhenExact(found.MadeAt, loc)}
	for _, k := range found.Contact {
		say := "Mail: " + consentSay(k.MayEmail) + ". Calls: " + consentSay(k.MayCall) + ". Messages: " + consentSay(k.MayLeaveWord)
		m.Contact = append(m.Contact, copyOfContact{k.At, say, k.By})
	}
	tag := func(space string) string { return engagement.LaneInfo{Kind: engagement.LaneKind(space)}.Tag("") }
	for _, e := range found.Engagements {
		work := copyOfWork{CopyEngagement: e, State: workSay(e.State)}
		for _, s := range e.Spaces {
			space := copyOfSpace{tag(s.Kind), s.Readers}
			if engagement.LaneKind(s.Kind) == engagement.SafetyLane {
				space.Tag += ", about safety"
			}
			work.Spaces = append(work.Spaces, space)
		}
		m.Engagements = append(m.Engagements, work)
	}
	for _, n := range found.Notes {
		m.Notes = append(m.Notes, copyOfNote{n, tag(n.Space)})
	}
	for _, call := range found.Calls {
		m.Calls = append(m.Calls, copyOfCall{civil.WhenExact(call.Start, practice.Zone(call.Timezone)), call.What, call.Coach, callSay(call.Status)})
	}
	for _, o := range found.Orders {
		order := copyOfOrder{CopyOrder: o, Status: payment.Status(o.Status).Say()}
		for _, paper := range o.Papers {
			paper.Kind = paperSay(paper.Kind)
			order.Papers = append(order.Papers, paper)
		}
		m.Orders = append(m.Orders, order)
	}
	return m
}

func consentSay(said string) string {
	if people.Consent(said) == people.Unknown {
		return "not said"
	}
	return said
}

func workSay(state string) string {
	switch state {
	case "left":
		return "You have left"
	case "invited":
		return "You are invited"
	case string(engagement.Paused):
		return "Paused"
	case string(engagement.Ended):
		return "Ended"
	}
	return "Goes on"
}

func callSay(status string) string {
	switch booking.Status(status) {
	case booking.Held, booking.Pending:
		return "asked for"
	case booking.Confirmed:
		return "booked"
	case booking.Completed:
		return "held"
	case booking.NoShow:
		return "missed"
	case booking.Cancelled:
		return "cancelled"
	case booking.Declined:
		return "declined"
	}
	return "not answered in time"
}

func paperSay(kind string) string {
	if kind == payment.KindCreditNote {
		return "Credit note"
	}
	return "Invoice"
}

// give answers with a file. Its name says nothing about whom it is of.
func give(c *gin.Context, name, kind string, body []byte) error {
	c.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Header("X-Content-Type-Options", "nosniff")
	c.Data(http.StatusOK, kind, body)
	return nil
}
