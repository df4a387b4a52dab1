package demo_test

import (
	"context"
	"testing"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/demo"
	"kintsugi/internal/engagement"
	"kintsugi/internal/journal"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/seal"
	"kintsugi/internal/vault"
)

func TestPreparingTwiceIsPreparingOnce(t *testing.T) {
	ctx, db := context.Background(), pgtest.New(t)
	now := time.Date(2026, 11, 23, 18, 30, 0, 0, time.UTC)
	keys, err := seal.NewKeyset()
	if err != nil {
		t.Fatal(err)
	}
	links, err := vault.LinkKey(ctx, db, keys, now)
	if err != nil {
		t.Fatal(err)
	}
	s := &booking.Service{DB: db, Keys: keys, Links: links, Now: func() time.Time { return now }, Site: "http://localhost:8080"}
	work := &engagement.Service{Keys: keys, Links: links, Site: s.Site}
	count := func(query string) (n int) {
		t.Helper()
		if err := db.Get(ctx, &n, query); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const calls, letters = `select count(*) from booking`, `select count(*) from letter`
	var made, sent int
	var appeared time.Time
	for day := range 3 {
		cast, err := demo.Prepare(ctx, demo.House{Booking: s, Engagement: work})
		if err != nil || len(cast.Coaches) != 3 || len(cast.Clients) != 2 {
			t.Fatalf("%d coaches, %d clients, %v", len(cast.Coaches), len(cast.Clients), err)
		}
		articles, err := journal.Published(ctx, db, now)
		if err != nil || len(articles) != 3 || articles[0].Slug != "rebuilding-trust-after-betrayal" {
			t.Fatalf("articles %v, %v", articles, err)
		}
		for _, a := range articles {
			if a.AuthorName == "" || a.TypeSlug != "meet-and-greet" {
				t.Errorf("%s is by %q and leads to %q", a.Slug, a.AuthorName, a.TypeSlug)
			}
		}
		if day == 0 {
			made, sent, appeared = count(calls), count(letters), *articles[0].PublishedAt
		}
		if n, m := count(calls), count(letters); n != made || m != sent || !articles[0].PublishedAt.Equal(appeared) {
			t.Errorf("on day %d: %d calls, %d letters, %v; at first %d, %d, %v", day, n, m, articles[0].PublishedAt, made, sent, appeared)
		}
		if n := count(`select coalesce(sum(remaining), 0) from credit_lot`); n != 9 {
			t.Errorf("on day %d the couple have %d sessions left, of ten with one booked", day, n)
		}
		now = now.Add(24 * time.Hour)
	}
	if n := count(`select count(*) from office_standing where stage = 'client'`); n != 2 {
		t.Errorf("%d stand as clients at the desk", n)
	}
	if n := count(`select count(*) from audit where act = 'form answers read'`); n != 2 {
		t.Errorf("the couple find %d looks", n)
	}
	for status, want := range map[string]int{"confirmed": 4, "pending": 2, "cancelled": 1} {
		if n := count(`select count(*) from booking where status = '` + status + `'`); n != want {
			t.Errorf("%d calls are %s, want %d", n, status, want)
		}
	}
}
