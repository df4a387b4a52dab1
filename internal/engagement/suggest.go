package engagement

import (
	"crypto/rand"
	_ "embed"
	"math/big"
	"strings"
)

//go:embed texts/words.txt
var plainWords string

// SuggestWord makes up a word for an invitation: two plain words that are heard
// well over a telephone. A handful of tries is all that a guess has.
func SuggestWord() string {
	words := strings.Fields(plainWords)
	return pick(words) + " " + pick(words)
}

func pick(words []string) string {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(words))))
	if err != nil {
		panic(err) // the machine has no chance left
	}
	return words[n.Int64()]
}
