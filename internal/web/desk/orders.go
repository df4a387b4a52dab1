package desk

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/money"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var (
	ordersView = page.Define[ordersPage]("desk-orders.html")
	orderView  = page.Define[orderPage]("desk-order.html")
)

// ordersPage lists what was bought.
type ordersPage struct {
	Tabs   []page.MenuItem
	Orders []orderLine
	Older  string // where older ones are; empty for none
	Own    bool
}

type orderLine struct {
	Href, Who, Name, When, Price string
	State, StateSay              string
}

// orderPage is one order with everything that happened to it.
type orderPage struct {
	Tabs               []page.MenuItem
	Name, Who, WhoHref string
	State, StateSay    string
	Facts              []deskPair
	Parts              []orderPart
	Refunds            []refundLine
	Disputes           []disputeLine
	Documents          []paperLine
	Terms              string
}

type orderPart struct {
	Number                     int
	Price, Sessions, On        string
	State, StateSay            string
	Paid, Tax, Off, Back, Lost string
	Granted, Used, Left, Taken int
	Ahead                      int // booked for hours that have not begun
	Held                       bool
	RefundHref                 string // empty where nothing can go back
}

type refundLine struct {
	When, Amount, State, Sessions, Owed, Why, By string
	Part                                         int
}

type disputeLine struct {
	When, Amount, State, Hold, Owed string
	Part                            int
}

type paperLine struct{ Number, Kind, On, Total string }

// ordersPerPage is how many the payment room gives at once.
const ordersPerPage = 100

// orders lists them, the newest first: GET /desk/orders.
func (d *Desk) orders(c *gin.Context) error {
	ctx := c.Request.Context()
	frame, basics, err := d.frame(c, "Orders", "money")
	if err != nil {
		return err
	}
	below := payment.Mark{ID: payment.OrderID(c.Query("below"))}
	if at, err := time.Parse(time.RFC3339Nano, c.Query("before")); err == nil {
		below.At = at
	}
	found, err := d.Payment.Orders(ctx, d.payer(c), nil, below)
	if err != nil {
		return err
	}
	buyers := make([]people.ID, 0, len(found))
	for _, o := range found {
		buyers = append(buyers, o.Buyer)
	}
	names, err := people.Names(ctx, d.DB, buyers)
	if err != nil {
		return err
	}
	m := ordersPage{Tabs: d.moneyTabs(c, "/desk/orders"), Own: d.Who(c).Role == people.Member}
	for _, o := range found {
		m.Orders = append(m.Orders, orderLine{Href: "/desk/orders/" + string(o.ID), Who: buyerSay(names[o.Buyer]), Name: o.Name, When: civil.Day(o.MadeAt, basics.Zone(), d.Now()),
			Price: money.Format(o.PriceMinor, o.Currency), State: string(o.Status), StateSay: o.Status.Say()})
	}
	if len(found) == ordersPerPage {
		m.Older = "/desk/orders?" + url.Values{"before": {found[len(found)-1].MadeAt.Format(time.RFC3339Nano)}, "below": {string(found[len(found)-1].ID)}}.Encode()
	}
	return ordersView.Render(c, http.StatusOK, frame, m)
}

func buyerSay(name string) string {
	if name == "" {
		return "Somebody who was erased"
	}
	return name
}

// oneOrder shows an order: GET /desk/orders/ORDER.
func (d *Desk) oneOrder(c *gin.Context) error {
	ctx, v, id := c.Request.Context(), d.payer(c), payment.OrderID(c.Param("order"))
	o, err := d.Payment.FindFor(ctx, v, id)
	if err != nil {
		return err
	}
	frame, basics, err := d.frame(c, "Order", "money")
	if err != nil {
		return err
	}
	frame.Flash = refundSay(c.Query("done"))
	names, err := people.Names(ctx, d.DB, []people.ID{o.Buyer})
	if err != nil {
		return err
	}
	loc, now := basics.Zone(), d.Now()
	m := orderPage{Tabs: d.moneyTabs(c, ""), Name: o.Name, Who: buyerSay(names[o.Buyer]), State: string(o.Status), StateSay: o.Status.Say(), Terms: o.Terms}
	if o.Buyer != "" {
		m.WhoHref = "/desk/people/" + string(o.Buyer)
	}
	lane := "for one"
	if o.Lane == practice.Joint {
		lane = "for two"
	}
	m.Facts = []deskPair{{Name: "Price", Value: money.Format(o.PriceMinor, o.Currency)}, {Name: "Tax", Value: taxSay(o.Tax)}, {Name: "Sessions", Value: sessionsSay(o.Sessions) + ", " + lane},
		{Name: "Valid", Value: validSay(practice.Package{ValidDays: o.ValidDays})}, {Name: "Ordered", Value: civil.When(o.MadeAt, loc, now)}}
	for _, p := range o.Parts {
		part, err := d.orderPartOf(c, o, p, loc, now)
		if err != nil {
			return err
		}
		m.Parts = append(m.Parts, part)
	}
	if err := d.addHistory(c, &m, o, loc, now); err != nil {
		return err
	}
	return orderView.Render(c, http.StatusOK, frame, m)
}

// orderPartOf says a part with what became of its sessions.
func (d *Desk) orderPartOf(c *gin.Context, o payment.Order, p payment.Part, loc *time.Location, now time.Time) (orderPart, error) {
	some := func(minor int64) string {
		if minor == 0 {
			return ""
		}
		return money.Format(minor, o.Currency)
	}
	l := orderPart{Number: p.Number, Price: money.Format(p.PriceMinor, o.Currency), Sessions: sessionsSay(p.Sessions), State: string(p.Status), StateSay: p.Status.Say(),
		On: "due " + credit.SayDate(p.DueOn), Paid: some(p.PaidMinor), Tax: some(p.TaxMinor), Off: some(p.DiscountMinor), Back: some(p.RefundedMinor), Lost: some(p.LostMinor), Held: p.Disputed}
	if !p.Status.HasMoney() {
		return l, nil
	}
	l.On = "paid " + civil.Day(p.PaidAt, loc, now)
	sum, err := credit.BySource(c.Request.Context(), d.DB, p.Source())
	if err != nil {
		return l, err
	}
	ahead, err := credit.AheadOf(c.Request.Context(), d.DB, p.Source(), now)
	if err != nil {
		return l, err
	}
	for _, a := range ahead {
		l.Ahead += a.Sessions
	}
	l.Granted, l.Used, l.Left, l.Taken = sum.Granted, sum.Used-l.Ahead, sum.Left, sum.Revoked
	if !p.Free && p.PaidMinor > p.RefundedMinor+p.LostMinor && d.Who(c).Role != people.Assistant {
		l.RefundHref = "/desk/orders/" + string(o.ID) + "/refund?part=" + url.QueryEscape(partText(p.Number))
	}
	return l, nil
}

// addHistory adds what happened to the money and the papers of it.
func (d *Desk) addHistory(c *gin.Context, m *orderPage, o payment.Order, loc *time.Location, now time.Time) error {
	ctx, v := c.Request.Context(), d.payer(c)
	refunds, err := d.Payment.RefundsFor(ctx, v, o.ID)
	if err != nil {
		return err
	}
	for _, r := range refunds {
		l := refundLine{When: civil.When(r.MadeAt, loc, now), Amount: money.Format(r.AmountMinor, o.Currency), State: refundStateSay(r.Status), Why: refundWhy(r.Reason), By: r.By, Part: r.Part,
			Sessions: sessionsSay(r.Taken) + " taken back"}
		if r.OwedMinor > 0 {
			l.Owed = money.Format(r.OwedMinor, o.Currency)
		}
		m.Refunds = append(m.Refunds, l)
	}
	disputes, err := d.Payment.DisputesFor(ctx, v, o.ID)
	if err != nil {
		return err
	}
	for _, x := range disputes {
		l := disputeLine{When: civil.When(x.MadeAt, loc, now), Amount: money.Format(x.AmountMinor, o.Currency), State: disputeSay(x.Status), Part: x.Part}
		if x.OnHold {
			l.Hold = "What was not used is on hold until it is settled."
		}
		if x.OwedMinor > 0 {
			l.Owed = money.Format(x.OwedMinor, o.Currency)
		}
		m.Disputes = append(m.Disputes, l)
	}
	papers, err := d.Payment.InvoicesFor(ctx, v, o.ID)
	if err != nil {
		return err
	}
	for _, p := range papers {
		kind := "Invoice"
		switch p.Kind {
		case payment.KindCreditNote:
			kind = "Credit note"
		case payment.KindReversal:
			kind = "Credit note taken back"
		}
		m.Documents = append(m.Documents, paperLine{p.Number, kind, credit.SayDate(p.MadeOn), money.Format(p.TotalMinor, p.Currency)})
	}
	return nil
}

func refundStateSay(status string) string {
	switch status {
	case "asking":
		return "asked for, without an answer yet"
	case "refused":
		return "refused by Stripe: nothing went back"
	case "pending":
		return "on its way back"
	case "succeeded":
		return "gone back"
	case "failed":
		return "did not arrive"
	}
	return "called off"
}

func disputeSay(status string) string {
	switch status {
	case "warning_needs_response", "warning_under_review":
		return "A bank asks a question. Nothing was taken; answer at Stripe."
	case "needs_response":
		return "A bank took the money back for now. Answer at Stripe before its deadline."
	case "under_review":
		return "The bank looks at the answer."
	case "won":
		return "Won: the money is here again."
	case "lost":
		return "Lost: the money stays with the bank’s client."
	}
	return "Closed."
}

// deskPair is something with its name.
type deskPair struct{ Name, Value string }
