package entry_test

import (
	"strings"
	"testing"
)

// C31: a program types what no keyboard can, into every field of a client's.
func TestNothingThatIsTypedBreaksTheDoor(t *testing.T) {
	t.Parallel()
	h := open(t)
	b := h.settleClient()
	h.mustBegin()
	b.post(h.a, "/sign-in/address", "email", newMail)
	typed := h.typed(clientMail)
	for _, bad := range []string{"", "\x00", "a\x00b", "\xff\xfe", strings.Repeat("x", 50_000), "<script>alert(1)</script>", "\u202egnp.exe", "🦊🦊🦊🦊🦊🦊", "' or 1=1 --", "{{.}}", "%00"} {
		for path, field := range map[string]string{"/sign-in/sessions/end": "session", "/sign-in/proofs/remove": "proof", "/sign-in/restore": "word", "/sign-in/proof": "phrase",
			"/sign-in/set-up": "credential", "/sign-in/letters/codes": "codes", "/sign-in/letters/safe-contact": "email", "/sign-in/address": "email", "/sign-in/address/codes": "new_code"} {
			got := b.post(h.a, path, field, bad, "next", bad)
			if got.status >= 500 || strings.Contains(got.body, "<script>alert") {
				t.Errorf("%s with %.20q: %d", path, bad, got.status)
			}
		}
		for _, field := range []string{"phrase", "credential"} {
			if got := typed.post(h.b, "/sign-in/without", field, bad, "next", bad); got.status >= 500 {
				t.Errorf("without, %s %.20q: %d", field, bad, got.status)
			}
		}
	}
}
