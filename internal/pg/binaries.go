package pg

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// minMajor is the oldest PostgreSQL that our SQL runs on.
const minMajor = 15

// ErrNotInstalled says that this machine has no PostgreSQL we can run.
var ErrNotInstalled = errors.New("PostgreSQL 15 or later is not installed on this machine")

// Binaries is one PostgreSQL installed on this machine.
type Binaries struct {
	Dir   string // the folder that holds initdb and postgres
	Major int    // 15, 16, …
}

// FindBinaries gives the PostgreSQL that a new database would run on: the one in
// $PG_BIN, else the one on the PATH, else the newest in the usual places. When
// there is none, the error is ErrNotInstalled and says which command installs it.
func FindBinaries() (Binaries, error) {
	found, err := listBinaries()
	if err != nil {
		return Binaries{}, err
	}
	return found[0], nil
}

// binariesFor gives the PostgreSQL of one major version, so that a data folder
// goes on working after the system has brought a newer one beside the old.
func binariesFor(major int) (Binaries, bool, error) {
	found, err := listBinaries()
	if err != nil {
		return Binaries{}, false, err
	}
	for _, b := range found {
		if b.Major == major {
			return b, true, nil
		}
	}
	return found[0], false, nil
}

// listBinaries gives every usable PostgreSQL, the preferred one first. It never
// gives an empty list without an error.
func listBinaries() ([]Binaries, error) {
	if dir := os.Getenv("PG_BIN"); dir != "" {
		b, err := inspect(dir)
		if err != nil {
			return nil, fmt.Errorf("PG_BIN names %s, which does not hold PostgreSQL %d or later: %w", dir, minMajor, err)
		}
		return []Binaries{b}, nil
	}
	var found []Binaries
	if path, err := exec.LookPath("postgres"); err == nil {
		if b, err := inspect(filepath.Dir(path)); err == nil {
			found = append(found, b)
		}
	}
	var usual []Binaries
	for _, pattern := range usualFolders() {
		dirs, _ := filepath.Glob(pattern) // The patterns are ours and well formed.
		for _, dir := range dirs {
			if b, err := inspect(dir); err == nil {
				usual = append(usual, b)
			}
		}
	}
	slices.SortStableFunc(usual, func(a, b Binaries) int { return b.Major - a.Major })
	found = append(found, usual...)
	if len(found) == 0 {
		return nil, fmt.Errorf("%w; install it with: %s", ErrNotInstalled, InstallCommand())
	}
	return found, nil
}

// usualFolders are where packages put the programs: Debian and Ubuntu, the RPMs
// of postgresql.org, Alpine, Homebrew, Postgres.app.
func usualFolders() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/usr/libexec/postgresql*",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin",
	}
}

var versionWords = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect asks the programs in dir who they are.
func inspect(dir string) (Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Binaries{}, err
	}
	if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
		return Binaries{}, err
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return Binaries{}, err
	}
	m := versionWords.FindSubmatch(out)
	if m == nil {
		return Binaries{}, fmt.Errorf("%s/postgres does not tell its version", dir)
	}
	major, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return Binaries{}, err
	}
	if major < minMajor {
		return Binaries{}, fmt.Errorf("%s holds PostgreSQL %d", dir, major)
	}
	return Binaries{Dir: dir, Major: major}, nil
}
