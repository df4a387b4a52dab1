package pg_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

func TestReplicasThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	address := pgtest.Empty(t)
	db := open(t, address)
	if done, err := pg.Migrated(ctx, db); err != nil || done {
		t.Fatalf("an empty database counts as migrated: %v, %v", done, err)
	}
	together(t, address, address, address, address)
	if done, err := pg.Migrated(ctx, db); err != nil || !done {
		t.Fatalf("migrated: %v, %v", done, err)
	}
	var twice int
	err := db.Get(ctx, &twice, `select count(*) from (select version_id from goose_db_version group by version_id having count(*) > 1) t`)
	if err != nil || twice != 0 {
		t.Fatalf("%d migrations ran twice, %v", twice, err)
	}
}

func TestDatabasesOfOneServerMigrateAtTheSameMoment(t *testing.T) {
	t.Parallel()
	// A server of its own, because the role must not exist yet.
	e := start(t, madeFolder(t))
	var addresses []string
	for _, name := range []string{"one", "two", "three", "four"} {
		run(t, e.URL(), `create database `+name)
		addresses = append(addresses, beside(t, e.URL(), name, ""))
	}
	together(t, addresses...)
}

// together migrates all addresses at once.
func together(t *testing.T, addresses ...string) {
	t.Helper()
	var all sync.WaitGroup
	errs := make([]error, len(addresses))
	for i, address := range addresses {
		all.Go(func() { errs[i] = pg.Migrate(context.Background(), address) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestAnOwnerWhoMayNotMakeRolesIsSentToRolesSQL(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	e := start(t, madeFolder(t))
	run(t, e.URL(), `create role ordinary login`)
	run(t, e.URL(), `create database shared owner ordinary`)
	address := beside(t, e.URL(), "shared", "ordinary")
	err := pg.Migrate(ctx, address)
	if err == nil || !strings.Contains(err.Error(), "deploy/roles.sql") {
		t.Fatalf("got %v", err)
	}

	script, err := filepath.Abs("../../deploy/roles.sql")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // Running it again changes nothing.
		psql(t, beside(t, e.URL(), "shared", ""), "-v", "owner=ordinary", "-f", script)
	}
	if err := pg.Migrate(ctx, address); err != nil {
		t.Fatal(err)
	}
	db, err := pg.Open(ctx, address, pg.Options{Role: pg.AppRole})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if done, err := pg.Migrated(ctx, db); err != nil || !done {
		t.Fatalf("migrated: %v, %v", done, err)
	}
}

// run runs one statement outside a transaction.
func run(t *testing.T, address, statement string) {
	t.Helper()
	pool, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// psql runs the program of that name, which a superuser would.
func psql(t *testing.T, address string, args ...string) {
	t.Helper()
	program, err := exec.LookPath("psql")
	if err != nil {
		binaries, err := pg.FindBinaries()
		if err != nil {
			t.Fatal(err)
		}
		program = filepath.Join(binaries.Dir, "psql")
	}
	// The libpq words are given one by one, as psql reads no user in a query.
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"-X", "-q", "-v", "ON_ERROR_STOP=1",
		"-h", u.Query().Get("host"), "-p", u.Query().Get("port"), "-U", u.Query().Get("user"),
		"-d", strings.TrimPrefix(u.Path, "/")}, args...)...)
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c client_min_messages=warning")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("psql %v: %v: %s", args, err, out)
	}
}

// beside is the address of another database of the same server, as another
// user unless user is "".
func beside(t *testing.T, address, database, user string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + database
	if user != "" {
		q := u.Query()
		q.Set("user", user)
		u.RawQuery = q.Encode()
	}
	return u.String()
}
