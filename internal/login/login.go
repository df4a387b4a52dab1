// Package login proves who somebody is, and remembers it for a while: codes
// typed from a letter, second proofs, sessions.
//
// A code reaches whoever holds the inbox, and at people's homes that may be
// somebody else. So a code works only in the browser that asked for it, and
// opens nothing by itself for those who work in the practice: an app that
// counts, a passkey or a code on paper comes on top. A second proof that is
// lost is restored at the server's command line and nowhere else.
//
// What this room answers to a stranger never depends on what it knows of an
// address: the same words, the same cookies, the same work. Counts on an address
// silently stop letters and never change an answer; a browser in which the
// person has signed in before has an allowance of its own, so that guessing
// locks nobody out.
//
// Everything lives in the database and is read at each request, so what one
// process ends is over in all of them. The room draws no page and speaks no
// HTTP.
package login

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"kintsugi/internal/config"
	"kintsugi/internal/mail"
	"kintsugi/internal/pg"
	"kintsugi/internal/seal"
	"kintsugi/internal/token"
)

// Service does the acts of this room.
type Service struct {
	DB     *pg.DB
	Keys   *seal.Keyset  // wraps the secrets of authenticator apps
	Links  token.Key     // the server's own key: codes are derived under it
	Origin config.Origin // the address people use; its host is what passkeys are bound to
	Now    func() time.Time
	Wall   func() time.Time // the machine's own clock, by which apps count; nil means Now
	Wake   func()           // called after a commit that left something to do; may be nil

	// Letterhead tells under which discreet name and address letters leave.
	Letterhead func(ctx context.Context, q pg.Conn) (mail.Address, error)

	// LimitsOff drops the counts per address, for load tests. A code still has
	// five tries.
	LimitsOff bool
}

// How long things last.
const (
	codeLife     = 10 * time.Minute
	idleLife     = 30 * time.Minute
	sessionLife  = 12 * time.Hour
	freshLife    = 10 * time.Minute
	browserLife  = 180 * 24 * time.Hour
	challengeFor = 5 * time.Minute
)

func (s *Service) now() time.Time { return s.Now().UTC() }

func (s *Service) wall() time.Time {
	if s.Wall != nil {
		return s.Wall()
	}
	return s.Now()
}

func (s *Service) wake() {
	if s.Wake != nil {
		s.Wake()
	}
}

// newToken makes what a cookie holds: 130 random bits as text.
func newToken() string { return rand.Text() }

// hashToken is what we keep of a token. It is random and long, so a plain hash
// cannot be turned back.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte("sign-in token " + token))
	return hex.EncodeToString(sum[:])
}
