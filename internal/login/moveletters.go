package login

import (
	"context"
	"fmt"

	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// The letters to the two ends of a change of address.
const (
	letterOldEnd = "address-old"
	letterNewEnd = "address-new"
)

// composeOldEnd writes to the address that is given up. It looks like any letter
// with a code.
func (s *Service) composeOldEnd(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
	if _, err := s.movingTo(ctx, q, l); err != nil {
		return nil, err
	}
	composed, err := s.letterTo(ctx, q, l)
	if err != nil {
		return nil, err
	}
	composed.To.Name = ""
	composed.Letter = s.codeLetter(composed.From.Name, s.moveCode(l.About, oldEnd))
	return composed, nil
}

// composeNewEnd writes to the address that is to come. Nobody has proven it, so
// it holds no word of anybody's. Where it is somebody's already the letter has
// no code; only who opens that inbox can tell.
func (s *Service) composeNewEnd(ctx context.Context, q pg.Conn, l mail.Queued) (*mail.Composed, error) {
	email, err := s.movingTo(ctx, q, l)
	if err != nil {
		return nil, err
	}
	from, err := s.Letterhead(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("letterhead: %w", err)
	}
	composed := &mail.Composed{From: from, ReplyTo: from, To: mail.Address{Email: email}, Elsewhere: true,
		Letter: s.codeLetter(from.Name, s.moveCode(l.About, newEnd))}
	taken, err := people.HasEmail(ctx, q, email)
	if err != nil {
		return nil, err
	}
	if taken {
		composed.Letter = mail.Letter{
			Subject:   from.Name + ": about this address",
			Preheader: "Nothing has changed.",
			Paragraphs: []string{"Somebody typed this address here just now. It cannot be used for what they wanted, and nothing has changed.",
				"If it was you, ask us how to go on. If not, you need do nothing."},
			Footer: []string{from.Name + " sent this email."},
		}
	}
	return composed, nil
}

// movingTo is the new address while its codes can be typed.
func (s *Service) movingTo(ctx context.Context, q pg.Conn, l mail.Queued) (string, error) {
	var wrapped []byte
	err := q.Get(ctx, &wrapped, `
		select wrapped from address_change where id = $1 and confirmed_at is null and asked_at > $2`, l.About, l.Now.UTC().Add(-moveCodes))
	if pg.NoRows(err) {
		return "", mail.Skip("the code is used or too old")
	}
	if err != nil {
		return "", fmt.Errorf("read change of address: %w", err)
	}
	email, err := s.Keys.Unwrap(wrapped, moveOwner(people.ID(l.Recipient)))
	if err != nil {
		return "", fmt.Errorf("read change of address: %w", err)
	}
	return string(email), nil
}
