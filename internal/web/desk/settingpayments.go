package desk

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/payment"
	"kintsugi/internal/web/page"
)

var paymentsView = page.Define[paymentsPage]("desk-settings-payments.html")

// paymentsPage is how payments are set up, as far as it can be seen. No secret
// stands here.
type paymentsPage struct {
	Tabs     []page.MenuItem
	Ready    bool
	Findings []findingLine
	Silent   bool // Stripe did not answer in time
}

type findingLine struct{ State, Sign, Say string }

// lookFor is how long the page waits for Stripe.
const lookFor = 8 * time.Second

// settingPayments looks at it: GET /desk/settings/payments.
func (d *Desk) settingPayments(c *gin.Context) error {
	frame, _, err := d.frame(c, "Payments", "settings")
	if err != nil {
		return err
	}
	m := paymentsPage{Tabs: settingTabs("settings/payments"), Ready: d.Payment.Ready()}
	ctx, cancel := context.WithTimeout(c.Request.Context(), lookFor)
	defer cancel()
	found, err := d.Payment.Examine(ctx)
	if err != nil && ctx.Err() == nil {
		return err
	}
	m.Silent = err != nil
	for _, f := range found {
		l := findingLine{State: f.State, Sign: "Good", Say: upper(f.Say) + "."}
		switch f.State {
		case payment.Note:
			l.Sign = "To know"
		case payment.Wrong:
			l.Sign = "To mend"
		}
		m.Findings = append(m.Findings, l)
	}
	return paymentsView.Render(c, http.StatusOK, frame, m)
}
