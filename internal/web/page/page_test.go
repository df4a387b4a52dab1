package page_test

import (
	"io/fs"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/web/page"
	"kintsugi/templates"
)

// views are the names of the templates that are pages of their own.
func views(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(templates.FS, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	var pages []string
	for _, name := range names {
		if name != "layout.html" {
			pages = append(pages, name)
		}
	}
	if len(pages) == 0 {
		t.Fatal("no page templates are embedded")
	}
	return pages
}

// sources are all templates with their text, parts too.
func sources(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.html", "part/*.html"} {
		names, err := fs.Glob(templates.FS, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(templates.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			texts[name] = string(text)
		}
	}
	return texts
}

func TestEveryPageParsesAndItsLayoutBearsAnEmptyFrame(t *testing.T) {
	for _, name := range views(t) {
		var drawn strings.Builder
		if err := page.Define[any](name).Execute(&drawn, page.Frame{}, nil); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !strings.HasSuffix(strings.TrimSpace(drawn.String()), "</html>") {
			t.Errorf("%s is not whole", name)
		}
	}
}

func TestEveryPageBeginsWithTheWayOutAndLoadsNothingFromElsewhere(t *testing.T) {
	elsewhere := regexp.MustCompile(`(src|href|action)="(https?:)?//[^"]*"`)
	for _, name := range views(t) {
		var drawn strings.Builder
		if err := page.Define[any](name).Execute(&drawn, page.Frame{}, nil); err != nil {
			t.Fatal(err)
		}
		body := drawn.String()[strings.Index(drawn.String(), "<body>"):]
		if link := regexp.MustCompile(`<a [^>]*>`).FindString(body); !strings.Contains(link, `href="/exit"`) {
			t.Errorf("%s: the first link is %s", name, link)
		}
		if found := elsewhere.FindString(drawn.String()); found != "" {
			t.Errorf("%s loads from elsewhere: %s", name, found)
		}
	}
}

func TestTemplatesCarryNoStyleOrScriptThatThePolicyWouldRefuse(t *testing.T) {
	refused := regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<style|javascript:`)
	for name, text := range sources(t) {
		if found := refused.FindString(text); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
}

func TestEveryAssetThatATemplateNamesIsThere(t *testing.T) {
	named := regexp.MustCompile(`asset "([^"]+)"`)
	seen := 0
	for name, text := range sources(t) {
		for _, match := range named.FindAllStringSubmatch(text, -1) {
			seen++
			if _, err := page.Static().Path(match[1]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if seen == 0 {
		t.Error("no template names an asset")
	}
}

func TestADiscreetPageSaysNothingInItsTabAndNothingToMachines(t *testing.T) {
	frame := page.Frame{
		Practice: "After the Affair Coaching", DiscreetName: "Common Ground", PublicURL: "https://example.org",
		Title: "Your call is booked", Description: "About an affair.", Path: "/bookings/secret", Discreet: true,
	}
	var drawn strings.Builder
	if err := page.Define[any]("plain.html").Execute(&drawn, frame, nil); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Affair", "affair", "og:", "canonical", "secret", "Your call is booked"} {
		if strings.Contains(drawn.String(), word) {
			t.Errorf("the page says %q", word)
		}
	}
	for _, word := range []string{"<title>Common Ground</title>", `name="robots" content="noindex"`} {
		if !strings.Contains(drawn.String(), word) {
			t.Errorf("the page lacks %q", word)
		}
	}
}

func TestAPublicPageNamesItsAddressAndItsCard(t *testing.T) {
	frame := page.Frame{Practice: "Common Ground", PublicURL: "https://example.org/", Title: "Journal", Description: `Short "pieces".`, Path: "/journal"}
	var drawn strings.Builder
	if err := page.Define[any]("plain.html").Execute(&drawn, frame, nil); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{
		"<title>Journal · Common Ground</title>",
		`<link rel="canonical" href="https://example.org/journal">`,
		`<meta property="og:image" content="https://example.org/static/img/card.`,
		`content="Short &#34;pieces&#34;."`,
	} {
		if !strings.Contains(drawn.String(), word) {
			t.Errorf("the page lacks %q", word)
		}
	}
}

// A name with a closing tag in it once ended the data and began a script.
func TestStructuredDataCannotBeBrokenOutOf(t *testing.T) {
	frame := page.Frame{Nonce: "n0nce", Structured: []any{map[string]any{"@type": "Person", "name": `</script><script>alert(1)</script>`}}}
	var drawn strings.Builder
	if err := page.Define[any]("plain.html").Execute(&drawn, frame, nil); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(drawn.String(), "<script>alert") {
		t.Error("the name became a script")
	}
	if !strings.Contains(drawn.String(), `<script type="application/ld+json" nonce="n0nce">{"@type":"Person"`) {
		t.Error("the data is not written as JSON")
	}
}

func TestAPageThatCannotBeDrawnWritesNothing(t *testing.T) {
	gin.SetMode(gin.TestMode)
	recorder := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(recorder)
	c.Request = httptest.NewRequest("GET", "/", nil)
	type wrong struct{ Heading string } // plain.html also wants Say
	if err := page.Define[wrong]("plain.html").Render(c, 200, page.Frame{}, wrong{"Half a page"}); err == nil {
		t.Fatal("drawn with a model that does not fit")
	}
	if recorder.Body.Len() > 0 || c.Writer.Written() {
		t.Errorf("written: %q", recorder.Body)
	}
}
