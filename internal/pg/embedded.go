package pg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"
)

// The names inside an embedded cluster. The superuser owns the database; the
// program works as AppRole.
const (
	superuser    = "kintsugi"
	databaseName = "kintsugi"
)

// EmbeddedOptions say where an embedded PostgreSQL lives.
type EmbeddedOptions struct {
	Dir       string       // the folder; made when it is missing, never deleted
	Log       *slog.Logger // what happens to it; nil keeps quiet
	Forgetful bool         // for tests: faster, and a power cut may lose everything
}

// Embedded is a private PostgreSQL that this process looks after. It listens on
// a socket in a folder that only its own user may enter, and on no network.
type Embedded struct {
	folder    *folder
	binaries  Binaries
	log       *slog.Logger
	output    *serverLog
	forgetful bool

	cancel  context.CancelFunc
	died    chan error
	ended   chan struct{}
	stopErr error // read only after ended
}

// StartEmbedded starts the PostgreSQL in o.Dir, making it on the first start,
// and returns when it answers. ctx bounds the start alone; the server runs until
// Stop, and ends with this process however that ends. When the server dies it is
// started again.
func StartEmbedded(ctx context.Context, o EmbeddedOptions) (*Embedded, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	f, err := openFolder(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	e := &Embedded{
		folder: f, log: o.Log, forgetful: o.Forgetful,
		died: make(chan error, 1), ended: make(chan struct{}),
	}
	p, err := e.open(ctx)
	if err != nil {
		e.close()
		return nil, err
	}
	life, cancel := context.WithCancel(context.Background())
	e.cancel = cancel
	go e.lookAfter(life, p)
	return e, nil
}

// open does what a first start needs, and starts.
func (e *Embedded) open(ctx context.Context) (*postmaster, error) {
	var err error
	if e.binaries, err = e.folder.chooseBinaries(); err != nil {
		return nil, err
	}
	if err := e.folder.account.checkReach(e.folder.home, e.binaries); err != nil {
		return nil, err
	}
	if e.output, err = openServerLog(filepath.Join(e.folder.dir, "postgres.log")); err != nil {
		return nil, err
	}
	if err := e.folder.ensureData(e.binaries, !e.forgetful, e.log); err != nil {
		return nil, err
	}
	p, err := e.start(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.ensureDatabase(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("make the database: %w", err), p.stop())
	}
	return p, nil
}

// startPatience is how long a refused start is tried again: what is left of the
// server before may need that long to go.
const startPatience = 20 * time.Second

// start brings the server up, after what may be left of an earlier one has gone.
func (e *Embedded) start(ctx context.Context) (*postmaster, error) {
	giveUp := time.Now().Add(startPatience)
	for {
		p, err := e.startOnce(ctx)
		if err == nil {
			return p, nil
		}
		if ctx.Err() != nil || time.Now().After(giveUp) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// startOnce tries a single time.
func (e *Embedded) startOnce(ctx context.Context) (*postmaster, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := e.clearOrphan(ctx); err != nil {
		return nil, err
	}
	p, err := e.launch()
	if err != nil {
		return nil, err
	}
	if err := e.awaitReady(ctx, p); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// lookAfter waits for the server to end. Unless that was our wish it tells so
// and starts it again, waiting longer after each failure.
func (e *Embedded) lookAfter(life context.Context, p *postmaster) {
	defer close(e.ended)
	for {
		select {
		case <-life.Done():
			e.stopErr = p.stop()
			return
		case <-p.exited:
		}
		e.log.Error("PostgreSQL has died and is started again", "how", fmt.Sprint(p.err), "said", e.output.last())
		select {
		case e.died <- fmt.Errorf("PostgreSQL died: %v", p.err):
		default: // Nobody has read the last news yet.
		}
		if p = e.startAgain(life); p == nil {
			return
		}
		e.log.Info("PostgreSQL answers again")
	}
}

// startAgain tries until the server is up; nil says that we were told to stop.
func (e *Embedded) startAgain(life context.Context) *postmaster {
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		p, err := e.start(life)
		if err == nil {
			return p
		}
		if life.Err() != nil {
			return nil
		}
		e.log.Error("PostgreSQL does not start", "error", err)
		select {
		case <-life.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// URL is the address of the database, for Open and Migrate.
func (e *Embedded) URL() string { return e.address(databaseName) }

// address is the address of one database of the cluster.
func (e *Embedded) address(database string) string { return e.folder.address(database) }

// address is the address of one database of the cluster in the folder.
func (f *folder) address(database string) string {
	u := url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: url.Values{
		"host": {f.socket}, "port": {"5432"}, "user": {superuser}, "sslmode": {"disable"},
	}.Encode()}
	return u.String()
}

// Died tells when the server has ended without our wish. It is being started
// again by then; the channel keeps one piece of news for who reads late.
func (e *Embedded) Died() <-chan error { return e.died }

// Stop ends the server properly and lets another process have the folder.
func (e *Embedded) Stop() error {
	e.cancel()
	<-e.ended
	e.close()
	return e.stopErr
}

// close gives back what openFolder and open took.
func (e *Embedded) close() {
	if e.output != nil {
		e.output.close()
	}
	e.folder.close()
}
