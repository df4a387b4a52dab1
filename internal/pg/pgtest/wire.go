package pgtest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kintsugi/internal/pg"
)

// Wire listens between the program and PostgreSQL and tells what went over the
// wire: which statements, with what, and how often the program waited for an
// answer. It counts on the protocol itself, so nothing that the program or its
// driver do escapes it.
type Wire struct {
	mu         sync.Mutex
	trips      int
	statements []Statement
}

// Statement is one question to the database, with its arguments as they were
// sent: string, []byte where the driver chose the binary form, or nil.
type Statement struct {
	Query string
	Args  []any
}

// Reset forgets what was heard so far.
func (w *Wire) Reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trips, w.statements = 0, nil
}

// Trips is how often the program waited for the database.
func (w *Wire) Trips() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trips
}

// Statements lists what was asked, in order, BEGIN and COMMIT included.
func (w *Wire) Statements() []Statement {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Statement(nil), w.statements...)
}

// Listened is New with someone listening on the wire.
func Listened(t testing.TB) (*pg.DB, *Wire) {
	t.Helper()
	address, err := url.Parse(URL(t))
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	query := address.Query()
	const socket = ".s.PGSQL.5432"
	behind := filepath.Join(query.Get("host"), socket)
	dir, err := os.MkdirTemp("", "wire") // a socket's path is short
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	front, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() { _ = front.Close() })
	w := &Wire{}
	go func() {
		for {
			program, err := front.Accept()
			if err != nil {
				return // closed at the end of the test
			}
			go w.join(program, behind)
		}
	}()
	query.Set("host", dir)
	address.RawQuery = query.Encode()
	return open(t, address.String(), pg.Options{Role: pg.AppRole}), w
}

// join carries one connection to PostgreSQL and back until either side ends.
func (w *Wire) join(program net.Conn, behind string) {
	defer program.Close()
	server, err := net.Dial("unix", behind)
	if err != nil {
		return // the program sees a connection that closes
	}
	defer server.Close()
	named := map[string]string{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer program.Close()
		// The first answer that is ready ends the greeting and is no trip.
		greeting := true
		carry(server, program, true, func(kind byte, _ []byte) {
			if kind != 'Z' {
				return
			}
			if !greeting {
				w.mu.Lock()
				w.trips++
				w.mu.Unlock()
			}
			greeting = false
		})
	}()
	carry(program, server, false, func(kind byte, body []byte) { w.hear(named, kind, body) })
	server.Close()
	<-done
}

// carry copies messages and shows each before it is passed on. The very first
// one of a program has no kind.
func carry(from io.Reader, to io.Writer, kinded bool, show func(kind byte, body []byte)) {
	for {
		head := make([]byte, 5)
		if !kinded {
			head = head[:4]
		}
		if _, err := io.ReadFull(from, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
		if _, err := io.ReadFull(from, body); err != nil {
			return
		}
		if kinded {
			show(head[0], body)
		}
		kinded = true
		if _, err := to.Write(append(head, body...)); err != nil {
			return
		}
	}
}

// hear notes what the program asks: Parse, Bind and the simple Query.
func (w *Wire) hear(named map[string]string, kind byte, body []byte) {
	switch kind {
	case 'P':
		name, rest := text(body)
		named[name], _ = text(rest)
	case 'B':
		_, rest := text(body)
		name, rest := text(rest)
		w.note(Statement{strings.TrimSpace(named[name]), arguments(rest)})
	case 'Q':
		query, _ := text(body)
		w.note(Statement{Query: strings.TrimSpace(query)})
	}
}

func (w *Wire) note(s Statement) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.statements = append(w.statements, s)
}

// text cuts off a text that ends in a zero byte.
func text(raw []byte) (string, []byte) {
	end := bytes.IndexByte(raw, 0)
	return string(raw[:end]), raw[end+1:]
}

// arguments reads the part of Bind behind the names: forms, then values.
func arguments(raw []byte) []any {
	short := func() int {
		n := int(binary.BigEndian.Uint16(raw))
		raw = raw[2:]
		return n
	}
	forms := make([]int, short())
	for i := range forms {
		forms[i] = short()
	}
	args := make([]any, short())
	for i := range args {
		length := int32(binary.BigEndian.Uint32(raw))
		raw = raw[4:]
		if length < 0 {
			continue
		}
		value := raw[:length]
		raw = raw[length:]
		if len(forms) == 1 && forms[0] == 1 || i < len(forms) && len(forms) > 1 && forms[i] == 1 {
			args[i] = append([]byte(nil), value...)
		} else {
			args[i] = string(value)
		}
	}
	return args
}
