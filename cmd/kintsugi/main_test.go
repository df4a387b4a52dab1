package main_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	kintsugi "kintsugi/cmd/kintsugi"
)

// asProgram in the environment makes this test program the program itself, for
// the tests that send signals and kill.
const asProgram = "KINTSUGI_TEST_AS_PROGRAM"

// turnWait makes it the program with another wait in a turn of lane keys.
const turnWait = "KINTSUGI_TEST_TURN_WAIT"

func TestMain(m *testing.M) {
	if wait, err := time.ParseDuration(os.Getenv(turnWait)); err == nil {
		kintsugi.MainWaiting(wait)
	}
	if os.Getenv(asProgram) != "" {
		kintsugi.Main()
	}
	os.Exit(m.Run())
}

// said is how a command ended.
type said struct {
	code     int
	out, err string
}

// run runs a command that does its work and stops, with nothing in its
// environment but what is given.
func run(t *testing.T, environ []string, args ...string) said {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, err bytes.Buffer
	code := kintsugi.Run(ctx, args, environ, strings.NewReader(""), &out, &err)
	return said{code, out.String(), err.String()}
}

// must fails the test unless the command ended well, and gives what it printed.
func (s said) must(t *testing.T) string {
	t.Helper()
	if s.code != 0 {
		t.Fatalf("exit %d: %s%s", s.code, s.out, s.err)
	}
	return s.out
}

// program is kintsugi in a process of its own.
type program struct {
	t     *testing.T
	cmd   *exec.Cmd
	URL   string // http://127.0.0.1:PORT
	ended chan struct{}

	mu  sync.Mutex
	out bytes.Buffer
	err bytes.Buffer
}

// start runs a server and waits until it listens.
func start(t *testing.T, environ []string, args ...string) *program {
	t.Helper()
	p, line := launch(t, environ, args...)
	url, found := strings.CutPrefix(line, "listening on ")
	if !found {
		<-p.ended
		t.Fatalf("%v says %q: %s", args, line, p.stderr())
	}
	p.URL = url
	return p
}

// launch runs the program and gives its first line.
func launch(t *testing.T, environ []string, args ...string) (*program, string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, cmd: exec.Command(self, args...), ended: make(chan struct{})}
	p.cmd.Env = append([]string{asProgram + "=1", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}, environ...)
	p.cmd.Stderr = locked{p, &p.err}
	pipe, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(pipe)
	first, _ := lines.ReadString('\n') // what ended without a line is told by its exit
	go func() {
		_, _ = io.Copy(locked{p, &p.out}, lines) // the pipe ends with the process
		_ = p.cmd.Wait()                         // how it ended is read from ProcessState
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended already
		<-p.ended
	})
	return p, strings.TrimSuffix(first, "\n")
}

// locked lets a process write where the test reads.
type locked struct {
	p *program
	b *bytes.Buffer
}

func (l locked) Write(text []byte) (int, error) {
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	return l.b.Write(text)
}

func (p *program) stderr() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err.String()
}

func (p *program) stdout() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// stop asks the program to end and gives its exit code and how long it took.
func (p *program) stop(s syscall.Signal) (int, time.Duration) {
	p.t.Helper()
	began := time.Now()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(25 * time.Second):
		p.t.Fatalf("still runs: %s", p.stderr())
	}
	return p.cmd.ProcessState.ExitCode(), time.Since(began)
}

// get fetches a page.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// eventually waits for something that follows by itself.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(30 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("waited in vain: %s", what)
}

// folder is a new folder that every user may cross, as PostgreSQL needs it when
// the tests run as root; t.TempDir is not.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kintsugi-cmd-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// practiceFile is the demo's, which has everything in it.
func practiceFile(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../internal/demo/practice.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return path
}
