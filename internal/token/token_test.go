package token_test

import (
	"bytes"
	"strings"
	"testing"

	"kintsugi/internal/token"

	"github.com/google/uuid"
)

func link() token.Link {
	return token.Link{Purpose: token.Manage, Object: uuid.NewString(), Recipient: uuid.NewString(), Generation: 1}
}

func TestALinkOpensOnlyWhatItWasMadeFor(t *testing.T) {
	key := token.Key(bytes.Repeat([]byte{7}, 32))
	l := link()
	text := key.Make(l)
	if !key.Verify(text, l) {
		t.Fatal("the link does not open what it was made for")
	}
	if key.Make(l) != text {
		t.Error("a later letter would carry another link")
	}
	got, ok := token.Peek(token.Manage, text)
	if !ok || got.Object != l.Object || got.Recipient != l.Recipient {
		t.Fatalf("Peek = %+v, %v", got, ok)
	}
	revoked, feed := l, l
	revoked.Generation = 2
	feed.Purpose = token.Feed
	other := token.Key(bytes.Repeat([]byte{8}, 32))
	if key.Verify(text, revoked) || key.Verify(text, feed) || other.Verify(text, l) {
		t.Error("a revoked link, another purpose or another server's key was accepted")
	}
}

func TestNoOtherSpellingOfALinkIsAccepted(t *testing.T) {
	key := token.Key(bytes.Repeat([]byte{7}, 32))
	l := link()
	text := key.Make(l)
	for i := range text {
		for _, c := range "AQgw-_09z" {
			if rune(text[i]) == c {
				continue
			}
			forged := text[:i] + string(c) + text[i+1:]
			if got, ok := token.Peek(token.Manage, forged); ok && key.Verify(forged, token.Link{Purpose: token.Manage, Object: got.Object, Recipient: got.Recipient, Generation: 1}) {
				t.Fatalf("changed at %d and still accepted", i)
			}
		}
	}
	for _, bad := range []string{"", "x", text + "=", text + "A", text[:len(text)-1], strings.ToUpper(text), "\x00" + text[1:]} {
		if _, ok := token.Peek(token.Manage, bad); ok && key.Verify(bad, l) {
			t.Errorf("accepted %q", bad)
		}
	}
}

func TestFingerprintsKeepPartsApart(t *testing.T) {
	key := token.Key(bytes.Repeat([]byte{7}, 32))
	if bytes.Equal(key.Fingerprint("x", "ab", "c"), key.Fingerprint("x", "a", "bc")) {
		t.Error("two different lists of parts look alike")
	}
}
