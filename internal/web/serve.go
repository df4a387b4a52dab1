package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"time"

	"kintsugi/internal/web/hook"
)

// Server is a server for people, in front of whom nobody else may stand: it
// waits only so long for those who speak slowly.
func Server(handler http.Handler, out *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(unnamed{out}, "", 0),
	}
}

// AdminServer is a server for those who run the house. A profile takes as long
// as they ask for.
func AdminServer(handler http.Handler, out *slog.Logger) *http.Server {
	server := Server(handler, out)
	server.WriteTimeout = 5 * time.Minute
	return server
}

// finishing is how long requests may go on after the listener has closed. A
// request's own deadline is shorter; with the drain before it and the closing
// of the database behind it, the process ends within 20 s.
const finishing = 14 * time.Second

// Serve serves on an open listener until ctx ends. Then it reports unready,
// still takes requests for the drain, so that a proxy can notice, closes the
// listener, lets what runs finish, and cuts what does not.
func Serve(ctx context.Context, server *http.Server, listener net.Listener, health *hook.Health, drain time.Duration) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	health.Stop()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-time.After(drain):
	}
	ending, cancel := context.WithTimeout(context.Background(), finishing)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return errors.Join(fmt.Errorf("some requests did not finish: %w", err), server.Close())
	}
	return nil
}

// unnamed passes on what net/http has to say, without the addresses of people.
type unnamed struct{ out *slog.Logger }

// peers are what net/http writes for the other end of a connection.
var peers = regexp.MustCompile(`\[?[0-9a-fA-F.:%]*[.:][0-9a-fA-F.:]*\]?:\d+`)

// Write logs one message.
func (u unnamed) Write(message []byte) (int, error) {
	u.out.Warn("http server", "said", string(peers.ReplaceAll(bytes.TrimSpace(message), []byte("(peer)"))))
	return len(message), nil
}
