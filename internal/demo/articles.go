package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/fault"
	"kintsugi/internal/journal"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// plan says who signs an article and how many days ago it appeared.
type plan struct {
	slug, author string
	days         int
}

func plans() []plan {
	return []plan{
		{"rebuilding-trust-after-betrayal", "mara", 4},
		{"a-weekly-conversation-that-is-not-a-trial", "daniel", 19},
		{"the-first-week-after-finding-out", "mara", 41},
	}
}

// publish puts the articles into the journal. One that is there already keeps
// the day on which it appeared.
func publish(ctx context.Context, s *booking.Service, coaches []people.Coach) error {
	authors := map[string]people.ID{}
	for _, c := range coaches {
		authors[c.Slug] = c.ID
	}
	now := s.Now()
	for _, p := range plans() {
		text, err := material.ReadFile("articles/" + p.slug + ".md")
		if err != nil {
			return err
		}
		a, err := readArticle(string(text))
		if err != nil {
			return fmt.Errorf("article %s: %w", p.slug, err)
		}
		appeared := now.AddDate(0, 0, -p.days).Truncate(24 * time.Hour).Add(7 * time.Hour)
		earlier, err := journal.Find(ctx, s.DB, a.Slug, now)
		if err == nil {
			appeared = *earlier.PublishedAt
		} else if fault.KindOf(err) != fault.NotFound {
			return err
		}
		a.AuthorID, a.TypeSlug, a.PublishedAt = authors[p.author], "meet-and-greet", &appeared
		if err := s.DB.InTx(ctx, func(tx *pg.Tx) error { return journal.Put(ctx, tx, a, now) }); err != nil {
			return err
		}
	}
	return nil
}

// readArticle reads the lines between the two rules as title, slug and summary,
// and what follows as the article.
func readArticle(text string) (journal.Article, error) {
	parts := strings.SplitN(text, "---\n", 3)
	if len(parts) != 3 || parts[0] != "" {
		return journal.Article{}, fmt.Errorf("has nothing between two lines of --- at its top")
	}
	a := journal.Article{Body: strings.TrimSpace(parts[2])}
	for line := range strings.Lines(parts[1]) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "title":
			a.Title = value
		case "slug":
			a.Slug = value
		case "summary":
			a.Summary = value
		default:
			return journal.Article{}, fmt.Errorf("says %q at its top; known are title, slug and summary", key)
		}
	}
	return a, nil
}
