package pg_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kintsugi/internal/pg"
)

// fakeManager puts a package manager on the PATH that only says what it was
// asked for, and a sudo that does what it is told.
func fakeManager(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range map[string]string{"apt-get": `#!/bin/sh
echo "asked to $*"
`, "sudo": `#!/bin/sh
exec "$@"
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func TestNothingIsInstalledWithoutAYes(t *testing.T) {
	fakeManager(t)
	for _, answer := range []string{"\n", "n\n", ""} {
		var out bytes.Buffer
		err := pg.Install(context.Background(), false, strings.NewReader(answer), &out)
		if !errors.Is(err, pg.ErrNotInstalled) || strings.Contains(out.String(), "asked to") {
			t.Errorf("answer %q: %v\n%s", answer, err, &out)
		}
		if !strings.Contains(out.String(), pg.InstallCommand()) {
			t.Errorf("the question does not show the command: %s", &out)
		}
	}
}

func TestAYesInstallsAndShowsTheProgress(t *testing.T) {
	fakeManager(t)
	for _, yes := range []bool{true, false} {
		var out bytes.Buffer
		if err := pg.Install(context.Background(), yes, strings.NewReader("yes\n"), &out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "asked to install -y postgresql") {
			t.Errorf("no progress: %s", &out)
		}
	}
}

func TestAFolderWithoutPostgreSQLIsNamed(t *testing.T) {
	empty := t.TempDir()
	t.Setenv("PG_BIN", empty)
	if _, err := pg.FindBinaries(); err == nil || !strings.Contains(err.Error(), "PG_BIN names "+empty) {
		t.Fatalf("got %v", err)
	}
}
