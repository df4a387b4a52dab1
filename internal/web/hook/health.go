// Package hook is where machines knock: health, readiness, metrics. It knows
// no page and no person.
package hook

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/pg"
)

// Health answers those who watch over the process.
type Health struct {
	db       *pg.DB
	patience time.Duration
	asking   chan struct{} // holds one token while the database is being asked
	migrated atomic.Bool   // once true it stays so
	stopping atomic.Bool
}

// NewHealth watches one database.
func NewHealth(db *pg.DB) *Health {
	return &Health{db: db, patience: 2 * time.Second, asking: make(chan struct{}, 1)}
}

// Stop makes the process unready from now on, so that no new visitors are sent
// to it while it finishes what it has begun.
func (h *Health) Stop() { h.stopping.Store(true) }

// Routes registers /healthz and /readyz.
func (h *Health) Routes(r gin.IRouter) {
	r.GET("/healthz", func(c *gin.Context) { say(c, http.StatusOK, "ok") })
	r.GET("/readyz", func(c *gin.Context) {
		if err := h.Ready(c.Request.Context()); err != nil {
			c.Header("Retry-After", "2")
			say(c, http.StatusServiceUnavailable, err.Error())
			return
		}
		say(c, http.StatusOK, "ready")
	})
}

// The reasons for not being ready. They are shown, so they tell nothing about
// where the database is.
var (
	errStopping = errors.New("stopping")
	errDatabase = errors.New("the database does not answer")
	errMigrate  = errors.New("the database is not up to date; run kintsugi migrate")
)

// Ready asks whether work can be done here: the database answers and is up to
// date, and the process is not about to stop.
//
// The database is asked on the side and by one asker at a time, because a
// connection whose other end fell silent cannot be hurried, and watchers come
// every second.
func (h *Health) Ready(ctx context.Context) error {
	if h.stopping.Load() {
		return errStopping
	}
	ctx, cancel := context.WithTimeout(ctx, h.patience)
	defer cancel()
	select {
	case h.asking <- struct{}{}:
	case <-ctx.Done():
		return errDatabase
	}
	answer := make(chan error, 1)
	go func() {
		defer func() { <-h.asking }()
		answer <- h.ask(ctx)
	}()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return errDatabase
	}
}

func (h *Health) ask(ctx context.Context) error {
	if h.migrated.Load() {
		if h.db.Ping(ctx) != nil {
			return errDatabase
		}
		return nil
	}
	done, err := pg.Migrated(ctx, h.db)
	switch {
	case err != nil:
		return errDatabase
	case !done:
		return errMigrate
	}
	h.migrated.Store(true)
	return nil
}

// say answers in one line of plain text.
func say(c *gin.Context, status int, text string) {
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Type", "text/plain; charset=utf-8")
	c.Status(status)
	c.Writer.WriteHeaderNow()
	if c.Request.Method != http.MethodHead {
		_, _ = c.Writer.WriteString(text + "\n") // a watcher that hung up needs no answer
	}
}
