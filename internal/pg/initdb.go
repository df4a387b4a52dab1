package pg

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// chooseBinaries gives the PostgreSQL for this folder: the one its data was
// made by, else the preferred one.
func (f *folder) chooseBinaries() (Binaries, error) {
	major, err := f.major()
	if err != nil {
		return Binaries{}, err
	}
	if major == 0 {
		return FindBinaries()
	}
	b, ok, err := binariesFor(major)
	if err != nil {
		return Binaries{}, err
	}
	if !ok {
		return Binaries{}, fmt.Errorf("the database in %s was made by PostgreSQL %d and this machine has %d (%s). Nothing was changed. Install PostgreSQL %d beside it (or name its programs in PG_BIN), or move the data over with pg_upgrade, or with pg_dump of version %d into a new folder", f.data, major, b.Major, b.Dir, major, major)
	}
	return b, nil
}

// ensureData makes the database where there is none yet: beside its place
// first, so that a power cut half way never leaves half a database there.
func (f *folder) ensureData(b Binaries, sync bool, log *slog.Logger) error {
	if major, err := f.major(); err != nil || major != 0 {
		return err
	}
	fresh := f.data + ".new"
	if err := f.setAside(fresh, log); err != nil {
		return err
	}
	var failed error
	for _, ctype := range []string{"C.UTF-8", "en_US.UTF-8", "UTF-8", "C"} {
		out, err := f.runInitdb(b, fresh, ctype, sync)
		if err == nil {
			failed = nil
			break
		}
		failed = fmt.Errorf("initdb: %w: %s", err, lastLines(out))
		if !strings.Contains(out, "locale") {
			break
		}
	}
	if failed != nil {
		return failed
	}
	if err := os.Rename(fresh, f.data); err != nil {
		return err
	}
	return syncFolder(f.home)
}

// runInitdb makes an empty cluster. Its superuser needs no password, because
// only who may enter the private socket folder can reach it at all.
func (f *folder) runInitdb(b Binaries, into, ctype string, sync bool) (string, error) {
	args := []string{"-D", into, "-U", superuser, "--encoding=UTF8", "--locale=C", "--lc-ctype=" + ctype,
		"--auth-local=trust", "--auth-host=reject", "--data-checksums"}
	if !sync {
		args = append(args, "--no-sync")
	}
	out, err := f.account.command(f.home, filepath.Join(b.Dir, "initdb"), args...).CombinedOutput()
	return string(out), err
}

// setAside moves a folder away that an interrupted start left behind. It is
// kept, because we never delete a folder that we find.
func (f *folder) setAside(path string, log *slog.Logger) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	aside := path + "." + time.Now().UTC().Format("20060102T150405.000000000")
	log.Warn("an unfinished database was found and set aside; it may be deleted", "folder", aside)
	return os.Rename(path, aside)
}

// syncFolder makes a rename inside a folder survive a power cut.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// lastLines is the end of what a program said, on one line.
func lastLines(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) > 3 {
		lines = lines[len(lines)-3:]
	}
	return strings.Join(lines, " / ")
}
