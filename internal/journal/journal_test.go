package journal_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/fault"
	"kintsugi/internal/journal"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

func clock() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }

func put(t *testing.T, db *pg.DB, now time.Time, a journal.Article) {
	t.Helper()
	ctx := context.Background()
	if err := db.InTx(ctx, func(tx *pg.Tx) error { return journal.Put(ctx, tx, a, now) }); err != nil {
		t.Fatal(err)
	}
}

func at(days int) *time.Time {
	t := clock().AddDate(0, 0, days)
	return &t
}

func TestAnArticleIsReadFromItsTimeOn(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	for slug, published := range map[string]*time.Time{"old": at(-9), "new": at(-1), "now": at(0), "tomorrow": at(1), "draft": nil} {
		put(t, db, clock(), journal.Article{Slug: slug, Title: slug, Body: "b", PublishedAt: published})
	}
	found, err := journal.Published(ctx, db, clock())
	if err != nil {
		t.Fatal(err)
	}
	var slugs []string
	for _, a := range found {
		slugs = append(slugs, a.Slug)
	}
	if strings.Join(slugs, " ") != "now new old" {
		t.Errorf("%q", slugs)
	}
	for _, slug := range []string{"tomorrow", "draft", "nothing"} {
		if _, err := journal.Find(ctx, db, slug, clock()); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", slug, err)
		}
	}
	if a, err := journal.Find(ctx, db, "tomorrow", clock().AddDate(0, 0, 1)); err != nil || a.Slug != "tomorrow" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestAnArticleThatComesAgainUnchangedKeepsItsDate(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	var mara people.ID
	err := db.InTx(ctx, func(tx *pg.Tx) (err error) {
		mara, err = people.SaveCoach(ctx, tx, people.Coach{Slug: "mara", Name: "Mara Lind", Email: "m@example.org", Role: people.Owner, Timezone: "UTC", Active: true}, clock())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	article := journal.Article{Slug: "trust", Title: "Trust", Summary: "s", Body: "# Trust", AuthorID: mara, TypeSlug: "call", PublishedAt: at(-1)}
	put(t, db, clock(), article)
	put(t, db, clock().Add(time.Hour), article)
	got, err := journal.Find(ctx, db, "trust", clock())
	if err != nil || !got.ChangedAt.Equal(clock()) || got.AuthorName != "Mara Lind" || got.AuthorSlug != "mara" || got.AuthorID != mara || got.TypeSlug != "call" {
		t.Fatalf("%+v, %v", got, err)
	}
	article.Body = "# Trust again"
	put(t, db, clock().Add(2*time.Hour), article)
	if got, err := journal.Find(ctx, db, "trust", clock()); err != nil || !got.ChangedAt.Equal(clock().Add(2*time.Hour)) || got.Body != article.Body {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnArticleThatCannotBeKeptSaysWhy(t *testing.T) {
	db, ctx := pgtest.New(t), context.Background()
	for field, a := range map[string]journal.Article{
		"slug":   {Slug: "No Slug", Title: "t"},
		"title":  {Slug: "a"},
		"author": {Slug: "a", Title: "t", AuthorID: "00000000-0000-4000-8000-000000000000"},
	} {
		err := db.InTx(ctx, func(tx *pg.Tx) error { return journal.Put(ctx, tx, a, clock()) })
		if f := fault.As(err); f == nil || f.Kind != fault.Invalid || f.Fields[0].Name != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
