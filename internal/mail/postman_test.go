package mail_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/mail"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

func TestTheSameLetterIsOrderedOnce(t *testing.T) {
	o := open(t)
	one := order()
	moved := one
	moved.Change = 1
	o.post(one, one, moved)
	o.post(one)
	if n := o.count(`true`); n != 2 {
		t.Fatalf("%d letters, want 2", n)
	}
	o.work(o.postman(o.db))
	o.eventually("both sent", func() bool { return o.count(`status = 'sent'`) == 2 })
	time.Sleep(50 * time.Millisecond)
	if n := len(o.server.Taken()); n != 2 {
		t.Errorf("%d letters on the wire", n)
	}
}

func TestServerDownThenUpGivesOneLetter(t *testing.T) {
	o := open(t)
	o.server.Down()
	o.work(o.postman(o.db))
	o.post(order())
	o.eventually("a failed try", func() bool { return o.count(`status = 'queued' and tries >= 1`) == 1 })
	o.eventually("put off", func() bool {
		var class string
		err := o.db.Get(t.Context(), &class, `select coalesce(last_error, '') from job where kind = 'letter'`)
		return err == nil && class == "mail server cannot be reached"
	})
	o.server.Up(t)
	o.pass(time.Minute)
	o.eventually("sent", func() bool { return o.count(`status = 'sent' and sent_at is not null`) == 1 })
	o.pass(time.Hour)
	time.Sleep(50 * time.Millisecond)
	if n := len(o.server.Taken()); n != 1 {
		t.Errorf("%d letters", n)
	}
}

// The server takes the letter and the line is cut before it says so: nobody can
// know, so it goes again, and the Message-ID lets the reader's program fold both.
func TestALetterWhoseReceiptWasLostGoesAgainUnderTheSameMessageID(t *testing.T) {
	o := open(t)
	o.server.DropAfterTaking(1)
	o.work(o.postman(o.db))
	o.post(order())
	o.eventually("first copy", func() bool { return len(o.server.Taken()) == 1 })
	o.eventually("sent", func() bool { o.pass(5 * time.Second); return o.count(`status = 'sent'`) == 1 })
	taken := o.server.Taken()
	if len(taken) != 2 {
		t.Fatalf("%d copies", len(taken))
	}
	if a, b := messageID(t, taken[0]), messageID(t, taken[1]); a != b || !strings.HasSuffix(a, "@example.org>") {
		t.Errorf("Message-IDs %s and %s", a, b)
	}
}

func TestTwoPostmenSendEachLetterOnce(t *testing.T) {
	o := open(t)
	o.work(o.postman(o.db))
	o.work(o.postman(pgtest.New(t)))
	orders := make([]mail.Order, 60)
	for i := range orders {
		orders[i] = order()
	}
	o.post(orders...)
	o.eventually("all sent", func() bool { return o.count(`status = 'sent'`) == 60 })
	seen := map[string]int{}
	for _, m := range o.server.Taken() {
		seen[messageID(t, m)]++
	}
	if len(seen) != 60 || len(o.server.Taken()) != 60 {
		t.Errorf("%d letters under %d Message-IDs", len(o.server.Taken()), len(seen))
	}
}

func TestWhatIsNoLongerTrueIsNotSent(t *testing.T) {
	o := open(t)
	o.compose = func(context.Context, pg.Conn, mail.Queued) (*mail.Composed, error) {
		return nil, fmt.Errorf("reminder: %w", mail.Skip("cancelled"))
	}
	o.work(o.postman(o.db))
	o.post(order())
	o.eventually("skipped", func() bool {
		return o.count(`status = 'skipped' and last_error = 'cancelled' and sent_at is null`) == 1
	})
	o.mu.Lock()
	o.compose = func(context.Context, pg.Conn, mail.Queued) (*mail.Composed, error) {
		return nil, mail.Hold("wants no mail")
	}
	o.mu.Unlock()
	o.post(order())
	o.eventually("held", func() bool { return o.count(`status = 'held'`) == 1 })
	if n := len(o.server.Taken()); n != 0 {
		t.Errorf("%d letters left", n)
	}
}

func TestAReminderWaitsAndIsJudgedWhenItsTimeComes(t *testing.T) {
	o := open(t)
	o.work(o.postman(o.db))
	later := order()
	later.NotBefore = start.Add(24 * time.Hour)
	var judged time.Time
	o.compose = func(_ context.Context, _ pg.Conn, l mail.Queued) (*mail.Composed, error) {
		judged = l.Now
		c := toAna()
		return &c, nil
	}
	o.post(later)
	time.Sleep(60 * time.Millisecond)
	if o.composed != 0 {
		t.Fatal("written before its time")
	}
	o.pass(24 * time.Hour)
	o.eventually("sent", func() bool { return o.count(`status = 'sent'`) == 1 })
	if !judged.Equal(start.Add(24 * time.Hour)) {
		t.Errorf("judged by %s", judged)
	}
}

func TestWithoutAMailServerLettersWaitAndLeaveOnceThereIsOne(t *testing.T) {
	o := open(t)
	waiting := o.postman(o.db)
	waiting.Sender = nil
	stop := o.work(waiting)
	o.post(order(), order())
	o.pass(10 * 24 * time.Hour)
	time.Sleep(60 * time.Millisecond)
	if n, oldest, err := mail.Waiting(t.Context(), o.db, o.Now()); n != 2 || err != nil || !oldest.Equal(start) {
		t.Fatalf("%d waiting since %s, %v", n, oldest, err)
	}
	var touched int
	if err := o.db.Get(t.Context(), &touched, `select count(*) from job where kind = 'letter' and takes > 0`); err != nil || touched != 0 {
		t.Fatalf("%d jobs touched, %v", touched, err)
	}
	stop()
	o.work(o.postman(o.db))
	o.eventually("sent", func() bool { return o.count(`status = 'sent'`) == 2 })
}
