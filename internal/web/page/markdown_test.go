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

func TestRawHTMLInMarkdownIsDropped(t *testing.T) {
	got, err := page.Markdown("a <script>alert(1)</script> b\n\n<iframe src=x></iframe>\n\n<p onclick=x style=y>c</p>\n\n<img src=x onerror=y>")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"<script", "<iframe", "onclick", "style", "<img", "onerror"} {
		if strings.Contains(string(got), word) {
			t.Errorf("%q is left in %q", word, got)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Mara Lind": "ML", "Åsa von Berg": "ÅB", "Cher": "C", " anne-marie  o'neill ": "AO", "": "", "张 伟": "张伟"} {
		if got := page.Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
