package pg_test

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"kintsugi/internal/pg"
)

func itoa(n int) string { return strconv.Itoa(n) }

// asOwnerOf makes a command run as the user whom a path belongs to.
func asOwnerOf(t *testing.T, path string) *syscall.SysProcAttr {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	st := info.Sys().(*syscall.Stat_t)
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: st.Uid, Gid: st.Gid}}
}

// refused expects a start to be refused, with words that help.
func refused(t *testing.T, dir string, words ...string) {
	t.Helper()
	e, err := pg.StartEmbedded(context.Background(), pg.EmbeddedOptions{Dir: dir})
	if err == nil {
		e.Stop()
		t.Fatal("it started")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
}

func TestAnotherMajorVersionIsRefusedAndNothingIsTouched(t *testing.T) {
	t.Parallel()
	dir := madeFolder(t)
	version := filepath.Join(dir, "pg", "data", "PG_VERSION")
	if err := os.WriteFile(version, []byte("11\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := listing(t, filepath.Join(dir, "pg", "data"))
	refused(t, dir, "PostgreSQL 11", filepath.Join(dir, "pg", "data"), "pg_upgrade", "Nothing was changed")
	if after := listing(t, filepath.Join(dir, "pg", "data")); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func TestFilesThatAreNoDatabaseAreRefusedAndKept(t *testing.T) {
	t.Parallel()
	dir := madeFolder(t)
	if err := os.Remove(filepath.Join(dir, "pg", "data", "PG_VERSION")); err != nil {
		t.Fatal(err)
	}
	before := listing(t, filepath.Join(dir, "pg", "data"))
	refused(t, dir, "PG_VERSION", "backup")
	if after := listing(t, filepath.Join(dir, "pg", "data")); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

func TestAnUnfinishedDatabaseIsSetAsideNotDeleted(t *testing.T) {
	t.Parallel()
	dir := emptyFolder(t)
	home := filepath.Join(dir, "pg")
	if err := os.MkdirAll(filepath.Join(home, "data.new"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "data.new", "half"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
	kept, err := filepath.Glob(filepath.Join(home, "data.new.*", "half"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v, %v", kept, err)
	}
}

// "mkdir /srv/x: permission denied" was all that somebody read who had a typing
// mistake in KINTSUGI_DATA.
func TestAFolderThatCannotBeUsedIsNamedWithWhatToDo(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "inside")} {
		_, err := pg.StartEmbedded(t.Context(), pg.EmbeddedOptions{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), "the data folder "+dir+" cannot be used") || !strings.Contains(err.Error(), "KINTSUGI_DATA") {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

func TestAnOrdinaryFolderOfFilesKeepsItsPermissions(t *testing.T) {
	t.Parallel()
	dir := madeFolder(t)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
}

func TestRootLetsTheDatabaseUserCrossTheGivenFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("only root runs the database as another user")
		return
	}
	dir := emptyFolder(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
	outer, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := os.Stat(filepath.Join(dir, "pg"))
	if err != nil {
		t.Fatal(err)
	}
	if outer.Mode().Perm() != 0o711 || outer.Sys().(*syscall.Stat_t).Uid != 0 {
		t.Errorf("the given folder: %v", outer.Mode())
	}
	if inner.Mode().Perm() != 0o700 || inner.Sys().(*syscall.Stat_t).Uid == 0 {
		t.Errorf("the one inside: %v of %d", inner.Mode(), inner.Sys().(*syscall.Stat_t).Uid)
	}
}

func TestAParentThatTheDatabaseUserCannotCrossIsNamed(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("only root runs the database as another user")
		return
	}
	closed := filepath.Join(emptyFolder(t), "closed")
	if err := os.MkdirAll(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "between", "given")
	refused(t, dir, "cannot cross the folder "+closed+" on the way", "chmod o+x "+closed)
}

func TestASocketFolderOfSomeoneElseIsRefused(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("only root can give a folder away")
		return
	}
	dir := madeFolder(t)
	run := filepath.Join(dir, "pg", "run")
	if err := os.Chown(run, 4321, 4321); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, run, "belongs to user 4321")
}

func TestRunsUnderAnOrdinaryUserToo(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		start(t, emptyFolder(t))
		return
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	dir := emptyFolder(t)
	programs, err := os.MkdirTemp("", "kintsugi-pg-program-") // No program runs from memory on some systems.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(programs) })
	if err := os.Chmod(programs, 0o711); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(programs, "program")
	copyProgram(t, program)
	given := filepath.Join(dir, "given")
	if err := os.Mkdir(given, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(given, uid, gid); err != nil {
		t.Fatal(err)
	}
	cmd, said := child(t, given, func(cmd *exec.Cmd) {
		cmd.Path, cmd.Args = program, []string{program}
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	})
	url, ok := strings.CutPrefix(said, "up ")
	if !ok {
		t.Fatal(said)
	}
	if err := open(t, url).Ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(given); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of an ordinary user was opened to others: %v, %v", info.Mode(), err)
	}
	_ = cmd.Process.Signal(syscall.SIGKILL)
}

// copyProgram copies the running test program to where every user may run it.
func copyProgram(t *testing.T, to string) {
	t.Helper()
	from, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// listing names every file below a folder with its size and time.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			b.WriteString(path + " " + info.Mode().String() + " " + strconv.FormatInt(info.Size(), 10) + " " + info.ModTime().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
