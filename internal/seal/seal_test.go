package seal_test

import (
	"bytes"
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
