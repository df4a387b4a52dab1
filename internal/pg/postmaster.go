package pg

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/lib/pq"
)

// postmaster is one run of the PostgreSQL server program.
type postmaster struct {
	process *os.Process
	exited  chan struct{} // closed when it has ended
	err     error         // how it ended; read only after exited
}

// serverSettings are what the server is told on its command line. They outlive
// whatever stands in the folder's postgresql.conf.
func (e *Embedded) serverSettings() []string {
	settings := []string{
		"listen_addresses=",
		"port=5432",
		"unix_socket_directories=" + e.folder.socket,
		"unix_socket_permissions=0700",
		"timezone=UTC",
		"log_timezone=UTC",
		"lc_messages=C",
		"max_connections=100",
		"shared_buffers=64MB",
		"max_wal_size=256MB",
		"max_parallel_workers_per_gather=0",
		"max_parallel_maintenance_workers=0",
		"jit=off",
		// The log must not hold what people wrote: no statements, no values.
		"log_destination=stderr",
		"logging_collector=off",
		"log_min_messages=log",
		"log_min_error_statement=panic",
		"log_error_verbosity=terse",
		"log_checkpoints=off",
		"log_line_prefix=%m [%p] ",
	}
	if e.forgetful {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"max_connections=400", "autovacuum=off")
	}
	return settings
}

// launch starts the server. Linux ties its life to the thread that started it,
// not to the process, so that thread is held until the server ends.
func (e *Embedded) launch() (*postmaster, error) {
	args := []string{"-D", e.folder.data}
	for _, s := range e.serverSettings() {
		args = append(args, "-c", s)
	}
	cmd := e.folder.account.command(e.folder.home, filepath.Join(e.binaries.Dir, "postgres"), args...)
	dieWithUs(cmd.SysProcAttr)
	cmd.Stdout, cmd.Stderr = e.output, e.output
	// Its children may outlive it for a moment and hold the pipe; the news that
	// it has ended does not wait for them.
	cmd.WaitDelay = 100 * time.Millisecond
	p := &postmaster{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		if err == nil {
			p.process = cmd.Process
		}
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	return p, nil
}

// awaitReady waits until the server answers, however long it takes to recover
// after a crash, or until it gives up or ctx does.
func (e *Embedded) awaitReady(ctx context.Context, p *postmaster) error {
	connector, err := connect(e.address("postgres"), "")
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	defer pool.Close()
	began, told := time.Now(), time.Duration(0)
	for {
		if err := pool.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.exited:
			return fmt.Errorf("postgres ended while starting: %s", e.output.last())
		case <-time.After(20 * time.Millisecond):
		}
		if waited := time.Since(began); waited > told+5*time.Second {
			told = waited
			e.log.Info("waiting for PostgreSQL to start", "seconds", int(waited.Seconds()))
		}
	}
}

// ensureDatabase makes our database inside the cluster, once.
func (e *Embedded) ensureDatabase(ctx context.Context) error {
	connector, err := connectPatiently(e.address("postgres"))
	if err != nil {
		return err
	}
	pool := sql.OpenDB(connector)
	defer pool.Close()
	var there bool
	err = pool.QueryRowContext(ctx, `select exists (select from pg_database where datname = $1)`, databaseName).Scan(&there)
	if err != nil || there {
		return err
	}
	_, err = pool.ExecContext(ctx, `create database `+pq.QuoteIdentifier(databaseName))
	return err
}

// Limits of a stop: first PostgreSQL may finish properly, then it must drop
// everything and recover at the next start.
const (
	politeStop = 20 * time.Second
	hardStop   = 10 * time.Second
)

// stop ends the server and waits for it: SIGINT cuts the connections and writes
// everything down, SIGQUIT only ends.
func (p *postmaster) stop() error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, politeStop}, {syscall.SIGQUIT, hardStop}} {
		for until := time.Now().Add(step.wait); time.Now().Before(until); {
			// A server that has already ended cannot be signalled; that is fine.
			// One that has only just begun may miss the first signal, when it
			// was started by a process that ignores it.
			_ = p.process.Signal(step.signal)
			select {
			case <-p.exited:
				return nil
			case <-time.After(250 * time.Millisecond):
			}
		}
	}
	return fmt.Errorf("PostgreSQL (process %d) did not stop", p.process.Pid)
}
