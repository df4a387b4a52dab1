package pg

import (
	"context"
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

// clearOrphan ends a server that was left running on our folder, and takes away
// the notes of one that is gone. We hold the folder's lock, so no living
// kintsugi looks after it. A process is touched only when it runs PostgreSQL on
// our very folder.
func (e *Embedded) clearOrphan(ctx context.Context) error {
	note := filepath.Join(e.folder.data, "postmaster.pid")
	pid, err := readPid(note)
	if err != nil {
		return err
	}
	switch {
	case pid == 0 || !taken(pid):
		// PostgreSQL sees for itself that its predecessor is gone, and clears up
		// the shared memory that is named in the note.
	case !unburied(pid) && serves(pid, e.folder.data):
		e.log.Warn("a PostgreSQL was left running on our folder and is stopped", "process", pid)
		if err := endProcess(ctx, pid, e.folder.data); err != nil {
			return err
		}
	case !unburied(pid) && runsPostgres(pid):
		return fmt.Errorf("%s names process %d, a PostgreSQL that may use the folder: stop it, then start again", note, pid)
	default:
		// The number belongs to another program by now, or to an ended one that
		// nobody has buried. PostgreSQL would look at the number alone and refuse
		// to start.
		if err := os.Remove(note); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	endLeftBackends(e.folder.data)
	// It leaves the same note beside its socket.
	for _, name := range []string{socketName, socketName + ".lock"} {
		if err := os.Remove(filepath.Join(e.folder.socket, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// readPid reads the process number a server noted, 0 when there is none.
func readPid(note string) (int, error) {
	text, err := os.ReadFile(note)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		// A note that was cut off by a power cut names nobody.
		return 0, nil
	}
	return pid, nil
}

// taken reports whether a process carries the number, be it ours or not.
func taken(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// endProcess stops a server that is not our child, and waits for it.
func endProcess(ctx context.Context, pid int, data string) error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, politeStop}, {syscall.SIGQUIT, hardStop}} {
		if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the PostgreSQL that was left running (process %d): %w", pid, err)
		}
		for until := time.Now().Add(step.wait); time.Now().Before(until); {
			if !taken(pid) || unburied(pid) || !serves(pid, data) {
				return nil
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	return fmt.Errorf("the PostgreSQL that was left running on %s (process %d) does not stop", data, pid)
}
