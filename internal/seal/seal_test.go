package seal_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"testing"

	"kintsugi/internal/seal"
)

func newKeyset(t *testing.T) *seal.Keyset {
	t.Helper()
	k, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestASealedValueOpensOnlyInItsOwnPlace(t *testing.T) {
	key, _, err := newKeyset(t).NewDataKey("lane-1")
	if err != nil {
		t.Fatal(err)
	}
	home := seal.Place{Table: "booking", Column: "words", Row: "r1", Lane: "l1"}
	sealed, err := key.Seal([]byte("CANARY-heron"), home)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("CANARY")) {
		t.Fatal("the words can be read")
	}
	if plain, err := key.Open(sealed, home); err != nil || string(plain) != "CANARY-heron" {
		t.Fatalf("Open = %q, %v", plain, err)
	}
	for _, moved := range []seal.Place{
		{Table: "note", Column: "words", Row: "r1", Lane: "l1"},
		{Table: "booking", Column: "reason", Row: "r1", Lane: "l1"},
		{Table: "booking", Column: "words", Row: "r2", Lane: "l1"},
		{Table: "booking", Column: "words", Row: "r1", Lane: "l2"},
	} {
		if _, err := key.Open(sealed, moved); !errors.Is(err, seal.ErrUnopened) {
			t.Errorf("opened at %+v", moved)
		}
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := key.Open(sealed, home); !errors.Is(err, seal.ErrUnopened) {
		t.Error("a changed value opened")
	}
}

func TestAKeysetReadsBackAndAnotherOneOpensNothing(t *testing.T) {
	mine := newKeyset(t)
	_, wrapped, err := mine.NewDataKey("lane-1")
	if err != nil {
		t.Fatal(err)
	}
	text, err := mine.Text()
	if err != nil {
		t.Fatal(err)
	}
	again, err := seal.ParseKeyset(" " + text + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.DataKey(wrapped, "lane-1"); err != nil {
		t.Errorf("the same keyset read back: %v", err)
	}
	if _, err := again.DataKey(wrapped, "lane-2"); !errors.Is(err, seal.ErrUnopened) {
		t.Error("another lane's key opened")
	}
	if _, err := newKeyset(t).DataKey(wrapped, "lane-1"); !errors.Is(err, seal.ErrUnopened) {
		t.Error("another keyset opened it")
	}
	for _, bad := range []string{"", "hello", "aGVsbG8="} {
		if _, err := seal.ParseKeyset(bad); err == nil {
			t.Errorf("ParseKeyset(%q) succeeded", bad)
		}
	}
}

func TestAfterRewrappingTheOldKeyIsNoLongerNeeded(t *testing.T) {
	old := newKeyset(t)
	key, wrapped, err := old.NewDataKey("lane-1")
	if err != nil {
		t.Fatal(err)
	}
	at := seal.Place{Table: "t", Column: "c", Row: "r", Lane: "lane-1"}
	sealed, _ := key.Seal([]byte("words"), at)

	both, err := old.WithNewPrimary()
	if err != nil {
		t.Fatal(err)
	}
	rewrapped, err := both.Rewrap(wrapped, "lane-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.DataKey(rewrapped, "lane-1"); err == nil {
		t.Error("the rewrapped key still opens under the old keyset")
	}
	moved, err := both.DataKey(rewrapped, "lane-1")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := moved.Open(sealed, at); err != nil || string(plain) != "words" {
		t.Errorf("Open = %q, %v", plain, err)
	}
}

// What an earlier version wrote: a data key without marks, and a value under it.
const (
	oldKeyset  = "CJzq6v0GEmkKXQoxdHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUuY3J5cHRvLnRpbmsuWEFlc0djbUtleRImEgIIDBogFgPVMSX7vXS7SRUEM51qLJME4FBmTUj82wfrDmIkQIwYARABGJzq6v0GIAE="
	oldWrapped = "Ep4BAW+6tRyryThwGRKG9OgtCwpBSQf8rAI+3Mw6pqeRUW9Jb0NXaGx3VcgcYqGJhRkdWMFXbGM8p7Z7RWFZCps+SUjDabWGnql0BLyxX7jA5to0HfD8LZhC5bhajoHH1phK9Pw8BEfD0UccuCUtz00RlVKXHkTiFdtPOob5B9OEya3TlQNiGZ5DRM3W2g8cme10CeL8gHyyAcyTywoQADI="
	oldSealed  = "TeeL955TI/7QaOOZczpT5MwgigrXcWAGNEKJ7HXFaEF1fyQOSU/2+rMj1LSQt3HZJPzf0KvVYA=="
)

func TestADataKeyIsTurnedInStepsOfWhichEachOpensWhatTheOneBeforeSealed(t *testing.T) {
	keys, err := seal.ParseKeyset(oldKeyset)
	if err != nil {
		t.Fatal(err)
	}
	at := seal.Place{Table: "t", Column: "c", Row: "r", Lane: "lane-1"}
	bytesOf := func(text string) []byte {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	with := func(wrapped []byte) *seal.DataKey {
		t.Helper()
		key, err := keys.DataKey(wrapped, "lane-1")
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	old, sealed := bytesOf(oldWrapped), bytesOf(oldSealed)
	for round := range 2 { // from a key without marks, then from one with them
		spare, err := keys.AddSpare(old, "lane-1")
		if err != nil {
			t.Fatal(err)
		}
		both, mark, err := keys.UseSpare(spare, "lane-1")
		if err != nil || len(mark) != 5 {
			t.Fatal(mark, err)
		}
		fresh, err := keys.DropOlder(both, "lane-1")
		if err != nil {
			t.Fatal(err)
		}
		bySpare, _ := with(spare).Seal([]byte("by one who knows of the spare"), at)
		byBoth, _ := with(both).Seal([]byte("by one who uses it"), at)
		if bytes.HasPrefix(bySpare, mark) || !bytes.HasPrefix(byBoth, mark) {
			t.Errorf("round %d: the mark does not tell the keys apart", round)
		}
		for _, c := range []struct {
			name   string
			key    []byte
			sealed []byte
			opens  bool
		}{
			{"old with old", old, sealed, true}, {"old with spare", spare, sealed, true}, {"old with both", both, sealed, true},
			{"spare with old", old, bySpare, true}, {"new with spare", spare, byBoth, true}, {"new with fresh", fresh, byBoth, true},
			{"old with fresh", fresh, sealed, false}, {"new with old", old, byBoth, false},
		} {
			if _, err := with(c.key).Open(c.sealed, at); (err == nil) != c.opens {
				t.Errorf("round %d, %s: %v", round, c.name, err)
			}
		}
		old, sealed = fresh, byBoth
	}
}

func TestWhatIsWrappedSaysUnderWhichKeyOfTheKeyset(t *testing.T) {
	one := newKeyset(t)
	two, err := one.WithNewPrimary()
	if err != nil {
		t.Fatal(err)
	}
	names := two.Keys()
	if len(names) != 2 || names[1] != one.Keys()[0] {
		t.Fatalf("keys %v after %v", names, one.Keys())
	}
	for i, keys := range []*seal.Keyset{two, one} {
		_, data, err := keys.NewDataKey("lane-1")
		if err != nil {
			t.Fatal(err)
		}
		secret, err := keys.Wrap([]byte("a secret"), "link")
		if err != nil {
			t.Fatal(err)
		}
		for _, wrapped := range [][]byte{data, secret} {
			if id, ok := seal.WrappedUnder(wrapped[:seal.HeadLength]); !ok || id != names[i] {
				t.Errorf("wrapped under %v, said %v", names[i], id)
			}
		}
	}
	alone, err := two.Only(nil)
	if err != nil || len(alone.Keys()) != 1 || alone.Keys()[0] != names[0] {
		t.Errorf("%v, %v", alone, err)
	}
	if same, err := two.Only(map[seal.KeyID]int{names[1]: 1}); err != nil || len(same.Keys()) != 2 {
		t.Errorf("a key in use was dropped: %v", err)
	}
	for _, none := range []string{"", "\x12", "\x12\xff\xff\xff\xff\xff\xff\xff", "nothing"} {
		if _, ok := seal.WrappedUnder([]byte(none)); ok {
			t.Errorf("%q names a key", none)
		}
	}
}

func TestWhoeverIsToHearOfAValueThatDoesNotOpenHearsWhereItLies(t *testing.T) {
	keys := newKeyset(t)
	var heard []seal.Place
	keys.OnUnopened(func(at seal.Place) { heard = append(heard, at) })
	key, wrapped, err := keys.NewDataKey("lane-1")
	if err != nil {
		t.Fatal(err)
	}
	home := seal.Place{Table: "note_version", Column: "words", Row: "r1", Lane: "lane-1"}
	sealed, _ := key.Seal([]byte("words"), home)
	if _, err := key.Open(sealed, home); err != nil || len(heard) != 0 {
		t.Fatalf("an alarm for what opens: %v, %v", heard, err)
	}
	moved := home
	moved.Row = "r2"
	_, _ = key.Open(sealed, moved)
	_, _ = keys.DataKey(wrapped, "lane-2")
	_, _ = keys.Unwrap([]byte("nothing"), "link")
	if len(heard) != 3 || heard[0] != moved || heard[1].Row != "lane-2" || heard[2].Row != "link" {
		t.Errorf("heard %+v", heard)
	}
}
