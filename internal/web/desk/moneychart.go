package desk

import (
	"fmt"
	"slices"

	"kintsugi/internal/money"
	"kintsugi/internal/payment"
)

// chart is the last months of one currency as bars: what came in, and what went
// back, side by side.
type chart struct {
	Currency string
	Title    string
	Desc     string
	Width    int
	Bars     []bar
	Names    []barName
	Most     string // what the tallest bar stands for
}

// bar is one rectangle, in the units of the drawing.
type bar struct {
	X, Y, Width, Height int
	Kind                string // paid or refunded
}

type barName struct {
	X   int
	Say string
}

// The measures of a chart.
const (
	chartMonths = 12
	chartHeight = 120 // of the tallest bar
	chartTop    = 10
	chartStep   = 60
	barWidth    = 20
)

// chartsOf draws each currency.
func chartsOf(months []payment.Month) []chart {
	var order []string
	byCurrency := map[string][]payment.Month{}
	for _, m := range months {
		if byCurrency[m.Currency] == nil {
			order = append(order, m.Currency)
		}
		if len(byCurrency[m.Currency]) < chartMonths {
			byCurrency[m.Currency] = append(byCurrency[m.Currency], m)
		}
	}
	var charts []chart
	for _, currency := range order {
		list := slices.Clone(byCurrency[currency])
		slices.Reverse(list)
		charts = append(charts, chartOf(currency, list))
	}
	return charts
}

func chartOf(currency string, months []payment.Month) chart {
	most := int64(1)
	for _, m := range months {
		most = max(most, m.PaidMinor, m.RefundedMinor+m.LostMinor)
	}
	c := chart{Currency: currency, Title: "Paid and paid back by month, " + currency, Width: chartStep*len(months) + 10, Most: money.Format(most, currency)}
	tall := func(minor int64) int { return int(minor * chartHeight / most) }
	for i, m := range months {
		x := 5 + i*chartStep
		for n, one := range []struct {
			minor int64
			kind  string
		}{{m.PaidMinor, "paid"}, {m.RefundedMinor + m.LostMinor, "refunded"}} {
			if h := tall(one.minor); one.minor > 0 {
				c.Bars = append(c.Bars, bar{X: x + n*(barWidth+4), Y: chartTop + chartHeight - max(h, 1), Width: barWidth, Height: max(h, 1), Kind: one.kind})
			}
		}
		say := monthSay(m.Month)
		c.Names = append(c.Names, barName{x + barWidth, say[:3]})
	}
	last := months[len(months)-1]
	c.Desc = fmt.Sprintf("Bars for %d months, the last one %s with %s paid and %s paid back or taken back. The numbers are in the table below.", len(months),
		monthSay(last.Month), money.Format(last.PaidMinor, currency), money.Format(last.RefundedMinor+last.LostMinor, currency))
	return c
}
