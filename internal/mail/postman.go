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
// adds none, so that letters wait untouched and leave once there is one.
func (p *Postman) Register(handlers map[string]job.Handler) {
	if p.Sender != nil {
		handlers[jobKind] = p.Deliver
	}
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
	compose, ok := p.Composers[l.Kind]
	if !ok {
		return job.Classed("nobody writes this letter", fmt.Errorf("no composer for letters of kind %s", l.Kind))
	}
	composed, err := compose(ctx, p.DB, *l)
	if u := asUnsent(err); u != nil {
		return p.settle(ctx, l, u.status, u.reason, now)
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
	case refused.Bounced:
		return p.settle(ctx, l, "bounced", refused.Class, p.Now())
	case refused.Permanent:
		return p.settle(ctx, l, "failed", refused.Class, p.Now())
	case p.Now().Sub(first) >= p.patience():
		return p.settle(ctx, l, "failed", "given up: "+refused.Class, p.Now())
	}
	return job.Classed(refused.Class, refused)
}

// patience is how long a letter is tried.
func (p *Postman) patience() time.Duration {
	if p.GiveUp == 0 {
		return 3 * 24 * time.Hour
	}
	return p.GiveUp
}

// queued reads a letter that still waits; nil when it does not.
func (p *Postman) queued(ctx context.Context, id string) (*Queued, error) {
	var l Queued
	err := p.DB.Get(ctx, &l, `
		select id, kind, about, change, recipient, stranger, not_before, made_at
		from letter
		where id = cast($1 as uuid) and status = 'queued'`, id)
	if pg.NoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read letter: %w", err)
	}
	return &l, nil
}

// claim counts the letter against its address and notes the try. It answers
// the instant of the first try and the Message-ID, or no Message-ID when the
// letter shall not leave. A letter that was tried before is not counted again.
func (p *Postman) claim(ctx context.Context, l *Queued, c Composed, now time.Time) (first time.Time, messageID string, err error) {
	hash := addressHash(p.Key, c.To.Email)
	domain := "localhost"
	if from, err := mailbox(c.From); err == nil {
		domain = domainOf(from.Address)
	}
	capped := false
	err = p.DB.InTx(ctx, func(tx *pg.Tx) error {
		if l.Stranger {
			// One postman at a time counts for an address; see Cap.
			if err := tx.Lock(ctx, fmt.Sprintf("letter %x", hash)); err != nil {
				return err
			}
			var full bool
			err := tx.Get(ctx, &full, `
				select count(*) >= $4 and not exists (
					select 1 from letter where id = cast($3 as uuid) and first_try_at is not null)
				from letter
				where stranger and address_hash = $1 and last_try_at > $2 and status <> 'capped' and id <> cast($3 as uuid)`,
				hash, now.Add(-time.Hour), l.ID, p.limit())
			if err != nil {
				return err
			}
			if full {
				capped = true
				_, err := tx.Exec(ctx, `
					update letter set status = 'capped', address_hash = $2
					where id = cast($1 as uuid) and status = 'queued'`, l.ID, hash)
				return err
			}
		}
		var row struct {
			First     time.Time `db:"first_try_at"`
			MessageID string    `db:"message_id"`
		}
		err := tx.Get(ctx, &row, `
			update letter set
				address_hash = $2, tries = tries + 1, last_try_at = $3,
				first_try_at = coalesce(first_try_at, $3),
				message_id = case when message_id like '%@%' then message_id else message_id || '@' || $4 end
			where id = cast($1 as uuid) and status = 'queued'
			returning first_try_at, message_id`, l.ID, hash, now, domain)
		if pg.NoRows(err) {
			return nil // someone else has settled it meanwhile
		}
		first, messageID = row.First, row.MessageID
		return err
	})
	if err != nil {
		return time.Time{}, "", fmt.Errorf("claim letter: %w", err)
	}
	if capped {
		p.Log.Info("letter not sent: too many to one address", "letter", l.ID, "kind", l.Kind)
	}
	return first, messageID, nil
}

// limit is how many letters an hour strangers can cause to one address.
func (p *Postman) limit() int {
	if p.Cap == 0 {
		return 6
	}
	return p.Cap
}

// settle records what became of a letter. It is written even when the runner is
// being stopped, because the server may have taken the letter already.
func (p *Postman) settle(ctx context.Context, l *Queued, status, class string, now time.Time) error {
	ctx = context.WithoutCancel(ctx)
	err := p.DB.InTx(ctx, func(tx *pg.Tx) error {
		n, err := tx.Exec(ctx, `
			update letter set status = $2, last_error = nullif($3, ''),
				sent_at = case when $2 = 'sent' then cast($4 as timestamptz) end
			where id = cast($1 as uuid) and status = 'queued'`, l.ID, status, class, now)
		if err != nil || n == 0 || status != "bounced" || p.OnBounce == nil {
			return err
		}
		return p.OnBounce(ctx, tx, l.Recipient, now)
	})
	if err != nil {
		return fmt.Errorf("record letter %s: %w", status, err)
	}
	p.Log.Info("letter "+status, "letter", l.ID, "kind", l.Kind, "class", class)
	return nil
}
