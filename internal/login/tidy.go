package login

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kintsugi/internal/job"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
)

// tidyKind is the job that forgets what has ended.
const tidyKind = "sign-in-tidy"

// Register adds the job handler of this room and answers the work that comes
// round again, for the runner.
func (s *Service) Register(handlers map[string]job.Handler) []job.Recurring {
	handlers[tidyKind] = s.tidy
	return []job.Recurring{job.Every(tidyKind, time.Hour)}
}

// tidy forgets codes, sessions, counts and browsers that no longer matter.
func (s *Service) tidy(ctx context.Context, _ json.RawMessage) error {
	now := s.now()
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		for query, before := range map[string]time.Time{
			`delete from sign_in_code where expires_at < $1`:   now.Add(-forgetAfter),
			`delete from session where seen_at < $1`:           now.Add(-idleLife),
			`delete from session where signed_in_at < $1`:      now.Add(-sessionLife),
			`delete from sign_in_count where at < $1`:          now.Add(-25 * time.Hour),
			`delete from known_browser where seen_at < $1`:     now.Add(-browserLife),
			`delete from passkey_challenge where made_at < $1`: now.Add(-challengeFor),
		} {
			if _, err := tx.Exec(ctx, query, before); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("tidy sign-in: %w", err)
	}
	return nil
}

// Rewrap wraps the secrets of all authenticator apps again under the primary
// key of the keyset, so that an older key can be taken out of it.
func Rewrap(ctx context.Context, tx *pg.Tx, keys *seal.Keyset) (int, error) {
	var rows []struct {
		Person  people.ID `db:"person_id"`
		Wrapped []byte    `db:"wrapped"`
	}
	if err := tx.Select(ctx, &rows, `select person_id, wrapped from proof_app order by person_id for update`); err != nil {
		return 0, fmt.Errorf("rewrap app secrets: %w", err)
	}
	for _, row := range rows {
		secret, err := keys.Unwrap(row.Wrapped, appOwner(row.Person))
		if err != nil {
			return 0, fmt.Errorf("rewrap app secrets: %w", err)
		}
		wrapped, err := keys.Wrap(secret, appOwner(row.Person))
		if err != nil {
			return 0, fmt.Errorf("rewrap app secrets: %w", err)
		}
		if _, err := tx.Exec(ctx, `update proof_app set wrapped = $2 where person_id = $1`, string(row.Person), wrapped); err != nil {
			return 0, fmt.Errorf("rewrap app secrets: %w", err)
		}
	}
	return len(rows), nil
}
