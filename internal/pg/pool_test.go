package pg_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// words lends a database with one small table that the program may use.
func words(t *testing.T) *pg.DB {
	t.Helper()
	ctx := context.Background()
	err := pgtest.Owner(t).InTx(ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `create table word (text text constraint word_text_key unique)`)
		if err == nil {
			_, err = tx.Exec(ctx, `grant select, insert on word to kintsugi_app`)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pgtest.New(t)
}

func add(ctx context.Context, tx *pg.Tx, text string) error {
	_, err := tx.Exec(ctx, `insert into word (text) values ($1)`, text)
	return err
}

func count(t *testing.T, db *pg.DB) int {
	t.Helper()
	var n int
	if err := db.Get(context.Background(), &n, `select count(*) from word`); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAVisitorWhoLeavesDoesNotCutTheCommit(t *testing.T) {
	t.Parallel()
	db := words(t)
	ctx, leave := context.WithCancel(context.Background())
	err := db.InTx(ctx, func(tx *pg.Tx) error {
		err := add(ctx, tx, "kept")
		leave()
		return err
	})
	if err != nil {
		t.Fatalf("the act was right and reported %v", err)
	}
	if n := count(t, db); n != 1 {
		t.Fatalf("%d rows after a success", n)
	}
}

func TestAVisitorWhoLeavesBeforeAStatementChangesNothing(t *testing.T) {
	t.Parallel()
	db := words(t)
	ctx, leave := context.WithCancel(context.Background())
	err := db.InTx(ctx, func(tx *pg.Tx) error {
		if err := add(ctx, tx, "first"); err != nil {
			return err
		}
		leave()
		return add(ctx, tx, "second")
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if n := count(t, db); n != 0 {
		t.Fatalf("%d rows after a failure", n)
	}
}

func TestAnErrorOrAPanicTakesEverythingBack(t *testing.T) {
	t.Parallel()
	db := words(t)
	ctx := context.Background()
	sad := errors.New("sad")
	err := db.InTx(ctx, func(tx *pg.Tx) error {
		return errors.Join(add(ctx, tx, "gone"), sad)
	})
	if !errors.Is(err, sad) {
		t.Fatalf("got %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = db.InTx(ctx, func(tx *pg.Tx) error {
			if err := add(ctx, tx, "gone too"); err != nil {
				return err
			}
			panic("a programmer's mistake")
		})
	}()
	if n := count(t, db); n != 0 {
		t.Fatalf("%d rows", n)
	}
	if used := db.Stats().InUse; used != 0 {
		t.Fatalf("%d connections were not given back", used)
	}
}

func TestASwallowedErrorIsNoSuccess(t *testing.T) {
	t.Parallel()
	db := words(t)
	ctx := context.Background()
	err := db.InTx(ctx, func(tx *pg.Tx) error {
		_ = add(ctx, tx, "twice")
		_ = add(ctx, tx, "twice") // refused, and the caller does not look
		return nil
	})
	if err == nil {
		t.Fatal("a transaction that PostgreSQL rolled back reported success")
	}
	if n := count(t, db); n != 0 {
		t.Fatalf("%d rows", n)
	}
}

func TestABreachIsKnownByItsConstraint(t *testing.T) {
	t.Parallel()
	db := words(t)
	ctx := context.Background()
	twice := func(tx *pg.Tx) error { return errors.Join(add(ctx, tx, "one"), add(ctx, tx, "one")) }
	err := db.InTx(ctx, twice)
	if !pg.Violates(err, "word_text_key") || pg.Violates(err, "another_key") {
		t.Fatalf("got %v", err)
	}
	var text string
	if err := db.Get(ctx, &text, `select text from word`); !pg.NoRows(err) {
		t.Fatalf("got %v", err)
	}
}

func TestTheProgramOwnsNothingAndChangesNoTable(t *testing.T) {
	t.Parallel()
	db := words(t)
	ctx := context.Background()
	for _, query := range []string{
		`create table mine (n int)`, `drop table word`, `alter table word add n int`,
		`delete from word`, `insert into goose_db_version (version_id, is_applied) values (1, true)`,
	} {
		err := db.InTx(ctx, func(tx *pg.Tx) error { _, err := tx.Exec(ctx, query); return err })
		if err == nil || !strings.Contains(err.Error(), "permission denied") && !strings.Contains(err.Error(), "must be owner") {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestALockIsHeldToTheEndOfTheTransaction(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := context.Background()
	held, done := make(chan struct{}), make(chan error, 1)
	order := make(chan string, 2)
	go func() {
		done <- db.InTx(ctx, func(tx *pg.Tx) error {
			err := tx.Lock(ctx, "coach")
			close(held)
			time.Sleep(150 * time.Millisecond)
			order <- "first"
			return err
		})
	}()
	<-held
	err := db.InTx(ctx, func(tx *pg.Tx) error {
		err := tx.Lock(ctx, "coach")
		order <- "second"
		return err
	})
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	if one, two := <-order, <-order; one != "first" || two != "second" {
		t.Fatalf("%s came before %s", one, two)
	}
}

func TestTwoTransactionsThatBlockEachOtherAreADeadlock(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ctx := context.Background()
	ready := make(chan struct{}, 2)
	both := make(chan struct{})
	go func() { <-ready; <-ready; close(both) }()
	results := make(chan error, 2)
	for _, keys := range [][2]string{{"a", "b"}, {"b", "a"}} {
		go func() {
			results <- db.InTx(ctx, func(tx *pg.Tx) error {
				if err := tx.Lock(ctx, keys[0]); err != nil {
					return err
				}
				ready <- struct{}{}
				<-both
				return tx.Lock(ctx, keys[1])
			})
		}()
	}
	one, two := <-results, <-results
	if !pg.IsDeadlock(one) && !pg.IsDeadlock(two) {
		t.Fatalf("got %v and %v", one, two)
	}
}

func TestTheSessionRunsInUTC(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var zone string
	if err := db.Get(context.Background(), &zone, `select current_setting('timezone')`); err != nil || zone != "UTC" {
		t.Fatalf("%q, %v", zone, err)
	}
}

func TestAnAddressThatCannotBeReadDoesNotShowItsPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://me:geheim@host:port/db", "postgres://me:geheim@[host/db", "host=x password='geheim"} {
		_, err := pg.Open(context.Background(), url, pg.Options{})
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
