// Package guard decides before a handler does: who asks and whether they may,
// from where a request comes, how often, for which host, how large, and with
// which headers it is answered. It knows no booking.
//
// Counts are kept in PostgreSQL, where every process sees them.
package guard

import (
	"crypto/hmac"
	"crypto/sha256"

	"kintsugi/internal/pg"
)

// Guard counts how often someone asks and stamps forms.
type Guard struct {
	db  *pg.DB
	key []byte
	off bool
}

// New makes a guard. Key is the server's own; with it addresses are hashed and
// forms stamped, so every process needs the same. With limits off nothing is
// counted and no form is too fast.
func New(db *pg.DB, key []byte, limitsOn bool) *Guard {
	return &Guard{db: db, key: key, off: !limitsOn}
}

// sum is a keyed hash of some words, different for each purpose.
func (g *Guard) sum(purpose string, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, g.key)
	// Writing into a hash does not fail. The zero byte ends each part, and none
	// but the last may hold one.
	_, _ = mac.Write([]byte("guard " + purpose))
	for _, part := range parts {
		_, _ = mac.Write([]byte{0})
		_, _ = mac.Write(part)
	}
	return mac.Sum(nil)
}
