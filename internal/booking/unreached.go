package booking

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/mail"
	"kintsugi/internal/pg"
)

// Unreached tells the coaches of a person's coming calls that the person's
// mail server has refused the address: the coach is the one who can do
// something about it, and may hold another way to reach them.
func (s *Service) Unreached(ctx context.Context, tx *pg.Tx, person string, now time.Time) error {
	coming, err := list(ctx, tx, `
		where b.person_id = $1 and b.starts_at > $2 and b.status in ('held', 'pending', 'confirmed')
		order by b.starts_at, b.id
		limit 20`, person, now)
	if err != nil {
		return err
	}
	for _, b := range coming {
		if err := mail.Post(ctx, tx, now, s.order(b, letterUnreached, ByCoach)); err != nil {
			return fmt.Errorf("tell of an address that is not known: %w", err)
		}
	}
	return nil
}

// Undelivered reports whether a letter to the person about this booking did
// not arrive and will not be tried again.
func Undelivered(ctx context.Context, q pg.Conn, b Booking) (bool, error) {
	fates, err := mail.About(ctx, q, string(b.ID))
	if err != nil {
		return false, err
	}
	for _, f := range fates {
		if f.Recipient == string(b.PersonID) && (f.Status == "bounced" || f.Status == "failed") {
			return true, nil
		}
	}
	return false, nil
}
