package page

import "strings"

// Frame is what the layout around every page needs to know. Handlers start
// from the frame that the site makes for a request and fill in the rest.
type Frame struct {
	Practice     string // the practice's name
	DiscreetName string // how the practice is called where others may look
	PublicURL    string // the address people use, without a slash at the end
	Nonce        string // the nonce of this answer's Content-Security-Policy
	Look         Look   // the practice's own colours and logo

	Title       string // of this page alone; the layout adds the practice's name
	Description string // one or two sentences for search engines and cards
	Path        string // the page's own path, "/journal"; with it comes the canonical address
	Kind        string // of the social card; empty means "website", an article says "article"
	NoIndex     bool   // search engines shall leave the page alone
	Discreet    bool   // the page has a secret in its address: neutral title, no card, no cache
	Here        string // the part of the site this is: "journal", "packages", "book" or "help"
	Structured  []any  // structured data, each written as JSON-LD
	Flash       string // one sentence about what has just been done

	Menu []MenuItem // instead of the public menu, for those who are signed in
	User string     // who is signed in, as the menu names them
}

// MenuItem is one entry of the menu of somebody who is signed in.
type MenuItem struct {
	Href, Say string
	Here      bool // this is the part that the page belongs to
}

// Heading is the text of the browser's tab: neutral on a discreet page.
func (f Frame) Heading() string {
	switch {
	case f.Discreet:
		return f.Called()
	case f.Title == "":
		return f.Practice
	case f.Practice == "" || f.Title == f.Practice:
		return f.Title
	}
	return f.Title + " · " + f.Practice
}

// Called is the practice's name as this page may show it.
func (f Frame) Called() string {
	if f.Discreet && f.DiscreetName != "" {
		return f.DiscreetName
	}
	return f.Practice
}

// Canonical is the absolute address of the page, empty when it has none to
// show.
func (f Frame) Canonical() string {
	if f.Discreet || f.Path == "" {
		return ""
	}
	return f.Absolute(f.Path)
}

// Absolute makes an absolute address of a path.
func (f Frame) Absolute(path string) string {
	return strings.TrimSuffix(f.PublicURL, "/") + path
}

// CardKind is the kind of the social card.
func (f Frame) CardKind() string {
	if f.Kind == "" {
		return "website"
	}
	return f.Kind
}
