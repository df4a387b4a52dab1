package people

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// mostTerms bounds how many words of what is typed are looked for.
const mostTerms = 6

// FindTerms turns what somebody typed into a text search: every word begins a
// part of the name or address. It is lower case and without accents, as
// person_words keeps them. It gives nothing when nothing can be looked for.
func FindTerms(typed string) string {
	if len(typed) > 500 {
		typed = typed[:500]
	}
	plain := strings.Map(func(r rune) rune {
		if 0x300 <= r && r <= 0x36f {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(strings.ToValidUTF8(typed, "")))
	words := strings.FieldsFunc(plain, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
	terms := make([]string, 0, mostTerms)
	for _, word := range words[:min(len(words), mostTerms)] {
		terms = append(terms, "'"+word+"':*")
	}
	return strings.Join(terms, " & ")
}
