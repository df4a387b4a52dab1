package pg_test

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
)

// A database host froze: no packet came back and no connection was closed. The
// driver asked that same host to cancel and waited for ever, so each request
// kept a connection of the pool until none was left, also after the host was
// back. Now a silent connection is given up, and the pool heals by itself.
func TestASilentDatabaseIsGivenUpAndTheNextCallWorks(t *testing.T) {
	t.Parallel() // it waits for the whole silence
	ctx := context.Background()
	address, silent := silentProxy(t, pgtest.URL(t))
	db, err := pg.Open(ctx, address, pg.Options{MaxOpen: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()

	silent.Store(true)
	began := time.Now()
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var one int
	err = db.Get(short, &one, `select 1`)
	if took := time.Since(began); took > 20*time.Second {
		t.Fatalf("waited for %v", took)
	}
	if !pg.IsDown(err) {
		t.Errorf("a silent database is told as %v", err)
	}

	silent.Store(false)
	again, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := db.Get(again, &one, `select 1`); err != nil {
		t.Errorf("the pool did not heal: %v", err)
	}
}

// silentProxy stands before the database at an address and, while silent is
// set, swallows what either side says. It gives its own address.
func silentProxy(t *testing.T, databaseURL string) (address string, silent *atomic.Bool) {
	t.Helper()
	silent = new(atomic.Bool)
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	port := query.Get("port")
	if port == "" {
		port = "5432"
	}
	behind := filepath.Join(query.Get("host"), ".s.PGSQL."+port)
	if _, err := os.Stat(behind); err != nil {
		t.Fatalf("no socket behind %v: %v", query, err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			front, err := listener.Accept()
			if err != nil {
				return
			}
			back, err := net.Dial("unix", behind)
			if err != nil {
				front.Close()
				continue
			}
			go carry(front, back, silent)
			go carry(back, front, silent)
		}
	}()
	u.Host = listener.Addr().String()
	query.Del("host")
	query.Del("port")
	query.Set("sslmode", "disable")
	u.RawQuery = query.Encode()
	return u.String(), silent
}

func carry(from, to net.Conn, silent *atomic.Bool) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if silent.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
