// Package journal owns articles: what the practice writes for everybody to
// read. It refuses to show one before its time.
package journal

import (
	"context"
	"fmt"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
)

// ID names an article. It is random and says nothing.
type ID string

// Article is a text for everybody.
type Article struct {
	ID          ID         `db:"id"`
	Slug        string     `db:"slug"`
	Title       string     `db:"title"`
	Summary     string     `db:"summary"`
	Body        string     `db:"body"`         // Markdown
	AuthorID    people.ID  `db:"author_id"`    // a coach; empty where nobody signs
	AuthorSlug  string     `db:"author_slug"`  // read only; empty for one who has no page
	AuthorName  string     `db:"author_name"`  // read only
	TypeSlug    string     `db:"type_slug"`    // what the reader is invited to book; may be empty
	PublishedAt *time.Time `db:"published_at"` // nil while it is a draft
	ChangedAt   time.Time  `db:"changed_at"`
}

// Published lists the articles that everybody may read now, the latest first,
// at most 500.
func Published(ctx context.Context, q pg.Conn, now time.Time) ([]Article, error) {
	return articles(ctx, q, `where a.published_at <= $1`, now.UTC())
}

// Latest lists the n articles that appeared last.
func Latest(ctx context.Context, q pg.Conn, now time.Time, n int) ([]Article, error) {
	found, err := Published(ctx, q, now)
	return found[:min(n, len(found))], err
}

// Find gives an article that everybody may read now by slug. A draft is not
// found, and neither is one that is to appear later.
func Find(ctx context.Context, q pg.Conn, slug string, now time.Time) (Article, error) {
	found, err := articles(ctx, q, `where a.published_at <= $1 and a.slug = $2`, now.UTC(), slug)
	if err != nil {
		return Article{}, err
	}
	if len(found) == 0 {
		return Article{}, fault.New(fault.NotFound, "There is no article by that name here.")
	}
	return found[0], nil
}

func articles(ctx context.Context, q pg.Conn, where string, args ...any) ([]Article, error) {
	var found []Article
	err := q.Select(ctx, &found, `
		select a.id, a.slug, a.title, a.summary, a.body, coalesce(a.author_id::text, '') as author_id,
			coalesce(c.slug, '') as author_slug, coalesce(p.name, '') as author_name,
			a.type_slug, a.published_at, a.changed_at
		from article a
		left join coach c on c.person_id = a.author_id and c.active and c.role <> 'assistant'
		left join person p on p.id = a.author_id
		`+where+`
		order by a.published_at desc, a.id
		limit 500`, args...)
	if err != nil {
		return nil, fmt.Errorf("list articles: %w", err)
	}
	for i := range found {
		found[i].ChangedAt = found[i].ChangedAt.UTC()
		if at := found[i].PublishedAt; at != nil {
			utc := at.UTC()
			found[i].PublishedAt = &utc
		}
	}
	return found, nil
}

// Put makes or changes the article with this slug. An article that comes again
// unchanged keeps the moment of its last change, which feeds and caches show.
// ID, AuthorSlug and AuthorName of a are not looked at.
func Put(ctx context.Context, tx *pg.Tx, a Article, now time.Time) error {
	_, err := tx.Exec(ctx, `
		insert into article (slug, title, summary, body, author_id, type_slug, published_at, changed_at)
		values ($1, $2, $3, $4, cast(nullif($5, '') as uuid), $6, $7, $8)
		on conflict (slug) do update
		set title = excluded.title, summary = excluded.summary, body = excluded.body,
			author_id = excluded.author_id, type_slug = excluded.type_slug,
			published_at = excluded.published_at, changed_at = excluded.changed_at
		where (article.title, article.summary, article.body, article.author_id, article.type_slug, article.published_at)
			is distinct from (excluded.title, excluded.summary, excluded.body, excluded.author_id, excluded.type_slug, excluded.published_at)`,
		a.Slug, a.Title, a.Summary, a.Body, string(a.AuthorID), a.TypeSlug, a.PublishedAt, now.UTC())
	if pg.Violates(err, "article_slug_plain") {
		return fault.InvalidField("slug", "An article's slug is written in small letters, digits and single dashes.")
	}
	if pg.Violates(err, "article_title_said") {
		return fault.InvalidField("title", "An article needs a title.")
	}
	if pg.Violates(err, "article_author_exists") {
		return fault.InvalidField("author", "The author of an article must be a coach of this practice.")
	}
	if err != nil {
		return fmt.Errorf("put article: %w", err)
	}
	return nil
}
