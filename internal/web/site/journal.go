package site

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/fault"
	"kintsugi/internal/journal"
	"kintsugi/internal/practice"
	"kintsugi/internal/web/page"
)

var (
	journalView = page.Define[journalPage]("journal.html")
	articleView = page.Define[articlePage]("article.html")
)

type journalPage struct {
	Articles []articleCard
	Older    string // address of the next page; empty on the last
}

type articleCard struct {
	Href, Title, Summary string
	Published            *stamp
	Minutes              string
}

type articlePage struct {
	Title, Summary string
	Author         *link // nil without an author
	Published      *stamp
	Minutes        string
	Body           string // Markdown
	Call           *call
	Others         []articleLink
}

type articleLink struct{ Href, Title string }

// onPage is how many articles a page of the journal shows.
const onPage = 20

func cards(articles []journal.Article, loc *time.Location) []articleCard {
	out := make([]articleCard, len(articles))
	for i, a := range articles {
		out[i] = articleCard{Href: "/journal/" + a.Slug, Title: a.Title, Summary: a.Summary,
			Published: dated(*a.PublishedAt, loc), Minutes: readingMinutes(a.Body)}
	}
	return out
}

// journal lists the articles, the latest first.
func (s *Site) journal(c *gin.Context) error {
	ctx := c.Request.Context()
	frame, basics, err := s.frame(c)
	if err != nil {
		return err
	}
	articles, err := journal.Published(ctx, s.DB, s.Now())
	if err != nil {
		return err
	}
	first, _ := strconv.Atoi(c.Query("after")) // anything that is no number is the beginning
	first = min(max(first, 0), len(articles))
	last := min(first+onPage, len(articles))
	model := journalPage{Articles: cards(articles[first:last], basics.Zone())}
	if last < len(articles) {
		model.Older = "/journal?after=" + strconv.Itoa(last)
	}
	frame.Title, frame.Here, frame.Path = "Journal", "journal", "/journal"
	frame.Description = "Articles about trust, how it breaks, and how it is mended."
	return journalView.Render(c, http.StatusOK, frame, model)
}

// article shows one article, which ends in the call to book. The feed shares
// its place in the address, because Gin allows one name for each level.
func (s *Site) article(c *gin.Context) error {
	if c.Param("slug") == "feed.atom" {
		return s.atom(c)
	}
	ctx := c.Request.Context()
	frame, basics, err := s.frame(c)
	if err != nil {
		return err
	}
	a, err := journal.Find(ctx, s.DB, c.Param("slug"), s.Now())
	if fault.KindOf(err) == fault.NotFound {
		return s.movedArticle(c, err)
	}
	if err != nil {
		return err
	}
	model, err := s.articleModel(c, a, basics.Zone())
	if err != nil {
		return err
	}
	frame.Title, frame.Description, frame.Path, frame.Here, frame.Kind = a.Title, a.Summary, "/journal/"+a.Slug, "journal", "article"
	frame.Structured = []any{articleData(a, frame, basics)}
	return articleView.Render(c, http.StatusOK, frame, model)
}

// movedArticle leads from an address that an article once had to its present one.
func (s *Site) movedArticle(c *gin.Context, otherwise error) error {
	slug, err := journal.Moved(c.Request.Context(), s.DB, c.Param("slug"), s.Now())
	if fault.KindOf(err) == fault.NotFound {
		return otherwise
	}
	if err != nil {
		return err
	}
	c.Redirect(http.StatusMovedPermanently, "/journal/"+slug)
	return nil
}

// articleModel is an article in words, with what ends it.
func (s *Site) articleModel(c *gin.Context, a journal.Article, zone *time.Location) (articlePage, error) {
	ctx := c.Request.Context()
	latest, err := journal.Latest(ctx, s.DB, s.Now(), 3)
	if err != nil {
		return articlePage{}, err
	}
	types, err := practice.PublicTypes(ctx, s.DB)
	if err != nil {
		return articlePage{}, err
	}
	at := a.ChangedAt
	if a.PublishedAt != nil {
		at = *a.PublishedAt
	}
	model := articlePage{Title: a.Title, Summary: a.Summary, Published: dated(at, zone),
		Minutes: readingMinutes(a.Body), Body: a.Body, Call: callTo(types, a.TypeSlug)}
	if a.AuthorName != "" {
		model.Author = &link{Href: authorPath(a), Say: a.AuthorName}
	}
	for _, other := range latest {
		if other.Slug != a.Slug {
			model.Others = append(model.Others, articleLink{Href: "/journal/" + other.Slug, Title: other.Title})
		}
	}
	return model, nil
}

// authorPath is the author's page; empty when they no longer have one.
func authorPath(a journal.Article) string {
	if a.AuthorSlug == "" {
		return ""
	}
	return "/coaches/" + a.AuthorSlug
}

// articleData describes an article to search engines (schema.org/Article).
func articleData(a journal.Article, frame page.Frame, basics practice.Basics) map[string]any {
	data := map[string]any{
		"@context": "https://schema.org", "@type": "Article", "headline": a.Title, "description": a.Summary,
		"mainEntityOfPage": frame.Canonical(), "datePublished": a.PublishedAt.Format(time.RFC3339),
		"dateModified": a.ChangedAt.Format(time.RFC3339),
		"publisher":    map[string]any{"@type": "Organization", "name": basics.Name},
	}
	if a.AuthorName != "" {
		author := map[string]any{"@type": "Person", "name": a.AuthorName}
		if path := authorPath(a); path != "" {
			author["url"] = frame.Absolute(path)
		}
		data["author"] = author
	}
	return data
}
