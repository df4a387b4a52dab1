package page

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Markdown turns a person's Markdown into HTML that is safe to show: HTML in it
// is words like others and stands there as it was typed, images are left out
// (they could report who reads), links to elsewhere go without our address and
// without our recommendation. Headings begin at the second level, because the
// page has its own first one.
func Markdown(source string) (template.HTML, error) {
	tools := markdownTools()
	return tools.draw(tools.markdown, source)
}

// Written is Markdown for what somebody typed without thinking of Markdown: a
// line ends where they ended it.
func Written(source string) (template.HTML, error) {
	tools := markdownTools()
	return tools.draw(tools.written, source)
}

func (t tools) draw(markdown goldmark.Markdown, source string) (template.HTML, error) {
	bytesIn := []byte(source)
	tree := markdown.Parser().Parse(text.NewReader(bytesIn))
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
	if err := markdown.Renderer().Render(&drawn, bytesIn, tree); err != nil {
		return "", fmt.Errorf("markdown: %w", err)
	}
	return template.HTML(t.policy.SanitizeBytes(drawn.Bytes())), nil
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
	markdown, written goldmark.Markdown
	policy            *bluemonday.Policy
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
	wraps := goldmark.WithRendererOptions(html.WithHardWraps())
	return tools{markdown: goldmark.New(plainParser(), goldmark.WithExtensions(extension.Typographer)),
		written: goldmark.New(plainParser(), goldmark.WithExtensions(extension.Typographer), wraps), policy: policy}
})

// plainParser knows no HTML. What looks like it is text: “I feel <nothing>” keeps
// its last word.
func plainParser() goldmark.Option {
	knowsHTML := func(with util.PrioritizedValue) bool {
		return reflect.TypeOf(with.Value) == reflect.TypeOf(parser.NewHTMLBlockParser()) || reflect.TypeOf(with.Value) == reflect.TypeOf(parser.NewRawHTMLParser())
	}
	return goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(slices.DeleteFunc(parser.DefaultBlockParsers(), knowsHTML)...),
		parser.WithInlineParsers(slices.DeleteFunc(parser.DefaultInlineParsers(), knowsHTML)...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...)))
}
