package pg

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// dieWithUs makes the kernel stop the server properly when the thread that
// started it ends, and so when this process is killed.
func dieWithUs(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }

// serves reports whether a process is a PostgreSQL server on the folder: its
// command names the folder, and it works inside it.
func serves(pid int, data string) bool {
	line, err := os.ReadFile(procPath(pid, "cmdline"))
	if err != nil {
		return false
	}
	words := strings.Split(string(bytes.TrimRight(line, "\x00")), "\x00")
	for i, word := range words {
		if word == "-D" && i+1 < len(words) && words[i+1] == data {
			return runsPostgres(pid) && worksIn(pid, data)
		}
	}
	return false
}

// worksIn reports whether a process works in this very folder. Names are not
// enough: a container may have a folder of the same name.
func worksIn(pid int, data string) bool {
	ours, err1 := os.Stat(data)
	theirs, err2 := os.Stat(procPath(pid, "cwd"))
	return err1 == nil && err2 == nil && os.SameFile(ours, theirs)
}

// runsPostgres reports whether a process runs PostgreSQL, on whatever folder.
func runsPostgres(pid int) bool {
	name, err := os.ReadFile(procPath(pid, "comm"))
	if err != nil {
		return false
	}
	word := strings.TrimSpace(string(name))
	return word == "postgres" || word == "postmaster"
}

// unburied reports whether a process has ended and waits for its parent to ask
// how. Where process 1 does not care for orphans, that is for ever.
func unburied(pid int) bool {
	stat, err := os.ReadFile(procPath(pid, "stat"))
	if err != nil {
		return false
	}
	// The state follows the name in brackets, which may itself hold brackets.
	_, state, _ := bytes.Cut(stat[max(0, bytes.LastIndexByte(stat, ')')):], []byte(") "))
	return bytes.HasPrefix(state, []byte("Z")) || bytes.HasPrefix(state, []byte("X"))
}

// endLeftBackends ends the children of a server that was killed. They end by
// themselves when they look up from their work, but until then no new server
// may start. They are known by the folder they work in.
func endLeftBackends(data string) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || !runsPostgres(pid) {
			continue
		}
		if worksIn(pid, data) {
			// It may end on its own between the look and the signal.
			_ = syscall.Kill(pid, syscall.SIGQUIT)
		}
	}
}

func procPath(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}
