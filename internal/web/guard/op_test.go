package guard_test

import (
	"strings"
	"testing"
	"time"

	"kintsugi/internal/web/guard"
)

func TestAFormSentSoonerThanAPersonCanIsTooFast(t *testing.T) {
	g := guard.New(nil, []byte("key"), true)
	made := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	op := g.NewOp(made)
	for _, row := range []struct {
		after time.Duration
		fast  bool
	}{
		{0, true}, {1999 * time.Millisecond, true}, {2 * time.Second, false}, {48 * time.Hour, false},
		{-500 * time.Millisecond, true}, // another process's clock is a little ahead
		{-5 * time.Minute, false},       // far ahead: that says nothing about the person
	} {
		if got := g.TooFast(op, made.Add(row.after)); got != row.fast {
			t.Errorf("after %v: too fast is %v", row.after, got)
		}
	}
	if guard.New(nil, []byte("key"), false).TooFast(op, made) {
		t.Error("too fast with limits off")
	}
}

func TestOnlyOurOwnStampTellsAnAge(t *testing.T) {
	g := guard.New(nil, []byte("key"), true)
	made := time.Date(2026, 12, 1, 9, 0, 0, 123000, time.UTC)
	op := g.NewOp(made)
	if age, ours := g.OpAge(op, made.Add(time.Minute)); !ours || age != time.Minute {
		t.Errorf("age %v, ours %v", age, ours)
	}
	forged := "A" + op[1:]
	if op[0] == 'A' {
		forged = "B" + op[1:]
	}
	for _, foreign := range []string{"", "abc", forged, op + "A", op[:len(op)-1], guard.New(nil, []byte("other"), true).NewOp(made)} {
		if _, ours := g.OpAge(foreign, made); ours {
			t.Errorf("%q is taken for ours", foreign)
		}
		if g.TooFast(foreign, made) {
			t.Errorf("%q is too fast", foreign)
		}
	}
	if g.NewOp(made) == op {
		t.Error("two forms made at the same instant share a key")
	}
	if !guard.UsableOp(op) {
		t.Error("our own key is not usable")
	}
}

func TestAnyPrintableKeyIsUsable(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "a": true, "7d9c-4e": true, "ключ 1": true,
		strings.Repeat("é", 200): true, strings.Repeat("x", 201): false,
		"a\x00b": false, "a\nb": false, "a\u202eb": false, "\xff": false,
	} {
		if guard.UsableOp(text) != want {
			t.Errorf("%q usable is %v", text, !want)
		}
	}
	if guard.Trapped(" ") || !guard.Trapped("http://x") {
		t.Error("the trap")
	}
}
