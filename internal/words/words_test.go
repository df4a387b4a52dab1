package words_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"kintsugi/internal/fault"
	"kintsugi/internal/words"
)

func TestWordsAreKeptWithoutWhatNobodySees(t *testing.T) {
	for typed, want := range map[string]string{
		"  Zoë \t Ğ\u00a0李 ": "Zoë Ğ 李", "a\r\nb": "a b", "a\u202eb\u200b": "ab", "👩\u200d🚀": "👩\u200d🚀", "شب\u200cها": "شب\u200cها",
	} {
		if got, err := words.Line("name", typed, 20); err != nil || got != want {
			t.Errorf("%q became %q, %v", typed, got, err)
		}
	}
	if got, err := words.Text("text", " one\r\ntwo\rthree\u2028four\t! ", 100); err != nil || got != "one\ntwo\nthree\nfour\t!" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWhatIsNoTextIsRefusedUnderTheNameOfItsInput(t *testing.T) {
	for _, typed := range []string{"a\x00", "\xff", "", " \u200b ", strings.Repeat("é", 21)} {
		_, err := words.Line("name", typed, 20)
		if said := fault.As(err); said == nil || said.Kind != fault.Invalid || said.Fields[0].Name != "name" {
			t.Errorf("%q: %v", typed, err)
		}
	}
	if got, err := words.Text("text", "", 20); got != "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// FuzzText holds that what was read once is read the same again.
func FuzzText(f *testing.F) {
	f.Add(" a\r\n\u202eb\x00")
	f.Add("\ufeffa\u2029\t\u0085")
	f.Fuzz(func(t *testing.T, typed string) {
		for _, read := range []func(string, string, int) (string, error){words.Line, words.Text} {
			got, err := read("x", typed, 100)
			if err != nil {
				continue
			}
			if again, err := read("x", got, 100); again != got || err != nil && got != "" {
				t.Fatalf("%q became %q and then %q, %v", typed, got, again, err)
			}
			if !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\r\u202e\u2028") || utf8.RuneCountInString(got) > 100 {
				t.Fatalf("%q became %q", typed, got)
			}
		}
	})
}
