package portal

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/credit"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/money"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var buyView = page.Define[buyPage]("portal-buy.html")

// buyPage is everything that somebody agrees to before they pay.
type buyPage struct {
	Name, Price, Tax string
	About            string // Markdown
	First            string // what is paid now, where it is paid in parts
	Terms            string // Markdown: what is agreed to, word for word
	Agreed           string // the hash of it
	Early            string // the words of the express request
	AgreedOn, Begins bool   // as they were ticked
	Ref, Version, Op string
	ForTwo           bool
	Works            []workChoice // whose sessions for two they are; empty where there is nobody to share them with
	Ready            bool
	Problems         page.Problems
}

// workChoice is work that sessions for two can be bought for.
type workChoice struct {
	ID, Coach, With string
	Chosen          bool
}

// buy shows a package before it is bought: GET /portal/packages/PACKAGE.
func (p *Portal) buy(c *gin.Context, own bool) error {
	found, err := p.onSale(c, c.Param("package"), own)
	if err != nil {
		return err
	}
	return p.drawBuy(c, http.StatusOK, found, c.Param("package"), nil)
}

func (p *Portal) drawBuy(c *gin.Context, status int, found practice.Package, ref string, problems page.Problems) error {
	ctx, me := c.Request.Context(), p.who(c).Person
	_, terms, err := payment.TermsOf(ctx, p.DB, found.VersionID)
	if err != nil {
		return err
	}
	m := buyPage{Name: found.Name, Price: money.Format(found.PriceMinor, found.Currency), Tax: taxSay(found.Tax), About: found.Description,
		Terms: terms.Text, Agreed: terms.Hash, Early: payment.EarlyBegin, AgreedOn: c.PostForm("agreed") == terms.Hash, Begins: c.PostForm("begin") == "yes",
		Ref: ref, Version: string(found.VersionID), Op: p.Guard.NewOp(p.Now()), ForTwo: found.Lane == practice.Joint, Ready: p.Payment.Ready(), Problems: problems}
	if parts := found.Parts(); len(parts) > 1 {
		m.First = money.Format(parts[0].PriceMinor, found.Currency)
	}
	if m.ForTwo {
		work, err := engagement.ListForClient(ctx, p.DB, me)
		if err != nil {
			return err
		}
		for _, e := range sharable(work, me) {
			own, _ := e.Client(me)
			m.Works = append(m.Works, workChoice{ID: string(e.ID), Coach: e.CoachName, With: withSay(e, own), Chosen: c.PostForm("engagement") == string(e.ID)})
		}
		if len(m.Works) == 1 {
			m.Works[0].Chosen = true
		}
	}
	return draw(p, c, buyView, status, "orders", m)
}

// sharable is work of two who have both accepted.
func sharable(work []engagement.Engagement, me people.ID) []engagement.Engagement {
	return slices.DeleteFunc(work, func(e engagement.Engagement) bool {
		own, in := e.Client(me)
		return !in || own.Place != engagement.Accepted || e.State == engagement.Ended || len(e.Accepted()) < 2
	})
}

func taxSay(tax string) string {
	switch tax {
	case practice.TaxInclusive:
		return "tax included"
	case practice.TaxExclusive:
		return "tax is added when you pay"
	}
	return ""
}

// order writes an order down and leads to where it is paid: POST /portal/orders.
// What it costs, how many sessions it gives and for whom is never the form's to
// say.
func (p *Portal) order(c *gin.Context, own bool) error {
	ctx, me := c.Request.Context(), p.who(c).Person
	ref := c.PostForm("package")
	found, err := p.onSale(c, ref, own)
	if err != nil {
		return err
	}
	if !p.Payment.Ready() {
		return payment.ErrNotReady
	}
	_, terms, err := payment.TermsOf(ctx, p.DB, found.VersionID)
	if err != nil {
		return err
	}
	if seen := c.PostForm("agreed"); c.PostForm("version") != string(found.VersionID) || seen != "" && seen != terms.Hash {
		return p.drawBuy(c, http.StatusConflict, found, ref, page.Problems{{Name: "terms",
			Say: "The package has changed since you opened this page. Nothing was charged. Please look at what it is now, and buy it if that suits you."}})
	}
	buying := payment.Purchase{Buyer: me, Version: found.VersionID, Agreed: c.PostForm("agreed"), For: credit.Holder{Person: me}, Key: p.opKey(c, "order")}
	problems, err := p.whatIsMissing(c, found, &buying)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return p.drawBuy(c, http.StatusUnprocessableEntity, found, ref, problems)
	}
	placed, err := p.Payment.Place(ctx, buying)
	if problems, status, is := refused(err); is {
		if problems[0].Name == "main" {
			problems[0].Name = "terms"
		}
		return p.drawBuy(c, status, found, ref, problems)
	}
	if err != nil {
		return err
	}
	return p.toStripe(c, placed.ID, 0)
}

// whatIsMissing reads for whom it is bought and what was agreed to.
func (p *Portal) whatIsMissing(c *gin.Context, found practice.Package, buying *payment.Purchase) (page.Problems, error) {
	var problems page.Problems
	if found.Lane == practice.Joint {
		work, err := engagement.ListForClient(c.Request.Context(), p.DB, buying.Buyer)
		if err != nil {
			return nil, err
		}
		work = sharable(work, buying.Buyer)
		at := slices.IndexFunc(work, func(e engagement.Engagement) bool { return string(e.ID) == c.PostForm("engagement") })
		switch {
		case len(work) == 0:
			problems = append(problems, fault.Field{Name: "terms", Say: "These sessions are for two: they can be bought once both of you have accepted your coach’s invitation. Nothing was charged."})
		case at >= 0:
			buying.For = credit.Holder{Engagement: work[at].ID}
		case len(work) == 1 && c.PostForm("engagement") == "":
			buying.For = credit.Holder{Engagement: work[0].ID}
		default:
			problems = append(problems, fault.Field{Name: "engagement", Say: "Choose with whom you share these sessions."})
		}
	}
	if buying.Agreed == "" {
		problems = append(problems, fault.Field{Name: "agreed", Say: "Please read what you agree to, and tick that you do."})
	}
	if c.PostForm("begin") != "yes" {
		problems = append(problems, fault.Field{Name: "begin", Say: "Please tick this too: sessions can be booked only when they may begin."})
	}
	return problems, nil
}

// toStripe leads to the page where a part of an order is paid, or to the order's
// own page when that cannot be opened now.
func (p *Portal) toStripe(c *gin.Context, id payment.OrderID, part int) error {
	url, err := p.Payment.Pay(c.Request.Context(), p.who(c).Person, id, part)
	switch kind := fault.KindOf(err); {
	case err == nil:
		c.Redirect(http.StatusSeeOther, url)
		return nil
	case kind == fault.Unavailable || kind == fault.Conflict:
		return doneAt(c, "/portal/orders/"+string(id), awaySay(err))
	}
	return err
}

// awaySay is what the order's page says when the page to pay on did not open.
func awaySay(err error) string {
	if fault.KindOf(err) == fault.Unavailable {
		return "stripe-away"
	}
	return "not-payable"
}
