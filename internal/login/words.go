package login

import (
	"crypto/rand"
	"encoding/binary"
	"strings"

	"github.com/google/uuid"
)

// letters are what codes are written with: none that looks like another, and no
// vowels, so that no code is a word.
const letters = "CDFGHJKMNPQRTVWXY34679"

// inLetters writes n letters from random or derived bytes, two for each.
func inLetters(from []byte, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = letters[int(binary.BigEndian.Uint16(from[2*i:]))%len(letters)]
	}
	return string(out)
}

// randomLetters writes n letters that nobody can guess.
func randomLetters(n int) string {
	raw := make([]byte, 2*n)
	_, _ = rand.Read(raw) // never fails, it ends the program instead
	return inLetters(raw, n)
}

// grouped writes a code as people read it: ABCD-EFGH.
func grouped(code string) string {
	var parts []string
	for ; len(code) > 4; code = code[4:] {
		parts = append(parts, code[:4])
	}
	return strings.Join(append(parts, code), "-")
}

// plain is what somebody typed as we compare it: capitals, without the dashes
// and blanks between.
func plain(typed string) string {
	if len(typed) > 100 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n-–—.\u00a0", r) {
			return -1
		}
		return r
	}, strings.ToUpper(typed))
}

// idOf is an id that a form named, or nothing where it can be none.
func idOf(text string) string {
	if len(text) != 36 || uuid.Validate(text) != nil {
		return ""
	}
	return strings.ToLower(text)
}
