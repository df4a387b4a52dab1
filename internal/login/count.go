package login

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// allowance is how often something may be tried within a time.
type allowance struct {
	kind string
	most int
	per  time.Duration
}

// What one address or person may cause. From a browser in which the person has
// signed in before the other column holds, counted for that browser alone.
func codesAsked(known bool) allowance { return choose(known, allowance{"ask", 6, time.Hour}, 10) }
func codesTried(known bool) allowance { return choose(known, allowance{"try", 20, time.Hour}, 20) }
func proofsTried(known bool) allowance {
	return choose(known, allowance{"proof", 20, 24 * time.Hour}, 60)
}

func choose(known bool, a allowance, mostKnown int) allowance {
	if known {
		a.kind, a.most = a.kind+" known", mostKnown
	}
	return a
}

// spend counts one try and reports whether it was still allowed; one too many
// is not counted. The caller holds the lock of the key.
func (s *Service) spend(ctx context.Context, tx *pg.Tx, a allowance, key []byte, now time.Time) (bool, error) {
	if s.LimitsOff {
		return true, nil
	}
	var counted int
	err := tx.Get(ctx, &counted, `
		with counted as (
			insert into sign_in_count (kind, key_hash, at)
			select $1, $2, $3
			where (select count(*) from sign_in_count where kind = $1 and key_hash = $2 and at > $4) < $5
			returning 1
		)
		select count(*) from counted`, a.kind, key, now, now.Add(-a.per), a.most)
	if err != nil {
		return false, fmt.Errorf("count %s: %w", a.kind, err)
	}
	return counted > 0, nil
}

// key is what tries are counted under: the browser where the person is known,
// else what is given.
func (s *Service) key(known bool, browser string, otherwise []byte) []byte {
	if known {
		return s.Links.Fingerprint("known browser", browser)
	}
	return otherwise
}

// knows reports whether a person has signed in with both proofs in the browser
// that holds this token.
func knows(ctx context.Context, q pg.Conn, person people.ID, browser string, now time.Time) (bool, error) {
	var known bool
	err := q.Get(ctx, &known, `
		select exists (
			select from known_browser
			where token_hash = $1 and person_id = nullif($2, '')::uuid and seen_at > $3)`,
		hashToken(browser), string(person), now.Add(-browserLife))
	if err != nil {
		return false, fmt.Errorf("look for browser: %w", err)
	}
	return known, nil
}

// remember makes the browser one in which the person is known, and gives the
// token for it; empty when it has one already.
func remember(ctx context.Context, tx *pg.Tx, person people.ID, browser string, now time.Time) (string, error) {
	rows, err := tx.Exec(ctx, `
		update known_browser set seen_at = $3
		where token_hash = $1 and person_id = $2 and seen_at > $4`,
		hashToken(browser), string(person), now, now.Add(-browserLife))
	if err != nil {
		return "", fmt.Errorf("remember browser: %w", err)
	}
	if rows > 0 {
		return "", nil
	}
	token := newToken()
	if _, err := tx.Exec(ctx, `
		insert into known_browser (token_hash, person_id, made_at, seen_at) values ($1, $2, $3, $3)`,
		hashToken(token), string(person), now); err != nil {
		return "", fmt.Errorf("remember browser: %w", err)
	}
	return token, nil
}
