package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"

	"kintsugi/internal/pg"
)

// templateName is the migrated database that every clone is made from.
const templateName = "kintsugi_template"

// cluster is the embedded PostgreSQL of this test program.
type cluster struct {
	address string // of the database the supervisor made; all others hang beside it
	pool    *sql.DB
	count   atomic.Int64
}

// startCluster copies the prepared cluster to where this program's own is to
// live and starts it. The server ends with the process, and a small companion
// takes the folder away then, even after a kill.
func startCluster() (*cluster, error) {
	prepared, err := prepare()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(roomyFolder(), "kintsugi-test-")
	if err != nil {
		return nil, err
	}
	if err := sweepAtEnd(dir); err != nil {
		return nil, err
	}
	if err := copyFolder(prepared, dir); err != nil {
		return nil, fmt.Errorf("copy the prepared database: %w", err)
	}
	e, err := pg.StartEmbedded(context.Background(), pg.EmbeddedOptions{Dir: dir, Forgetful: true})
	if err != nil {
		return nil, err
	}
	return attach(e)
}

// attach opens the pool by which databases are made and dropped.
func attach(e *pg.Embedded) (*cluster, error) {
	pool, err := sql.Open("postgres", e.URL()) // pg has brought the driver.
	if err != nil {
		return nil, err
	}
	return &cluster{address: e.URL(), pool: pool}, nil
}

// clone makes a database from a template. Copying its files is several times
// faster than the default, which writes each page to the log.
func (c *cluster) clone(ctx context.Context, template string) (string, error) {
	name := "t" + strconv.FormatInt(c.count.Add(1), 10)
	_, err := c.pool.ExecContext(ctx, `create database `+name+` template `+template+` strategy file_copy`)
	return name, err
}

// drop takes a database back, whoever still holds a connection.
func (c *cluster) drop(ctx context.Context, name string) error {
	_, err := c.pool.ExecContext(ctx, `drop database if exists `+name+` with (force)`)
	return err
}

// url is the address of one database of the cluster, as its owner.
func (c *cluster) url(name string) string {
	u, err := url.Parse(c.address)
	if err != nil {
		panic(err) // The supervisor made this address.
	}
	u.Path = "/" + name
	return u.String()
}

// roomyFolder is the folder in memory when a GiB is free there, else the one for
// temporary files.
func roomyFolder() string {
	const shm = "/dev/shm"
	var st syscall.Statfs_t
	if syscall.Statfs(shm, &st) == nil && st.Bavail*uint64(st.Bsize) > 1<<30 {
		return shm
	}
	return os.TempDir()
}

// sweepAtEnd starts the companion: it reads from a pipe that ends when this
// process does, waits for the server to go, and removes the folder.
func sweepAtEnd(dir string) error {
	const script = `
read nothing
for n in 1 2 3 4 5 6 7 8 9 10; do
	pid=$(head -n 1 "$1/pg/data/postmaster.pid" 2>/dev/null)
	[ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null || break
	sleep 0.2
done
rm -rf "$1"`
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	cmd := exec.Command("/bin/sh", "-c", script, "sweep", dir)
	cmd.Stdin = r
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, w.Close())
	}
	// The writing end stays open, unreferenced by any child, until we end.
	held.Store(w)
	return nil
}

// held keeps the pipe of the companion from being closed by the collector.
var held atomic.Pointer[os.File]
