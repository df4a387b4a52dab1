package pg_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kintsugi/internal/pg"
)

// childFolder in the environment turns this test program into a small kintsugi
// that looks after the folder named there, for the tests that kill one.
const childFolder = "KINTSUGI_PG_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		lookAfter(dir)
	}
	code := m.Run()
	if dir := madeOnce.dir; dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// lookAfter starts the database in dir, says so, and waits to be stopped or
// killed.
func lookAfter(dir string) {
	e, err := pg.StartEmbedded(context.Background(), pg.EmbeddedOptions{Dir: dir})
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
	fmt.Println("up", e.URL())
	_, _ = os.Stdin.Read(make([]byte, 1)) // Ends when the test lets go.
	if err := e.Stop(); err != nil {
		fmt.Println("stop:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// child runs lookAfter in a process of its own and waits until it is up. It
// gives the process and what it said first.
func child(t *testing.T, dir string, prepare func(*exec.Cmd)) (*exec.Cmd, string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	if prepare != nil {
		prepare(cmd)
	}
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // It may have ended already.
		_ = cmd.Wait()
	})
	buf := make([]byte, 4096)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatalf("the child said nothing: %v", err)
	}
	return cmd, strings.TrimSpace(string(buf[:n]))
}

// memory is the folder for what need not survive, "" where there is none.
func memory() string {
	var st syscall.Statfs_t
	if syscall.Statfs("/dev/shm", &st) == nil && st.Bavail*uint64(st.Bsize) > 1<<30 {
		return "/dev/shm"
	}
	return ""
}

// emptyFolder is a new folder that every user may cross; t.TempDir is not.
func emptyFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(memory(), "kintsugi-pg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// madeOnce is a database made by an ordinary first start, copied for the tests
// that are about what comes later.
var madeOnce struct {
	sync.Once
	dir string
	err error
}

// madeFolder is a folder with a database in it that nobody looks after.
func madeFolder(t *testing.T) string {
	t.Helper()
	madeOnce.Do(func() {
		dir, err := os.MkdirTemp(memory(), "kintsugi-pg-made-")
		if err != nil {
			madeOnce.err = err
			return
		}
		madeOnce.dir = dir
		e, err := pg.StartEmbedded(context.Background(), pg.EmbeddedOptions{Dir: dir})
		if err == nil {
			err = e.Stop()
		}
		madeOnce.err = err
	})
	if madeOnce.err != nil {
		t.Fatal(madeOnce.err)
	}
	dir := emptyFolder(t)
	if out, err := exec.Command("cp", "-a", filepath.Join(madeOnce.dir, "pg"), dir).CombinedOutput(); err != nil {
		t.Fatalf("copy: %v: %s", err, out)
	}
	return dir
}

// start starts the database in dir and stops it at the end.
func start(t *testing.T, dir string) *pg.Embedded {
	t.Helper()
	e, err := pg.StartEmbedded(context.Background(), pg.EmbeddedOptions{Dir: dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// open opens a pool on a running database.
func open(t *testing.T, url string) *pg.DB {
	t.Helper()
	db, err := pg.Open(context.Background(), url, pg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// serverPid reads which process serves the folder.
func serverPid(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "pg", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// gone reports whether a process has ended, buried or not.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err != nil || strings.HasPrefix(strings.TrimSpace(string(out)), "Z")
}

// eventually waits for something to become true.
func eventually(t *testing.T, within time.Duration, what string, is func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !is() {
		if time.Since(began) > within {
			t.Fatalf("after %v still not: %s", within, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return time.Since(began)
}
