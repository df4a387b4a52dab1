package pg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// folder is the place on disk of one embedded database.
//
//	Dir/pg.lock        held by the process that looks after it
//	Dir/postgres.log   what PostgreSQL says
//	Dir/pg/data        the database; belongs to the account, as does pg
//	Dir/pg/run         the socket, where the path is short enough for one
type folder struct {
	dir     string
	home    string // Dir/pg
	data    string
	socket  string // the folder of the socket
	account account
	lock    *os.File
}

// lockName is the file whose lock the looking-after process holds.
const lockName = "pg.lock"

// socketName is what PostgreSQL calls its socket on the port we name.
const socketName = ".s.PGSQL.5432"

// socketPathLimit is the longest path a socket may have, on the strictest
// system we run on (macOS: 103 bytes, Linux: 107).
const socketPathLimit = 103

// openFolder makes the folder ready and takes its lock, so that no second
// process looks after the same database. It deletes nothing.
func openFolder(ctx context.Context, dir string) (*folder, error) {
	if dir == "" {
		return nil, errors.New("no folder was named for the embedded database")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := prepareDir(dir); err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	f := &folder{dir: dir, home: filepath.Join(dir, "pg"), data: filepath.Join(dir, "pg", "data")}
	if f.account, err = chooseAccount(f.home); err != nil {
		return nil, err
	}
	if f.lock, err = takeLock(ctx, filepath.Join(dir, lockName), dir); err != nil {
		return nil, err
	}
	if err := f.prepareInside(); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// prepareDir makes the given folder, or lets others cross the one that is
// there: PostgreSQL runs as another user when we are root. A folder that holds
// something of someone else's loses none of its permissions.
func prepareDir(dir string) error {
	fresh := false
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		fresh = true
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return unusable(dir, err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return unusable(dir, err)
	}
	want := info.Mode().Perm() | 0o111
	if fresh || len(entries) == 0 {
		want = 0o711
	}
	if info.Mode().Perm() == want || os.Geteuid() != 0 && !fresh {
		return nil
	}
	return os.Chmod(dir, want|info.Mode()&(fs.ModeSticky|fs.ModeSetgid))
}

// unusable says of a folder that the system keeps us from what to do about it.
func unusable(dir string, err error) error {
	return fmt.Errorf("the data folder %s cannot be used (%w): let this user read and write it, or set KINTSUGI_DATA to another folder", dir, err)
}

// prepareInside makes what belongs to the account.
func (f *folder) prepareInside() error {
	if err := f.account.ownFolder(f.home); err != nil {
		return err
	}
	f.socket = f.socketFolder()
	return f.account.ownFolder(f.socket)
}

// socketFolder says where the socket belongs: beside the data, or where the
// path is short enough for one.
func (f *folder) socketFolder() string {
	beside := filepath.Join(f.home, "run")
	if len(beside)+1+len(socketName) <= socketPathLimit {
		return beside
	}
	sum := sha256.Sum256([]byte(f.dir))
	return filepath.Join("/tmp", "kintsugi-"+strconv.Itoa(int(f.account.uid))+"-"+hex.EncodeToString(sum[:6]))
}

// major is the version of PostgreSQL the data was made by, 0 when there is none
// yet.
func (f *folder) major() (int, error) {
	text, err := os.ReadFile(filepath.Join(f.data, "PG_VERSION"))
	if err == nil {
		n, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return 0, fmt.Errorf("%s/PG_VERSION does not name a version: %q", f.data, text)
		}
		return n, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	entries, err := os.ReadDir(f.data)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return 0, fmt.Errorf("%s holds files but no database (PG_VERSION is missing): bring the database back from a backup, or move the folder away to start with an empty one", f.data)
}

// takeLock waits a moment for the lock, because a process that was just killed
// lets go of it only when the system has cleared it away.
func takeLock(ctx context.Context, path, dir string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, unusable(dir, err)
	}
	giveUp := time.Now().Add(2 * time.Second)
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if time.Now().After(giveUp) {
			file.Close()
			return nil, fmt.Errorf("another kintsugi is running on the folder %s: stop it first, or set KINTSUGI_DATA to another folder", dir)
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// close gives the lock back.
func (f *folder) close() {
	// Closing a file that was only locked cannot lose anything.
	_ = f.lock.Close()
}
