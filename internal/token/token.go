// Package token makes and reads the links that stand in letters and calendars.
// A link is derived, never stored: an HMAC under the server's own key over what
// it is for, what it opens, whom it was made for, and a generation. A later
// letter can therefore carry the same link again, the database holds only the
// generation, and raising that revokes every link made before.
//
// The text names the object and the recipient in the open; both are random ids
// that open nothing without the code behind them.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/google/uuid"
)

// Purpose keeps links of one kind from opening another.
type Purpose string

// The purposes that links are made for.
const (
	Manage Purpose = "manage" // the page of one booking
	Feed   Purpose = "feed"   // a calendar subscription

	OwnFeed Purpose = "own feed" // a client's subscription to what is theirs

	Preview Purpose = "preview" // an article before it appears

	Package Purpose = "package" // a package that is not on the public list
)

// Link is what a token says once it has been checked.
type Link struct {
	Purpose    Purpose
	Object     string // uuid of what it opens
	Recipient  string // uuid of the person it was made for
	Generation int
}

// Key is the server's own secret for links: at least 32 random bytes.
type Key []byte

// codeSize is the length of the code in bytes: 160 bits, above the 128 that a
// link needs so that nobody guesses one.
const codeSize = 20

const textSize = 16 + 16 + codeSize

// Make writes the link's text, safe in a path.
func (k Key) Make(l Link) string {
	object, recipient := uuid.MustParse(l.Object), uuid.MustParse(l.Recipient)
	raw := make([]byte, 0, textSize)
	raw = append(raw, object[:]...)
	raw = append(raw, recipient[:]...)
	raw = append(raw, k.code(l.Purpose, object, recipient, l.Generation)...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Peek reads which object and recipient a text claims, so that the caller can
// look up the generation. Nothing is proven until Verify has said so.
func Peek(purpose Purpose, text string) (Link, bool) {
	raw, ok := decode(text)
	if !ok {
		return Link{}, false
	}
	return Link{Purpose: purpose, Object: uuid.UUID(raw[:16]).String(), Recipient: uuid.UUID(raw[16:32]).String()}, true
}

// Verify reports whether text is the link l, in constant time.
func (k Key) Verify(text string, l Link) bool {
	raw, ok := decode(text)
	if !ok {
		return false
	}
	want := k.code(l.Purpose, uuid.UUID(raw[:16]), uuid.UUID(raw[16:32]), l.Generation)
	return hmac.Equal(raw[32:], want)
}

// Fingerprint is a keyed digest for comparing things without keeping them,
// such as the body of a request or the address a letter went to.
func (k Key) Fingerprint(what string, parts ...string) []byte {
	mac := hmac.New(sha256.New, k)
	write(mac, "fingerprint")
	write(mac, what)
	for _, p := range parts {
		write(mac, p)
	}
	return mac.Sum(nil)
}

func (k Key) code(p Purpose, object, recipient uuid.UUID, generation int) []byte {
	mac := hmac.New(sha256.New, k)
	write(mac, "link")
	write(mac, string(p))
	mac.Write(object[:])
	mac.Write(recipient[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(generation)))
	return mac.Sum(nil)[:codeSize]
}

// write adds a part with its length, so that no two lists of parts are alike.
func write(mac interface{ Write([]byte) (int, error) }, part string) {
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
	mac.Write([]byte(part))
}

// decode accepts exactly one spelling of each token: base64 without padding has
// spare bits at its end, and a second spelling of a revoked link would be one
// too many.
func decode(text string) ([]byte, bool) {
	if len(text) != base64.RawURLEncoding.EncodedLen(textSize) {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return raw, err == nil
}
