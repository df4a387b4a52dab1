package payment_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"kintsugi/internal/credit"
	"kintsugi/internal/payment"
)

// denied are words that must never reach Stripe: what the practice is about, who
// buys, with whom, and who works with them.
var denied = []string{"affair", "infidelity", "secret", "aftermath", "marlowe", "sam@", "alex@", "cleo@", "mara", "noor", "lind", "partner", "couple", "individual", "joint"}

// theirs is an id that Stripe drew itself: four letters of a name turn up in
// it by chance, and it tells Stripe nothing.
var theirs = regexp.MustCompile(`\b[a-z]{2,}_(test_)?[0-9A-Za-z]{14,}\b`)

// discreet fails if anything that was sent to Stripe holds a word that is
// nobody's business there. The stand-in's own calls of a test count as well.
func (h *house) discreet() {
	h.t.Helper()
	words := append([]string{string(h.sam), string(h.alex), string(h.cleo), string(h.mara.ID), string(h.id)}, denied...)
	for _, r := range h.fake.Requests() {
		for _, text := range []string{r.Path, r.Query, r.Body, r.Key} {
			plain, err := url.QueryUnescape(text)
			if err != nil {
				plain = text
			}
			plain = theirs.ReplaceAllString(plain, "")
			for _, word := range words {
				if word != "" && strings.Contains(strings.ToLower(plain), word) {
					h.t.Errorf("%s %s tells Stripe %q: %s", r.Method, r.Path, word, plain)
				}
			}
		}
	}
}

// equal compares our books with the stand-in's, and holds them to what must be
// true whatever happened. It gives the differences.
func (h *house) equal() (wrong []string) {
	say := func(text string, args ...any) { wrong = append(wrong, fmt.Sprintf(text, args...)) }
	type row struct {
		ID       string `db:"id"`
		Session  string `db:"session_id"`
		Intent   string `db:"payment_intent"`
		Amount   int64  `db:"amount_minor"`
		Counts   bool   `db:"counts"`
		Order    string `db:"purchase_id"`
		Part     int    `db:"part"`
		Refunded int64  `db:"refunded"`
	}
	var rows []row
	h.must(h.db.Select(h.ctx, &rows, `
		select p.id, coalesce(c.session_id, '') as session_id, coalesce(p.payment_intent, '') as payment_intent, p.amount_minor, p.counts, p.purchase_id, p.part,
			coalesce((select sum(amount_minor) from refund r where r.payment_id = p.id and r.status in ('pending', 'succeeded')), 0)::bigint as refunded
		from payment p
		join checkout c on c.id = p.checkout_id
		order by p.id`))
	ours := map[string]row{}
	for _, r := range rows {
		ours[r.Session] = r
	}
	back := map[string]int64{}
	for _, r := range h.fake.Refunds() {
		var status string
		err := h.db.Get(h.ctx, &status, `select status from refund where stripe_id = $1`, r.ID)
		want := map[string]string{"canceled": "cancelled", "requires_action": "pending"}[r.Status]
		if want == "" {
			want = r.Status
		}
		if err != nil || status != want {
			say("refund %s is %s there and %q here", r.ID, r.Status, status)
		}
		if r.Status == "pending" || r.Status == "succeeded" {
			back[string(r.PaymentIntent)] += r.Amount
		}
	}
	paid := 0
	for _, s := range h.fake.Sessions() {
		if s.PaymentStatus == "unpaid" {
			if r, there := ours[s.ID]; there {
				say("session %s is unpaid there, and %d came in here", s.ID, r.Amount)
			}
			continue
		}
		paid++
		r, there := ours[s.ID]
		switch {
		case !there:
			say("session %s is paid there and not here, for %v", s.ID, s.Metadata)
		case r.Amount != s.AmountTotal:
			say("session %s: %d there, %d here", s.ID, s.AmountTotal, r.Amount)
		case r.Refunded != back[r.Intent]:
			say("session %s: %d went back there, %d here", s.ID, back[r.Intent], r.Refunded)
		}
	}
	if paid != len(rows) {
		say("%d payments there, %d here", paid, len(rows))
	}
	var disputes []struct {
		ID      string `db:"stripe_id"`
		Status  string `db:"status"`
		Frozen  bool   `db:"frozen"`
		Settled bool   `db:"settled"`
	}
	h.must(h.db.Select(h.ctx, &disputes, `select stripe_id, status, frozen, settled from dispute order by id`))
	for _, d := range disputes {
		now, err := h.fake.DisputeNow(d.ID)
		if err != nil || now.Status != d.Status {
			say("dispute %s is %s there and %s here", d.ID, now.Status, d.Status)
		}
		open := d.Status == "needs_response" || d.Status == "under_review"
		if d.Frozen != open {
			say("dispute %s is %s, and on hold: %v", d.ID, d.Status, d.Frozen)
		}
	}
	return append(wrong, h.sound()...)
}

// sound holds the books to what must be true at every moment.
func (h *house) sound() (wrong []string) {
	say := func(text string, args ...any) { wrong = append(wrong, fmt.Sprintf(text, args...)) }
	var parts []struct {
		Order    string `db:"purchase_id"`
		Number   int    `db:"number"`
		Sessions int    `db:"sessions"`
		Status   string `db:"status"`
		Counting int    `db:"counting"`
		Came     int64  `db:"came"`
		Back     int64  `db:"back"`
		Taken    int    `db:"taken"`
		Owed     int64  `db:"owed"`
		Papers   int    `db:"papers"`
	}
	h.must(h.db.Select(h.ctx, &parts, `
		select t.purchase_id, t.number, t.sessions, t.status,
			(select count(*) from payment p where p.purchase_id = t.purchase_id and p.part = t.number and p.counts) as counting,
			coalesce((select sum(p.amount_minor) from payment p where p.purchase_id = t.purchase_id and p.part = t.number and p.counts), 0)::bigint as came,
			coalesce((select sum(r.amount_minor) from refund r join payment p on p.id = r.payment_id
				where p.purchase_id = t.purchase_id and p.part = t.number and p.counts and r.status in ('pending', 'succeeded')), 0)::bigint as back,
			(coalesce((select sum(r.taken) from refund r join payment p on p.id = r.payment_id
				where p.purchase_id = t.purchase_id and p.part = t.number and p.counts and r.settled and not r.restored), 0)
			+ coalesce((select sum(d.taken) from dispute d join payment p on p.id = d.payment_id where p.purchase_id = t.purchase_id and p.part = t.number and p.counts), 0))::int as taken,
			coalesce((select sum(r.owed_minor) from refund r join payment p on p.id = r.payment_id where p.purchase_id = t.purchase_id and p.part = t.number), 0)::bigint as owed,
			(select count(*) from invoice i join payment p on p.id = i.payment_id where p.purchase_id = t.purchase_id and p.part = t.number and i.kind = 'invoice') as papers
		from purchase_part t
		order by t.purchase_id, t.number`))
	for _, p := range parts {
		at := fmt.Sprintf("order %s, part %d", p.Order, p.Number)
		of, err := credit.BySource(h.ctx, h.db, payment.Part{Order: payment.OrderID(p.Order), Number: p.Number}.Source())
		h.must(err)
		granted := p.Sessions * p.Counting
		net := of.Granted - of.Revoked // what was given back is granted anew
		switch {
		case p.Counting > 1:
			say("%s counts twice", at)
		case of.Left < 0 || of.Left != of.Granted+of.Adjusted-of.Used-of.Revoked-of.Expired:
			say("%s: the sum of %+v is not what is left", at, of)
		case net != granted-p.Taken:
			say("%s: %d sessions paid for, %d taken back, and the wallet was given %d net", at, granted, p.Taken, net)
		case p.Back > p.Came:
			say("%s: more went back than came", at)
		case p.Papers != p.Counting:
			say("%s: %d invoices for %d payments", at, p.Papers, p.Counting)
		case p.Counting == 1 && payment.Status(p.Status).HasMoney() == false:
			say("%s is %s although it was paid", at, p.Status)
		case p.Counting == 0 && payment.Status(p.Status).HasMoney():
			say("%s is %s although nothing came", at, p.Status)
		case p.Back > 0 && p.Back < p.Came && p.Status != "part_refunded", p.Came > 0 && p.Back == p.Came && p.Status != "refunded":
			say("%s is %s with %d of %d back", at, p.Status, p.Back, p.Came)
		}
	}
	return wrong
}
