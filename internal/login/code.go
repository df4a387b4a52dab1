package login

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"kintsugi/internal/fault"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// codeLetters is the length of a code, codeTries how often one may be entered.
const (
	codeLetters = 8
	codeTries   = 5
)

// ErrCode is the one answer to a code that opens nothing: mistyped, used, too
// old, replaced by a newer one, asked for in another browser or with an address
// that nobody signs in with.
var ErrCode = fault.InvalidField("code", "This code does not work. Look at it once more, or ask for a new one: "+
	"a code lasts ten minutes, for five tries, in the browser that asked for it.")

// Asking is somebody who wants a code.
type Asking struct {
	Email   string // as it was typed
	Browser string // the token of a known browser; may be empty
	Before  string // the token of an earlier asking in this browser; may be empty
	Name    string // of somebody who wants an account, as it was typed; empty for those who have one
}

// Ask makes a code, has it sent, and gives the token that binds it to the
// browser. Whether anything is sent is not told: for an address that nobody may
// sign in with, and for one that was asked for too often, the same is done and
// answered, and no letter leaves. Only what is no address at all is refused. With
// a name somebody asks for an account, which they have once they typed the code.
func (s *Service) Ask(ctx context.Context, a Asking) (asker string, err error) {
	email, err := people.ParseEmail(a.Email)
	if a.Name != "" {
		var wrong error
		if a.Name, wrong = people.CleanName(a.Name); wrong != nil {
			err = namedToo(wrong, err)
		}
	}
	if err != nil {
		return "", err
	}
	asker = newToken()
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error { return s.ask(ctx, tx, email, a, asker) })
	if err != nil {
		return "", fmt.Errorf("ask for a code: %w", err)
	}
	s.wake()
	return asker, nil
}

// namedToo is what is wrong with a name, and with the address beside it if
// something is, so that both can be mended at once.
func namedToo(name, email error) error {
	first, second := fault.As(name), fault.As(email)
	if first == nil || second == nil {
		return name
	}
	all := *first
	all.Fields = append(slices.Clone(first.Fields), second.Fields...)
	return &all
}

func (s *Service) ask(ctx context.Context, tx *pg.Tx, email string, a Asking, asker string) error {
	now := s.now()
	address := s.addressHash(email)
	if err := tx.Lock(ctx, lockOf(address)); err != nil {
		return err
	}
	entering, err := mayEnter(ctx, tx, email, now)
	if err != nil {
		return err
	}
	person := entering.Person
	known, err := knows(ctx, tx, person, a.Browser, now)
	if err != nil {
		return err
	}
	free, err := s.spend(ctx, tx, codesAsked(known), s.key(known, a.Browser, address), now)
	if err != nil {
		return err
	}
	switch {
	case !free:
		person = ""
	case person == "" && a.Name != "":
		if person, err = newcomer(ctx, tx, email, a.Name, now); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `
		update sign_in_code set expires_at = least(expires_at, $2) where asker_hash = $1`, hashToken(a.Before), now); err != nil {
		return err
	}
	id := uuid.NewString()
	if _, err := tx.Exec(ctx, `
		insert into sign_in_code (id, asker_hash, address_hash, person_id, code_hash, made_at, expires_at)
		values ($1, $2, $3, nullif($4, '')::uuid, $5, $6, $7)`,
		id, hashToken(asker), address, string(person), s.codeHash(id, s.codeOf(id)), now, now.Add(codeLife)); err != nil {
		return err
	}
	if person == "" || entering.LettersOff {
		return nil
	}
	return mail.Post(ctx, tx, now, mail.Order{Kind: letterCode, About: id, Recipient: string(person)})
}

// Entering is somebody who types a code.
type Entering struct {
	Code    string   // as it was typed
	Asker   string   // the token that Ask gave this browser
	Browser string   // the token of a known browser; may be empty
	Device  string   // which device this is, in words
	Before  []string // tokens of sessions that this browser brings along; they end
}

// Enter takes a code and begins a session under a new token. A code opens one
// session, however many processes are given it at once. Each try counts, right
// or wrong.
func (s *Service) Enter(ctx context.Context, e Entering) (token string, err error) {
	opened := false
	token = newToken()
	err = s.DB.InTx(ctx, func(tx *pg.Tx) error {
		person, err := s.use(ctx, tx, e)
		if err != nil || person == "" {
			return err
		}
		opened = true
		if err := s.open(ctx, tx, person); err != nil {
			return err
		}
		_, err = s.begin(ctx, tx, person, token, "sign-in code used", e)
		return err
	})
	switch {
	case err != nil:
		return "", fmt.Errorf("enter a code: %w", err)
	case !opened:
		return "", ErrCode
	}
	return token, nil
}

// use uses a code up and gives its person; nobody when it opens nothing.
func (s *Service) use(ctx context.Context, tx *pg.Tx, e Entering) (people.ID, error) {
	now := s.now()
	var asked struct {
		ID      string    `db:"id"`
		Address []byte    `db:"address_hash"`
		Person  people.ID `db:"person_id"`
	}
	err := tx.Get(ctx, &asked, `
		select id, address_hash, coalesce(person_id::text, '') as person_id
		from sign_in_code
		where asker_hash = $1`, hashToken(e.Asker))
	if pg.NoRows(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if err := tx.Lock(ctx, lockOf(asked.Address)); err != nil {
		return "", err
	}
	known, err := knows(ctx, tx, asked.Person, e.Browser, now)
	if err != nil {
		return "", err
	}
	free, err := s.spend(ctx, tx, codesTried(known), s.key(known, e.Browser, asked.Address), now)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `update sign_in_code set tries = tries + 1 where id = $1`, asked.ID); err != nil {
		return "", err
	}
	var person people.ID
	err = tx.Get(ctx, &person, `
		update sign_in_code set used_at = $3
		where id = $1 and code_hash = $2 and used_at is null and tries <= $4 and expires_at > $3 and $5
			and exists (select from person p where p.id = sign_in_code.person_id and (`+entersAs("p")+` or `+opens("p", "sign_in_code.made_at")+`))
		returning person_id`, asked.ID, s.codeHash(asked.ID, plain(e.Code)), now, codeTries, free)
	if pg.NoRows(err) {
		return "", nil
	}
	return person, err
}

// whoEnters is somebody who signs in with an address. Nobody is an empty id.
type whoEnters struct {
	Person     people.ID `db:"id"`
	LettersOff bool      `db:"letters_off"` // no code is sent to them
}

// mayEnter gives the person who signs in with an address: those who work in the
// practice, and clients.
func mayEnter(ctx context.Context, q pg.Conn, email string, now time.Time) (whoEnters, error) {
	var who whoEnters
	err := q.Get(ctx, &who, `
		select p.id, `+lettersOff("p", "$2")+` as letters_off from person p
		where p.email = $1 and `+entersAs("p"), email, now.UTC())
	if pg.NoRows(err) {
		return whoEnters{}, nil
	}
	return who, err
}

// codeOf derives the code of an asking. It is not kept anywhere: whoever sends
// the letter derives it again.
func (s *Service) codeOf(id string) string {
	return inLetters(s.Links.Fingerprint("sign-in code", id), codeLetters)
}

func (s *Service) codeHash(id, code string) []byte {
	return s.Links.Fingerprint("sign-in code hash", id, code)
}

func (s *Service) addressHash(email string) []byte {
	return s.Links.Fingerprint("sign-in address", email)
}

func lockOf(hash []byte) string { return fmt.Sprintf("sign-in %x", hash) }

// forgetAfter is how long a code's row stays for the record of its tries.
const forgetAfter = 24 * time.Hour
