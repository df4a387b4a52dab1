package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/civil"
	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/money"
	"kintsugi/internal/payment"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var (
	ordersView = page.Define[ordersPage]("portal-orders.html")
	orderView  = page.Define[orderPage]("portal-order.html")
)

// ordersPage is what a client bought.
type ordersPage struct {
	Own       bool
	ProofHref string
	Due       []orderLine // something is to be paid
	Orders    []orderLine
}

// orderLine is an order in one line.
type orderLine struct {
	Href, Name, When, Price string
	State, StateSay         string
	Due                     string // what is to be paid, and by when
}

// orderPage is one order: where it stands, what is to be paid, what it gave.
type orderPage struct {
	Name, Price     string
	State, StateSay string
	Lead            string // what is so now, in a sentence or two
	When            string
	Facts           []fact
	ForTwo          bool
	Parts           []partLine // more than one where it is paid in parts
	PayAction       string
	PayPart         int    // what the main act pays; zero for none
	PaySay          string // its words
	DropAction      string // empty where it cannot be dropped
	AgainHref       string // where it is bought on the terms of today
	BookHref        string
	CallHref        string // where the work begins, for whoever has no coach yet
	Documents       []documentLine
	Terms           string // Markdown, as it was agreed to
	Op              string
}

type fact struct{ Name, Value string }

// partLine is one part of an order.
type partLine struct {
	Number                     int
	Sessions, Price, State, On string
	StateSay                   string
	Payable                    bool
}

// documentLine is an invoice or a credit note.
type documentLine struct{ Href, File, Number, Kind, On, Total string }

// orders lists them: GET /portal/orders.
func (p *Portal) orders(c *gin.Context, own bool) error {
	found, err := p.Payment.OrdersOf(c.Request.Context(), nil, p.who(c).Person)
	if err != nil {
		return err
	}
	loc, now := p.zone(c), p.Now()
	m := ordersPage{Own: own, ProofHref: setUpAt("/portal/orders")}
	for _, o := range found {
		if !shows(o, own) {
			continue
		}
		line := orderLine{Href: "/portal/orders/" + string(o.ID), Name: o.Name, When: civil.Day(o.MadeAt, loc, now), Price: money.Format(o.PriceMinor, o.Currency),
			State: string(o.Status), StateSay: o.Status.Say()}
		if next, can := o.Next(); can && o.Status != payment.Cancelled && !(o.Changed && o.Unpaid()) {
			line.Due = money.Format(next.PriceMinor, o.Currency)
			if next.Number > 1 {
				line.Due += ", part " + strconv.Itoa(next.Number) + ", due " + credit.SayDate(next.DueOn)
			}
			m.Due = append(m.Due, line)
			continue
		}
		m.Orders = append(m.Orders, line)
	}
	return draw(p, c, ordersView, http.StatusOK, "orders", m)
}

// oneOrder shows an order, also to whoever comes back from paying, whose payment
// is looked up first: GET /portal/orders/ORDER.
func (p *Portal) oneOrder(c *gin.Context, own bool) error {
	o, err := p.mine(c, own)
	if err != nil {
		return err
	}
	if session := c.Query("session_id"); session != "" {
		if o, err = p.Payment.Returned(c.Request.Context(), o.Buyer, o.ID, session); err != nil {
			return err
		}
	}
	m, err := p.orderModel(c, o)
	if err != nil {
		return err
	}
	return draw(p, c, orderView, http.StatusOK, "orders", m)
}

func (p *Portal) orderModel(c *gin.Context, o payment.Order) (orderPage, error) {
	ctx, loc, now := c.Request.Context(), p.zone(c), p.Now()
	at := "/portal/orders/" + string(o.ID)
	m := orderPage{Name: o.Name, Price: money.Format(o.PriceMinor, o.Currency), State: string(o.Status), StateSay: o.Status.Say(),
		When: civil.WhenExact(o.MadeAt, loc), ForTwo: o.Lane == practice.Joint, PayAction: at + "/pay", Terms: o.Terms, Op: p.Guard.NewOp(now)}
	if tax := taxSay(o.Tax); tax != "" {
		m.Price += ", " + tax
	}
	next, can := o.Next()
	changed := o.Changed && o.Unpaid()
	switch {
	case o.Status == payment.Cancelled:
		m.AgainHref = "/portal/packages"
	case changed:
		m.AgainHref, m.DropAction = "/portal/packages", at+"/drop"
		switch _, err := practice.FindPackage(ctx, p.DB, o.Slug); {
		case err == nil:
			m.AgainHref += "/" + o.Slug
		case fault.KindOf(err) != fault.NotFound: // one that was offered, or has a link, is not found by its name
			return m, err
		}
	case can:
		m.PayPart, m.PaySay = next.Number, "Pay "+money.Format(next.PriceMinor, o.Currency)
		if o.Unpaid() {
			m.DropAction = at + "/drop"
		}
	}
	begun, err := p.begun(c, o)
	if err != nil {
		return m, err
	}
	m.Lead = leadOf(o, changed, c.Query("session_id") != "", begun)
	for _, part := range o.Parts {
		m.Parts = append(m.Parts, p.partLineOf(o, part, part.Number == next.Number && can && m.PayPart > 0, loc, now))
	}
	if len(m.Parts) == 1 {
		m.Parts = nil
	}
	m.Facts = orderFacts(o)
	if begun && o.Status.HasMoney() && o.Status != payment.Refunded {
		m.BookHref = "/portal/bookings/new"
	} else if o.Status.HasMoney() && o.Status != payment.Refunded {
		m.CallHref = "/book"
	}
	documents, err := payment.InvoicesOf(ctx, p.DB, o.Buyer, o.ID)
	if err != nil {
		return m, err
	}
	for _, d := range documents {
		base := "/portal/invoices/" + string(d.ID)
		m.Documents = append(m.Documents, documentLine{Href: base, File: base + ".pdf", Number: d.Number, Kind: documentKind(d.Kind), On: credit.SayDate(d.MadeOn), Total: money.Format(d.TotalMinor, d.Currency)})
	}
	return m, nil
}

// begun reports whether the buyer works with a coach already: from then on they
// book by themselves.
func (p *Portal) begun(c *gin.Context, o payment.Order) (bool, error) {
	work, err := engagement.ListForClient(c.Request.Context(), p.DB, o.Buyer)
	return slices.ContainsFunc(work, func(e engagement.Engagement) bool {
		own, in := e.Client(o.Buyer)
		return in && own.Place == engagement.Accepted && e.State != engagement.Ended && (o.Engagement == "" || o.Engagement == e.ID)
	}), err
}

// leadOf says what is so now. Back means that somebody comes from the page where
// it is paid; begun, that they work with a coach.
func leadOf(o payment.Order, changed, back, begun bool) string {
	for _, part := range o.Parts {
		if part.Disputed {
			return "Your bank is looking into a payment of this order. What was not used of it waits until that is settled."
		}
	}
	switch {
	case changed:
		return "The package has changed since you began. Nothing was charged. Look at what it is now, and buy it if that suits you."
	case o.Status == payment.Open && back:
		return "We have not heard yet that this is paid. If you have just paid, look at this page again in a minute; you need not pay again."
	}
	switch o.Status {
	case payment.Open:
		return "Nothing was charged yet. You can go on to pay, or drop it."
	case payment.Processing:
		return "Your payment is on its way. Some take a few days. The sessions are there as soon as it has arrived; nothing more is to be done."
	case payment.Paid:
		paid := "It is paid"
		if o.PaidMinor() == 0 {
			paid = "Nothing was to be paid"
		}
		if !begun {
			return paid + ", and the sessions are kept for you. Your coach hears of it and invites you here; from then on you can book them."
		}
		if len(o.Parts) > 1 {
			return "What is paid so far is yours to use. Each further part gives its sessions when it is paid."
		}
		return paid + ", and the sessions are yours to use."
	case payment.PartRefunded:
		return "Part of it was paid back."
	case payment.Refunded:
		return "It was paid back. Depending on the bank it takes a few days to arrive."
	case payment.Failed:
		return "The payment did not go through, and nothing was charged. You can try again, in the same way or another."
	case payment.Expired:
		return "The page to pay on has closed, and nothing was charged. You can try again."
	}
	return "You dropped this order. Nothing was charged."
}

func (p *Portal) partLineOf(o payment.Order, part payment.Part, payable bool, loc *time.Location, now time.Time) partLine {
	l := partLine{Number: part.Number, Sessions: sessionsSay(part.Sessions), Price: money.Format(part.PriceMinor, o.Currency), State: string(part.Status),
		StateSay: part.Status.Say(), On: "due " + credit.SayDate(part.DueOn), Payable: payable}
	if part.Number == 1 {
		l.On = "due when buying"
	}
	if part.Status.HasMoney() && !part.PaidAt.IsZero() {
		l.On = "paid " + civil.Day(part.PaidAt, loc, now)
	}
	return l
}

// orderFacts are the sums of an order.
func orderFacts(o payment.Order) []fact {
	facts := []fact{{"Sessions", fmt.Sprint(o.Sessions)}}
	var tax, discount, lost int64
	for _, part := range o.Parts {
		tax, discount, lost = tax+part.TaxMinor, discount+part.DiscountMinor, lost+part.LostMinor
	}
	add := func(name string, minor int64) {
		if minor > 0 {
			facts = append(facts, fact{name, money.Format(minor, o.Currency)})
		}
	}
	add("Taken off", discount)
	add("Paid", o.PaidMinor())
	add("Tax in it", tax)
	add("Paid back", o.RefundedMinor())
	add("Taken back by your bank", lost)
	return facts
}

func documentKind(kind string) string {
	switch kind {
	case payment.KindCreditNote:
		return "Credit note"
	case payment.KindReversal:
		return "Credit note taken back"
	}
	return "Invoice and receipt"
}

// payOrder leads to where a part is paid: POST /portal/orders/ORDER/pay.
func (p *Portal) payOrder(c *gin.Context, own bool) error {
	o, err := p.mine(c, own)
	if err != nil {
		return err
	}
	part, err := strconv.Atoi(c.PostForm("part"))
	if err != nil || part < 1 || part > len(o.Parts) {
		return fault.InvalidField("part", "Choose what to pay.")
	}
	return p.toStripe(c, o.ID, part)
}

// dropOrder gives up an order that nothing was paid on: POST
// /portal/orders/ORDER/drop.
func (p *Portal) dropOrder(c *gin.Context, own bool) error {
	o, err := p.mine(c, own)
	if err != nil {
		return err
	}
	done := "order-dropped"
	switch _, err := p.Payment.Drop(c.Request.Context(), o.Buyer, o.ID); {
	case fault.KindOf(err) == fault.Conflict:
		done = "not-dropped"
	case err != nil:
		return err
	}
	return doneAt(c, "/portal/orders/"+string(o.ID), done)
}
