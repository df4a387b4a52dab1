//go:build !linux

package pg

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// dieWithUs does nothing here: without Linux the server outlives a killed
// kintsugi, and the next start stops it.
func dieWithUs(*syscall.SysProcAttr) {}

// serves reports whether a process is a PostgreSQL server on the folder.
func serves(pid int, data string) bool {
	return runsPostgres(pid) && strings.Contains(commandOf(pid)+" ", " -D "+data+" ")
}

// runsPostgres reports whether a process runs PostgreSQL, on whatever folder.
func runsPostgres(pid int) bool {
	program, _, _ := strings.Cut(commandOf(pid), " -D ")
	name := filepath.Base(program)
	return name == "postgres" || name == "postmaster"
}

// unburied reports whether a process has ended and waits for its parent to ask
// how. Where process 1 does not care for orphans, that is for ever.
func unburied(pid int) bool {
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(out)), "Z")
}

// endLeftBackends does nothing here: without /proc a child of a killed server
// cannot be told from someone else's. They end by themselves.
func endLeftBackends(string) {}

func commandOf(pid int) string {
	out, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
