package intake

import (
	"slices"

	"kintsugi/internal/questions"
)

// Merge puts together what two pages of one person made of the same draft. Base
// is what both began with, theirs what was saved since, mine what is saved now.
// Where both changed the same question, what is typed now stands and the other
// words are set aside; a word never yields to an emptied field.
func Merge(base, theirs, mine questions.Answers) (merged, aside questions.Answers) {
	merged, aside = questions.Answers{}, questions.Answers{}
	for _, key := range keysOf(base, theirs, mine) {
		was, other, now := base[key], theirs[key], mine[key]
		switch {
		case slices.Equal(now, was) || len(now) == 0 && !slices.Equal(other, was):
			now = other
		case !slices.Equal(other, was) && !slices.Equal(other, now) && len(other) > 0:
			aside[key] = other
		}
		if len(now) > 0 {
			merged[key] = now
		}
	}
	return merged, aside
}

// same reports whether two sets of answers say the same.
func same(a, b questions.Answers) bool {
	for _, key := range keysOf(a, b) {
		if !slices.Equal(a[key], b[key]) {
			return false
		}
	}
	return true
}

func keysOf(sets ...questions.Answers) []string {
	var keys []string
	for _, set := range sets {
		for key := range set {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
