package people_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"

	"pgregory.net/rapid"
)

func TestAddressesThatPeopleHaveAreRead(t *testing.T) {
	for typed, want := range map[string]string{
		"ana@example.org":                  "ana@example.org",
		"  Ana@Example.ORG \r\n":           "ana@example.org",
		"ana.b+tag_x-y@mail.example.org":   "ana.b+tag_x-y@mail.example.org",
		"o'neil@example.co.uk":             "o'neil@example.co.uk",
		"1@example.museum":                 "1@example.museum",
		"ana@bücher.de":                    "ana@xn--bcher-kva.de",
		"ana@BÜCHER.de":                    "ana@xn--bcher-kva.de",
		"ana@bu\u0308cher.de":              "ana@xn--bcher-kva.de", // as a Mac types it
		"ana@xn--bcher-kva.de":             "ana@xn--bcher-kva.de",
		strings.Repeat("a", 64) + "@x.org": strings.Repeat("a", 64) + "@x.org",
	} {
		if got, err := people.ParseEmail(typed); err != nil || got != want {
			t.Errorf("%q became %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestADotATagOrAnotherCaseOfTheDomainIsComparedAsWritten(t *testing.T) {
	seen := map[string]string{}
	for _, typed := range []string{"ana.b@example.org", "anab@example.org", "ana.b+x@example.org", "ana.b@mail.example.org"} {
		got, err := people.ParseEmail(typed)
		if err != nil || seen[got] != "" {
			t.Errorf("%s: %q, %v, the same as %s", typed, got, err, seen[got])
		}
		seen[got] = typed
	}
}

func TestTrickyAddressesAreRefusedWithASentence(t *testing.T) {
	for _, typed := range []string{
		"", " ", "ana", "@example.org", "ana@", "ana@@example.org", "ana@b@example.org",
		"a@example.org,b@example.org", "a@example.org; b@example.org", "a@example.org b@example.org", "a@example.org\nb@example.org",
		"Ana <ana@example.org>", "<ana@example.org>", "ana(comment)@example.org", "ana@example.org (home)", `"ana"@example.org`, `"a@b"@example.org`,
		`"><script>"@example.org`, `ana\@example.org`, "ana@[127.0.0.1]", "ana@[IPv6:::1]", "mailto:ana@example.org", "group:ana@example.org",
		"ana@example.org\r\nBcc: eve@example.com", "ana\r\n@example.org", "ana\x00@example.org", "ana@example.org\x00", "an\x7fa@example.org", "ana\u200b@example.org", "ana\u202e@example.org",
		"ana@localhost", "ana@127.0.0.1", "ana@example.1", "ana@example.o", "ana@example..org", "ana@.example.org", "ana@example.org.", "ana@-example.org", "ana@example-.org", "ana@exa_mple.org",
		".ana@example.org", "ana.@example.org", "an..a@example.org", "eve%example.com@example.org", "eve!ana@example.org", "|cat@example.org", "`id`@example.org",
		"аna@example.org",  // a Cyrillic а before the @
		"ana@exаmple.org",  // and after it
		"ana@аррӏе.com",    // a whole word of them
		"ana@exampleı.org", // an i without its dot
		"ana@ⓔxample.org", "ana@example。org", "\u212aana@example.org", "ana@\u212aelvin.org", "ana@ſite.org", "ana@例え.jp",
		"ana@xn--a.org", "ana@xn--99999999999.org",
		strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("b", 64) + ".org", "a@" + strings.Repeat("b.", 130) + "org", strings.Repeat("a", 3000), "\xff@example.org",
	} {
		got, err := people.ParseEmail(typed)
		f := fault.As(err)
		if f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != "email" || !strings.HasSuffix(f.Say, ".") {
			t.Errorf("%q became %q, %v", typed, got, err)
		}
	}
}

func TestWhateverIsReadIsPlainASCIIAndReadsTheSameAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~éüа]{1,10}@[ -~éüа]{1,10}\.[a-zé]{1,4}`)).Draw(t, "typed")
		got, err := people.ParseEmail(typed)
		if err != nil {
			return
		}
		again, err := people.ParseEmail(got)
		if err != nil || again != got || strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf-1 }) || got != strings.ToLower(got) {
			t.Fatalf("%q became %q and then %q, %v", typed, got, again, err)
		}
	})
}

func TestNamesAreOneCleanLine(t *testing.T) {
	for typed, want := range map[string]string{
		"  Ana   Ó Briain ":                "Ana Ó Briain",
		"Ana\r\nBcc: eve@example.com":      "Ana Bcc: eve@example.com",
		"Ana\x1b[31m\x07":                  "Ana[31m",
		"Ana \u202egnp.exe\u202c \u2066x":  "Ana gnp.exe x",
		"\ufeffAna\u200b\u00adLee":         "AnaLee",
		"می\u200cخواهم":                    "می\u200cخواهم",
		"👩\u200d🚀":                         "👩\u200d🚀",
		"李":                                "李",
		"Robert'); drop table person;--":   "Robert'); drop table person;--",
		"Ana\u00a0Lee\u2028x":              "Ana Lee x",
		strings.Repeat("é", 200):           strings.Repeat("é", 200),
		"=HYPERLINK(1) {{.}} <b>%s</b>":    "=HYPERLINK(1) {{.}} <b>%s</b>",
		"Z\u0361\u0489a\u0334lgo\u0321":    "Z\u0361\u0489a\u0334lgo\u0321",
		"tag\U000e0041\U000e007f smuggled": "tag smuggled",
	} {
		if got, err := people.CleanName(typed); err != nil || got != want {
			t.Errorf("%q became %q, %v; want %q", typed, got, err, want)
		}
	}
	for _, typed := range []string{"", "  ", "\r\n\t", "\u200b\u200e", "\u200d", "\x07", "a\x00b", "a\xffb", strings.Repeat("é", 201), strings.Repeat("x", 100_000)} {
		if got, err := people.CleanName(typed); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%.20q became %.20q, %v", typed, got, err)
		}
	}
}

func TestATextKeepsItsLinesAndNothingUnseen(t *testing.T) {
	got, err := people.CleanText("message", "  One\r\nTwo\rThree\u2028Four\t4\x1b\u202e \n\n", 100)
	if err != nil || got != "One\nTwo\nThree\nFour\t4" {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"a\x00", "\xc3\x28", strings.Repeat("a", 101)} {
		if _, err := people.CleanText("message", bad, 100); fault.As(err) == nil || fault.As(err).Fields[0].Name != "message" {
			t.Errorf("%.10q: %v", bad, err)
		}
	}
}
