package site

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/calendar"
	"kintsugi/internal/journal"
	"kintsugi/internal/people"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

// feed is a calendar subscription: /feeds/TOKEN.ics.
func (s *Site) feed(c *gin.Context) error {
	token, ok := strings.CutSuffix(c.Param("file"), ".ics")
	if !ok {
		return booking.ErrNoBooking
	}
	body, err := s.Booking.Feed(c.Request.Context(), token)
	if err != nil {
		return err
	}
	c.Header("X-Robots-Tag", "noindex")
	c.Header("Cache-Control", "private, no-cache")
	return sendTagged(c, calendar.ContentType, body)
}

// matches reports whether a reader's If-None-Match names this tag (RFC 9110,
// 13.1.2: weak comparison, a list, or a star).
func matches(header, tag string) bool {
	for _, candidate := range strings.Split(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == "*" || candidate == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// sitemap lists the pages for search engines (sitemaps.org, 0.9).
func (s *Site) sitemap(c *gin.Context) error {
	ctx := c.Request.Context()
	type entry struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod,omitempty"`
	}
	at := s.Origin.String()
	out := struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []entry  `xml:"url"`
	}{}
	for _, path := range []string{"/", "/journal", "/packages", "/book", "/help-now", "/privacy", "/terms"} {
		out.URLs = append(out.URLs, entry{Loc: at + path})
	}
	articles, err := journal.Published(ctx, s.DB, s.Now())
	if err != nil {
		return err
	}
	for _, a := range articles {
		out.URLs = append(out.URLs, entry{at + "/journal/" + a.Slug, a.ChangedAt.Format(time.RFC3339)})
	}
	coaches, err := people.Coaches(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, co := range coaches {
		if co.Bookable() {
			out.URLs = append(out.URLs, entry{Loc: at + "/coaches/" + co.Slug})
		}
	}
	packages, err := practice.Packages(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, p := range packages {
		out.URLs = append(out.URLs, entry{Loc: at + "/packages/" + p.Slug})
	}
	types, err := practice.PublicTypes(ctx, s.DB)
	if err != nil {
		return err
	}
	for _, t := range types {
		out.URLs = append(out.URLs, entry{Loc: at + "/book/" + t.Slug})
	}
	body, err := xml.Marshal(out)
	if err != nil {
		return fmt.Errorf("write sitemap: %w", err)
	}
	page.Send(c, http.StatusOK, "application/xml; charset=utf-8", append([]byte(xml.Header), body...))
	return nil
}

// robots keeps search engines from pages that are somebody's own.
func (s *Site) robots(c *gin.Context) error {
	page.Send(c, http.StatusOK, "text/plain; charset=utf-8", []byte(
		"User-agent: *\nDisallow: /bookings/\nDisallow: /feeds/\nDisallow: /exit\n\nSitemap: "+s.Origin.String()+"/sitemap.xml\n"))
	return nil
}

// asset is the address of a static file. A name that does not exist is a
// programmer's mistake.
func (s *Site) asset(name string) string {
	path, err := s.Assets.Path(name)
	if err != nil {
		panic(err)
	}
	return path
}
