package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"kintsugi/internal/pg"
	"kintsugi/migrations"
)

// prepareVersion is raised when what prepare makes changes.
const prepareVersion = "1"

// prepare gives the folder of a stopped cluster that holds the migrated
// template. It is made once for a PostgreSQL and a set of migrations; test
// programs that start together wait for the first of them.
func prepare() (string, error) {
	binaries, err := pg.FindBinaries()
	if err != nil {
		return "", err
	}
	base := filepath.Join(os.TempDir(), "kintsugi-pgtest-"+strconv.Itoa(os.Geteuid()))
	if err := ownFolder(base); err != nil {
		return "", err
	}
	key, err := fingerprint(binaries)
	if err != nil {
		return "", err
	}
	place := filepath.Join(base, key)
	unlock, err := lockFile(filepath.Join(base, "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(place); err == nil {
		now := time.Now()
		return place, os.Chtimes(place, now, now)
	}
	forgetOld(base)
	fresh := place + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return "", err
	}
	if err := build(fresh); err != nil {
		return "", err
	}
	return place, os.Rename(fresh, place)
}

// build makes the cluster and its template in dir.
func build(dir string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	e, err := pg.StartEmbedded(ctx, pg.EmbeddedOptions{Dir: dir, Forgetful: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Stop()) }()
	c, err := attach(e)
	if err != nil {
		return err
	}
	defer c.pool.Close()
	if _, err := c.pool.ExecContext(ctx, `create database `+templateName+` template template0`); err != nil {
		return err
	}
	return pg.Migrate(ctx, c.url(templateName))
}

// fingerprint names what a prepared cluster depends on.
func fingerprint(b pg.Binaries) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, prepareVersion, b.Dir, b.Major)
	err := fs.WalkDir(migrations.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations.FS, path)
		fmt.Fprintln(sum, path, len(text))
		sum.Write(text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}

// forgetOld removes prepared clusters that nobody has used for two days.
func forgetOld(base string) {
	entries, err := os.ReadDir(base)
	if err != nil {
		return
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && entry.IsDir() && time.Since(info.ModTime()) > 48*time.Hour {
			// What cannot be removed now is found again next time.
			_ = os.RemoveAll(filepath.Join(base, entry.Name()))
		}
	}
}

// ownFolder makes a folder for us alone to write in, and refuses another's.
func ownFolder(path string) error {
	if err := os.Mkdir(path, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to someone else: remove it, or set TMPDIR", path)
	}
	return nil
}

// lockFile waits for a lock and gives the way to let go of it.
func lockFile(path string) (func(), error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, err
	}
	return func() { file.Close() }, nil
}

// copyFolder copies what is inside one folder into another, with owners and
// permissions. Sockets and locks of the original are not part of it.
func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil || rel == "." || rel == "pg.lock" || rel == "postgres.log" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return fmt.Errorf("%s has no owner", path)
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			err = os.Mkdir(target, info.Mode().Perm())
		case info.Mode().IsRegular():
			err = copyFile(path, target, info.Mode().Perm())
		default:
			return nil
		}
		if err != nil {
			return err
		}
		return os.Lchown(target, int(st.Uid), int(st.Gid))
	})
}

func copyFile(from, to string, mode fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
