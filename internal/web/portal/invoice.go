package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/credit"
	"kintsugi/internal/money"
	"kintsugi/internal/paper"
	"kintsugi/internal/payment"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var invoiceView = page.Define[invoicePage]("portal-invoice.html")

// invoicePage is an invoice or a credit note, to be read and printed.
type invoicePage struct {
	Heading   string
	Number    string
	File      string
	OrderHref string
	On        string
	From, To  []string
	Facts     []fact
	Lines     []fact
	Sums      []fact
	Notes     []string
}

// invoice shows one to whoever paid, as a page or, with .pdf at the end of the
// address, as a file: GET /portal/invoices/INVOICE.
func (p *Portal) invoice(c *gin.Context, own bool) error {
	ctx, me := c.Request.Context(), p.who(c)
	id, file := strings.CutSuffix(c.Param("invoice"), ".pdf")
	found, err := payment.FindInvoice(ctx, p.DB, me.Person, payment.InvoiceID(id))
	if err != nil {
		return err
	}
	o, err := p.Payment.Find(ctx, nil, me.Person, found.Order)
	if err != nil {
		return err
	}
	if !shows(o, own) {
		return payment.ErrNoOrder
	}
	frame, basics, err := p.frame(c, "orders")
	if err != nil {
		return err
	}
	m := invoiceOf(found, basics, []string{me.Name, me.Email})
	if !file {
		return invoiceView.Render(c, http.StatusOK, frame, m)
	}
	raw, err := paper.PDF(paperOf(m, found))
	if err != nil {
		return err
	}
	return give(c, found.Number+".pdf", "application/pdf", raw)
}

// invoiceOf puts a document into neutral words.
func invoiceOf(i payment.Invoice, b practice.Basics, to []string) invoicePage {
	m := invoicePage{Heading: documentKind(i.Kind), Number: i.Number, File: "/portal/invoices/" + string(i.ID) + ".pdf", OrderHref: "/portal/orders/" + string(i.Order),
		On: credit.SayDate(i.MadeOn), From: []string{b.DiscreetName, b.Email}, To: to}
	amount := func(minor int64) string { return money.Format(minor, i.Currency) }
	m.Facts = []fact{{"Number", i.Number}, {"Date", m.On}}
	if i.Of != "" {
		m.Facts = append(m.Facts, fact{"For invoice", i.Of})
	}
	for _, l := range i.Lines {
		text := l.Text
		if l.Count > 1 {
			text = strconv.Itoa(l.Count) + " × " + text
		}
		m.Lines = append(m.Lines, fact{text, amount(l.Minor)})
	}
	if i.DiscountMinor != 0 {
		m.Sums = append(m.Sums, fact{"Taken off", "−" + amount(i.DiscountMinor)})
	}
	switch {
	case i.Tax == practice.TaxExclusive:
		m.Sums = append(m.Sums, fact{"Tax", amount(i.TaxMinor)})
	case i.TaxMinor != 0:
		m.Sums = append(m.Sums, fact{"Tax included", amount(i.TaxMinor)})
	case i.Tax == practice.TaxInclusive:
		m.Sums = append(m.Sums, fact{"Tax included", amount(0)})
	}
	switch i.Kind {
	case payment.KindInvoice:
		m.Sums = append(m.Sums, fact{"Paid", amount(i.TotalMinor)})
		m.Notes = []string{"This is your invoice and the receipt for your payment. Nothing more is to be paid for it."}
		if i.TotalMinor == 0 { // a code took everything off, or it cost nothing
			m.Notes = []string{"This is your invoice. Nothing was to be paid for it."}
		}
	case payment.KindCreditNote:
		m.Sums = append(m.Sums, fact{"Paid back", amount(i.TotalMinor)})
		m.Notes = []string{"This amount goes back the way it was paid. Depending on the bank it takes a few days to arrive."}
	default:
		m.Sums = append(m.Sums, fact{"Not paid back", amount(i.TotalMinor)})
		m.Notes = []string{"The amount of a credit note did not arrive. This takes that credit note back."}
	}
	return m
}

func paperOf(m invoicePage, i payment.Invoice) paper.Paper {
	on, _ := time.Parse(time.DateOnly, i.MadeOn) // a date of the database
	facts := func(list []fact) (out []paper.Fact) {
		for _, f := range list {
			out = append(out, paper.Fact(f))
		}
		return out
	}
	// A name in letters that the font lacks is left out rather than spoilt: the
	// address stands for it, and the page has it.
	to, notes := m.To, m.Notes
	if len(to) > 1 && !paper.Sets(to[0]) {
		to, notes = to[1:], append(slices.Clip(notes), "Your name stands on the page of this document, in its own letters; print that page where the name is needed.")
	}
	return paper.Paper{Heading: m.Heading, Number: m.Number, On: on, From: m.From, To: to, Facts: facts(m.Facts), Lines: facts(m.Lines), Sums: facts(m.Sums), Notes: notes}
}
