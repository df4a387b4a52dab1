package seal_test

import (
	"bytes"
	"testing"

	"kintsugi/internal/seal"
)

// BenchmarkSeal seals and opens what a coach writes after an hour, under one data
// key.
func BenchmarkSeal(b *testing.B) {
	keys, err := seal.NewKeyset()
	if err != nil {
		b.Fatal(err)
	}
	key, _, err := keys.NewDataKey("lane")
	if err != nil {
		b.Fatal(err)
	}
	words := bytes.Repeat([]byte("They spoke. "), 200)
	place := seal.Place{Table: "note_version", Column: "words", Row: "1"}
	sealed, err := key.Seal(words, place)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("seal", func(b *testing.B) {
		b.SetBytes(int64(len(words)))
		for b.Loop() {
			if _, err := key.Seal(words, place); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		b.SetBytes(int64(len(words)))
		for b.Loop() {
			if _, err := key.Open(sealed, place); err != nil {
				b.Fatal(err)
			}
		}
	})
}
