package journal

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
)

// All lists every article for those who write them: drafts first, then by the
// day of appearing, the latest first; at most 500.
func All(ctx context.Context, q pg.Conn) ([]Article, error) {
	return articles(ctx, q, ``)
}

// ByID gives an article in any state.
func ByID(ctx context.Context, q pg.Conn, id ID) (Article, error) {
	found, err := articles(ctx, q, `where a.id::text = $1`, string(id))
	if err != nil {
		return Article{}, err
	}
	if len(found) == 0 {
		return Article{}, fault.New(fault.NotFound, "There is no article by that name here.")
	}
	return found[0], nil
}

// Moved gives the address that an article with an old address has now.
func Moved(ctx context.Context, q pg.Conn, slug string, now time.Time) (string, error) {
	var moved string
	err := q.Get(ctx, &moved, `
		select a.slug
		from article_slug s
		join article a on a.id = s.article_id
		where s.slug = $1 and a.published_at <= $2`, slug, now)
	if pg.NoRows(err) {
		return "", fault.New(fault.NotFound, "There is no article by that name here.")
	}
	if err != nil {
		return "", fmt.Errorf("find moved article: %w", err)
	}
	return moved, nil
}

// ErrElsewhere is the refusal to write over what was saved meanwhile.
var ErrElsewhere = fault.InvalidField("body", "This article was saved in another place while you were writing, so nothing was saved here. What stands there now is below the box; put together what should stay, then save again.")

// Write stores an article that somebody wrote at the desk: a new one without an
// ID, or all of a known one. With a ChangedAt the article has to stand as it was
// saved then, or nothing is written. One that appeared already and gets another address
// is still found under the old one. AuthorSlug and AuthorName are not looked at.
func Write(ctx context.Context, tx *pg.Tx, a Article, now time.Time) (ID, error) {
	if a.ID == "" {
		err := tx.Get(ctx, &a.ID, `
			insert into article (slug, title, summary, body, author_id, type_slug, published_at, changed_at)
			values ($1, $2, $3, $4, cast(nullif($5, '') as uuid), $6, $7, $8)
			returning id`,
			a.Slug, a.Title, a.Summary, a.Body, string(a.AuthorID), a.TypeSlug, a.PublishedAt, now)
		return a.ID, writing(err)
	}
	var seen *time.Time
	if !a.ChangedAt.IsZero() {
		seen = &a.ChangedAt
	}
	err := tx.Get(ctx, &a.ID, `
		with was as (
			select id, slug, published_at from article
			where id = $1 and (cast($10 as timestamptz) is null or changed_at = $10) for update
		), kept as (
			insert into article_slug (slug, article_id, left_at)
			select slug, id, $9 from was where slug <> $2 and published_at <= $9
			on conflict (slug) do update set article_id = excluded.article_id, left_at = excluded.left_at
		), free as (
			delete from article_slug where slug = $2
		)
		update article
		set slug = $2, title = $3, summary = $4, body = $5, author_id = cast(nullif($6, '') as uuid),
		    type_slug = $7, published_at = $8, changed_at = $9
		from was
		where article.id = was.id
		returning article.id`,
		a.ID, a.Slug, a.Title, a.Summary, a.Body, string(a.AuthorID), a.TypeSlug, a.PublishedAt, now, seen)
	if pg.NoRows(err) {
		return a.ID, ErrElsewhere
	}
	return a.ID, writing(err)
}

// writing turns what the database refuses into sentences.
func writing(err error) error {
	switch {
	case err == nil:
		return nil
	case pg.Violates(err, "article_slug_key"):
		return fault.InvalidField("slug", "Another article has this address already; choose another one.")
	case pg.Violates(err, "article_slug_plain"):
		return fault.InvalidField("slug", "Write the address in small letters and digits with single dashes, like a-place-to-talk.")
	case pg.Violates(err, "article_title_said"):
		return fault.InvalidField("title", "Give the article a title.")
	}
	return fmt.Errorf("write article: %w", err)
}

// Discard deletes a draft. One that has appeared is taken offline instead, so
// that it can come back.
func Discard(ctx context.Context, tx *pg.Tx, id ID) (bool, error) {
	n, err := tx.Exec(ctx, `delete from article where id = $1 and published_at is null`, id)
	if err != nil {
		return false, fmt.Errorf("discard draft: %w", err)
	}
	return n > 0, nil
}

// PreviewGeneration is what the link to an article before its time is made
// with; RenewPreview raises it, and every link made before opens nothing.
func PreviewGeneration(ctx context.Context, q pg.Conn, id ID) (int, error) {
	var generation int
	err := q.Get(ctx, &generation, `select preview_generation from article where id = $1`, id)
	if pg.NoRows(err) {
		return 0, fault.New(fault.NotFound, "There is no article by that name here.")
	}
	if err != nil {
		return 0, fmt.Errorf("read preview: %w", err)
	}
	return generation, nil
}

// RenewPreview revokes every link that shows an article before its time.
func RenewPreview(ctx context.Context, tx *pg.Tx, id ID) error {
	if _, err := tx.Exec(ctx, `update article set preview_generation = preview_generation + 1 where id = $1`, id); err != nil {
		return fmt.Errorf("renew preview: %w", err)
	}
	return nil
}

// Slug makes an address of a title: small letters and digits, a dash for the
// rest, accents taken off.
func Slug(title string) string {
	var out strings.Builder
	dash := false
	for _, r := range norm.NFD.String(strings.ToLower(title)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if dash && out.Len() > 0 {
				out.WriteByte('-')
			}
			dash = false
			out.WriteRune(r)
		case r == '\'' || r == '’' || unicode.Is(unicode.Mn, r):
			// "don’t" is "dont"; an accent is simply not there.
		default:
			dash = true
		}
		if out.Len() >= 80 {
			break
		}
	}
	return out.String()
}
