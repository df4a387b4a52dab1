package web_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// feedText is what RFC 4287 asks of a feed, as a reader that is not ours sees it.
type feedText struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"http://www.w3.org/2005/Atom id"`
	Title   string   `xml:"http://www.w3.org/2005/Atom title"`
	Updated string   `xml:"http://www.w3.org/2005/Atom updated"`
	Author  []string `xml:"http://www.w3.org/2005/Atom author>name"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		ID      string   `xml:"http://www.w3.org/2005/Atom id"`
		Title   string   `xml:"http://www.w3.org/2005/Atom title"`
		Updated string   `xml:"http://www.w3.org/2005/Atom updated"`
		Author  []string `xml:"http://www.w3.org/2005/Atom author>name"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/2005/Atom link"`
		Content struct {
			Type string `xml:"type,attr"`
			Body string `xml:",chardata"`
		} `xml:"http://www.w3.org/2005/Atom content"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

func TestTheJournalIsAFeedThatAnyReaderTakes(t *testing.T) {
	t.Parallel()
	h := build(t)
	a := h.get("/journal/feed.atom").shows(200)
	if got := a.header.Get("Content-Type"); got != "application/atom+xml; charset=utf-8" {
		t.Errorf("sent as %q", got)
	}
	var feed feedText
	if err := xml.Unmarshal([]byte(a.body), &feed); err != nil {
		t.Fatal(err)
	}
	if feed.ID != h.base+"/journal" || feed.Title != "Common Ground Coaching" || len(feed.Author) != 1 || len(feed.Entries) != 2 {
		t.Fatalf("the feed is %+v", feed)
	}
	if len(feed.Links) != 2 || feed.Links[0].Rel != "self" || feed.Links[0].Href != h.base+"/journal/feed.atom" {
		t.Errorf("links %+v", feed.Links)
	}
	newest := feed.Entries[1]
	for _, e := range feed.Entries {
		if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || e.ID == "" || e.Title == "" || e.Content.Type != "html" {
			t.Errorf("entry %+v: %v", e, err)
		}
		h.get(strings.TrimPrefix(e.Link.Href, h.base)).shows(200)
	}
	if newest.Title != "The first week & after" || len(newest.Author) != 1 || newest.Author[0] != "Mara Lind" || !strings.Contains(newest.Content.Body, "<h2>Rest</h2>") {
		t.Errorf("entry %+v", newest)
	}
	if feed.Updated != newest.Updated {
		t.Errorf("updated %s", feed.Updated)
	}
	tag := a.header.Get("ETag")
	for _, known := range []string{tag, `"x", ` + tag, "W/" + tag, "*"} {
		if again := h.get("/journal/feed.atom", header("If-None-Match", known)); again.status != http.StatusNotModified || again.body != "" || again.header.Get("ETag") != tag {
			t.Errorf("asked again with %s: %d", known, again.status)
		}
	}
	h.get("/journal/feed.atom", header("If-None-Match", `"x"`)).shows(200)
}

func TestTheSitemapListsPagesThatOpen(t *testing.T) {
	t.Parallel()
	h := build(t)
	var urls struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		Loc     []string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 url>loc"`
	}
	if err := xml.Unmarshal([]byte(h.get("/sitemap.xml").shows(200).body), &urls); err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, loc := range urls.Loc {
		path, ours := strings.CutPrefix(loc, h.base)
		if !ours || listed[path] {
			t.Errorf("lists %s", loc)
		}
		listed[path] = true
		h.get(path).shows(200)
	}
	for path := range pages() {
		if !listed[path] {
			t.Errorf("%s is not listed", path)
		}
	}
	robots := h.get("/robots.txt").shows(200).body
	for _, line := range []string{"Disallow: /bookings/\n", "Disallow: /feeds/\n", "Sitemap: " + h.base + "/sitemap.xml\n"} {
		if !strings.Contains(robots, line) {
			t.Errorf("robots.txt lacks %q", line)
		}
	}
}

// What a page says of itself to search engines is true, and is data.
func TestStructuredDataAndCanonicalAddressesAreRight(t *testing.T) {
	t.Parallel()
	h := build(t)
	kinds := map[string]string{"/": "ProfessionalService", "/journal/first-week": "Article", "/journal/small-things": "Article", "/coaches/mara": "Person", "/coaches/noor": "Person", "/packages/six": "Offer"}
	for path := range pages() {
		a := h.get(path + "?timezone=Europe/Berlin&after=0")
		kind := ""
		for _, n := range a.page().all("script") {
			if attr(n, "type") != "application/ld+json" {
				continue
			}
			var data map[string]any
			if err := json.Unmarshal([]byte(rawOf(n)), &data); err != nil || data["@context"] != "https://schema.org" {
				t.Errorf("%s: %v in %s", path, err, rawOf(n))
			}
			kind, _ = data["@type"].(string)
		}
		if kind != kinds[path] {
			t.Errorf("%s says it is %q", path, kind)
		}
		canonical := ""
		for _, n := range a.page().all("link") {
			if attr(n, "rel") == "canonical" {
				canonical = attr(n, "href")
			}
		}
		if canonical != h.base+path {
			t.Errorf("%s calls itself %q", path, canonical)
		}
	}
}

// loads lists what a browser fetches by itself for a page.
func loads(p sheet) []string {
	var found []string
	for _, n := range p.all("") {
		for _, a := range n.Attr {
			switch a.Key {
			case "src", "srcset", "poster", "background", "data", "ping", "xlink:href":
				found = append(found, a.Val)
			case "href":
				if n.Data == "link" && attr(n, "rel") != "canonical" || n.Data == "use" || n.Data == "image" {
					found = append(found, a.Val)
				}
			case "style":
				found = append(found, "a style attribute: "+a.Val)
			}
		}
		if n.Data == "style" || n.Data == "iframe" || n.Data == "base" || n.Data == "object" || (n.Data == "meta" && attr(n, "http-equiv") != "") {
			found = append(found, "an element "+n.Data)
		}
	}
	return found
}

func TestNoPageLoadsAnythingFromElsewhere(t *testing.T) {
	t.Parallel()
	h := build(t)
	for path := range pages() {
		p := h.get(path).page()
		for _, src := range loads(p) {
			if at, err := url.Parse(src); err != nil || at.Host != "" || at.Scheme != "" || !strings.HasPrefix(at.Path, "/") {
				t.Errorf("%s loads %s", path, src)
			} else {
				h.get(src).shows(200)
			}
		}
		for _, n := range p.all("script") {
			if attr(n, "src") == "" && attr(n, "type") != "application/ld+json" {
				t.Errorf("%s has a script inside: %s", path, rawOf(n))
			}
		}
		for _, n := range p.all("a") {
			if strings.Contains(attr(n, "href"), "://") && !strings.Contains(attr(n, "rel"), "noopener") {
				t.Errorf("%s: the way to %s lets the other page reach back", path, attr(n, "href"))
			}
		}
	}
}

// Every link of every page leads somewhere.
func TestNoLinkIsDead(t *testing.T) {
	t.Parallel()
	h := build(t)
	seen := map[string]bool{"/exit": true}
	ids := func(p sheet) map[string]bool {
		found := map[string]bool{}
		for _, n := range p.all("") {
			if id := attr(n, "id"); id != "" {
				if found[id] {
					t.Errorf("two elements are called %s", id)
				}
				found[id] = true
			}
		}
		return found
	}
	todo := []string{"/"}
	for len(todo) > 0 && len(seen) < 150 {
		path := todo[0]
		todo = todo[1:]
		plain, anchor, _ := strings.Cut(path, "#")
		if seen[path] {
			continue
		}
		seen[path] = true
		a := h.get(plain)
		if a.status >= 400 {
			t.Fatalf("%s: %d", path, a.status)
		}
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		p := a.page()
		if anchor != "" && !ids(p)[anchor] {
			t.Errorf("%s: nothing is called %s there", plain, anchor)
		}
		for _, href := range p.hrefs() {
			switch {
			case strings.HasPrefix(href, "#"):
				todo = append(todo, plain+href)
			case strings.HasPrefix(href, "/"):
				todo = append(todo, href)
			}
		}
	}
	t.Logf("%d addresses", len(seen))
}
