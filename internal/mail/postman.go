package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kintsugi/internal/job"
	"kintsugi/internal/pg"
)

// Queued is a letter whose time has come, before anyone has written it.
type Queued struct {
	ID        string    `db:"id"`
	Kind      string    `db:"kind"`
	About     string    `db:"about"`
	Change    int       `db:"change"`
	Recipient string    `db:"recipient"`
	Stranger  bool      `db:"stranger"`
	NotBefore time.Time `db:"not_before"`
	MadeAt    time.Time `db:"made_at"`
	Now       time.Time // the instant to judge the state by
}

// Composer writes letters of one kind. It reads the state as it is now and
// answers Skip or Hold when the letter is no longer true or not wanted.
type Composer func(ctx context.Context, q pg.Conn, l Queued) (*Composed, error)

// Postman takes letters from the outbox to the mail server.
type Postman struct {
	DB        *pg.DB
	Sender    *Sender // nil while there is no mail server: letters wait
	Composers map[string]Composer
	Key       []byte // keys the hash under which an address is counted
	Now       func() time.Time
	Log       *slog.Logger

	// OnBounce, when set, hears in the same transaction that the server refused
	// the address of this person.
	OnBounce func(ctx context.Context, tx *pg.Tx, recipient string, now time.Time) error

	Cap    int           // letters an hour that strangers can cause to one address; 0 means 6
	GiveUp time.Duration // how long a server may stay away before the coach is told; 0 means 3 days
}

// Register adds the job handler that sends letters. Without a mail server it
// adds none, so that letters wait untouched and leave once there is one. It
// answers the work that comes round again, for the runner.
func (p *Postman) Register(handlers map[string]job.Handler) []job.Recurring {
	if p.Sender != nil {
		handlers[jobKind] = p.Deliver
	}
	handlers[tidyKind] = p.tidy
	return []job.Recurring{job.Every(tidyKind, time.Hour)}
}

// Deliver sends the letter that a job names: compose, claim, talk, record. It
// is harmless twice; only a talk that ended without an answer makes a second
// copy, under the same Message-ID.
func (p *Postman) Deliver(ctx context.Context, args json.RawMessage) error {
	var a letterArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return job.Permanent(fmt.Errorf("deliver letter: arguments: %w", err))
	}
	now := p.Now()
	l, err := p.queued(ctx, a.Letter)
	if err != nil || l == nil {
		return err
	}
	l.Now = now
	composed, err := p.compose(ctx, l)
	if u := asUnsent(err); u != nil {
		return p.settle(ctx, l, u.status, u.reason, now)
	}
	if err != nil && now.Sub(l.NotBefore) >= p.patience() && !pg.IsDown(err) {
		return p.settle(ctx, l, "failed", "cannot be written: "+job.Class(err), now)
	}
	if err != nil {
		return fmt.Errorf("compose letter %s: %w", l.Kind, err)
	}
	first, messageID, err := p.claim(ctx, l, p.Sender.addressed(*composed), now)
	if err != nil || messageID == "" {
		return err
	}
	err = p.Sender.Send(ctx, *composed, messageID, now)
	var refused *Refusal
	switch {
	case err == nil:
		return p.settle(ctx, l, "sent", "", p.Now())
	case !errors.As(err, &refused):
		return err
	case refused.Bounced && composed.Elsewhere:
		return p.settle(ctx, l, "failed", refused.Class, p.Now())
	case refused.Bounced:
		return p.settle(ctx, l, "bounced", refused.Class, p.Now())
	case refused.Permanent:
		return p.settle(ctx, l, "failed", refused.Class, p.Now())
	case p.Now().Sub(first) >= p.patience():
		return p.settle(ctx, l, "failed", "given up: "+refused.Class, p.Now())
	}
	return job.Classed(refused.Class, refused)
}

// compose asks who writes letters of this kind. They read as the recipient, so
// that no letter can tell somebody what they may not see.
func (p *Postman) compose(ctx context.Context, l *Queued) (composed *Composed, err error) {
	write, ok := p.Composers[l.Kind]
	if !ok {
		return nil, job.Classed("nobody writes this letter", fmt.Errorf("no composer for letters of kind %s", l.Kind))
	}
	err = p.DB.InTxAs(ctx, l.Recipient, func(tx *pg.Tx) error {
		composed, err = write(ctx, tx, *l)
		return err
	})
	return composed, err
}

// patience is how long a letter is tried.
func (p *Postman) patience() time.Duration {
	if p.GiveUp == 0 {
		return 3 * 24 * time.Hour
	}
	return p.GiveUp
}
