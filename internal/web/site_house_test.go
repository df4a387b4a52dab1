package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/journal"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/seal"
	"kintsugi/internal/setup"
	"kintsugi/internal/vault"
	"kintsugi/internal/web"
	"kintsugi/internal/web/api"
	"kintsugi/internal/web/entry"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/hook"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/site"
)

// monday is 7 December 2026, 08:00 in London, an ordinary week.
var monday = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

// ground is a practice with two coaches who can both be met, a call by phone
// that has to be accepted, a session that is not for everyone, and a package.
const ground = `
practice:
  name: Common Ground Coaching
  discreet_name: Common Ground
  timezone: Europe/London
  currency: GBP
  email: hello@example.org
coaches:
  - slug: mara
    name: Mara Lind
    email: mara@example.org
    timezone: Europe/London
    bio: |
      I work with
      couples. I take no side.
    meeting_url: https://meet.example.org/mara
    weekly_hours: {mon: ["09:00-12:00"], tue: ["09:00-12:00", "13:00-17:00"], wed: ["09:00-12:00"], fri: ["18:00-20:00"]}
  - slug: noor
    name: Noor Haddad
    email: noor@example.org
    timezone: Europe/London
    meeting_url: https://meet.example.org/noor
    weekly_hours: {tue: ["09:00-11:00"], thu: ["09:00-12:00"]}
appointment_types:
  - {slug: meet, name: Free meet & greet, description: Say what you like., duration: 30m, min_notice: 2h, buffer_after: 10m, horizon: 60d, public: true, once_per_person: true, coaches: [mara, noor]}
  - {slug: quiet, name: A quiet call, duration: 20m, place: phone, approval: 48h, public: true, coaches: [noor]}
  - {slug: alone, name: Étape en ligne, duration: 1h, place: "12 Mill Lane, Bath", public: true, coaches: [mara]}
  - {slug: couple, name: Couple session, duration: 90m, credits: 1, lane: joint, coaches: [mara]}
packages:
  - {slug: six, name: Six sessions, sessions: 6, appointment_types: [couple], price: 720.00, valid_for: 180d}
`

// whole is the front of the house with everything behind it, on a real
// connection and a private database, with a clock that a test turns.
type whole struct {
	t       testing.TB
	ctx     context.Context
	db      *pg.DB
	booking *booking.Service
	base    string // the address people use
	log     *logbook
	clock   atomic.Int64
}

// wish changes a house before it is built.
type wish func(*wishes)

type wishes struct {
	file      string // of the practice; empty: not set up
	articles  bool
	limitsOff bool
	sells     bool
	db        *pg.DB
}

func sells(w *wishes)            { w.sells = true }
func limitsOff(w *wishes)        { w.limitsOff = true }
func noArticles(w *wishes)       { w.articles = false }
func practiceFile(f string) wish { return func(w *wishes) { w.file = f } }
func through(db *pg.DB) wish     { return func(w *wishes) { w.db = db } }

func build(t testing.TB, changes ...wish) *whole {
	t.Helper()
	asked := wishes{file: ground, articles: true}
	for _, change := range changes {
		change(&asked)
	}
	if asked.db == nil {
		asked.db = pgtest.New(t)
	}
	h := &whole{t: t, ctx: context.Background(), db: asked.db, log: &logbook{}}
	h.clock.Store(monday.UnixNano())
	h.apply(asked.file)
	if asked.articles && asked.file != "" {
		h.write()
	}
	keys, err := seal.NewKeyset()
	h.must(err)
	links, err := vault.LinkKey(h.ctx, h.db, keys, h.now())
	h.must(err)

	listening := httptest.NewUnstartedServer(nil)
	h.base = "http://" + listening.Listener.Addr().String()
	origin, err := config.ParseOrigin(h.base)
	h.must(err)
	log := slog.New(slog.NewJSONHandler(h.log, nil))
	h.booking = &booking.Service{DB: h.db, Keys: keys, Links: links, Now: h.now, Site: h.base}
	g := guard.New(h.db, []byte("key"), !asked.limitsOff)
	public := &site.Site{DB: h.db, Booking: h.booking, Guard: g, Assets: page.Static(), Origin: origin, Log: log, Now: h.now, Sells: asked.sells}
	programs := &api.API{DB: h.db, Booking: h.booking, Guard: g, Links: links, Log: log}
	sessions := &guard.Sessions{Login: &login.Service{DB: h.db, Keys: keys, Links: links, Origin: origin, Now: h.now}, Origin: origin, Refuse: public.Door().RefuseAs}
	door := &entry.Entry{DB: h.db, Login: sessions.Login, Sessions: sessions, Guard: g, Origin: origin, Door: public.Door(), Now: h.now}
	public.Leave = sessions.Leave
	front := web.New(web.House{Origin: origin, Log: log, Door: public.Door(), Health: hook.NewHealth(h.db),
		Metrics: hook.NewMetrics(), Routes: []func(gin.IRouter){public.Routes, door.Routes, programs.Routes}})
	listening.Config = web.Server(front, log)
	listening.Start()
	t.Cleanup(listening.Close)
	return h
}

func (h *whole) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *whole) now() time.Time           { return time.Unix(0, h.clock.Load()).UTC() }
func (h *whole) pass(d time.Duration)     { h.clock.Add(int64(d)) }
func (h *whole) turnTo(instant time.Time) { h.clock.Store(instant.UnixNano()) }

func (h *whole) apply(file string) {
	h.t.Helper()
	if file == "" {
		return
	}
	read, err := setup.Parse("practice.yaml", []byte(file))
	h.must(err)
	_, err = setup.Apply(h.ctx, h.db, read, audit.Actor{Kind: audit.Operator}, h.now())
	h.must(err)
}

// write puts two articles into the journal, one signed, and a draft.
func (h *whole) write() {
	h.t.Helper()
	mara, err := people.FindCoach(h.ctx, h.db, "mara")
	h.must(err)
	day := func(n int) *time.Time { at := monday.AddDate(0, 0, n); return &at }
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
		for _, a := range []journal.Article{
			{Slug: "first-week", Title: "The first week & after", Summary: "Almost nothing has to be decided.", AuthorID: mara.ID,
				Body: "Look after the animal first.\n\n## Rest\n\nRead [these lines](/help-now).", TypeSlug: "meet", PublishedAt: day(-10)},
			{Slug: "small-things", Title: "Small things", Summary: "They count.", Body: "A body.", PublishedAt: day(-2)},
			{Slug: "draft", Title: "A draft", Summary: "Not yet.", Body: "Not yet."},
			{Slug: "tomorrow", Title: "Tomorrow", Summary: "Not yet.", Body: "Not yet.", PublishedAt: day(1)},
		} {
			if err := journal.Put(h.ctx, tx, a, h.now()); err != nil {
				return err
			}
		}
		return nil
	}))
}

// answer is what came back, read to its end.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// send asks for a page and follows no redirect.
func (h *whole) send(method, target string, form url.Values, options ...func(*http.Request)) answer {
	h.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = h.base + target
	}
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, target, body)
	h.must(err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, option := range options {
		option(r)
	}
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	h.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	h.must(err)
	return answer{h.t, res.StatusCode, res.Header, string(text)}
}

func (h *whole) get(target string, options ...func(*http.Request)) answer {
	h.t.Helper()
	return h.send("GET", target, nil, options...)
}

func (h *whole) post(target string, form url.Values, options ...func(*http.Request)) answer {
	h.t.Helper()
	return h.send("POST", target, form, options...)
}

// shows fails unless the answer has this status.
func (a answer) shows(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d\n%s", a.status, status, a.page().words())
	}
	return a
}

// path is where a redirect leads, on this site.
func (a answer) path() string {
	a.t.Helper()
	at, err := url.Parse(a.header.Get("Location"))
	if err != nil || at.Path == "" {
		a.t.Fatalf("status %d leads to %q", a.status, a.header.Get("Location"))
	}
	return at.Path
}

func (h *whole) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	h.must(h.db.Get(h.ctx, &n, query, args...))
	return n
}

func peopleCoach(h *whole, slug string) (people.Coach, error) {
	return people.FindCoach(h.ctx, h.db, slug)
}
