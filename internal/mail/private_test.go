package mail_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/mail"
	"kintsugi/internal/mail/mailtest"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// Someone books a hundred calls with another's address.
func TestStrangersCannotFloodAnAddress(t *testing.T) {
	o := open(t)
	o.work(o.postman(o.db))
	o.work(o.postman(pgtest.New(t)))
	o.compose = func(_ context.Context, _ pg.Conn, l mail.Queued) (*mail.Composed, error) {
		c := toAna()
		if !l.Stranger {
			c.Letter.Subject = "own"
		}
		// The same mailbox however it is written.
		if l.ID[0] > '7' {
			c.To.Email = "ANA@example.net"
		}
		return &c, nil
	}
	flood := make([]mail.Order, 100)
	for i := range flood {
		flood[i] = order()
		flood[i].Stranger = true
	}
	o.post(flood...)
	o.eventually("settled", func() bool { return o.count(`status = 'queued'`) == 0 })
	if sent, capped := o.count(`status = 'sent'`), o.count(`status = 'capped'`); sent != 6 || capped != 94 {
		t.Errorf("%d sent, %d capped", sent, capped)
	}
	// Acts under a booking's own token still get their letters.
	own := order()
	o.post(own)
	o.eventually("sent", func() bool { return o.count(`status = 'sent'`) == 7 })
	// An hour later strangers may again.
	o.pass(61 * time.Minute)
	again := order()
	again.Stranger = true
	o.post(again)
	o.eventually("sent", func() bool { return o.count(`status = 'sent'`) == 8 })
}

func TestRetriesDoNotCountAgainstTheCap(t *testing.T) {
	o := open(t)
	o.server.Refuse(mailtest.Content, 451)
	o.work(o.postman(o.db))
	six := make([]mail.Order, 6)
	for i := range six {
		six[i] = order()
		six[i].Stranger = true
	}
	o.post(six...)
	o.eventually("tried", func() bool { return o.count(`tries >= 1`) == 6 })
	o.server.Refuse(mailtest.Content, 0)
	o.eventually("all sent", func() bool { o.pass(time.Second); return o.count(`status = 'sent'`) == 6 })
}

// Addresses, names, words and what a server says are nobody's business in a log
// or in the outbox.
func TestNeitherLogNorOutboxHoldsPrivateWords(t *testing.T) {
	o := open(t)
	o.compose = func(context.Context, pg.Conn, mail.Queued) (*mail.Composed, error) {
		c := toAna()
		c.To = mail.Address{Name: "Canary Name", Email: "canary@example.net"}
		c.Letter.Paragraphs = []string{"canary words"}
		return &c, nil
	}
	o.work(o.postman(o.db))
	o.post(order())
	o.eventually("sent", func() bool { return o.count(`status = 'sent'`) == 1 })
	o.server.Refuse(mailtest.Content, 451)
	o.post(order())
	o.eventually("put off", func() bool { return strings.Contains(o.log.String(), "smtp 451") })
	o.server.Refuse(mailtest.Recipient, 550)
	o.post(order())
	o.eventually("refused", func() bool { return o.count(`status = 'bounced'`) == 1 })
	var rows []string
	if err := o.db.Select(t.Context(), &rows, `select row_to_json(letter)::text from letter union all select row_to_json(job)::text from job`); err != nil {
		t.Fatal(err)
	}
	everything := strings.ToLower(o.log.String() + strings.Join(rows, "\n"))
	for _, word := range []string{"canary", "example.net"} {
		if strings.Contains(everything, word) {
			t.Errorf("%q is written down:\n%s", word, everything)
		}
	}
}

func TestALetterThatNobodyCanWriteIsShownToTheCoachInTheEnd(t *testing.T) {
	o := open(t)
	o.compose = func(context.Context, pg.Conn, mail.Queued) (*mail.Composed, error) {
		return nil, errors.New("canary words")
	}
	p := o.postman(o.db)
	id := func() json.RawMessage {
		var args string
		if err := o.db.Get(t.Context(), &args, `select args from job where kind = 'letter'`); err != nil {
			t.Fatal(err)
		}
		return json.RawMessage(args)
	}
	o.post(order())
	if err := p.Deliver(t.Context(), id()); err == nil {
		t.Error("an error of the composer was swallowed")
	}
	o.pass(73 * time.Hour)
	if err := p.Deliver(t.Context(), id()); err != nil {
		t.Error(err)
	}
	failures, err := mail.Failures(t.Context(), o.db, 10)
	if err != nil || len(failures) != 1 || strings.Contains(failures[0].Class, "canary") {
		t.Errorf("%v %v", failures, err)
	}
}

func TestTheHashOfAnAddressIsForgottenOnceItNoLongerCounts(t *testing.T) {
	o := open(t)
	o.work(o.postman(o.db))
	o.post(order())
	o.eventually("sent", func() bool { return o.count(`status = 'sent' and address_hash is not null`) == 1 })
	o.eventually("forgotten", func() bool { o.pass(time.Hour); return o.count(`address_hash is null`) == 1 })
}

func TestForgottenLettersAreNotSent(t *testing.T) {
	o := open(t)
	gone, kept := order(), order()
	o.post(gone, kept)
	if err := o.db.InTx(t.Context(), func(tx *pg.Tx) error { return mail.Forget(t.Context(), tx, gone.About) }); err != nil {
		t.Fatal(err)
	}
	o.work(o.postman(o.db))
	o.eventually("the other is sent", func() bool { return o.count(`status = 'sent'`) == 1 })
	o.eventually("both jobs done", func() bool {
		var n int
		err := o.db.Get(t.Context(), &n, `select count(*) from job where kind = 'letter' and done_at is not null`)
		return err == nil && n == 2
	})
	if n := len(o.server.Taken()); n != 1 {
		t.Errorf("%d letters", n)
	}
	fates, err := mail.About(t.Context(), o.db, kept.About)
	if err != nil || len(fates) != 1 || fates[0].Status != "sent" || fates[0].SentAt == nil {
		t.Errorf("%v %v", fates, err)
	}
}
