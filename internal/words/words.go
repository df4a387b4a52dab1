// Package words reads what people type as text that can be kept, shown and sent:
// without bytes that no keyboard makes and without marks that nobody sees. It
// knows nothing of what the words are for.
package words

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"kintsugi/internal/fault"
)

// Line reads words as they may stand in a page, a letter's header and a calendar:
// on one line, single spaces, without control characters and marks that turn the
// direction of what follows. A line that shows nothing is refused, and so are
// bytes that no keyboard makes. What is wrong is said of the input called field.
func Line(field, s string, longest int) (string, error) {
	s, err := clean(field, s, longest, func(rune) bool { return false })
	if err != nil {
		return "", err
	}
	if s = strings.Join(strings.Fields(s), " "); !Shows(s) {
		return "", fault.InvalidField(field, "Please fill this in.")
	}
	return s, nil
}

// Text reads a longer text, which may be empty: lines stay lines, with \n between
// them, and the rest is cleaned as in Line.
func Text(field, s string, longest int) (string, error) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	s, err := clean(field, s, longest, func(r rune) bool { return r == '\n' || r == '\t' })
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(s), nil
}

// clean refuses what is no text or too long and drops what cannot be seen.
func clean(field, s string, longest int, keep func(rune) bool) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", fault.InvalidField(field, "This holds bytes that are no text; please type it anew.")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case keep(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		case Unseen(r):
			return -1
		}
		return r
	}, s)
	if utf8.RuneCountInString(strings.TrimSpace(s)) > longest {
		return "", fault.InvalidField(field, fmt.Sprintf("This is too long; please use at most %d characters.", longest))
	}
	return s, nil
}

// Unseen reports a character that shows nothing and can deceive: controls, the
// marks that turn or isolate a direction, blanks without width, tags. The two
// joiners stay, which Persian names and many drawn faces need.
func Unseen(r rune) bool {
	switch {
	case unicode.IsControl(r) && !unicode.IsSpace(r),
		r == '\u00ad', r == '\u061c', r == '\u180e', r == '\u200b', r == '\u200e', r == '\u200f',
		'\u202a' <= r && r <= '\u202e', '\u2060' <= r && r <= '\u206f', r == '\ufeff',
		'\ufff0' <= r && r <= '\ufffb', 0xe0000 <= r && r <= 0xe0fff:
		return true
	}
	return false
}

// Shows reports whether any character of s can be seen.
func Shows(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) || unicode.IsPunct(r)
	})
}
