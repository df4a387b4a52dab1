package questions

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Hash is the fingerprint of a definition: SHA-256 over its JSON. It tells one
// version of a form from another.
func Hash(d Definition) string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(err) // a definition holds nothing that JSON cannot say
	}
	return digest("form", string(text))
}

// TextHash is the fingerprint of the exact words that somebody agreed to or
// signed. One byte more, less or different gives another.
func TextHash(text string) string { return digest("signed text", text) }

// Verifies reports whether these are the very words that a hash was taken of.
func Verifies(text, hash string) bool { return TextHash(text) == hash }

func digest(what, text string) string {
	sum := sha256.Sum256([]byte("kintsugi " + what + " 1\n" + text))
	return hex.EncodeToString(sum[:])
}

// Signed is one consent or signature among answers.
type Signed struct {
	Key  string
	Text string // the exact words
	Hash string // of the words
	Name string // as typed; empty for a consent
}

// SignedIn lists what answers agree to or sign, in the form's order.
func SignedIn(d Definition, a Answers) []Signed {
	var all []Signed
	for _, q := range Visible(d, a) {
		if !q.Signs() || !a.Has(q.Key) {
			continue
		}
		s := Signed{Key: q.Key, Text: q.Text, Hash: TextHash(q.Text)}
		if q.Kind == Signature {
			s.Name = a.Text(q.Key)
		}
		all = append(all, s)
	}
	return all
}
