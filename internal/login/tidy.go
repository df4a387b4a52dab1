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
	handlers[moveKind] = s.takeMove
	return []job.Recurring{job.Every(tidyKind, time.Hour)}
}

// tidy forgets codes, sessions, counts, browsers and changes that no longer
// matter.
func (s *Service) tidy(ctx context.Context, _ json.RawMessage) error {
	now := s.now()
	err := s.DB.InTx(ctx, func(tx *pg.Tx) error {
		for query, before := range map[string]time.Time{
			`delete from sign_in_code where expires_at < $1`:                                                     now.Add(-forgetAfter),
			`delete from session where seen_at < $1`:                                                             now.Add(-idleLife),
			`delete from session where signed_in_at < $1`:                                                        now.Add(-sessionLife),
			`delete from sign_in_count where at < $1`:                                                            now.Add(-25 * time.Hour),
			`delete from known_browser where seen_at < $1`:                                                       now.Add(-browserLife),
			`delete from passkey_challenge where made_at < $1`:                                                   now.Add(-challengeFor),
			`delete from proof_restore where ends_at < $1`:                                                       now,
			`delete from address_change where asked_at < $1 and (confirmed_at is null or failed_at is not null)`: now.Add(-moveKept),
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

// WrappedTables are where this room keeps what lies wrapped under the keyset.
func WrappedTables() []string { return []string{"proof_app", "safe_contact", "address_change"} }

// Rewrap wraps everything of this room again under the primary key of the
// keyset, so that an older key can be taken out of it: the secrets of
// authenticator apps, and addresses that are nobody else's business.
func Rewrap(ctx context.Context, tx *pg.Tx, keys *seal.Keyset) (int, error) {
	n := 0
	for _, one := range []struct {
		table string
		owner func(people.ID) string
	}{{"proof_app", appOwner}, {"safe_contact", safeOwner}, {"address_change", moveOwner}} {
		var rows []struct {
			Person  people.ID `db:"person_id"`
			Wrapped []byte    `db:"wrapped"`
		}
		if err := tx.Select(ctx, &rows, `select person_id, wrapped from `+one.table+` order by person_id for update`); err != nil {
			return 0, fmt.Errorf("rewrap %s: %w", one.table, err)
		}
		for _, row := range rows {
			secret, err := keys.Unwrap(row.Wrapped, one.owner(row.Person))
			if err != nil {
				return 0, fmt.Errorf("rewrap %s of %s: %w", one.table, row.Person, err)
			}
			wrapped, err := keys.Wrap(secret, one.owner(row.Person))
			if err != nil {
				return 0, fmt.Errorf("rewrap %s: %w", one.table, err)
			}
			if _, err := tx.Exec(ctx, `update `+one.table+` set wrapped = $2 where person_id = $1`, string(row.Person), wrapped); err != nil {
				return 0, fmt.Errorf("rewrap %s: %w", one.table, err)
			}
		}
		n += len(rows)
	}
	return n, nil
}
