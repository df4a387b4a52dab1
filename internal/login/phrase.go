package login

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// A passphrase is a second proof for clients who have no device that nobody else
// picks up. It is kept as Argon2id with the smallest of the settings that OWASP
// recommends: 19 MiB, two passes, one lane.
const (
	phraseMemory = 19 << 10 // KiB
	phrasePasses = 2
	phraseLanes  = 1
	phraseBytes  = 32
	phraseSalt   = 16

	shortestPhrase = 14  // characters
	longestPhrase  = 200 // characters
)

// hashing bounds how many passphrases are hashed at once, since each takes
// memory.
var hashing = make(chan struct{}, 2)

var (
	errWrongPhrase = fault.InvalidField("phrase", "This is not your passphrase. Case and spaces count; look whether the keyboard is set to another language.")
	errNoPhrase    = fault.New(fault.Forbidden, "Those who work here use an app or a passkey.")
)

// SetPhrase makes a sentence the client's passphrase, in place of an earlier one.
func (s *Service) SetPhrase(ctx context.Context, at At, phrase string) (Proven, error) {
	if at.Session.Coach != nil {
		return Proven{}, errNoPhrase
	}
	if err := strong(at.Session, phrase); err != nil {
		return Proven{}, err
	}
	hash, err := hashPhrase(ctx, phrase)
	if err != nil {
		return Proven{}, err
	}
	return s.change(ctx, at, "second proof set up", "passphrase", func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into passphrase (person_id, hash, made_at) values ($1, $2, $3)
			on conflict on constraint passphrase_pkey do update set hash = excluded.hash, made_at = excluded.made_at`,
			string(at.Session.Person), hash, s.now())
		return err
	})
}

// ProvePhrase takes the passphrase. The hash is made before anything is locked,
// and costs the same where none is set.
func (s *Service) ProvePhrase(ctx context.Context, at At, phrase string) (Proven, error) {
	if at.Session.Coach != nil {
		return Proven{}, errNoPhrase
	}
	var kept string
	err := s.DB.Get(ctx, &kept, `select hash from passphrase where person_id = $1`, string(at.Session.Person))
	if err != nil && !pg.NoRows(err) {
		return Proven{}, fmt.Errorf("find passphrase: %w", err)
	}
	fits, err := phraseFits(ctx, kept, phrase)
	if err != nil {
		return Proven{}, err
	}
	return s.prove(ctx, at, "passphrase", func(tx *pg.Tx) error {
		if !fits {
			return errWrongPhrase
		}
		// Another session may have set another one while this was hashed.
		var still bool
		if err := tx.Get(ctx, &still, `select exists (select from passphrase where person_id = $1 and hash = $2)`,
			string(at.Session.Person), kept); err != nil {
			return err
		}
		if !still {
			return errWrongPhrase
		}
		return nil
	})
}

// RemovePhrase takes the passphrase away.
func (s *Service) RemovePhrase(ctx context.Context, at At) (Proven, error) {
	return s.remove(ctx, at, "passphrase", `delete from passphrase where person_id = $1`)
}

// strong refuses what a partner would guess first: too short, one sign over and
// over, the person's own name or address and little more.
func strong(session Session, phrase string) error {
	n := utf8.RuneCountInString(phrase)
	switch {
	case !utf8.ValidString(phrase) || strings.ContainsRune(phrase, 0):
		return fault.InvalidField("phrase", "This has signs in it that cannot be read. Type it with the keyboard.")
	case n < shortestPhrase:
		return fault.InvalidField("phrase", fmt.Sprintf("Make it at least %d characters: four or five words that do not belong together are good.", shortestPhrase))
	case n > longestPhrase:
		return fault.InvalidField("phrase", fmt.Sprintf("Make it at most %d characters.", longestPhrase))
	}
	rest := strings.ToLower(phrase)
	for _, known := range append(strings.FieldsFunc(session.Email, func(r rune) bool { return r == '@' || r == '.' || r == '+' }), strings.Fields(session.Name)...) {
		if len(known) > 2 {
			rest = strings.ReplaceAll(rest, strings.ToLower(known), "")
		}
	}
	for _, silly := range []string{"password", "passphrase", "123456789", "12345678", "qwertyuiop", "qwerty", "iloveyou", "letmein", "kintsugi"} {
		rest = strings.ReplaceAll(rest, silly, "")
	}
	signs := map[rune]bool{}
	for _, r := range rest {
		signs[r] = true
	}
	if utf8.RuneCountInString(rest) < 8 || len(signs) < 5 {
		return fault.InvalidField("phrase", "Somebody who knows you could guess this. Take a few words that have nothing to do with you and with each other.")
	}
	return nil
}

func hashPhrase(ctx context.Context, phrase string) (string, error) {
	salt := make([]byte, phraseSalt)
	_, _ = rand.Read(salt) // never fails, it ends the program instead
	sum, err := digest(ctx, phrase, salt)
	if err != nil {
		return "", err
	}
	return "argon2id$19456,2,1$" + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(sum), nil
}

// phraseFits compares a phrase with what is kept; with nothing kept it works as
// long and says no.
func phraseFits(ctx context.Context, kept, phrase string) (bool, error) {
	parts := strings.Split(kept, "$")
	salt, want := make([]byte, phraseSalt), []byte(nil)
	if len(parts) == 4 {
		var err1, err2 error
		salt, err1 = base64.RawStdEncoding.DecodeString(parts[2])
		want, err2 = base64.RawStdEncoding.DecodeString(parts[3])
		if err1 != nil || err2 != nil {
			want = nil
		}
	}
	if len(phrase) > 4*longestPhrase {
		phrase = phrase[:4*longestPhrase]
	}
	sum, err := digest(ctx, phrase, salt)
	return err == nil && len(want) == len(sum) && subtle.ConstantTimeCompare(sum, want) == 1, err
}

// digest hashes a phrase. The same letters count as the same however a keyboard
// makes them.
func digest(ctx context.Context, phrase string, salt []byte) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash: %w", ctx.Err())
	}
	defer func() { <-hashing }()
	return argon2.IDKey(norm.NFC.Bytes([]byte(phrase)), salt, phrasePasses, phraseMemory, phraseLanes, phraseBytes), nil
}
