package page

import (
	"bytes"
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Markdown turns a person's Markdown into HTML that is safe to show: no raw
// HTML, no images (they could report who reads), links to elsewhere without
// our address and without our recommendation. Headings begin at the second
// level, because the page has its own first one.
func Markdown(source string) (template.HTML, error) {
	tools := markdownTools()
	bytesIn := []byte(source)
	tree := tools.markdown.Parser().Parse(text.NewReader(bytesIn))
	err := ast.Walk(tree, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch node := node.(type) {
		case *ast.Heading:
			node.Level = max(node.Level, 2)
		case *ast.Link:
			markOutward(node, string(node.Destination))
		case *ast.AutoLink:
			markOutward(node, string(node.URL(bytesIn)))
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return "", fmt.Errorf("markdown: %w", err)
	}
	var drawn bytes.Buffer
	if err := tools.markdown.Renderer().Render(&drawn, bytesIn, tree); err != nil {
		return "", fmt.Errorf("markdown: %w", err)
	}
	return template.HTML(tools.policy.SanitizeBytes(drawn.Bytes())), nil
}

// outward is what a link to another site carries.
const outward = "nofollow noopener"

func markOutward(node ast.Node, address string) {
	if strings.Contains(address, "//") {
		node.SetAttributeString("rel", []byte(outward))
	}
}

// tools are goldmark and the policy behind it; both may be used by many at
// once.
type tools struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
}

var markdownTools = sync.OnceValue(func() tools {
	policy := bluemonday.NewPolicy()
	policy.AllowElements("h2", "h3", "h4", "p", "em", "strong", "blockquote", "ul", "ol", "li", "hr", "br", "code", "pre")
	policy.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	policy.AllowAttrs("href").OnElements("a")
	policy.AllowAttrs("rel").Matching(regexp.MustCompile("^" + outward + "$")).OnElements("a")
	policy.AllowURLSchemes("https", "http", "mailto", "tel")
	policy.AllowRelativeURLs(true)
	policy.RequireParseableURLs(true)
	return tools{markdown: goldmark.New(goldmark.WithExtensions(extension.Typographer)), policy: policy}
})
