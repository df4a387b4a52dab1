package login

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/audit"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// The kinds of letters of this room.
const (
	letterCode   = "sign-in-code"
	letterInvite = "coach-invited"
)

// Composers write the letters of this room.
func (s *Service) Composers() map[string]mail.Composer {
	return map[string]mail.Composer{
		letterCode: s.composeCode, letterInvite: s.composeInvite, letterNotice: s.composeNotice, letterSafe: s.composeSafe,
		letterOldEnd: s.composeOldEnd, letterNewEnd: s.composeNewEnd,
	}
}

// composeCode writes the letter with a code: the code, and no word of what it
// opens. The code is not in the first line, which a locked phone shows to
// whoever lies beside it. It is sent to those too who hold all other mail, since
// they asked for it in this minute; who wants no codes either has said so.
func (s *Service) composeCode(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
	var asked struct {
		Address []byte `db:"address_hash"`
		Waits   bool   `db:"waits"`
		Off     bool   `db:"letters_off"`
	}
	err := q.Get(ctx, &asked, `
		select c.address_hash, c.used_at is null and c.expires_at > $2 as waits, `+lettersOff("p", "$2")+` as letters_off
		from sign_in_code c
		join person p on p.id = c.person_id
		where c.id = $1`, l.About, l.Now.UTC())
	switch {
	case pg.NoRows(err), err == nil && !asked.Waits:
		return nil, mail.Skip("the code is used or too old")
	case err != nil:
		return nil, fmt.Errorf("read code: %w", err)
	case asked.Off:
		return nil, mail.Hold("they sign in without letters")
	}
	composed, err := s.letterTo(ctx, q, l)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(s.addressHash(composed.To.Email), asked.Address) {
		return nil, mail.Skip("the address has changed since")
	}
	composed.Letter = s.codeLetter(composed.From.Name, s.codeOf(l.About))
	return composed, nil
}

// codeLetter is the same for every code.
func (s *Service) codeLetter(from, code string) mail.Letter {
	return mail.Letter{
		Subject:    from + ": your code",
		Preheader:  "Here is what you asked for.",
		Paragraphs: []string{"Your code is " + grouped(code)},
	}
}

// Invite sends a coach the address at which they sign in. The coach must stand
// in the practice file: an address alone gives no name to show and no zone to
// work in.
func (s *Service) Invite(ctx context.Context, email string) error {
	email, err := people.ParseEmail(email)
	if err != nil {
		return err
	}
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		person, err := coachAt(ctx, tx, email)
		if err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{At: s.now(), Actor: audit.Actor{Kind: audit.Operator},
			Act: "coach invited", About: string(person)}); err != nil {
			return err
		}
		return PostInvite(ctx, tx, person, s.now())
	})
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	s.wake()
	return nil
}

// PostInvite queues the letter of Invite in the caller's transaction, for
// somebody who was given a place in it. Inviting twice sends two letters.
func PostInvite(ctx context.Context, tx *pg.Tx, person people.ID, now time.Time) error {
	return mail.Post(ctx, tx, now, mail.Order{Kind: letterInvite, About: uuid.NewString(), Recipient: string(person)})
}

func (s *Service) composeInvite(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
	composed, err := s.letterTo(ctx, q, l)
	if err != nil {
		return nil, err
	}
	working, err := mayEnter(ctx, q, composed.To.Email, l.Now)
	if err != nil {
		return nil, err
	}
	if string(working.Person) != l.Recipient {
		return nil, mail.Skip("no longer works here")
	}
	composed.Letter = mail.Letter{
		Subject:    composed.From.Name + ": your place is ready",
		Preheader:  "You can sign in now.",
		Greeting:   "Hello " + composed.To.Name + ",",
		Paragraphs: []string{"your place at " + composed.From.Name + " is ready. Sign in with this address: we send you a code, and the first time you set up a second proof, such as an authenticator app on your phone. Have the phone at hand."},
		Actions:    []mail.Action{{Words: "Sign in", URL: s.Origin.String() + "/sign-in"}},
		Footer:     []string{composed.From.Name + " sent this email because you were added to its team. The link signs nobody in by itself."},
	}
	return composed, nil
}

// letterTo addresses a letter of ours.
func (s *Service) letterTo(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
	to, err := people.Find(ctx, q, people.ID(l.Recipient))
	if err != nil {
		return nil, mail.Skip("the person is gone")
	}
	if to.Email == "" {
		return nil, mail.Skip("the person has no address")
	}
	from, err := s.Letterhead(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("letterhead: %w", err)
	}
	return &mail.Composed{From: from, ReplyTo: from, To: mail.Address{Name: to.Name, Email: to.Email}}, nil
}
