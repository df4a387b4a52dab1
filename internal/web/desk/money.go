package desk

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/credit"
	"kintsugi/internal/money"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var moneyView = page.Define[moneyPage]("desk-money.html")

// moneyPage is what came in, what went back, and what is still to come, each
// apart from the others.
type moneyPage struct {
	Tabs     []page.MenuItem
	Sums     []moneySum // by currency
	Months   []monthLine
	Charts   []chart // one for each currency
	Owed     *owedPart
	Held     int
	Became   int
	Share    string
	Since    string
	Hours    []hoursLine
	Reviews  int
	Own      bool // only what is of the reader's own clients
	CanTable bool
}

// moneySum is the money of one currency.
type moneySum struct {
	Currency                                              string
	Paid, Refunded, Lost, Due, Promised, OwedBack, AtBank string
}

type monthLine struct {
	Say, Paid, Tax, Refunded, Lost string
}

// owedPart is the sessions that clients have paid for or were given, and have
// not had.
type owedPart struct{ Joint, Individual, Held int }

type hoursLine struct{ Name, Open, Taken, Share string }

// payer is who is signed in, as the payment room knows them.
func (d *Desk) payer(c *gin.Context) payment.Viewer {
	who := d.Who(c)
	return payment.Viewer{ID: who.ID, Role: who.Role}
}

// moneyTabs are the parts of Money.
func (d *Desk) moneyTabs(c *gin.Context, here string) []page.MenuItem {
	tabs := []page.MenuItem{{Href: "/desk/money", Say: "Sums"}, {Href: "/desk/orders", Say: "Orders"}}
	role := d.Who(c).Role
	if role != people.Member {
		tabs = append(tabs, page.MenuItem{Href: "/desk/money/reviews", Say: "To decide"})
	}
	if role != people.Assistant {
		tabs = append(tabs, page.MenuItem{Href: "/desk/money/table", Say: "As a table"})
	}
	if role == people.Owner {
		tabs = append(tabs, page.MenuItem{Href: "/desk/settings/payments", Say: "Set-up"})
	}
	for i := range tabs {
		tabs[i].Here = tabs[i].Href == here
	}
	return tabs
}

// money shows the sums: GET /desk/money.
func (d *Desk) money(c *gin.Context) error {
	ctx, v, who := c.Request.Context(), d.payer(c), d.Who(c)
	frame, _, err := d.frame(c, "Money", "money")
	if err != nil {
		return err
	}
	months, err := d.Payment.Months(ctx, v)
	if err != nil {
		return err
	}
	coming, err := d.Payment.StillToCome(ctx, v)
	if err != nil {
		return err
	}
	figures, err := reception.Count(ctx, d.DB, d.viewer(c), d.Now())
	if err != nil {
		return err
	}
	m := moneyPage{Tabs: d.moneyTabs(c, "/desk/money"), Own: who.Role == people.Member, CanTable: who.Role != people.Assistant,
		Held: figures.Held, Became: figures.Became, Since: figures.Since.Format("2 January")}
	if figures.Held > 0 {
		m.Share = fmt.Sprintf("%d in 100", (figures.Became*100+figures.Held/2)/figures.Held)
	}
	if !m.Own {
		owed, err := credit.Owed(ctx, d.DB, d.Now())
		if err != nil {
			return err
		}
		m.Owed = &owedPart{owed.Joint, owed.Individual, owed.Held}
		reviews, err := payment.Reviews(ctx, d.DB)
		if err != nil {
			return err
		}
		m.Reviews = len(reviews)
	}
	m.Sums = sumsOf(months, coming)
	for _, one := range months {
		m.Months = append(m.Months, monthLine{monthSay(one.Month), money.Format(one.PaidMinor, one.Currency), money.Format(one.TaxMinor, one.Currency),
			money.Format(one.RefundedMinor, one.Currency), money.Format(one.LostMinor, one.Currency)})
	}
	m.Charts = chartsOf(months)
	for _, h := range figures.Hours {
		l := hoursLine{Name: h.Name, Open: inHours(h.Open), Taken: inHours(h.Taken)}
		if h.Open > 0 {
			l.Share = fmt.Sprintf("%d%%", int(100*h.Taken/h.Open))
		}
		m.Hours = append(m.Hours, l)
	}
	return moneyView.Render(c, http.StatusOK, frame, m)
}

func inHours(d time.Duration) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Hours()), ".0") + " h"
}

// sumsOf adds up the months by currency, beside what is still to come.
func sumsOf(months []payment.Month, coming []payment.Outstanding) []moneySum {
	var order []string
	all := map[string]*payment.Month{}
	for _, m := range months {
		if all[m.Currency] == nil {
			all[m.Currency] = &payment.Month{Currency: m.Currency}
			order = append(order, m.Currency)
		}
		sum := all[m.Currency]
		sum.PaidMinor, sum.RefundedMinor, sum.LostMinor = sum.PaidMinor+m.PaidMinor, sum.RefundedMinor+m.RefundedMinor, sum.LostMinor+m.LostMinor
	}
	still := map[string]payment.Outstanding{}
	for _, o := range coming {
		still[o.Currency] = o
		if all[o.Currency] == nil {
			all[o.Currency] = &payment.Month{Currency: o.Currency}
			order = append(order, o.Currency)
		}
	}
	var sums []moneySum
	for _, currency := range order {
		say := func(minor int64) string { return money.Format(minor, currency) }
		m, o := all[currency], still[currency]
		sums = append(sums, moneySum{Currency: currency, Paid: say(m.PaidMinor), Refunded: say(m.RefundedMinor), Lost: say(m.LostMinor),
			Due: say(o.DueMinor), Promised: say(o.PromisedMinor), OwedBack: say(o.OwedMinor), AtBank: say(o.DisputedMinor)})
	}
	return sums
}

// monthSay is a month as people say it.
func monthSay(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.Format("January 2006")
}
