package payment

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"

	"github.com/google/uuid"
)

// The kinds of documents.
const (
	KindInvoice    = "invoice"
	KindCreditNote = "credit_note" // money that went back
	KindReversal   = "reversal"    // of a credit note, when the money did not arrive
)

// InvoiceLine is a line of a document, in neutral words.
type InvoiceLine struct {
	Text  string `json:"text"`
	Count int    `json:"count"`
	Minor int64  `json:"minor"`
}

// InvoiceID names a document. It is random.
type InvoiceID string

// Invoice is a document for whoever paid, and for nobody else but the office.
// It never changes.
type Invoice struct {
	ID            InvoiceID     `db:"id"`
	Number        string        `db:"said"` // K7QX-2026-001
	Kind          string        `db:"kind"`
	Of            string        `db:"of"` // the number of the invoice that a credit note is about
	Order         OrderID       `db:"purchase_id"`
	Part          int           `db:"part"`
	Lines         []InvoiceLine `db:"-"`
	Raw           string        `db:"lines"`
	SubtotalMinor int64         `db:"subtotal_minor"`
	DiscountMinor int64         `db:"discount_minor"`
	TaxMinor      int64         `db:"tax_minor"`
	TotalMinor    int64         `db:"total_minor"`
	Currency      string        `db:"currency"`
	Tax           string        `db:"tax"`
	MadeOn        string        `db:"made_on"` // in the practice's zone
	Intent        string        `db:"payment_intent"`
}

// invoice writes the invoice of a payment: its lines and its tax are those of
// Stripe's totals.
func (f *fulfilment) invoice(ctx context.Context, payment string, part Part, r receipt) error {
	line := InvoiceLine{Text: f.order.ShownAs, Count: 1, Minor: r.subtotal}
	if len(f.order.Parts) > 1 {
		line.Text = fmt.Sprintf("%s (part %d of %d: %s)", f.order.ShownAs, part.Number, len(f.order.Parts), sessions(part.Sessions))
	}
	return f.write(ctx, Invoice{Kind: KindInvoice, Lines: []InvoiceLine{line}, SubtotalMinor: r.subtotal, DiscountMinor: r.discount, TaxMinor: r.tax, TotalMinor: r.total}, payment, "")
}

// creditNote notes money that went back, with its share of the tax.
func (f *fulfilment) creditNote(ctx context.Context, p paidPart, r refundRow) error {
	return f.noteBack(ctx, KindCreditNote, p, r)
}

// reversal takes a credit note back.
func (f *fulfilment) reversal(ctx context.Context, p paidPart, r refundRow) error {
	return f.noteBack(ctx, KindReversal, p, r)
}

func (f *fulfilment) noteBack(ctx context.Context, kind string, p paidPart, r refundRow) error {
	if !p.Counts {
		return nil // there was no invoice
	}
	var tax int64
	if err := f.tx.Get(ctx, &tax, `select tax_minor from payment where id = $1`, p.ID); err != nil {
		return err
	}
	share := int64(0)
	if p.Amount > 0 {
		share = tax * r.Amount / p.Amount
	}
	net := r.Amount
	if f.order.Tax == practice.TaxExclusive {
		net -= share
	}
	line := InvoiceLine{Text: "Paid back: " + f.order.ShownAs, Count: 1, Minor: net}
	return f.write(ctx, Invoice{Kind: kind, Lines: []InvoiceLine{line}, SubtotalMinor: net, TaxMinor: share, TotalMinor: r.Amount}, p.ID, r.ID)
}

// write gives a document the next number of its series.
func (f *fulfilment) write(ctx context.Context, i Invoice, payment, refund string) error {
	basics, err := practice.LoadBasics(ctx, f.tx)
	if err != nil {
		return err
	}
	prefix, err := f.series(ctx)
	if err != nil {
		return fmt.Errorf("number invoice: %w", err)
	}
	lines, err := json.Marshal(i.Lines)
	if err != nil {
		return err
	}
	today := f.now.In(basics.Zone())
	_, err = f.tx.Exec(ctx, `
		insert into invoice (id, prefix, year, number, kind, purchase_id, payment_id, refund_id, lines, subtotal_minor, discount_minor, tax_minor, total_minor, currency, tax, made_on, made_at)
		select $1, $2, $3, coalesce((select max(number) from invoice where prefix = $2 and year = $3), 0) + 1,
			$4, $5, $6, nullif($7, '')::uuid, $8, $9, $10, $11, $12, $13, $14, $15::date, $16`,
		uuid.NewString(), prefix, today.Year(), i.Kind, f.order.ID, payment, refund, string(lines),
		i.SubtotalMinor, i.DiscountMinor, i.TaxMinor, i.TotalMinor, f.order.Currency, f.order.Tax, today.Format(time.DateOnly), f.now)
	if err != nil {
		return fmt.Errorf("write invoice: %w", err)
	}
	return nil
}

// prefixSigns are letters and digits that are not mistaken for one another.
const prefixSigns = "ABCDEFGHJKLMNPQRTVWXYZ2346789"

// series gives the prefix of the payer's numbers, and holds it, so that their
// numbers follow one another. What they buy for both of an engagement has another
// than what they buy for themselves: a partner who is handed the third receipt
// would know of two more. Whoever was erased has none any more, and each of their
// documents begins a series of its own.
func (f *fulfilment) series(ctx context.Context) (prefix string, err error) {
	if f.order.Buyer != "" {
		if err := f.tx.Lock(ctx, "invoices "+string(f.order.Buyer)); err != nil {
			return "", err
		}
		err := f.tx.Get(ctx, &prefix, `
			select prefix from invoice_series where person_id = $1 and for_engagement is not distinct from $2`, f.order.Buyer, holderID(f.order.Engagement))
		if err == nil || !pg.NoRows(err) {
			return prefix, err
		}
	}
	for range 50 {
		prefix := ""
		for range 4 {
			n, err := rand.Int(rand.Reader, big.NewInt(int64(len(prefixSigns))))
			if err != nil {
				return "", err
			}
			prefix += prefixSigns[n.Int64() : n.Int64()+1]
		}
		rows, err := f.tx.Exec(ctx, `
			insert into invoice_series (prefix, person_id, for_engagement, made_at) values ($1, $2, $3, $4)
			on conflict on constraint invoice_series_pkey do nothing`, prefix, nobody(f.order.Buyer), holderID(f.order.Engagement), f.now)
		if err != nil || rows == 1 {
			return prefix, err
		}
	}
	return "", fmt.Errorf("no prefix is free")
}

// InvoicesOf lists the documents of an order for its buyer, the oldest first.
func InvoicesOf(ctx context.Context, q pg.Conn, buyer people.ID, id OrderID) ([]Invoice, error) {
	if uuid.Validate(string(id)) != nil {
		return nil, nil
	}
	return invoices(ctx, q, `where o.buyer_id = $1 and o.id = $2`, buyer, id)
}

// FindInvoice gives a document to whoever paid.
func FindInvoice(ctx context.Context, q pg.Conn, buyer people.ID, id InvoiceID) (Invoice, error) {
	return oneInvoice(invoices(ctx, q, `where o.buyer_id = $1 and i.id::text = $2`, buyer, string(id)))
}

func oneInvoice(found []Invoice, err error) (Invoice, error) {
	if err != nil {
		return Invoice{}, err
	}
	if len(found) == 0 {
		return Invoice{}, ErrNoOrder
	}
	return found[0], nil
}

func invoices(ctx context.Context, q pg.Conn, where string, args ...any) ([]Invoice, error) {
	var found []Invoice
	err := q.Select(ctx, &found, `
		select i.id, `+numberOf("i")+` as said, i.kind,
			coalesce((select `+numberOf("b")+` from invoice b where b.payment_id = i.payment_id and b.kind = 'invoice' and b.id <> i.id), '') as of,
			i.purchase_id, p.part, i.lines::text as lines, i.subtotal_minor, i.discount_minor, i.tax_minor, i.total_minor, i.currency, i.tax,
			to_char(i.made_on, 'YYYY-MM-DD') as made_on, coalesce(p.payment_intent, '') as payment_intent
		from invoice i
		join purchase o on o.id = i.purchase_id
		join payment p on p.id = i.payment_id
		`+where+`
		order by i.made_at, i.year, i.number, i.id
		limit 1000`, args...)
	if err != nil {
		return nil, fmt.Errorf("list invoices: %w", err)
	}
	for i := range found {
		if err := json.Unmarshal([]byte(found[i].Raw), &found[i].Lines); err != nil {
			return nil, fmt.Errorf("read invoice: %w", err)
		}
	}
	return found, nil
}

// numberOf is the number of a document as it is said.
func numberOf(t string) string {
	return t + `.prefix || '-' || ` + t + `.year || '-' || case when ` + t + `.number < 1000 then lpad(` + t + `.number::text, 3, '0') else ` + t + `.number::text end`
}
