package pg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// ErrNotRunning says that no process looks after the embedded database of a
// folder, so whoever needs it starts it.
var ErrNotRunning = errors.New("no kintsugi is running on this folder")

// attachPatience is how long a database that another process is just starting
// is waited for.
const attachPatience = 20 * time.Second

// Attach gives the address of the embedded database in dir while another process
// looks after it, and waits until it answers, for a command that works beside
// the server. Without such a process the error is ErrNotRunning.
func Attach(ctx context.Context, dir string) (string, error) {
	f, err := findFolder(dir)
	if err != nil {
		return "", err
	}
	connector, err := connect(f.address(databaseName), "")
	if err != nil {
		return "", err
	}
	pool := sql.OpenDB(connector)
	defer pool.Close()
	for giveUp := time.Now().Add(attachPatience); ; {
		if err := f.isLockedByAnother(); err != nil {
			return "", err
		}
		err := pool.PingContext(ctx)
		if err == nil {
			return f.address(databaseName), nil
		}
		if time.Now().After(giveUp) {
			return "", fmt.Errorf("another kintsugi is running on the folder %s, and its database does not answer: %w", f.dir, err)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// findFolder is openFolder for one that somebody else has made ready. It changes
// nothing on disk.
func findFolder(dir string) (*folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	dir, err = filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, unusable(dir, err)
	}
	f := &folder{dir: dir, home: filepath.Join(dir, "pg"), data: filepath.Join(dir, "pg", "data")}
	if f.account, err = chooseAccount(f.home); err != nil {
		return nil, err
	}
	f.socket = f.socketFolder()
	return f, nil
}

// isLockedByAnother is nil while a process looks after the folder, and
// ErrNotRunning when none does.
func (f *folder) isLockedByAnother() error {
	file, err := os.Open(filepath.Join(f.dir, lockName))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotRunning
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("the folder %s is in the care of another user: run this as the user who runs the server", f.dir)
	}
	if err != nil {
		return fmt.Errorf("look at the lock of the data folder: %w", err)
	}
	defer file.Close()
	// A shared lock is refused while the other one is held, and let go of at once.
	switch err := syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil
	case err != nil:
		return fmt.Errorf("look at the lock of the data folder: %w", err)
	}
	return ErrNotRunning
}

// HasDatabase reports whether an embedded database has been made in dir. Who may
// not look there is told yes, so that opening it says why not.
func HasDatabase(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "pg", "data", "PG_VERSION"))
	return !errors.Is(err, fs.ErrNotExist)
}
