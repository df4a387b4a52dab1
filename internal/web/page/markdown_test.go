package page_test

import (
	"strings"
	"testing"

	"kintsugi/internal/web/page"
)

func TestMarkdownBecomesHTMLThatIsSafe(t *testing.T) {
	for _, row := range []struct{ source, want string }{
		{"# Title\n\n## Part", "<h2>Title</h2>\n<h2>Part</h2>\n"},
		{`It's "so" -- *really*.`, "<p>It’s “so” – <em>really</em>.</p>\n"},
		{"[out](https://example.org/a?b=1&c=2)", `<p><a href="https://example.org/a?b=1&amp;c=2" rel="nofollow noopener">out</a></p>` + "\n"},
		{"[in](/book)", `<p><a href="/book">in</a></p>` + "\n"},
		{"<https://example.org>", `<p><a href="https://example.org" rel="nofollow noopener">https://example.org</a></p>` + "\n"},
		{"3. three\n4. four", "<ol start=\"3\">\n<li>three</li>\n<li>four</li>\n</ol>\n"},
		{"![a picture](https://tracker.example/x.png)", "<p></p>\n"},
		{"[x](javascript:alert(1))", "<p>x</p>\n"},
		{"[x](//evil.example/y)", `<p><a href="//evil.example/y" rel="nofollow noopener">x</a></p>` + "\n"},
	} {
		got, err := page.Markdown(row.source)
		if err != nil || string(got) != row.want {
			t.Errorf("%q: %q, %v; want %q", row.source, got, err, row.want)
		}
	}
}

// Words between < and > were left out of what was shown, and whoever read it could
// not know. They stand there as they were typed, and do nothing.
func TestWhatLooksLikeHTMLIsShownAsItWasTyped(t *testing.T) {
	for source, want := range map[string]string{
		"I feel <nothing> for you <3":     "<p>I feel &lt;nothing&gt; for you &lt;3</p>\n",
		"a <script>alert(1)</script> b":   "<p>a &lt;script&gt;alert(1)&lt;/script&gt; b</p>\n",
		"<iframe src=x></iframe>\n\nthen": "<p>&lt;iframe src=x&gt;&lt;/iframe&gt;</p>\n<p>then</p>\n",
		"<p onclick=x style=y>c</p>":      "<p>&lt;p onclick=x style=y&gt;c&lt;/p&gt;</p>\n",
		"<img src=x onerror=y> <!unsaid>": "<p>&lt;img src=x onerror=y&gt; &lt;!unsaid&gt;</p>\n",
	} {
		if got, err := page.Markdown(source); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v; want %q", source, got, err, want)
		}
	}
}

func TestALineOfANoteEndsWhereItWasEnded(t *testing.T) {
	const source = "Bread\nMilk\n\n- one\n- two\nstill two"
	if got, err := page.Written(source); err != nil || string(got) != "<p>Bread<br>\nMilk</p>\n<ul>\n<li>one</li>\n<li>two<br>\nstill two</li>\n</ul>\n" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := page.Markdown(source); err != nil || strings.Contains(string(got), "<br") {
		t.Errorf("a text that is wrapped in its file is torn: %q, %v", got, err)
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Mara Lind": "ML", "Åsa von Berg": "ÅB", "Cher": "C", " anne-marie  o'neill ": "AO", "": "", "张 伟": "张伟"} {
		if got := page.Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
