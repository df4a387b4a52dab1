package mail

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/pg"
)

// tidyKind is the job that forgets what is no longer needed.
const tidyKind = "letter-tidy"

// Forget deletes what is known of the letters about one thing, when the thing
// itself is deleted. Letters that still wait are not sent.
func Forget(ctx context.Context, tx *pg.Tx, about string) error {
	if _, err := tx.Exec(ctx, `delete from letter where about = cast($1 as uuid)`, about); err != nil {
		return fmt.Errorf("forget letters: %w", err)
	}
	return nil
}

// ForgetTo is Forget of the letters to one of those who were written to about it.
func ForgetTo(ctx context.Context, tx *pg.Tx, about, recipient string) error {
	if _, err := tx.Exec(ctx, `
		delete from letter where about = cast($1 as uuid) and recipient = cast($2 as uuid)`, about, recipient); err != nil {
		return fmt.Errorf("forget letters: %w", err)
	}
	return nil
}

// tidy takes the hash of the address off letters that no longer count.
func (p *Postman) tidy(ctx context.Context, _ json.RawMessage) error {
	err := p.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `
			update letter set address_hash = null
			where address_hash is not null and status <> 'queued' and coalesce(last_try_at, made_at) < $1`,
			p.Now().Add(-2*time.Hour))
		return err
	})
	if err != nil {
		return fmt.Errorf("tidy letters: %w", err)
	}
	return nil
}
