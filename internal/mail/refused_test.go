package mail_test

import (
	"testing"
	"time"

	"kintsugi/internal/mail"
	"kintsugi/internal/mail/mailtest"
)

func TestAPermanentRefusalIsKeptForTheCoachAndNotTriedAgain(t *testing.T) {
	for _, c := range []struct {
		stage   mailtest.Stage
		code    int
		bounced bool
		class   string
	}{
		{mailtest.Recipient, 550, true, "smtp 550 at the recipient"},
		{mailtest.Content, 554, false, "smtp 554 at the content"},
		{mailtest.Sender, 550, false, "smtp 550 at the sender"},
	} {
		t.Run(c.class, func(t *testing.T) {
			o := open(t)
			o.server.Refuse(c.stage, c.code)
			o.work(o.postman(o.db))
			letter := order()
			o.post(letter)
			var failures []mail.Failure
			o.eventually("a failure to see", func() bool {
				var err error
				failures, err = mail.Failures(t.Context(), o.db, 10)
				return err == nil && len(failures) == 1
			})
			f := failures[0]
			if f.Class != c.class || f.Bounced != c.bounced || f.About != letter.About || f.Recipient != letter.Recipient || f.Kind != "confirmed" {
				t.Errorf("failure %+v", f)
			}
			if want := map[bool]int{true: 1, false: 0}[c.bounced]; len(o.bounced) != want {
				t.Errorf("bounces heard: %v", o.bounced)
			}
			o.server.Refuse(c.stage, 0)
			o.pass(24 * time.Hour)
			time.Sleep(60 * time.Millisecond)
			if n := len(o.server.Taken()); n != 0 {
				t.Errorf("sent %d letters after a permanent refusal", n)
			}
		})
	}
}

func TestATemporaryRefusalIsTriedAgain(t *testing.T) {
	o := open(t)
	o.server.Refuse(mailtest.Recipient, 451)
	o.work(o.postman(o.db))
	o.post(order())
	o.eventually("tried", func() bool { return o.count(`status = 'queued' and tries = 1`) == 1 })
	o.server.Refuse(mailtest.Recipient, 0)
	o.eventually("sent", func() bool { o.pass(2 * time.Second); return o.count(`status = 'sent'`) == 1 })
	if n := len(o.server.Taken()); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestAServerThatStaysAwayIsGivenUpAfterThreeDays(t *testing.T) {
	o := open(t)
	o.server.Down()
	o.work(o.postman(o.db))
	o.post(order())
	o.eventually("tried", func() bool { return o.count(`tries = 1`) == 1 })
	for range 70 {
		o.pass(time.Hour)
	}
	time.Sleep(100 * time.Millisecond)
	if n := o.count(`status = 'queued'`); n != 1 {
		t.Fatal("given up before three days")
	}
	o.eventually("given up", func() bool { o.pass(time.Hour); return o.count(`status = 'failed'`) == 1 })
	failures, err := mail.Failures(t.Context(), o.db, 10)
	if err != nil || len(failures) != 1 || failures[0].Class != "given up: mail server cannot be reached" {
		t.Errorf("%v %v", failures, err)
	}
}
