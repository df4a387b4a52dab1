package guard

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
	"unicode"

	"kintsugi/internal/once"
)

// fillTime is how long a person needs at least to fill in a form.
const fillTime = 2 * time.Second

// The parts of an operation key of ours, in bytes.
const (
	opTime   = 8
	opRandom = 16
	opMark   = 8
)

// NewOp makes the operation key of a form: when the form was made, something
// random, and our mark, so that the time cannot be made up.
func (g *Guard) NewOp(now time.Time) string {
	op := make([]byte, opTime+opRandom, opTime+opRandom+opMark)
	binary.BigEndian.PutUint64(op, uint64(now.UnixMicro()))
	_, _ = rand.Read(op[opTime:]) // never fails, it ends the program instead
	op = append(op, g.sum("op", op)[:opMark]...)
	return base64.RawURLEncoding.EncodeToString(op)
}

// OpAge tells how long ago a form was made, if its key is one of ours. A
// foreign key is a good key all the same; it only does not tell its age.
func (g *Guard) OpAge(op string, now time.Time) (age time.Duration, ours bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(op)
	if err != nil || len(raw) != opTime+opRandom+opMark {
		return 0, false
	}
	body, mark := raw[:opTime+opRandom], raw[opTime+opRandom:]
	if !hmac.Equal(mark, g.sum("op", body)[:opMark]) {
		return 0, false
	}
	made := time.UnixMicro(int64(binary.BigEndian.Uint64(body)))
	return now.Sub(made), true
}

// TooFast reports whether a form came back sooner than a person can fill it
// in. A form from the future was made by a process whose clock is ahead; it
// says nothing about the person.
func (g *Guard) TooFast(op string, now time.Time) bool {
	if g.off {
		return false
	}
	age, ours := g.OpAge(op, now)
	return ours && age > -fillTime && age < fillTime
}

// longestOp is the longest operation key we keep.
const longestOp = 200

// UsableOp reports whether a text can be an operation key: 1 to 200 printable
// characters, ours or not.
func UsableOp(op string) bool {
	if op == "" || len([]rune(op)) > longestOp {
		return false
	}
	return !strings.ContainsFunc(op, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) })
}

// OpOf ties an operation key to whoever sends it, such as the address in a
// form. The answer to a key may hold a link, so it must never answer somebody
// else: a page that was shared, kept or guessed at carries a key to others.
func (g *Guard) OpOf(op, who string) string {
	if !UsableOp(op) {
		return ""
	}
	who = strings.ToLower(strings.TrimSpace(who))
	return base64.RawURLEncoding.EncodeToString(g.sum("op of", []byte(op), []byte(who)))
}

// FormKey is the operation key of a form for what stands in it and for whoever
// sends it: the same form again is the same act, and what is changed after Back
// is another. Another person who sends a key that they found in a shared browser
// begins an act of their own, and is not led to what came of hers. The digest is
// keyed, since private words may stand in the form and what is kept of them must
// confirm no guess.
func (g *Guard) FormKey(scope, op, who, form string) once.Key {
	if !UsableOp(op) {
		return once.Key{}
	}
	op = g.OpOf(op, who)
	sum := g.sum("form", []byte(op), []byte(form))
	return once.Key{Scope: scope, Text: op + " " + hex.EncodeToString(sum[:16]), Fingerprint: sum}
}

// Trapped reports whether the field that no person sees was filled in.
func Trapped(website string) bool { return strings.TrimSpace(website) != "" }
