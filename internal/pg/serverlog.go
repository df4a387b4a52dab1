package pg

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"syscall"
)

// serverLogLimit bounds the log of the embedded PostgreSQL: one such file and
// the one before it.
const serverLogLimit = 1 << 20

// serverLog keeps what PostgreSQL says in a file, and the last of it at hand to
// explain a start that failed.
type serverLog struct {
	path string

	mu   sync.Mutex
	file *os.File
	size int64
	tail []byte
}

func openServerLog(path string) (*serverLog, error) {
	l := &serverLog{path: path}
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *serverLog) open() error {
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	l.file, l.size = file, info.Size()
	return nil
}

// Write never fails: a full disk must not stop PostgreSQL from talking, or it
// would stop working too.
func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = append(l.tail, p...)
	if over := len(l.tail) - 4096; over > 0 {
		l.tail = append([]byte(nil), l.tail[over:]...)
	}
	if l.file == nil {
		return len(p), nil
	}
	if l.size > serverLogLimit && os.Rename(l.path, l.path+".old") == nil {
		l.file.Close()
		l.file = nil
		if l.open() != nil {
			return len(p), nil
		}
	}
	n, _ := l.file.Write(p)
	l.size += int64(n)
	return len(p), nil
}

// last gives the last thing that PostgreSQL complained about, on one line. That
// it turned away those who knocked too early is no complaint.
func (l *serverLog) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(string(bytes.TrimSpace(l.tail)), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.Contains(lines[i], "the database system is ") {
			continue
		}
		if strings.Contains(lines[i], "FATAL") || strings.Contains(lines[i], "PANIC") {
			return strings.Join(lines[i:min(i+3, len(lines))], " / ")
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}

func (l *serverLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		// The log of a server that has ended; there is nobody left to tell.
		_ = l.file.Close()
		l.file = nil
	}
}
