package site

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/calendar"
	"kintsugi/internal/journal"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

// atomFeed is the journal as RFC 4287 writes it.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Published string      `xml:"published"`
	Updated   string      `xml:"updated"`
	Author    *atomAuthor `xml:"author"`
	Links     []atomLink  `xml:"link"`
	Summary   string      `xml:"summary"`
	Content   atomContent `xml:"content"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	Body string `xml:",chardata"`
}

// inFeed is how many articles the feed holds.
const inFeed = 20

// atom is the journal for feed readers.
func (s *Site) atom(c *gin.Context) error {
	ctx := c.Request.Context()
	basics, err := practice.LoadBasics(ctx, s.DB)
	if err != nil {
		return err
	}
	articles, err := journal.Latest(ctx, s.DB, s.Now(), inFeed)
	if err != nil {
		return err
	}
	at := s.Origin.String()
	feed := atomFeed{ID: at + "/journal", Title: basics.Name, Author: atomAuthor{basics.Name}, Links: []atomLink{
		{Rel: "self", Type: "application/atom+xml", Href: at + "/journal/feed.atom"},
		{Rel: "alternate", Type: "text/html", Href: at + "/journal"},
	}}
	updated := time.Unix(0, 0).UTC()
	for _, a := range articles {
		body, err := page.Markdown(a.Body)
		if err != nil {
			return err
		}
		if a.ChangedAt.After(updated) {
			updated = a.ChangedAt
		}
		entry := atomEntry{ID: "urn:uuid:" + string(a.ID), Title: a.Title, Summary: a.Summary,
			Published: a.PublishedAt.Format(time.RFC3339), Updated: a.ChangedAt.Format(time.RFC3339),
			Links: []atomLink{{Href: at + "/journal/" + a.Slug}}, Content: atomContent{"html", string(body)}}
		if a.AuthorName != "" {
			entry.Author = &atomAuthor{a.AuthorName}
		}
		feed.Entries = append(feed.Entries, entry)
	}
	feed.Updated = updated.Format(time.RFC3339)
	body, err := xml.Marshal(feed)
	if err != nil {
		return fmt.Errorf("write feed: %w", err)
	}
	return sendTagged(c, "application/atom+xml; charset=utf-8", append([]byte(xml.Header), body...))
}

// sendTagged answers with a body, or with 304 to a reader who has it already.
func sendTagged(c *gin.Context, contentType string, body []byte) error {
	tag := calendar.ETag(body)
	c.Header("ETag", tag)
	if c.Writer.Header().Get("Cache-Control") == "" {
		c.Header("Cache-Control", "no-cache")
	}
	if matches(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return nil
	}
	page.Send(c, http.StatusOK, contentType, body)
	return nil
}
