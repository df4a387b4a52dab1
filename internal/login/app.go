package login

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"time"

	"github.com/pquerna/otp/hotp"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// An authenticator app shows six digits that follow from a shared secret and
// the half minute of the clock. One half minute to either side is taken too,
// for clocks that are not quite right.
const (
	appStep   = 30 * time.Second
	appDrift  = 1
	appSecret = 20 // bytes
)

// AppOffer is what an app has to be told to take part.
type AppOffer struct {
	Secret string // in base32, as apps want it typed
	URL    string // the same as an address, for a picture that the app reads
}

// OfferApp gives the secret that an app may be set up with in this session. It
// is derived, so that looking at the page writes nothing; it becomes the
// person's only when SetUpApp has seen a number that follows from it, and every
// proof gives the session another.
func (s *Service) OfferApp(at At, issuer string) AppOffer {
	secret := s.offered(at)
	values := url.Values{"secret": {secret}, "issuer": {issuer}}
	name := "you" // on a client's phone somebody else may look at the app
	if at.Session.Coach != nil {
		name = at.Session.Coach.Email
	}
	return AppOffer{Secret: secret, URL: "otpauth://totp/" + url.PathEscape(issuer+":"+name) + "?" + values.Encode()}
}

func (s *Service) offered(at At) string {
	sum := s.Links.Fingerprint("app secret", string(at.Session.Person), at.Session.tokenHash)
	return base32.StdEncoding.EncodeToString(sum[:appSecret])
}

// SetUpApp makes the offered secret the person's, in place of an earlier one,
// once the app has shown that it has it.
func (s *Service) SetUpApp(ctx context.Context, at At, number string) (Proven, error) {
	secret := s.offered(at)
	return s.change(ctx, at, "second proof set up", "app", func(tx *pg.Tx) error {
		step, err := s.stepOf(secret, number)
		if err != nil {
			return err
		}
		wrapped, err := s.Keys.Wrap([]byte(secret), appOwner(at.Session.Person))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into proof_app (person_id, wrapped, last_step, made_at) values ($1, $2, $3, $4)
			on conflict (person_id) do update
			set wrapped = excluded.wrapped, last_step = excluded.last_step, made_at = excluded.made_at`,
			string(at.Session.Person), wrapped, step, s.now())
		return err
	})
}

// ProveApp takes a number of the app. Each works once, in all processes.
func (s *Service) ProveApp(ctx context.Context, at At, number string) (Proven, error) {
	return s.prove(ctx, at, "app", func(tx *pg.Tx) error {
		person := string(at.Session.Person)
		var wrapped []byte
		err := tx.Get(ctx, &wrapped, `select wrapped from proof_app where person_id = $1`, person)
		if pg.NoRows(err) {
			return errWrongNumber
		}
		if err != nil {
			return err
		}
		secret, err := s.Keys.Unwrap(wrapped, appOwner(at.Session.Person))
		if err != nil {
			return fault.Wrap(fault.Internal, "Your app cannot be asked right now. Please use another proof.", err)
		}
		step, err := s.stepOf(string(secret), number)
		if err != nil {
			return err
		}
		rows, err := tx.Exec(ctx, `update proof_app set last_step = $2 where person_id = $1 and last_step < $2`, person, step)
		if err == nil && rows == 0 {
			return errWrongNumber
		}
		return err
	})
}

// stepOf finds the half minute that a number belongs to.
func (s *Service) stepOf(secret, number string) (int64, error) {
	number = plain(number)
	now := s.wall().Unix() / int64(appStep/time.Second)
	for step := now - appDrift; step <= now+appDrift; step++ {
		right, err := hotp.GenerateCode(secret, uint64(step))
		if err != nil {
			return 0, fmt.Errorf("count as the app does: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(right), []byte(number)) == 1 {
			return step, nil
		}
	}
	return 0, errWrongNumber
}

func appOwner(person people.ID) string { return "proof app " + string(person) }
