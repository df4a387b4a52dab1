package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// sheet is a page as a browser reads it.
type sheet struct {
	a    answer
	root *html.Node
}

func (a answer) page() sheet {
	a.t.Helper()
	root, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	return sheet{a, root}
}

// all lists the elements with a tag; "" is any.
func (s sheet) all(tag string) []*html.Node {
	var found []*html.Node
	for n := range s.root.Descendants() {
		if n.Type == html.ElementNode && (tag == "" || n.Data == tag) {
			found = append(found, n)
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// classed lists the elements of a class.
func (s sheet) classed(class string) []*html.Node {
	return slices.DeleteFunc(s.all(""), func(n *html.Node) bool {
		return !slices.Contains(strings.Fields(attr(n, "class")), class)
	})
}

// id finds the element of an id, or nothing.
func (s sheet) id(id string) *html.Node {
	for _, n := range s.all("") {
		if attr(n, "id") == id {
			return n
		}
	}
	return nil
}

func wordsOf(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && (d.Parent == nil || d.Parent.Data != "script" && d.Parent.Data != "style") {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// words is all that can be read on the page.
func (s sheet) words() string { return wordsOf(s.root) }

func (s sheet) heading() string {
	if found := s.all("h1"); len(found) == 1 {
		return wordsOf(found[0])
	}
	return "not one heading"
}

// link finds the address behind the first link whose words or label hold these.
func (s sheet) link(words string) string {
	for _, n := range s.all("a") {
		if strings.Contains(wordsOf(n), words) || strings.Contains(attr(n, "aria-label"), words) {
			return attr(n, "href")
		}
	}
	return ""
}

// hrefs lists the addresses of all links.
func (s sheet) hrefs() []string {
	var found []string
	for _, n := range s.all("a") {
		found = append(found, attr(n, "href"))
	}
	return found
}

// paper is a form as a browser would send it: what is hidden, typed and ticked.
type paper struct {
	action string
	values url.Values
	choose []string // the values of the radio buttons called start
}

// forms lists the forms that are posted.
func (s sheet) forms() []paper {
	var found []paper
	for _, n := range s.all("form") {
		if !strings.EqualFold(attr(n, "method"), "post") {
			continue
		}
		f := paper{action: attr(n, "action"), values: url.Values{}}
		for c := range n.Descendants() {
			name := attr(c, "name")
			if c.Type != html.ElementNode || name == "" {
				continue
			}
			switch {
			case c.Data == "textarea":
				f.values.Set(name, rawOf(c))
			case c.Data == "input" && attr(c, "type") == "radio":
				if name == "start" {
					f.choose = append(f.choose, attr(c, "value"))
				}
				if has(c, "checked") {
					f.values.Set(name, attr(c, "value"))
				}
			case c.Data == "input":
				f.values.Set(name, attr(c, "value"))
			}
		}
		found = append(found, f)
	}
	return found
}

func rawOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// form finds the posted form whose action ends in these letters.
func (s sheet) form(action string) paper {
	s.a.t.Helper()
	for _, f := range s.forms() {
		if strings.HasSuffix(f.action, action) {
			return f
		}
	}
	s.a.t.Fatalf("no form that posts to …%s (status %d): %s", action, s.a.status, s.words())
	return paper{}
}

// filled is a booking form as a person with this name would send it.
func (f paper) filled(who string) url.Values {
	f.values.Set("name", who)
	f.values.Set("email", strings.ToLower(who)+"@example.com")
	f.values.Set("safe_to_email", "yes")
	if len(f.choose) > 0 && f.values.Get("start") == "" {
		f.values.Set("start", f.choose[0])
	}
	return f.values
}

func contains(list []string, one string) bool { return slices.Contains(list, one) }

// labelled fails unless every input has a label and what describes it is there.
func labelled(t *testing.T, path string, p sheet) {
	t.Helper()
	ids, labels := map[string]bool{}, map[string]bool{}
	for _, n := range p.all("") {
		ids[attr(n, "id")] = true
		if n.Data == "label" {
			labels[attr(n, "for")] = true
			for c := range n.Descendants() {
				if c.Type == html.ElementNode && c.Data == "input" {
					labels[attr(c, "name")+attr(c, "value")] = true
				}
			}
		}
	}
	for _, n := range p.all("") {
		for _, name := range []string{"aria-describedby", "aria-labelledby"} {
			for _, id := range strings.Fields(attr(n, name)) {
				if !ids[id] {
					t.Errorf("%s: %s %q points at nothing", path, n.Data, id)
				}
			}
		}
		if n.Data != "input" && n.Data != "textarea" && n.Data != "select" || attr(n, "type") == "hidden" {
			continue
		}
		if !labels[attr(n, "id")] && !labels[attr(n, "name")+attr(n, "value")] {
			t.Errorf("%s: %s %q has no label", path, n.Data, attr(n, "name"))
		}
	}
}
