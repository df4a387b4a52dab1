// Package pgtest lends every test a private PostgreSQL database, brought up to
// date. A machine without PostgreSQL fails the test and says what to install; it
// never skips, because a skipped promise is an unkept one.
//
// Each test program runs one embedded cluster, in memory where there is room,
// from its first New until it ends. The cluster with the migrated template is
// made once for a set of migrations and copied after that.
package pgtest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"kintsugi/internal/pg"
)

// New lends the test its database, as the role the program works as. Asked
// again by the same test it opens a second pool on the same database, as a
// second replica would.
func New(t testing.TB) *pg.DB {
	t.Helper()
	return open(t, URL(t), pg.Options{Role: pg.AppRole})
}

// Owner opens the test's database as the role that owns it, for what the
// program itself may not do.
func Owner(t testing.TB) *pg.DB {
	t.Helper()
	return open(t, URL(t), pg.Options{})
}

// URL gives the address of the test's database, signing in as its owner.
func URL(t testing.TB) string {
	t.Helper()
	lent.Lock()
	defer lent.Unlock()
	if url, ok := lent.urls[t]; ok {
		return url
	}
	url := lend(t, templateName)
	lent.urls[t] = url
	t.Cleanup(func() {
		lent.Lock()
		defer lent.Unlock()
		delete(lent.urls, t)
	})
	return url
}

// Empty lends a database that no migration has touched, and gives its address.
func Empty(t testing.TB) string {
	t.Helper()
	return lend(t, "template0")
}

// lent remembers which database a test has been lent.
var lent = struct {
	sync.Mutex
	urls map[testing.TB]string
}{urls: map[testing.TB]string{}}

// theCluster is started by the first test that needs it; a test program has no
// other place that all its tests share.
var theCluster = sync.OnceValues(startCluster)

// lend clones a database for the test and drops it afterwards.
func lend(t testing.TB, template string) string {
	t.Helper()
	c, err := theCluster()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name, err := c.clone(ctx, template)
	if err != nil {
		t.Fatalf("pgtest: lend a database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := c.drop(ctx, name); err != nil {
			t.Errorf("pgtest: take the database back: %v", err)
		}
	})
	return c.url(name)
}

// open opens a pool that is closed before its database is dropped.
func open(t testing.TB, url string, o pg.Options) *pg.DB {
	t.Helper()
	db, err := pg.Open(context.Background(), url, o)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("pgtest: %v", fmt.Errorf("close: %w", err))
		}
	})
	return db
}
