package login

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// ErrWithout is the one answer to a passphrase or passkey that lets nobody in
// without a letter: mistyped, too late, somebody else's, or of somebody who has
// not chosen to come in this way.
var ErrWithout = fault.InvalidField("phrase", "This did not let you in. It works for those who have chosen to sign in without a code, for ten minutes after they typed their address, for five tries. "+
	"Look at it once more, or begin again.")

// Without is somebody who comes in without a letter, by a passphrase or by a
// passkey alone.
type Without struct {
	Phrase     string   // as it was typed; empty for a passkey
	Credential []byte   // the browser's answer to AskAlone; empty for a passphrase
	Asker      string   // the token that Ask gave this browser
	Browser    string   // the token of a known browser; may be empty
	Device     string   // which device this is, in words
	Before     []string // tokens of sessions that this browser brings along; they end
}

// AskAlone gives what the browser needs to use a passkey that stands for both
// proofs. The question names nobody and follows from the asker's token, so it is
// the same whoever asks and writes nothing.
func (s *Service) AskAlone(asker string) ([]byte, error) {
	options, _, err := s.aloneQuestion(asker)
	if err != nil {
		return nil, err
	}
	return json.Marshal(options)
}

func (s *Service) aloneQuestion(asker string) (any, *webauthn.SessionData, error) {
	relying, err := s.relying()
	if err != nil {
		return nil, nil, err
	}
	options, data, err := relying.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired),
		func(o *protocol.PublicKeyCredentialRequestOptions) error {
			o.Challenge = s.Links.Fingerprint("passkey alone", hashToken(asker))
			return nil
		})
	if err != nil {
		return nil, nil, fmt.Errorf("ask a passkey: %w", err)
	}
	return options.Response, data, nil
}

// EnterWithout begins a session of a client who has chosen to do without
// letters. It is strong from the start: the second proof was given, and the
// inbox, which others may read, is asked for nothing. The same is done and
// counted for every address.
func (s *Service) EnterWithout(ctx context.Context, w Without) (Proven, error) {
	asked, found, err := s.askedWithout(ctx, w.Asker)
	if err != nil || !found {
		return Proven{}, orRefused(err)
	}
	way, err := s.wayOf(ctx, asked, w)
	if err != nil {
		return Proven{}, err
	}
	proven, opened := Proven{Token: newToken()}, false
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		person, err := s.useWithout(ctx, tx, asked, way, w.Browser)
		if err != nil || person == "" {
			return err
		}
		opened = true
		now := s.now()
		id, err := s.begin(ctx, tx, person, proven.Token, "signed in without a letter", Entering{Device: w.Device, Before: w.Before})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update session set proven_at = $2, fresh_at = $2 where id = $1`, string(id), now); err != nil {
			return err
		}
		if way.used != nil {
			if err := s.usedPasskey(ctx, tx, person, way.used); err != nil {
				return err
			}
		}
		proven.Browser, err = remember(ctx, tx, person, w.Browser, now)
		return err
	})
	switch {
	case err != nil:
		return Proven{}, fmt.Errorf("enter without a letter: %w", err)
	case !opened:
		return Proven{}, ErrWithout
	}
	return proven, nil
}

func orRefused(err error) error {
	if err != nil {
		return err
	}
	return ErrWithout
}

// askedRow is the asking of a browser that wants to come in without a letter.
type askedRow struct {
	ID      string    `db:"id"`
	Address []byte    `db:"address_hash"`
	Person  people.ID `db:"person_id"`
	Kept    string    `db:"kept"` // the hash of their passphrase
	Live    bool      `db:"live"`
}

func (s *Service) askedWithout(ctx context.Context, asker string) (row askedRow, found bool, err error) {
	err = s.DB.Get(ctx, &row, `
		select c.id, c.address_hash, coalesce(c.person_id::text, '') as person_id, coalesce(f.hash, '') as kept,
			c.used_at is null and c.expires_at > $2 and c.tries < $3 as live
		from sign_in_code c
		left join passphrase f on f.person_id = c.person_id
		where c.asker_hash = $1`, hashToken(asker), s.now(), codeTries)
	if pg.NoRows(err) {
		return askedRow{}, false, nil
	}
	if err != nil {
		return askedRow{}, false, fmt.Errorf("find asking: %w", err)
	}
	return row, true, nil
}

// way is what was found to be right about a passphrase or a passkey; empty when
// nothing was.
type way struct {
	hash       string
	credential []byte
	used       *webauthn.Credential
}

// wayOf judges what was sent, before anything is locked. Only an asking that is
// used up is spared the work, which depends on nothing but the browser's own
// tries.
func (s *Service) wayOf(ctx context.Context, asked askedRow, w Without) (way, error) {
	switch {
	case !asked.Live:
		return way{}, nil
	case len(w.Credential) > 0:
		return s.passkeyAlone(ctx, asked, w)
	}
	fits, err := phraseFits(ctx, asked.Kept, w.Phrase)
	if err != nil || !fits {
		return way{}, err
	}
	return way{hash: asked.Kept}, nil
}

func (s *Service) passkeyAlone(ctx context.Context, asked askedRow, w Without) (way, error) {
	_, data, err := s.aloneQuestion(w.Asker)
	if err != nil {
		return way{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(w.Credential)
	if err != nil {
		return way{}, nil
	}
	relying, err := s.relying()
	if err != nil {
		return way{}, err
	}
	used, err := relying.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		id, err := uuid.FromBytes(handle)
		if err != nil || !bytes.Equal([]byte(id.String()), []byte(asked.Person)) {
			return nil, errWrongKey
		}
		return holderNamed(ctx, s.DB, asked.Person, "you")
	}, *data, parsed)
	if err != nil || used.Authenticator.CloneWarning {
		return way{}, nil
	}
	return way{credential: used.ID, used: used}, nil
}

// useWithout uses an asking up and gives its person; nobody when it lets nobody
// in. Every try counts, as one of a code and as one of a second proof.
func (s *Service) useWithout(ctx context.Context, tx *pg.Tx, asked askedRow, how way, browser string) (people.ID, error) {
	now, whom := s.now(), string(asked.Person)
	if whom == "" {
		whom = lockOf(asked.Address)
	}
	if err := tx.Lock(ctx, lockOf(asked.Address)); err != nil {
		return "", err
	}
	if err := tx.Lock(ctx, "proof "+whom); err != nil {
		return "", err
	}
	known, err := knows(ctx, tx, asked.Person, browser, now)
	if err != nil {
		return "", err
	}
	free, err := s.spend(ctx, tx, codesTried(known), s.key(known, browser, asked.Address), now)
	if err != nil {
		return "", err
	}
	alsoFree, err := s.spend(ctx, tx, proofsTried(known), s.key(known, browser, s.Links.Fingerprint("proof", whom)), now)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `update sign_in_code set tries = tries + 1 where id = $1`, asked.ID); err != nil {
		return "", err
	}
	var person people.ID
	err = tx.Get(ctx, &person, `
		update sign_in_code set used_at = $2
		where id = $1 and used_at is null and tries <= $3 and expires_at > $2 and $4
			and exists (
				select from client_account a
				where a.person_id = sign_in_code.person_id and a.barred_at is null and a.letters_off_at is not null
					and not exists (select from coach c where c.person_id = a.person_id)
					and (exists (select from passphrase f where f.person_id = a.person_id and f.hash = $5)
						or exists (select from passkey k where k.person_id = a.person_id and k.alone and k.credential_id = $6)))
		returning person_id`, asked.ID, now, codeTries, free && alsoFree, how.hash, how.credential)
	if pg.NoRows(err) {
		return "", nil
	}
	return person, err
}
