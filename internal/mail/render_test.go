package mail_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"kintsugi/internal/mail"
)

// confirmation is a letter as booking writes it.
func confirmation() mail.Letter {
	return mail.Letter{
		Subject:    "Your call on Tuesday 8 December",
		Preheader:  "The time is yours. Everything you need is in this letter.",
		Greeting:   "Hello Ana,",
		Paragraphs: []string{"Your call is booked. You do not need to prepare anything; come as you are."},
		Facts: []mail.Fact{
			{Label: "When", Value: "Tuesday 8 December 2026, 14:00\nLondon time (GMT)"},
			{Label: "How long", Value: "30 minutes"},
			{Label: "With", Value: "Mara Lindqvist"},
			{Label: "Where", Value: "Video call", URL: "https://meet.example.org/mara-lindqvist"},
		},
		Actions: []mail.Action{
			{Words: "See or change this call", URL: "https://example.org/bookings/qWx3kYp0Tn2rV5sLzB8dFg"},
			{Words: "Add it to your calendar", URL: "https://example.org/bookings/qWx3kYp0Tn2rV5sLzB8dFg/invite.ics"},
		},
		Closing: []string{"If something comes up, move or cancel it with the link above. Nobody will ask why.", "Warmly,\nCommon Ground"},
		Footer:  []string{"You get this letter because this address was given when the call was booked on example.org. If it was not you, ignore it; nothing more will follow."},
	}
}

// seen gives the words a reader sees in an HTML letter, and its links.
func seen(t *testing.T, page string) (words []string, links []string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return words, links
		case html.TextToken:
			if hidden == 0 {
				words = append(words, strings.FieldsFunc(string(z.Text()), func(r rune) bool {
					return r == ' ' || r == '\n' || r == '\u00a0' || r == '\u200c' || r == '\u200b'
				})...)
			}
		case html.StartTagToken:
			name, more := z.TagName()
			if n := string(name); n == "style" || n == "title" {
				hidden++
			}
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				if string(key) == "href" {
					links = append(links, string(value))
				}
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "style" || string(name) == "title" {
				hidden--
			}
		}
	}
}

func TestBothPartsSayTheSameInTheSameOrder(t *testing.T) {
	text, page, err := mail.Render(confirmation())
	if err != nil {
		t.Fatal(err)
	}
	words, links := seen(t, page)
	var plain []string
	for _, w := range strings.Fields(text) {
		if strings.HasPrefix(w, "https://") || w == "--" {
			continue // a link's address is behind its words in the page
		}
		plain = append(plain, strings.TrimSuffix(w, ":"))
	}
	for i := range words {
		words[i] = strings.TrimSuffix(words[i], ":")
	}
	if got, want := strings.Join(words, " "), strings.Join(plain, " "); got != want {
		t.Errorf("page says\n%s\ntext says\n%s", got, want)
	}
	for _, l := range links {
		if !slices.Contains(strings.Fields(text), l) {
			t.Errorf("the text lacks the link %s", l)
		}
	}
	if len(links) != 3 {
		t.Errorf("%d links, want 3", len(links))
	}
}

func TestThePlainTextReadsWell(t *testing.T) {
	text, _, err := mail.Render(confirmation())
	if err != nil {
		t.Fatal(err)
	}
	want := `The time is yours. Everything you need is in this letter.

Hello Ana,

Your call is booked. You do not need to prepare anything; come as you
are.

  When:      Tuesday 8 December 2026, 14:00
             London time (GMT)
  How long:  30 minutes
  With:      Mara Lindqvist
  Where:     Video call
             https://meet.example.org/mara-lindqvist

See or change this call:
https://example.org/bookings/qWx3kYp0Tn2rV5sLzB8dFg

Add it to your calendar:
https://example.org/bookings/qWx3kYp0Tn2rV5sLzB8dFg/invite.ics

If something comes up, move or cancel it with the link above. Nobody
will ask why.

Warmly,
Common Ground

` + "-- " + `
You get this letter because this address was given when the call was
booked on example.org. If it was not you, ignore it; nothing more will
follow.
`
	if text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestAnHTMLLetterAsksNoOtherHostForAnything(t *testing.T) {
	_, page, err := mail.Render(confirmation())
	if err != nil {
		t.Fatal(err)
	}
	for _, not := range []string{"<img", "src=", "@import", "url(", "<link", "<script", "background="} {
		if strings.Contains(page, not) {
			t.Errorf("the page holds %s", not)
		}
	}
	for _, want := range []string{`name="color-scheme" content="light dark"`, "prefers-color-scheme: dark", `lang="en"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if len(page) > 20_000 {
		t.Errorf("the page has %d bytes; mail programs cut long letters", len(page))
	}
}

// What strangers write ends in letters to coaches. It must be read and nothing else.
func TestHostileWordsAreOnlyEverRead(t *testing.T) {
	hostile := []string{
		`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><a href="https://evil.example">free</a>`,
		`{{.Footer}}`, `</title></head><body onload=alert(1)>`, "a\r\n\r\nb", "\x00\x1b[31m\u202egnp.exe\u2066",
		"=?utf-8?q?=0D=0ABcc:_x?=", strings.Repeat("wide ", 4000), "\xff\xfe", "<!--", "]]>", "🪷",
	}
	for _, h := range hostile {
		l := mail.Letter{
			Subject: h, Preheader: h, Greeting: h, Paragraphs: []string{h}, Closing: []string{h}, Footer: []string{h},
			Facts:   []mail.Fact{{Label: h, Value: h, URL: h}},
			Actions: []mail.Action{{Words: h, URL: "https://example.org/ok"}, {Words: "bad", URL: "javascript:alert(1)"}, {Words: "bad", URL: "data:text/html,x"}, {Words: "bad", URL: "https://example.org/a\r\nb"}, {Words: "bad", URL: h}},
		}
		text, page, err := mail.Render(l)
		if err != nil {
			t.Fatalf("%q: %v", h, err)
		}
		plain := tags(t, page)
		harmless := l
		for _, s := range []*string{&harmless.Subject, &harmless.Preheader, &harmless.Greeting} {
			*s = "x"
		}
		harmless.Paragraphs, harmless.Closing, harmless.Footer = []string{"x"}, []string{"x"}, []string{"x"}
		harmless.Facts, harmless.Actions = []mail.Fact{{Label: "x", Value: "x"}}, l.Actions[:1]
		harmless.Actions[0].Words = "x"
		_, calm, err := mail.Render(harmless)
		if err != nil {
			t.Fatal(err)
		}
		if want := tags(t, calm); plain != want && !strings.Contains(h, "\n") && h != "\xff\xfe" {
			t.Errorf("%.40q changes the tags of the page:\n%s\n%s", h, plain, want)
		}
		_, links := seen(t, page)
		for _, link := range links {
			if link != "https://example.org/ok" {
				t.Errorf("%.40q made the link %s", h, link)
			}
		}
		if !utf8.ValidString(text) || strings.ContainsAny(text+page, "\x00\x1b\r\u202e\u2066") {
			t.Errorf("%.40q leaves control characters", h)
		}
	}
}

// tags lists the elements of a page but line breaks.
func tags(t *testing.T, page string) string {
	t.Helper()
	var out []string
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(out, " ")
		case html.StartTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); string(name) != "br" {
				out = append(out, string(name))
			}
		}
	}
}

func TestALetterOfOneLineStillStands(t *testing.T) {
	text, page, err := mail.Render(mail.Letter{Subject: "A note", Paragraphs: []string{"There is something to see."}})
	if err != nil || text != "There is something to see.\n" {
		t.Errorf("text %q, %v", text, err)
	}
	if strings.Contains(page, "<h1") || strings.Contains(page, `class="facts"`) {
		t.Error("the page shows frames around nothing")
	}
}

// The address of the call stood twice under each other, as the place and as
// where the place leads.
func TestAPlaceThatIsItsOwnLinkIsWrittenOnce(t *testing.T) {
	text, _, err := mail.Render(mail.Letter{Subject: "A note", Facts: []mail.Fact{{Label: "Where", Value: "https://meet.example.org/mara", URL: "https://meet.example.org/mara"}}})
	if err != nil || strings.Count(text, "https://meet.example.org/mara") != 1 {
		t.Errorf("text %q, %v", text, err)
	}
}
