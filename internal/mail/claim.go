package mail

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/pg"
)

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
