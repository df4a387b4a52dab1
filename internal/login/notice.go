package login

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// The letters that go out when something happens to how a client signs in. They
// say that there is something to see and no word of what: the partner may read
// them. What it is stands behind the second proof.
const (
	letterNotice = "account-notice"
	letterSafe   = "account-notice-safe"
)

// postNotice queues both letters. About is what happened, change which state of
// it; the same is told once.
func postNotice(ctx context.Context, tx *pg.Tx, person people.ID, about string, change int, now time.Time) error {
	return mail.Post(ctx, tx, now,
		mail.Order{Kind: letterNotice, About: about, Change: change, Recipient: string(person)},
		mail.Order{Kind: letterSafe, About: about, Change: change, Recipient: string(person)})
}

// composeNotice writes to the client's own address. It is a letter that nobody
// asked for in this minute, so whoever holds all mail holds this one too.
func (s *Service) composeNotice(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
	held, why, err := people.MailHeld(ctx, q, people.ID(l.Recipient))
	if err != nil {
		return nil, err
	}
	if held {
		return nil, mail.Hold(why)
	}
	composed, err := s.letterTo(ctx, q, l)
	if err != nil {
		return nil, err
	}
	composed.To.Name = ""
	composed.Letter = s.somethingToSee(composed.From.Name, "There is something new for you to see. Sign in with this address when it suits you.")
	return composed, nil
}

// composeSafe writes to the safe contact, also where all other mail is held: the
// client has named this address for notices alone. It names nobody, since it may
// be a friend's.
func (s *Service) composeSafe(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
	email, err := s.FindSafeContact(ctx, q, people.ID(l.Recipient))
	if err != nil {
		return nil, err
	}
	if email == "" {
		return nil, mail.Skip("no safe contact is set")
	}
	from, err := s.Letterhead(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("letterhead: %w", err)
	}
	return &mail.Composed{From: from, ReplyTo: from, To: mail.Address{Email: email}, Elsewhere: true,
		Letter: s.somethingToSee(from.Name, "There is something new to see. If you named this address yourself, sign in with the one that you always use. "+
			"If somebody you know named you, please tell them when nobody else is there.")}, nil
}

// somethingToSee is what both say.
func (s *Service) somethingToSee(from, say string) mail.Letter {
	return mail.Letter{
		Subject:    from + ": there is something to see",
		Preheader:  "Nothing is said here.",
		Greeting:   "Hello,",
		Paragraphs: []string{say, "If this is not a good moment, leave it: it waits."},
		Actions:    []mail.Action{{Words: "Sign in", URL: s.Origin.String() + "/sign-in?next=/portal"}},
		Footer:     []string{from + " sent this email. The link signs nobody in by itself: a code and, where it matters, a second proof are needed."},
	}
}
