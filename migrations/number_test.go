package migrations_test

import (
	"io/fs"
	"testing"

	"kintsugi/migrations"
)

// Two were written at the same time under one number, and no database could be
// opened any more.
func TestNoTwoMigrationsHaveOneNumber(t *testing.T) {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(files) < 50 {
		t.Fatal(files, err)
	}
	known := map[string]string{}
	for _, name := range files {
		number := name[:5]
		if other, taken := known[number]; taken {
			t.Errorf("%s and %s", other, name)
		}
		known[number] = name
	}
}
