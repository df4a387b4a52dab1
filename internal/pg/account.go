package pg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is the system user that PostgreSQL runs as. It refuses to run as root,
// so root lends it another one.
type account struct {
	name     string
	uid, gid uint32
	lent     bool // root gives up its rights for it
}

// chooseAccount says who runs the database whose files are in home. Root keeps
// the user that already owns them, so that a database made under nobody stays
// readable after a package has brought the user postgres.
func chooseAccount(home string) (account, error) {
	uid, gid := os.Geteuid(), os.Getegid()
	owner, known := ownerOf(home)
	if uid != 0 {
		if known && owner.uid != uint32(uid) {
			return account{}, fmt.Errorf("the folder %s belongs to %s: run kintsugi as that user, or give the folder away with chown -R", home, owner.name)
		}
		return account{name: userName(uint32(uid)), uid: uint32(uid), gid: uint32(gid)}, nil
	}
	if known && owner.uid != 0 {
		owner.lent = true
		return owner, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return account{}, fmt.Errorf("user %s: %w", name, err)
		}
		return account{name: name, uid: uint32(uid), gid: uint32(gid), lent: true}, nil
	}
	return account{}, errors.New("PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody: add one, or run kintsugi as an ordinary user")
}

// ownerOf tells whom a folder belongs to, if it is there.
func ownerOf(path string) (account, bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return account{}, false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return account{}, false
	}
	return account{name: userName(st.Uid), uid: st.Uid, gid: st.Gid}, true
}

// userName is the name of a user, or its number where nobody named it.
func userName(uid uint32) string {
	number := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(number); err == nil {
		return u.Username
	}
	return "user " + number
}

// command prepares a program of PostgreSQL to run as the account, in a group of
// its own so that Ctrl-C in a terminal reaches kintsugi alone, and with an
// environment that holds none of our secrets.
func (a account) command(dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
	if path := os.Getenv("LD_LIBRARY_PATH"); path != "" {
		cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+path)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.lent {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return cmd
}

// checkReach makes sure that the account can run the programs inside dir. It
// really tries, so that every reason a kernel may have counts; only then does it
// look for the folder to blame.
func (a account) checkReach(dir string, b Binaries) error {
	program := filepath.Join(b.Dir, "postgres")
	err := a.command(dir, program, "--version").Run()
	if err == nil {
		return nil
	}
	if a.command("/", program, "--version").Run() != nil {
		return fmt.Errorf("the user %s cannot run %s (%w): install PostgreSQL where every user may run it", a.name, program, err)
	}
	for at := "/"; ; {
		if a.command(at, program, "--version").Run() != nil {
			return fmt.Errorf("the user %s, which PostgreSQL runs as, cannot cross the folder %s on the way to %s: choose a folder elsewhere, or allow it with: chmod o+x %s", a.name, at, dir, at)
		}
		rest, _ := strings.CutPrefix(strings.TrimPrefix(dir, at), "/")
		if rest == "" {
			return fmt.Errorf("the user %s cannot use the folder %s: %w", a.name, dir, err)
		}
		next, _, _ := strings.Cut(rest, "/")
		at = filepath.Join(at, next)
	}
}

// ownFolder makes a folder that the account alone may enter, and refuses one
// that is a link or belongs to someone else.
func (a account) ownFolder(path string) error {
	err := os.Mkdir(path, 0o700)
	if err == nil {
		return os.Lchown(path, int(a.uid), int(a.gid))
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is in the way: the database needs a folder of that name", path)
	}
	owner, _ := ownerOf(path)
	if a.lent && owner.uid == 0 {
		// Root's own, perhaps from a start that was cut off just before this.
		if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
			return err
		}
	} else if owner.uid != a.uid {
		return fmt.Errorf("the folder %s belongs to %s, not to %s: it is not used, because whoever owns it could read the database", path, owner.name, a.name)
	}
	if info.Mode().Perm() != 0o700 {
		return os.Chmod(path, 0o700)
	}
	return nil
}
