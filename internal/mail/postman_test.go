package mail_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/job"
	"kintsugi/internal/mail"
	"kintsugi/internal/mail/mailtest"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// office is an outbox, its postmen and the clock they share.
type office struct {
	t      *testing.T
	db     *pg.DB
	server *mailtest.Server
	log    *lockedBuffer

	mu       sync.Mutex
	now      time.Time
	compose  mail.Composer
	bounced  []string
	composed int
}

func open(t *testing.T) *office {
	o := &office{t: t, db: pgtest.New(t), server: mailtest.Start(t), log: &lockedBuffer{}, now: start}
	o.compose = func(context.Context, pg.Conn, mail.Queued) (*mail.Composed, error) { c := toAna(); return &c, nil }
	return o
}

func (o *office) Now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// postman is one replica's.
func (o *office) postman(db *pg.DB) *mail.Postman {
	return &mail.Postman{
		DB: db, Sender: sender(o.t, o.server), Key: []byte("key"), Now: o.Now, Log: slog.New(slog.NewTextHandler(o.log, nil)),
		Composers: map[string]mail.Composer{"confirmed": func(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
			o.mu.Lock()
			o.composed++
			write := o.compose
			o.mu.Unlock()
			return write(ctx, q, l)
		}},
		OnBounce: func(_ context.Context, _ *pg.Tx, recipient string, _ time.Time) error {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.bounced = append(o.bounced, recipient)
			return nil
		},
	}
}

// work starts a replica with this postman.
func (o *office) work(p *mail.Postman) (stop func()) {
	o.t.Helper()
	handlers := map[string]job.Handler{}
	r := &job.Runner{DB: p.DB, Now: o.Now, Log: p.Log, Handlers: handlers, Recurring: p.Register(handlers), Poll: 10 * time.Millisecond}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { r.Run(ctx); close(ended) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	o.t.Cleanup(stop)
	return stop
}

func (o *office) post(orders ...mail.Order) {
	o.t.Helper()
	err := o.db.InTx(o.t.Context(), func(tx *pg.Tx) error { return mail.Post(o.t.Context(), tx, o.Now(), orders...) })
	if err != nil {
		o.t.Fatal(err)
	}
}

// order is a confirmation of a booking for a person.
func order() mail.Order {
	return mail.Order{Kind: "confirmed", About: uuid.NewString(), Change: 0, Recipient: uuid.NewString()}
}

func (o *office) count(where string) int {
	o.t.Helper()
	var n int
	if err := o.db.Get(o.t.Context(), &n, `select count(*) from letter where `+where); err != nil {
		o.t.Fatal(err)
	}
	return n
}

func (o *office) eventually(what string, is func() bool) {
	o.t.Helper()
	for range 600 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	o.t.Fatalf("never: %s\n%s", what, o.log.String())
}

func messageID(t *testing.T, m mailtest.Mail) string {
	t.Helper()
	h := m.Read(t).Header
	return h.Get("Message-Id")
}

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

// lockedBuffer is a log that several goroutines may write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
