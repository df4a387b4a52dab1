package stripefake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Sign is the header Stripe-Signature of a body: a v1 for each secret, and the
// v0 that Stripe adds in test mode and that means nothing.
func Sign(at time.Time, body []byte, secrets ...string) string {
	parts := []string{fmt.Sprintf("t=%d", at.Unix())}
	for _, word := range secrets {
		parts = append(parts, "v1="+mac(at, body, word))
	}
	parts = append(parts, "v0="+mac(at, body, "nobody knows this one"))
	return strings.Join(parts, ",")
}

// mac is the signature of a time and a body under a secret.
func mac(at time.Time, body []byte, word string) string {
	m := hmac.New(sha256.New, []byte(word))
	fmt.Fprintf(m, "%d.%s", at.Unix(), body)
	return hex.EncodeToString(m.Sum(nil))
}
