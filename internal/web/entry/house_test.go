package entry_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/pquerna/otp/totp"

	"kintsugi/internal/browsertest"
	"kintsugi/internal/config"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/mail"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
	"kintsugi/internal/token"
	"kintsugi/internal/vault"
	"kintsugi/internal/web/entry"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	os.Exit(browsertest.Run(m))
}

// house is one practice on one database, served by two processes.
type house struct {
	t     *testing.T
	db    *pg.DB
	keys  *seal.Keyset
	links token.Key
	log   *locked
	a, b  *replica

	mu  sync.Mutex
	now time.Time
}

// replica is one of the processes.
type replica struct {
	*httptest.Server
	login *login.Service
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: pgtest.New(t), log: &locked{}, now: time.Now().UTC().Truncate(time.Second)}
	ctx := t.Context()
	var err error
	if h.keys, err = seal.NewKeyset(); err != nil {
		t.Fatal(err)
	}
	if h.links, err = vault.LinkKey(ctx, h.db, h.keys, h.now); err != nil {
		t.Fatal(err)
	}
	err = h.db.InTx(ctx, func(tx *pg.Tx) error {
		if err := practice.Save(ctx, tx, practice.Practice{Basics: practice.Basics{Name: "Common Ground Coaching", DiscreetName: "Common Ground",
			Timezone: "Europe/London", Currency: "GBP", Email: "hello@example.org", CancelMinutes: 1440}, KeptDays: 180}, h.now); err != nil {
			return err
		}
		for slug, role := range map[string]people.Role{"mara": people.Owner, "noor": people.Member, "assist": people.Assistant} {
			if _, err := people.SaveCoach(ctx, tx, people.Coach{Slug: slug, Name: slug + " of the house", Email: slug + "@example.org",
				Role: role, Timezone: "Europe/London", Active: true}, h.now); err != nil {
				return err
			}
		}
		_, _, err := people.FindOrCreate(ctx, tx, "prospect@example.org", "Pat", "Europe/London", true, h.now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	h.a, h.b = h.replica(h.db), h.replica(pgtest.New(t))
	return h
}

func (h *house) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// replica starts one more process on the same database. What people want to see
// stands at /desk, for coaches, at /office, for the owner alone, and at /portal
// and /portal/own, for clients.
func (h *house) replica(db *pg.DB) *replica {
	h.t.Helper()
	r := &replica{}
	var front http.Handler
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { front.ServeHTTP(w, q) }))
	h.t.Cleanup(r.Close)
	origin, err := config.ParseOrigin(strings.Replace(r.URL, "127.0.0.1", "localhost", 1))
	if err != nil {
		h.t.Fatal(err)
	}
	r.URL = origin.String()
	log := slog.New(slog.NewTextHandler(h.log, nil))
	r.login = &login.Service{DB: db, Keys: h.keys, Links: h.links, Origin: origin, Now: h.Now,
		Letterhead: func(ctx context.Context, q pg.Conn) (mail.Address, error) {
			b, err := practice.LoadBasics(ctx, q)
			return mail.Address{Name: b.DiscreetName, Email: b.Email}, err
		}}
	door := page.NewDoor(log, func(*gin.Context) page.Frame { return page.Frame{DiscreetName: "Common Ground", Discreet: true} })
	sessions := &guard.Sessions{Login: r.login, Origin: origin, Refuse: door.RefuseAs}
	e := &entry.Entry{DB: db, Login: r.login, Sessions: sessions, Guard: guard.New(db, []byte("key"), false), Origin: origin, Door: door, Now: h.Now}
	desk := func(c *gin.Context) {
		who, _ := sessions.Who(c)
		c.String(http.StatusOK, "the desk of %s", who.Coach.Slug)
	}
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.Use(guard.Headers(origin), guard.SameOrigin(origin, door.RefuseAs), guard.OwnHost(origin, door.RefuseAs),
		guard.Readable(door.RefuseAs), guard.Body(guard.LargestBody, door.RefuseAs))
	e.Routes(engine)
	engine.GET("/desk", sessions.RequireCoach(), desk)
	engine.POST("/desk/act", sessions.RequireCoach(), desk)
	engine.GET("/office", sessions.RequireCoach(people.Owner), desk)
	portal := func(c *gin.Context) { c.String(http.StatusOK, "the portal of %s", sessions.Client(c).Name) }
	engine.GET("/portal", sessions.RequireClient(), portal)
	engine.GET("/portal/own", sessions.RequireStrongClient(), portal)
	engine.GET("/exit", door.Handle(guard.Exit(origin, sessions.Leave)))
	engine.GET("/static/*name", door.Handle(page.Static().Serve))
	engine.GET("/favicon.ico", func(c *gin.Context) { c.Status(http.StatusNoContent) })
	engine.NoRoute(func(c *gin.Context) {
		door.RefuseAs(c, http.StatusNotFound, fault.New(fault.NotFound, "There is nothing at this address."))
	})
	front = engine
	return r
}

// locked is a log for several goroutines.
type locked struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// letters are what waits to leave, as it would be written now.
func (h *house) letters(kind string) []*mail.Composed {
	h.t.Helper()
	var rows []mail.Queued
	if err := h.db.Select(h.t.Context(), &rows, `
		select id, kind, about, change, recipient, stranger, not_before, made_at
		from letter where kind = $1 order by made_at, id`, kind); err != nil {
		h.t.Fatal(err)
	}
	var written []*mail.Composed
	for _, row := range rows {
		row.Now = h.Now()
		if c, err := h.a.login.Composers()[kind](h.t.Context(), h.db, row); err == nil {
			written = append(written, c)
		}
	}
	return written
}

// codes are the codes that work and are on their way.
func (h *house) codes() map[string]bool {
	h.t.Helper()
	found := map[string]bool{}
	for _, c := range h.letters("sign-in-code") {
		found[strings.TrimPrefix(c.Letter.Paragraphs[0], "Your code is ")] = true
	}
	return found
}

// asked has the browser ask for a code and gives the one that was sent; empty
// for none.
func (b *browser) asked(r *replica, email string) string {
	b.t.Helper()
	before := b.h.codes()
	if got := b.post(r, "/sign-in", "email", email); got.status != http.StatusSeeOther || got.to != "/sign-in/code" {
		b.t.Fatalf("asked for a code: %d to %q", got.status, got.to)
	}
	for code := range b.h.codes() {
		if !before[code] {
			return code
		}
	}
	return ""
}

// settle is a coach who has set up an app: its secret, the recovery codes, and
// the browser that is signed in.
func (h *house) settle(slug string) (b *browser, secret string, codes []string) {
	h.t.Helper()
	b = h.browser()
	code := b.asked(h.a, slug+"@example.org")
	if got := b.post(h.a, "/sign-in/code", "code", code); got.to != "/sign-in/set-up" {
		h.t.Fatalf("first sign-in: %d to %q\n%s", got.status, got.to, h.log)
	}
	secret = secretOn(b.get(h.a, "/sign-in/set-up").body)
	got := b.post(h.a, "/sign-in/set-up", "code", h.number(secret))
	codes = regexp.MustCompile(`[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}`).FindAllString(got.body, -1)
	if got.status != 200 || len(codes) != 10 {
		h.t.Fatalf("set up: %d with %d codes\n%s", got.status, len(codes), got.body)
	}
	return b, secret, codes
}

func secretOn(body string) string {
	found := regexp.MustCompile(`class="secret">([A-Z2-7 ]+)<`).FindStringSubmatch(body)
	if found == nil {
		return ""
	}
	return strings.ReplaceAll(found[1], " ", "")
}

// number is what the app shows now.
func (h *house) number(secret string) string {
	h.t.Helper()
	number, err := totp.GenerateCode(secret, h.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	return number
}

func (h *house) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	if err := h.db.Get(h.t.Context(), &n, query, args...); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// exec changes the database behind the house's back.
func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	err := h.db.InTx(h.t.Context(), func(tx *pg.Tx) error {
		_, err := tx.Exec(h.t.Context(), query, args...)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func want(t *testing.T, about string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", about, got, want)
	}
}
