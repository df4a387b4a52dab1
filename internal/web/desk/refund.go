package desk

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/civil"
	"kintsugi/internal/fault"
	"kintsugi/internal/money"
	"kintsugi/internal/payment"
	"kintsugi/internal/web/page"
)

var refundView = page.Define[refundPage]("desk-refund.html")

// refundPage is money that is about to go back. First its amount is chosen, then
// what happens to the sessions is proposed, and then it is confirmed.
type refundPage struct {
	Back, Action, Op string
	Name             string
	Part             int
	Amount           string
	Currency         string
	Most             string
	Seen             int64 // the same, to be sent back: a page that has grown old gives nothing
	Reasons          []deskChoice
	ReasonSay        string
	Proposed         bool // the amount was read; what follows is to be confirmed
	AmountSay        string
	Sessions         string // how many go, as proposed or as typed
	Stand            string // "1 used, 1 booked ahead, 4 unused"
	Ahead            []aheadLine
	UnusedSay        string // what the unused ones are worth, where some are not
	Owed             string // for sessions that are used
	OwedAhead        string // for those that are booked ahead
	Problems         page.Problems
}

// aheadLine is an hour ahead that sessions of the part are booked for. What is
// another coach's has no hour and leads nowhere.
type aheadLine struct{ Say, Href string }

func partText(n int) string { return strconv.Itoa(n) }

// refunding asks how much goes back, and says what follows from it: GET
// /desk/orders/ORDER/refund?part=&amount=&reason=.
func (d *Desk) refunding(c *gin.Context) error {
	return d.drawRefund(c, http.StatusOK, c.Query("part"), c.Query("amount"), c.Query("reason"), "", nil)
}

func (d *Desk) drawRefund(c *gin.Context, status int, part, amount, reason, sessions string, problems page.Problems) error {
	ctx, v, id := c.Request.Context(), d.payer(c), payment.OrderID(c.Param("order"))
	o, err := d.Payment.FindFor(ctx, v, id)
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(part)
	if err != nil || number < 1 || number > len(o.Parts) {
		return payment.ErrNoOrder
	}
	frame, basics, err := d.frame(c, "Refund", "money")
	if err != nil {
		return err
	}
	at := "/desk/orders/" + string(o.ID)
	m := refundPage{Back: at, Action: at + "/refund", Op: d.Guard.NewOp(d.Now()), Name: o.Name, Part: number, Amount: amount, Currency: o.Currency, Problems: problems, ReasonSay: refundWhy(reason)}
	if op := c.PostForm("op"); op != "" && status != http.StatusOK {
		m.Op = op
	}
	for _, slug := range payment.RefundReasons() {
		m.Reasons = append(m.Reasons, deskChoice{slug, refundWhy(slug), slug == reason})
	}
	whole, err := d.Payment.Propose(ctx, v, id, number, 0)
	if err != nil {
		return err
	}
	m.Most, m.Seen = money.Format(whole.MostMinor, o.Currency), whole.MostMinor
	if err := d.addStand(c, &m, whole, basics.Zone()); err != nil {
		return err
	}
	if amount == "" {
		m.Amount = money.Plain(whole.MostMinor, o.Currency)
		if 0 < whole.UnusedMinor && whole.UnusedMinor < whole.MostMinor {
			m.Amount, m.UnusedSay = money.Plain(whole.UnusedMinor, o.Currency), money.Format(whole.UnusedMinor, o.Currency)
		}
		return refundView.Render(c, status, frame, m)
	}
	minor, err := money.Parse(amount, o.Currency)
	if err != nil || minor <= 0 || minor > whole.MostMinor {
		if len(problems) == 0 {
			m.Problems = page.Problems{{Name: "amount", Say: "Write an amount up to " + m.Most + ", such as " + money.Plain(whole.MostMinor, o.Currency) + "."}}
			status = statusMend
		}
		return refundView.Render(c, status, frame, m)
	}
	p, err := d.Payment.Propose(ctx, v, id, number, minor)
	if err != nil {
		return err
	}
	m.Proposed, m.AmountSay, m.Sessions = true, money.Format(minor, o.Currency), strconv.Itoa(p.Sessions)
	if sessions != "" {
		m.Sessions = sessions
	}
	if p.OwedMinor > p.AheadMinor {
		m.Owed = money.Format(p.OwedMinor-p.AheadMinor, o.Currency)
	}
	if p.AheadMinor > 0 {
		m.OwedAhead = money.Format(p.AheadMinor, o.Currency)
	}
	return refundView.Render(c, status, frame, m)
}

// addStand says how the sessions of the part stand, and names the hours ahead as
// far as the viewer may see them.
func (d *Desk) addStand(c *gin.Context, m *refundPage, p payment.Proposal, loc *time.Location) error {
	booked, ids := 0, make([]booking.ID, len(p.Ahead))
	for i, a := range p.Ahead {
		booked += a.Sessions
		ids[i] = booking.ID(a.Booking)
	}
	m.Stand = fmt.Sprintf("%d used, %d booked ahead, %d unused", p.Used, booked, p.Unused)
	if booked == 0 {
		m.Stand = fmt.Sprintf("%d used, %d unused", p.Used, p.Unused)
		return nil
	}
	seen, err := d.Booking.Seen(c.Request.Context(), d.viewer(c), ids)
	if err != nil {
		return err
	}
	for _, a := range p.Ahead {
		l := aheadLine{Say: "an hour with another coach"}
		if seen[booking.ID(a.Booking)] {
			l = aheadLine{Say: a.TypeName + ", " + civil.When(a.StartsAt, loc, d.Now()), Href: "/desk/bookings/" + string(a.Booking) + "?do=cancel"}
		}
		if a.Sessions > 1 {
			l.Say += ", with " + booking.Sessions(a.Sessions)
		}
		m.Ahead = append(m.Ahead, l)
	}
	return nil
}

// refund gives the money back: POST /desk/orders/ORDER/refund.
func (d *Desk) refund(c *gin.Context) error {
	ctx, v, id := c.Request.Context(), d.payer(c), payment.OrderID(c.Param("order"))
	o, err := d.Payment.FindFor(ctx, v, id)
	if err != nil {
		return err
	}
	in := typed{c: c}
	part, err := strconv.Atoi(in.text("part"))
	if err != nil || part < 1 || part > len(o.Parts) {
		return payment.ErrNoOrder
	}
	again := func(status int, problems page.Problems) error {
		return d.drawRefund(c, status, in.text("part"), in.text("amount"), in.text("reason"), in.text("sessions"), problems)
	}
	minor, err := money.Parse(in.text("amount"), o.Currency)
	if err != nil {
		in.wrong("amount", "Write an amount, such as "+money.Plain(o.PriceMinor, o.Currency)+".")
	}
	sessions, err := strconv.Atoi(in.text("sessions"))
	if err != nil {
		in.wrong("sessions", "Write how many sessions are taken back; 0 takes none.")
	}
	if c.PostForm("sure") != "yes" {
		in.wrong("sure", "Tick that this is meant: money that went back does not come again.")
	}
	if len(in.problems) > 0 {
		return again(statusMend, in.problems)
	}
	seen, _ := strconv.ParseInt(c.PostForm("seen"), 10, 64) // what is no number is not compared
	_, err = d.Payment.Refund(ctx, v, payment.RefundOf{Order: id, Part: part, AmountMinor: minor, Sessions: sessions, Seen: seen, Reason: in.text("reason"), Key: d.opKey(c, "refund "+string(id))})
	switch kind := fault.KindOf(err); {
	case err == nil:
		return doneAt(c, "/desk/orders/"+string(id), "refunded")
	case kind == fault.Unavailable:
		return doneAt(c, "/desk/orders/"+string(id), "refund-waits")
	case kind == fault.Invalid || kind == fault.Conflict:
		problems := page.ProblemsOf(err)
		if len(problems) == 0 {
			problems = page.Problems{{Name: "amount", Say: fault.SayOf(err)}}
		}
		return again(page.Status(kind), problems)
	}
	return err
}

// refundWhy is a reason in words.
func refundWhy(slug string) string {
	switch slug {
	case "withdrawal":
		return "They withdrew"
	case "cancelled":
		return "Sessions do not take place"
	case "goodwill":
		return "Goodwill"
	case "mistake":
		return "A mistake"
	case "at_stripe":
		return "Made at Stripe"
	}
	return "Something else"
}

func refundSay(done string) string {
	switch done {
	case "refunded":
		return "The money is on its way back. What happened to the sessions is below."
	case "refund-waits":
		return "Stripe does not answer right now. The refund is noted and will be asked for again within the hour; it happens once."
	case "decided":
		return "Taken off the list."
	}
	return ""
}

var reviewsView = page.Define[reviewsPage]("desk-reviews.html")

// reviewsPage is what does not fit and waits for somebody to decide.
type reviewsPage struct {
	Tabs    []page.MenuItem
	Reviews []reviewLine
}

type reviewLine struct {
	ID, Say, When, OrderHref, Action, Op string
	Detail                               []deskPair
}

// reviews lists it: GET /desk/money/reviews.
func (d *Desk) reviews(c *gin.Context) error {
	frame, basics, err := d.frame(c, "To decide", "money")
	if err != nil {
		return err
	}
	frame.Flash = refundSay(c.Query("done"))
	found, err := payment.Reviews(c.Request.Context(), d.DB)
	if err != nil {
		return err
	}
	m := reviewsPage{Tabs: d.moneyTabs(c, "/desk/money/reviews")}
	for _, r := range found {
		l := reviewLine{ID: string(r.ID), Say: r.Say(), When: fmt.Sprint(r.MadeAt.In(basics.Zone()).Format("2 January 2006, 15:04")), Action: "/desk/money/reviews/" + string(r.ID), Op: d.Guard.NewOp(d.Now())}
		if r.Order != "" {
			l.OrderHref = "/desk/orders/" + string(r.Order)
		}
		for _, name := range sortedKeys(r.Detail) {
			l.Detail = append(l.Detail, deskPair{Name: name, Value: r.Detail[name]})
		}
		m.Reviews = append(m.Reviews, l)
	}
	return reviewsView.Render(c, http.StatusOK, frame, m)
}

// decided takes something off the list: POST /desk/money/reviews/REVIEW.
func (d *Desk) decided(c *gin.Context) error {
	if err := d.Payment.Decided(c.Request.Context(), d.payer(c), payment.ReviewID(c.Param("review"))); err != nil {
		return err
	}
	return doneAt(c, "/desk/money/reviews", "decided")
}
