package login

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// Passkey is a key that lives in a person's phone, computer or security key.
type Passkey struct {
	ID     string    `db:"id"`
	Device string    `db:"device"` // where it was made, in words
	MadeAt time.Time `db:"made_at"`
	UsedAt time.Time `db:"used_at"`
}

func passkeys(ctx context.Context, q pg.Conn, person people.ID) ([]Passkey, error) {
	var keys []Passkey
	err := q.Select(ctx, &keys, `
		select id, device, made_at, used_at from passkey where person_id = $1 order by made_at, id`, string(person))
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	return keys, nil
}

// What a challenge is for.
const (
	toAdd   = "add"
	toProve = "prove"
)

// AskToAdd gives what the browser needs to make a new passkey, as JSON for
// PublicKeyCredential.parseCreationOptionsFromJSON.
func (s *Service) AskToAdd(ctx context.Context, at At) ([]byte, error) {
	return s.challenge(ctx, at, toAdd, func(relying *webauthn.WebAuthn, holder *holder) (any, *webauthn.SessionData, error) {
		options, data, err := relying.BeginRegistration(holder,
			webauthn.WithExclusions(webauthn.Credentials(holder.credentials).CredentialDescriptors()), keptWhere(at.Session))
		if err != nil {
			return nil, nil, err
		}
		return options.Response, data, nil
	})
}

// keptWhere says what kind of passkey is asked for. A client's may come to stand
// for both proofs, so it must be found without being named and ask who holds it.
func keptWhere(session Session) webauthn.RegistrationOption {
	if !session.Client {
		return webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementPreferred)
	}
	return webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
		ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
		UserVerification: protocol.VerificationRequired,
	})
}

// AskToProve gives what the browser needs to use a passkey, as JSON for
// PublicKeyCredential.parseRequestOptionsFromJSON.
func (s *Service) AskToProve(ctx context.Context, at At) ([]byte, error) {
	return s.challenge(ctx, at, toProve, func(relying *webauthn.WebAuthn, holder *holder) (any, *webauthn.SessionData, error) {
		if len(holder.credentials) == 0 {
			return nil, nil, errWrongKey
		}
		options, data, err := relying.BeginLogin(holder)
		if err != nil {
			return nil, nil, err
		}
		return options.Response, data, nil
	})
}

// challenge asks a new question of this session, in place of the one before.
func (s *Service) challenge(ctx context.Context, at At, purpose string,
	begin func(*webauthn.WebAuthn, *holder) (any, *webauthn.SessionData, error)) ([]byte, error) {
	relying, err := s.relying()
	if err != nil {
		return nil, err
	}
	holder, err := holderOf(ctx, s.DB, at.Session)
	if err != nil {
		return nil, err
	}
	options, data, err := begin(relying, holder)
	if err != nil {
		return nil, fmt.Errorf("ask a passkey: %w", err)
	}
	kept, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("ask a passkey: %w", err)
	}
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into passkey_challenge (session_id, purpose, data, made_at) values ($1, $2, $3, $4)
			on conflict (session_id, purpose) do update set data = excluded.data, made_at = excluded.made_at`,
			string(at.Session.ID), purpose, string(kept), s.now())
		return err
	})
	if pg.Violates(err, "passkey_challenge_session_exists") {
		return nil, errEnded
	}
	if err != nil {
		return nil, fmt.Errorf("ask a passkey: %w", err)
	}
	return json.Marshal(options)
}

// answered takes the question that was asked of this session; it is gone then.
func (s *Service) answered(ctx context.Context, tx *pg.Tx, at At, purpose string) (webauthn.SessionData, error) {
	var kept string
	err := tx.Get(ctx, &kept, `
		delete from passkey_challenge
		where session_id = $1 and purpose = $2 and made_at > $3
		returning data`, string(at.Session.ID), purpose, s.now().Add(-challengeFor))
	if pg.NoRows(err) {
		return webauthn.SessionData{}, errWrongKey
	}
	var data webauthn.SessionData
	if err == nil {
		err = json.Unmarshal([]byte(kept), &data)
	}
	return data, err
}

// AddPasskey takes the browser's answer to AskToAdd.
func (s *Service) AddPasskey(ctx context.Context, at At, answer []byte) (Proven, error) {
	return s.change(ctx, at, "second proof set up", "passkey", func(tx *pg.Tx) error {
		data, err := s.answered(ctx, tx, at, toAdd)
		if err != nil {
			return err
		}
		relying, err := s.relying()
		if err != nil {
			return err
		}
		holder, err := holderOf(ctx, tx, at.Session)
		if err != nil {
			return err
		}
		parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
		if err != nil {
			return errWrongKey
		}
		made, err := relying.CreateCredential(holder, data, parsed)
		if err != nil {
			return errWrongKey
		}
		text, err := json.Marshal(made)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into passkey (person_id, credential_id, credential, device, alone, made_at, used_at) values ($1, $2, $3, $4, $5, $6, $6)`,
			string(at.Session.Person), made.ID, string(text), at.Session.Device, at.Session.Client && made.Flags.UserVerified, s.now())
		if pg.Violates(err, "passkey_credential_key") {
			return errWrongKey
		}
		return err
	})
}

// ProvePasskey takes the browser's answer to AskToProve. The question is used
// up, so an answer works once and only in the session that was asked.
func (s *Service) ProvePasskey(ctx context.Context, at At, answer []byte) (Proven, error) {
	return s.prove(ctx, at, "passkey", func(tx *pg.Tx) error {
		data, err := s.answered(ctx, tx, at, toProve)
		if err != nil {
			return err
		}
		relying, err := s.relying()
		if err != nil {
			return err
		}
		holder, err := holderOf(ctx, tx, at.Session)
		if err != nil {
			return err
		}
		parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
		if err != nil {
			return errWrongKey
		}
		used, err := relying.ValidateLogin(holder, data, parsed)
		if err != nil || used.Authenticator.CloneWarning {
			return errWrongKey
		}
		return s.usedPasskey(ctx, tx, at.Session.Person, used)
	})
}

// usedPasskey notes what a passkey counts by itself.
func (s *Service) usedPasskey(ctx context.Context, tx *pg.Tx, person people.ID, used *webauthn.Credential) error {
	text, err := json.Marshal(used)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		update passkey set credential = $3, used_at = $4 where person_id = $1 and credential_id = $2`,
		string(person), used.ID, string(text), s.now())
	return err
}

// relying is who we are to a passkey: the host that people use, and no other.
func (s *Service) relying() (*webauthn.WebAuthn, error) {
	relying, err := webauthn.New(&webauthn.Config{
		RPID: s.Origin.Hostname(), RPDisplayName: s.Origin.Hostname(), RPOrigins: []string{s.Origin.String()},
	})
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "Passkeys cannot be used at this address. Please use another proof.", err)
	}
	return relying, nil
}

// holder is a person as the library for passkeys sees one.
type holder struct {
	id          uuid.UUID
	name        string
	credentials []webauthn.Credential
}

// holderOf reads the passkeys of the person of a session.
func holderOf(ctx context.Context, q pg.Conn, session Session) (*holder, error) {
	name := "you"
	if session.Coach != nil {
		name = session.Coach.Email
	}
	return holderNamed(ctx, q, session.Person, name)
}

func holderNamed(ctx context.Context, q pg.Conn, person people.ID, name string) (*holder, error) {
	id, err := uuid.Parse(string(person))
	if err != nil {
		return nil, fmt.Errorf("passkeys of a person: %w", err)
	}
	h := &holder{id: id, name: name}
	var texts []string
	if err := q.Select(ctx, &texts, `
		select credential from passkey where person_id = $1 order by made_at, id`, string(person)); err != nil {
		return nil, fmt.Errorf("passkeys of a person: %w", err)
	}
	for _, text := range texts {
		var one webauthn.Credential
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			return nil, fmt.Errorf("passkeys of a person: %w", err)
		}
		h.credentials = append(h.credentials, one)
	}
	return h, nil
}

// WebAuthnID is the user handle: the person's random id.
func (h *holder) WebAuthnID() []byte { return h.id[:] }

// WebAuthnName is what the device shows beside the passkey.
func (h *holder) WebAuthnName() string { return h.name }

// WebAuthnDisplayName is the same.
func (h *holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials are the passkeys.
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }
