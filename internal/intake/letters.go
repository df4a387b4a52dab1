package intake

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/engagement"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"

	"github.com/google/uuid"
)

// The kinds of letters of this room. Each says only that there is something to
// see.
const (
	letterSent     = "form-sent"
	letterReminder = "form-reminder"
	letterShared   = "form-shared"
	letterAnswered = "form-answered-coach"
)

// remindAfter is when a client is reminded of a form that waits for them, and no
// more often than that.
var remindAfter = []time.Duration{3 * 24 * time.Hour, 10 * 24 * time.Hour, 24 * 24 * time.Hour}

// postSent tells a client that there is something, and reminds them while it
// waits.
func (s *Service) postSent(ctx context.Context, tx *pg.Tx, id ID, to people.ID, now time.Time) error {
	zone, err := engagement.ZoneOf(ctx, tx, to)
	if err != nil {
		return err
	}
	orders := []mail.Order{{Kind: letterSent, About: string(id), Recipient: string(to), NotBefore: engagement.Awake(now, zone)}}
	for i, after := range remindAfter {
		orders = append(orders, mail.Order{Kind: letterReminder, About: string(id), Change: i + 1, Recipient: string(to),
			NotBefore: engagement.Awake(now.Add(after), zone)})
	}
	return mail.Post(ctx, tx, now, orders...)
}

// postShared tells a client that they can read what the other has answered.
func postShared(ctx context.Context, tx *pg.Tx, sheet Sheet, now time.Time) error {
	zone, err := engagement.ZoneOf(ctx, tx, sheet.Person)
	if err != nil {
		return err
	}
	return mail.Post(ctx, tx, now, mail.Order{Kind: letterShared, About: string(sheet.ID), Recipient: string(sheet.Person), NotBefore: engagement.Awake(now, zone)})
}

// postAnswered lets the coach know that there is something to read.
func (s *Service) postAnswered(ctx context.Context, tx *pg.Tx, sheet Sheet, now time.Time) error {
	var coach people.ID
	if err := tx.Get(ctx, &coach, `select coach_id from engagement where id = $1`, string(sheet.Engagement)); err != nil {
		return fmt.Errorf("tell coach: %w", err)
	}
	return mail.Post(ctx, tx, now, mail.Order{Kind: letterAnswered, About: uuid.NewString(), Recipient: string(coach)})
}

// Composers write the letters of this room, each reading as its recipient.
func (s *Service) Composers() map[string]mail.Composer {
	news := func(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
		return s.Engagement.Neutral(ctx, q, people.ID(l.Recipient), engagement.NewsWords)
	}
	coach := func(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
		return s.Engagement.Neutral(ctx, q, people.ID(l.Recipient), engagement.CoachWords)
	}
	return map[string]mail.Composer{
		letterSent:     waiting(false, news),
		letterReminder: waiting(true, news),
		letterShared:   news,
		letterAnswered: coach,
	}
}

// waiting writes a letter only while the sheet waits for its recipient, who can
// answer it now.
func waiting(reminds bool, write mail.Composer) mail.Composer {
	return func(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
		sheet, err := findOwn(ctx, q, people.ID(l.Recipient), ID(l.About))
		if err == engagement.ErrNothing {
			return nil, mail.Skip("it is not theirs any more")
		}
		if err != nil {
			return nil, err
		}
		if sheet.State != Open {
			return nil, mail.Skip("it does not wait any more")
		}
		if !reminds {
			return write(ctx, q, l)
		}
		lane, err := engagement.FindLane(ctx, q, sheet.Person, sheet.Lane)
		if err != nil {
			return nil, err
		}
		e, err := engagement.FindForClient(ctx, q, sheet.Person, sheet.Engagement)
		if err != nil {
			return nil, err
		}
		if !lane.Writable() || e.State != engagement.Open {
			return nil, mail.Skip("it cannot be answered now")
		}
		zone, err := engagement.ZoneOf(ctx, q, sheet.Person)
		if err != nil {
			return nil, err
		}
		if engagement.Awake(l.Now, zone).After(l.Now) {
			return nil, mail.Skip("it is night where they are")
		}
		return write(ctx, q, l)
	}
}
