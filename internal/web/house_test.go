package web_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/config"
	"kintsugi/internal/fault"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/web"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/hook"
	"kintsugi/internal/web/page"
)

// front is a front of the house with a few routes behind it, and its log.
type front struct {
	http.Handler
	db     *pg.DB
	health *hook.Health
	log    *logbook
	acts   int // how often POST /act was done
}

// change adjusts a house before it is built.
type change func(*web.House)

func withOrigin(t *testing.T, text string) change {
	t.Helper()
	origin, err := config.ParseOrigin(text)
	if err != nil {
		t.Fatal(err)
	}
	return func(h *web.House) { h.Origin = origin }
}

func open(t *testing.T, changes ...change) *front {
	t.Helper()
	f := &front{db: pgtest.New(t), log: &logbook{}}
	f.health = hook.NewHealth(f.db)
	log := slog.New(slog.NewJSONHandler(f.log, nil))
	h := web.House{Log: log, Health: f.health, Metrics: hook.NewMetrics()}
	withOrigin(t, "http://localhost:8080")(&h)
	for _, c := range changes {
		c(&h)
	}
	h.Door = page.NewDoor(log, func(c *gin.Context) page.Frame {
		return page.Frame{Practice: "Common Ground", Nonce: guard.Nonce(c)}
	})
	g := guard.New(f.db, []byte("key"), true)
	h.Routes = append(h.Routes, func(r gin.IRouter) {
		answer := func(text string) gin.HandlerFunc {
			return func(c *gin.Context) { c.String(http.StatusOK, text) }
		}
		r.GET("/", answer("home"))
		r.GET("/bookings/:token", answer("booking"))
		r.POST("/act", func(c *gin.Context) {
			f.acts++
			c.String(http.StatusOK, "name=%s", c.PostForm("name"))
		})
		r.GET("/limited", g.PerSource(guard.Limit{Name: "test", Burst: 2, Per: 60e9}, h.Door.RefuseAs), answer("let in"))
		r.GET("/panic/:word", func(c *gin.Context) { panic("about " + c.Param("word")) })
		r.GET("/half", func(c *gin.Context) {
			_, _ = c.Writer.WriteString("half")
			c.Writer.Flush()
			panic("in the middle")
		})
		r.GET("/slow", h.Door.Handle(func(c *gin.Context) error {
			var one int
			return f.db.Get(c.Request.Context(), &one, `select 1 from pg_sleep(10)`)
		}))
		r.GET("/missing", h.Door.Handle(func(*gin.Context) error { return fault.New(fault.NotFound, "It is not here.") }))
		r.GET("/broken", h.Door.Handle(func(*gin.Context) error { return errors.New("relation \"x\" does not exist") }))
		r.GET("/exit", h.Door.Handle(guard.Exit(h.Origin, nil)))
		r.GET("/api/v1/slots", answer("[]"))
		r.GET("/static/*file", h.Door.Handle(page.Static().Serve))
	})
	f.Handler = web.New(h)
	return f
}

// ask sends a request without a connection. Options change it first.
func (f *front) ask(method, target string, options ...func(*http.Request)) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	r.Host = "localhost:8080"
	for _, o := range options {
		o(r)
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w.Result()
}

func host(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
func from(peer string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = peer } }
func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

func form(body string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
}

func proxies(cidrs ...string) change {
	return func(h *web.House) {
		for _, c := range cidrs {
			h.TrustedProxies = append(h.TrustedProxies, netip.MustParsePrefix(c))
		}
	}
}

func text(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// logbook is a log that can be read while it is written.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve puts the front on a real connection, with a server that a test may
// have made stricter.
func (f *front) serve(t *testing.T, stricter func(*http.Server)) (address string) {
	t.Helper()
	server := web.Server(f, slog.New(slog.NewJSONHandler(f.log, nil)))
	if stricter != nil {
		stricter(server)
	}
	running := httptest.NewUnstartedServer(f)
	running.Config = server
	running.Start()
	t.Cleanup(running.Close)
	return running.Listener.Addr().String()
}

func want(t *testing.T, about string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", about, got, want)
	}
}
