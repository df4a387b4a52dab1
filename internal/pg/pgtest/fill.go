package pgtest

import (
	"context"
	"database/sql"
	"testing"
)

// Fill runs statements one after another as the owner of the test's database,
// each by itself on one connection: for more rows than a test could make through
// the product's own acts.
func Fill(t testing.TB, statements ...string) {
	t.Helper()
	owner, err := sql.Open("postgres", URL(t)+"&timezone=UTC")
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	owner.SetMaxOpenConns(1)
	for _, statement := range statements {
		if _, err := owner.ExecContext(context.Background(), statement); err != nil {
			t.Fatalf("%v in\n%s", err, statement)
		}
	}
}
