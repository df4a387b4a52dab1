package main_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kintsugi/internal/mail/mailtest"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/seal"
	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"
)

const webhookSecret = "whsec_program"

// till is a practice that sells, beside a Stripe that remembers and a mail server.
type till struct {
	t       *testing.T
	db      *pg.DB
	environ []string // of the program, but for the address of its database
	keys    *seal.Keyset
	fake    *stripetest.Stripe
	post    *mailtest.Server
}

func newTill(t *testing.T) *till {
	t.Helper()
	c := &till{t: t, db: pgtest.New(t), fake: stripetest.Start(t, stripefake.Settings{}), post: mailtest.Start(t)}
	var err error
	if c.keys, err = seal.NewKeyset(); err != nil {
		t.Fatal(err)
	}
	text, err := c.keys.Text()
	if err != nil {
		t.Fatal(err)
	}
	c.environ = append(home(t), "KINTSUGI_KEYSET="+text, "LISTEN=127.0.0.1:0", "LIMITS=off", "PUBLIC_URL=http://localhost:8080", "SMTP_URL="+c.post.URL(),
		"STRIPE_SECRET_KEY="+stripetest.Key, "STRIPE_API_BASE="+c.fake.URL, "STRIPE_WEBHOOK_SECRET="+webhookSecret)
	run(t, c.on(pgtest.URL(t)), "apply", practiceFile(t)).must(t)
	return c
}

// on is the environment of the program on a database.
func (c *till) on(database string) []string {
	return append([]string{"DATABASE_URL=" + database}, c.environ...)
}

// pays starts the program, pays an order at Stripe, and gives Stripe's word of it.
// By then the program has made its first comparison, which would find the payment
// without any word.
func (c *till) pays(database string) (*program, payment.OrderID, []byte) {
	c.t.Helper()
	id, session := orders(c.t, c.keys, c.fake)
	p := start(c.t, c.on(database), "serve")
	eventually(c.t, "the first comparison", func() bool {
		var compared bool
		if err := c.db.Get(context.Background(), &compared, `select compared_at is not null from stripe_watch`); err != nil {
			c.t.Fatal(err)
		}
		return compared
	})
	if _, err := c.fake.Pay(session, stripefake.Buyer{Email: "anywhere@example.com"}); err != nil {
		c.t.Fatal(err)
	}
	for _, e := range c.fake.Events() {
		if e.Type == "checkout.session.completed" {
			return p, id, c.fake.Body(e.ID)
		}
	}
	c.t.Fatal("Stripe sends no word")
	return nil, "", nil
}

// knock sends an event as Stripe does and gives the status, or zero where no answer
// comes.
func knock(t *testing.T, p *program, body []byte) int {
	request, err := http.NewRequest("POST", p.URL+"/webhooks/stripe", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0
	}
	request.Header.Set("Stripe-Signature", stripefake.Sign(time.Now(), body, webhookSecret))
	res, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body) // only whether it was taken counts
	return res.StatusCode
}

// is fails unless the order is paid once, with its sessions, its invoice and what
// follows once each.
func (c *till) is(id payment.OrderID) {
	c.t.Helper()
	var books struct {
		Status, Payments, Lots, Sessions, Granted, Invoices, Letters, Coach, Follows, Events string
	}
	err := c.db.Get(context.Background(), &books, `
		select o.status, (select count(*) from payment) as payments, (select count(*) from credit_lot) as lots, o.sessions,
			(select sum(amount) from credit_movement) as granted, (select count(*) from invoice) as invoices,
			(select count(*) from letter where kind = 'order-receipt') as letters, (select count(*) from letter where kind = 'order-changed-coach') as coach,
			(select count(*) from audit where act = 'order paid') as follows, (select count(*) from stripe_event) as events
		from purchase o where o.id = $1`, id)
	if err != nil {
		c.t.Fatal(err)
	}
	if books.Granted != books.Sessions {
		c.t.Errorf("of %s sessions %s were given", books.Sessions, books.Granted)
	}
	books.Sessions, books.Granted = "", ""
	if want := books; books.Status != "paid" || strings.Trim(want.Payments+want.Lots+want.Invoices+want.Letters+want.Coach+want.Follows+want.Events, "1") != "" {
		c.t.Errorf("the books say %+v", books)
	}
}

// receipts counts the letters to the buyer that the mail server took.
func (c *till) receipts() (n int) {
	for _, m := range c.post.Taken() {
		if strings.Contains(strings.Join(m.To, " "), "visitor@example.com") {
			n++
		}
	}
	return n
}

// PAY-23: the process was killed after the payment had been written down and before
// Stripe had its answer, and Stripe sent its word again.
func TestAWordOfStripeThatIsSentAgainAfterAKillIsHarmless(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	mute := muteAfter(t, pgtest.URL(t), "insert into payment (")
	first, id, word := c.pays(mute.url)
	answered := make(chan int, 1)
	go func() { answered <- knock(t, first, word) }()
	select {
	case <-mute.committed:
	case status := <-answered:
		t.Fatalf("answered %d before it was cut", status)
	case <-time.After(20 * time.Second):
		t.Fatalf("nothing is committed: %s", first.stderr())
	}
	c.is(id) // it is committed, and the process does not know
	first.stop(syscall.SIGKILL)
	if status := <-answered; status != 0 {
		t.Fatalf("it had answered %d", status)
	}
	second := start(t, c.on(pgtest.URL(t)), "serve")
	for range 2 {
		if status := knock(t, second, word); status != 200 {
			t.Errorf("sent again it is answered %d: %s", status, second.stderr())
		}
	}
	c.is(id)
	eventually(t, "the letter to the buyer", func() bool { return c.receipts() == 1 })
	time.Sleep(1500 * time.Millisecond)
	if n := c.receipts(); n != 1 {
		t.Errorf("%d letters", n)
	}
}

// PAY-24: the mail server was down, and nobody was told that they had paid, or
// twice.
func TestAPaymentIsRecordedWhileTheMailServerIsDownAndItsLetterComesOnce(t *testing.T) {
	t.Parallel()
	c := newTill(t)
	c.post.Down()
	p, id, word := c.pays(pgtest.URL(t))
	for range 2 {
		if status := knock(t, p, word); status != 200 {
			t.Errorf("answered %d: %s", status, p.stderr())
		}
	}
	c.is(id)
	eventually(t, "a try to send it", func() bool {
		var tries int
		if err := c.db.Get(context.Background(), &tries, `select coalesce(max(tries), 0) from letter where kind = 'order-receipt'`); err != nil {
			t.Fatal(err)
		}
		return tries > 0
	})
	c.is(id)
	c.post.Up(t)
	eventually(t, "the letter to the buyer", func() bool { return c.receipts() > 0 })
	if status := knock(t, p, word); status != 200 {
		t.Errorf("answered %d", status)
	}
	time.Sleep(1500 * time.Millisecond)
	if n := c.receipts(); n != 1 {
		t.Errorf("%d letters", n)
	}
	c.is(id)
}

// mute is a way to PostgreSQL that falls silent between a commit and its answer.
type mute struct {
	url       string
	committed chan struct{} // closed when the commit is done and kept from the program
}

// muteAfter keeps the answer to the commit of the transaction in which words were
// sent from the program, for ever.
func muteAfter(t *testing.T, database, words string) *mute {
	t.Helper()
	address, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	const socket = ".s.PGSQL.5432"
	behind := filepath.Join(query.Get("host"), socket)
	dir, err := os.MkdirTemp("", "mute") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	front, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { front.Close() })
	query.Set("host", dir)
	address.RawQuery = query.Encode()
	m := &mute{url: address.String(), committed: make(chan struct{})}
	var once sync.Once
	go func() {
		for {
			program, err := front.Accept()
			if err != nil {
				return // closed at the end of the test
			}
			server, err := net.Dial("unix", behind)
			if err != nil {
				program.Close()
				continue
			}
			sent := make(chan struct{})
			var heard sync.Once
			go pass(program, server, words, func() bool { heard.Do(func() { close(sent) }); return true })
			go pass(server, program, "COMMIT\x00", func() bool {
				select {
				case <-sent:
					once.Do(func() { close(m.committed) })
					return false
				default:
					return true
				}
			})
		}
	}()
	return m
}

// pass copies from one side to the other, asks at every sight of words whether to go
// on, and otherwise lets nothing through any more.
func pass(from, to net.Conn, words string, found func() bool) {
	defer to.Close()
	var seen []byte
	chunk, quiet := make([]byte, 64<<10), false
	for {
		n, err := from.Read(chunk)
		if err != nil {
			return
		}
		seen = append(seen, chunk[:n]...)
		if bytes.Contains(seen, []byte(words)) {
			seen = nil
			quiet = quiet || !found()
		} else if len(seen) > len(words) {
			seen = seen[len(seen)-len(words):]
		}
		if quiet {
			continue
		}
		if _, err := to.Write(chunk[:n]); err != nil {
			return
		}
	}
}
