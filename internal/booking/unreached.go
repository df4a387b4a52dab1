package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Unreached tells the coaches of a person's coming calls that the person's
// mail server has refused the address: the coach is the one who can do
// something about it, and may hold another way to reach them.
func (s *Service) Unreached(ctx context.Context, tx *pg.Tx, person string, now time.Time) error {
	coming, err := list(ctx, tx, `
		where `+ofPersons+` and b.starts_at > $2 and b.status in ('held', 'pending', 'confirmed')
		order by b.starts_at, b.id
		limit 20`, people.IDs([]people.ID{people.ID(person)}), now)
	if err != nil {
		return err
	}
	for _, b := range coming {
		if _, known := b.As(people.ID(person)); !known {
			continue // nothing more is sent to them about it
		}
		if err := mail.Post(ctx, tx, now, s.order(b, letterUnreached, ByCoach)); err != nil {
			return fmt.Errorf("tell of an address that is not known: %w", err)
		}
	}
	return nil
}

// Undelivered names the clients to whom a letter about this booking did not
// arrive and will not be tried again.
func Undelivered(ctx context.Context, q pg.Conn, b Booking) ([]string, error) {
	fates, err := mail.About(ctx, q, string(b.ID))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range fates {
		own, is := b.seat(people.ID(f.Recipient))
		if is && (f.Status == "bounced" || f.Status == "failed") && !slices.Contains(names, own.Name) {
			names = append(names, own.Name)
		}
	}
	return names, nil
}
