package desk

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/fault"
	"kintsugi/internal/money"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/web/page"
)

var moneyTableView = page.Define[moneyTablePage]("desk-money-table.html")

// moneyTablePage gives money out as a table.
type moneyTablePage struct {
	Tabs []page.MenuItem
	Own  bool
}

// moneyTable says what a table holds before it is made: GET /desk/money/table.
func (d *Desk) moneyTable(c *gin.Context) error {
	frame, _, err := d.frame(c, "Money as a table", "money")
	if err != nil {
		return err
	}
	return moneyTableView.Render(c, http.StatusOK, frame, moneyTablePage{Tabs: d.moneyTabs(c, "/desk/money/table"), Own: d.Who(c).Role == people.Member})
}

// giveMoneyTable gives it: POST /desk/money/table. Amounts, dates and states, and
// no words of anybody.
func (d *Desk) giveMoneyTable(c *gin.Context) error {
	ctx := c.Request.Context()
	var rows [][]string
	var err error
	what := c.PostForm("what")
	switch what {
	case "months":
		rows, err = d.monthRows(ctx, d.payer(c))
	case "orders":
		rows, err = d.orderRows(ctx, d.payer(c))
	default:
		err = fault.InvalidField("what", "Choose what the table is of.")
	}
	if err != nil {
		return err
	}
	err = d.DB.InTx(ctx, func(tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{At: d.Now(), Actor: d.actor(c), Act: "money exported", Detail: map[string]any{"table": what, "rows": len(rows) - 1}})
	})
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+what+`.csv"`)
	c.Data(http.StatusOK, "text/csv; charset=utf-8", reception.WriteTable(rows))
	return nil
}

func (d *Desk) monthRows(ctx context.Context, v payment.Viewer) ([][]string, error) {
	months, err := d.Payment.Months(ctx, v)
	rows := [][]string{{"month", "currency", "paid", "tax_in_it", "paid_back", "taken_back_by_banks"}}
	for _, m := range months {
		say := func(minor int64) string { return money.Plain(minor, m.Currency) }
		rows = append(rows, []string{m.Month, m.Currency, say(m.PaidMinor), say(m.TaxMinor), say(m.RefundedMinor), say(m.LostMinor)})
	}
	return rows, err
}

// mostPages bounds a table of orders.
const mostOrderPages = 500

func (d *Desk) orderRows(ctx context.Context, v payment.Viewer) ([][]string, error) {
	rows := [][]string{{"order", "ordered_on", "buyer", "package", "lane", "part", "due_on", "status", "currency", "price", "paid", "taken_off", "tax_in_it", "paid_back", "taken_back_by_banks", "sessions"}}
	basics, err := practice.LoadBasics(ctx, d.DB)
	if err != nil {
		return nil, err
	}
	var below payment.Mark
	for range mostOrderPages {
		found, err := d.Payment.Orders(ctx, v, nil, below)
		if err != nil {
			return nil, err
		}
		var buyers []people.ID
		for _, o := range found {
			buyers = append(buyers, o.Buyer)
		}
		names, err := people.Names(ctx, d.DB, buyers)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			for _, p := range o.Parts {
				say := func(minor int64) string { return money.Plain(minor, o.Currency) }
				rows = append(rows, []string{string(o.ID), o.MadeAt.In(basics.Zone()).Format(time.DateOnly), names[o.Buyer], o.Name, o.Lane, strconv.Itoa(p.Number), p.DueOn, string(p.Status), o.Currency,
					say(p.PriceMinor), say(p.PaidMinor), say(p.DiscountMinor), say(p.TaxMinor), say(p.RefundedMinor), say(p.LostMinor), strconv.Itoa(p.Sessions)})
			}
		}
		if len(found) < ordersPerPage {
			break
		}
		below = found[len(found)-1].Mark()
	}
	return rows, nil
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
