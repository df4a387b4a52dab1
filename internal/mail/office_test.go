package mail_test

import (
	"bytes"
	"context"
	"log/slog"
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
