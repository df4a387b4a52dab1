package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/seal"
)

// The commands of somebody who runs the server with its own database, while it
// runs: they were refused, because the folder belonged to the server.
func TestCommandsWorkBesideAServerWithItsOwnDatabase(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	environ := []string{"KINTSUGI_DATA=" + dir, "LISTEN=127.0.0.1:0", "PUBLIC_URL=http://localhost:8080", "LIMITS=off"}
	p := start(t, environ, "serve")

	if out := run(t, environ, "apply", practiceFile(t)).must(t); !strings.Contains(out, "coach mara: new\n") {
		t.Errorf("apply says %s", out)
	}
	if again := run(t, environ, "apply", practiceFile(t)).must(t); strings.Count(again, "\n") != 1 || !strings.Contains(again, "nothing was changed") {
		t.Errorf("apply again says %s", again)
	}
	exported := run(t, environ, "export", "--practice").must(t)
	if back := run(t, environ, "apply", write(t, "back.yaml", []byte(exported))).must(t); !strings.Contains(back, "nothing was changed") {
		t.Errorf("what was exported changes: %s", back)
	}
	if _, page := get(t, p.URL+"/coaches/mara"); !strings.Contains(page, "Mara Lind") {
		t.Error("the server does not see what was applied")
	}
	address := strings.TrimSpace(run(t, environ, "feed", "mara").must(t))
	path, ours := strings.CutPrefix(address, "http://localhost:8080/")
	if status, calendar := get(t, p.URL+"/"+path); !ours || status != 200 || !strings.HasPrefix(calendar, "BEGIN:VCALENDAR\r\n") {
		t.Errorf("the feed %s answers %d %s", address, status, calendar)
	}
	if s := run(t, environ, "feed", "nobody"); s.code != 1 || !strings.Contains(s.err, "no coach") {
		t.Errorf("exit %d, %q", s.code, s.err)
	}
	for _, what := range []string{"invite", "reset"} {
		run(t, environ, "coach", what, "Mara@example.org").must(t)
		if s := run(t, environ, "coach", what, "nobody@example.org"); s.code != 1 || !strings.Contains(s.err, "practice file") {
			t.Errorf("coach %s of nobody: exit %d, %q", what, s.code, s.err)
		}
	}
	if status, page := get(t, p.URL+"/sign-in"); status != 200 || !strings.Contains(page, "Send me a code") {
		t.Errorf("signing in: %d %s", status, page)
	}
	if s := run(t, environ, "doctor"); s.code != 0 || !strings.Contains(s.out, "of the server that runs now") {
		t.Errorf("the doctor says, with %d:\n%s%s", s.code, s.out, s.err)
	}
	if s := run(t, environ, "migrate"); s.code != 0 {
		t.Errorf("exit %d, %q", s.code, s.err)
	}
	if s := run(t, environ, "serve"); s.code != 1 || !strings.Contains(s.err, "another kintsugi is running on the folder "+dir) {
		t.Errorf("a second server: exit %d, %q", s.code, s.err)
	}
	bookByProgram(t, p.URL)
	rotates(t, environ, dir)
	if code, _ := p.stop(syscall.SIGTERM); code != 0 {
		t.Errorf("exit %d: %s", code, p.stderr())
	}
	// Without a server each of them starts the database by itself.
	if again := run(t, environ, "export", "--practice").must(t); again != exported {
		t.Errorf("exports another file:\n%s", again)
	}
}

// rotates adds a key to the keyset, brings everything under it and takes the
// older key away.
func rotates(t *testing.T, environ []string, dir string) {
	t.Helper()
	added := run(t, environ, "keys", "new", "--add")
	if _, err := seal.ParseKeyset(added.must(t)); err != nil || !strings.Contains(added.err, "keys rotate") {
		t.Fatalf("%v, %q", err, added.err)
	}
	with := append(environ, "KINTSUGI_KEYSET="+strings.TrimSpace(added.out))
	out := run(t, with, "keys", "rotate").must(t)
	if !strings.Contains(out, "server keys: 1\n") || !strings.Contains(out, "sign-in secrets: 0\n") || !strings.Contains(out, "lane keys: 1\n") {
		t.Errorf("rotate says %s", out)
	}
	if s := run(t, with, "doctor"); !strings.Contains(s.out, "ok     keys ") {
		t.Errorf("with the new key:\n%s", s.out)
	}
	if s := run(t, environ, "doctor"); s.code != 1 || !strings.Contains(s.out, "wrong  keys ") {
		t.Errorf("with the old key alone:\n%s", s.out)
	}
	foreign := append(environ, "KINTSUGI_KEYSET="+strings.TrimSpace(run(t, nil, "keys", "new").must(t)))
	if s := run(t, foreign, "keys", "rotate"); s.code != 1 || !strings.Contains(s.err, "does not open what is stored") {
		t.Errorf("with a foreign keyset: exit %d, %q", s.code, s.err)
	}
	if err := os.WriteFile(filepath.Join(dir, "keyset"), []byte(added.out), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The keyset was lost with a laptop, and the next start made another one
// without a word; every private word was gone.
func TestALostKeysetIsSaidAndNotReplaced(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	environ := []string{"KINTSUGI_DATA=" + dir, "LISTEN=127.0.0.1:0"}
	p := start(t, environ, "serve")
	file := filepath.Join(dir, "keyset")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the keyset's file: %v, %v", info, err)
	}
	eventually(t, "the word about the new keyset", func() bool { return strings.Contains(p.stderr(), "keep a copy of it") })
	p.stop(syscall.SIGTERM)
	saved, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if s := run(t, environ, "serve"); s.code != 1 || !strings.Contains(s.err, "bring "+file+" back from your copy") {
		t.Errorf("exit %d, %q", s.code, s.err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("another keyset was made")
	}
	if err := os.WriteFile(file, saved, 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, environ, "serve").stop(syscall.SIGTERM)
}

func TestAfterAKillTheServerComesBackOnTheSameFolder(t *testing.T) {
	t.Parallel()
	environ := []string{"KINTSUGI_DATA=" + folder(t), "LISTEN=127.0.0.1:0", "LIMITS=off"}
	p := start(t, environ, "serve")
	run(t, environ, "apply", practiceFile(t)).must(t)
	booked := bookByProgram(t, p.URL)
	p.stop(syscall.SIGKILL)
	again := start(t, environ, "serve")
	_, path, _ := strings.Cut(strings.TrimPrefix(booked.ManageURL, "http://"), "/")
	if status, page := get(t, again.URL+"/"+path); status != 200 || !strings.Contains(page, "Common Ground") {
		t.Errorf("%d %s", status, page)
	}
}

func TestAnExternalDatabaseThatIsNotMigratedIsSaid(t *testing.T) {
	t.Parallel()
	environ := given(t, pgtest.Empty(t), "PUBLIC_URL=http://localhost:8080")
	for _, line := range []string{"export --practice", "feed mara", "keys rotate", "coach invite mara@example.org", "coach reset mara@example.org"} {
		s := run(t, environ, strings.Fields(line)...)
		if s.code != 1 || !strings.Contains(s.err, "run kintsugi migrate") {
			t.Errorf("%s: exit %d, %q", line, s.code, s.err)
		}
	}
	if s := run(t, environ, "doctor"); s.code != 1 || !strings.Contains(s.out, "wrong  migrations ") {
		t.Errorf("the doctor says, with %d:\n%s", s.code, s.out)
	}
	run(t, environ, "migrate").must(t)
	if s := run(t, environ, "export", "--practice"); s.code != 1 || !strings.Contains(s.err, "no practice file has been applied") {
		t.Errorf("exit %d, %q", s.code, s.err)
	}
}

// Started by a script, which makes its children ignore SIGINT, and stopped in
// the same second, it hung: PostgreSQL had missed the one signal it was sent.
func TestAStopWhileStartingIsAStop(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []time.Duration{20 * time.Millisecond, 600 * time.Millisecond, 1200 * time.Millisecond} {
		cmd := exec.Command("/bin/sh", "-c", `trap "" INT; exec "$0" serve`, self)
		cmd.Env = []string{asProgram + "=1", "PATH=" + os.Getenv("PATH"), "KINTSUGI_DATA=" + folder(t), "LISTEN=127.0.0.1:0"}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after)
		began := time.Now()
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		// The shell itself may have been hit before it became the program.
		err := cmd.Wait()
		if took := time.Since(began); took > 15*time.Second || err != nil && cmd.ProcessState.Exited() {
			t.Errorf("stopped after %v, it took %v and ended with %v", after, took, err)
		}
	}
}
