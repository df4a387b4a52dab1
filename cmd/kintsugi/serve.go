package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"kintsugi/internal/config"
	"kintsugi/internal/web"
	"kintsugi/internal/web/hook"
)

// serve runs the server until it is told to stop.
func serve(ctx context.Context, p process) error {
	if _, err := parse(noFlags("serve"), p.args); err != nil {
		return err
	}
	cfg, err := config.Read(p.environ)
	if err != nil {
		return err
	}
	s := &server{process: p, cfg: cfg, log: newLog(p, cfg)}
	return s.run(ctx)
}

// server is a house with its doors open.
type server struct {
	process
	cfg config.Config
	log *slog.Logger

	// dress, when set, sees the house before its doors open and gives what
	// answers in its place; greet tells whoever started it where to go.
	dress func(ctx context.Context, h *house) (http.Handler, error)
	greet func(h *house) error
}

// run opens the listener first, so that a port in use is said before anything
// is started, then the database, then the doors. A stop that is asked for while
// starting is a stop like any other.
func (s *server) run(ctx context.Context) error {
	listener, err := listen(ctx, "LISTEN", s.cfg.Listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	s.cfg = s.cfg.Bound(listener.Addr())
	store, err := ownStore(ctx, s.cfg, s.log)
	if err != nil {
		return stopped(ctx, err)
	}
	return errors.Join(s.open(ctx, store, listener), store.close())
}

// stopped is what a failed start comes to: nothing, when a stop was asked for
// meanwhile, since it cuts off whatever is being asked of the database.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// open serves on the listener until ctx ends, and returns when everything that
// was begun has finished.
func (s *server) open(ctx context.Context, store *store, listener net.Listener) error {
	h, err := openHouse(ctx, s.cfg, s.log, store)
	if err != nil {
		return stopped(ctx, err)
	}
	defer h.db.Close() // everybody who used it has finished by then
	front := h.front
	if h.newKeys && s.dress == nil {
		warnOfNewKeyset(s.log, s.cfg)
	}
	if s.dress != nil {
		if front, err = s.dress(ctx, h); err != nil {
			return stopped(ctx, err)
		}
	}
	closeAdmin, err := s.openAdmin(ctx, h)
	if err != nil {
		return err
	}
	defer closeAdmin()

	working, stopWork := context.WithCancel(ctx)
	var busy sync.WaitGroup
	busy.Go(func() { h.work(working) })
	defer busy.Wait()
	defer stopWork()

	fmt.Fprintf(s.out, "listening on http://%s\n", listener.Addr())
	if s.greet != nil {
		if err := s.greet(h); err != nil {
			return err
		}
	}
	s.log.Info("serving", "address", listener.Addr().String(), "public_url", s.cfg.PublicURL.String(), "version", built().String())
	err = web.Serve(ctx, web.Server(front, s.log), listener, h.health, s.drain())
	s.log.Info("stopping")
	return err
}

// drain is how long requests are still taken after the stop was asked for, so
// that a proxy in front notices. On one's own machine there is none.
func (s *server) drain() time.Duration {
	if s.cfg.PublicURL.Loopback() {
		return 0
	}
	return 2 * time.Second
}

// openAdmin serves those who watch, where an address for them is set.
func (s *server) openAdmin(ctx context.Context, h *house) (closeAdmin func(), err error) {
	if s.cfg.AdminListen == "" {
		return func() {}, nil
	}
	listener, err := listen(ctx, "ADMIN_LISTEN", s.cfg.AdminListen)
	if err != nil {
		return nil, err
	}
	s.log.Info("metrics", "address", listener.Addr().String())
	server := web.AdminServer(hook.Admin(h.metrics), s.log)
	var busy sync.WaitGroup
	busy.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("metrics are no longer served", "error", err)
		}
	})
	return func() {
		_ = server.Close() // nobody waits for a number
		busy.Wait()
	}, nil
}

// listen opens an address, and says which setting names it when it cannot.
func listen(ctx context.Context, setting, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, config.Complaints{{Name: setting, Say: fmt.Sprintf("cannot listen on %s (%s); stop what uses it, or choose another address", address, systemSays(err))}}
	}
	return listener, nil
}

// systemSays is what the system said about an address, without repeating it.
func systemSays(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return op.Err.Error()
	}
	return err.Error()
}
