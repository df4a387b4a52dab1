package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/seal"
	"kintsugi/internal/slot"
	"kintsugi/internal/vault"
	"kintsugi/internal/web/api"
	"kintsugi/internal/web/guard"
)

// monday is 7 December 2026, 08:00 in London, an ordinary week.
var monday = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

// house is a small practice behind the doors of the site, with a clock that a
// test can turn. Mara and Noor work from 9 to 17 on weekdays.
type house struct {
	t      testing.TB
	ctx    context.Context
	db     *pg.DB
	now    time.Time
	book   *booking.Service
	log    bytes.Buffer
	doors  *gin.Engine
	source string // where requests come from
}

func open(t testing.TB) *house { return openLimited(t, true) }

func openLimited(t testing.TB, limits bool) *house {
	t.Helper()
	h := &house{t: t, ctx: context.Background(), db: pgtest.New(t), now: monday, source: "192.0.2.1:4000"}
	keys, err := seal.NewKeyset()
	h.must(err)
	links, err := vault.LinkKey(h.ctx, h.db, keys, h.now)
	h.must(err)
	h.book = &booking.Service{DB: h.db, Keys: keys, Links: links, Now: func() time.Time { return h.now }, Site: "http://localhost:8080"}
	h.must(h.db.InTx(h.ctx, h.furnish))
	log := slog.New(slog.NewJSONHandler(&h.log, nil))
	g := guard.New(h.db, []byte("key"), limits)
	rooms := &api.API{DB: h.db, Booking: h.book, Guard: g, Links: links, Log: log}
	origin, err := config.ParseOrigin("http://localhost:8080")
	h.must(err)
	refuse := func(c *gin.Context, status int, err error) { guard.Problem(log, c, status, err) }
	gin.SetMode(gin.ReleaseMode)
	h.doors = gin.New()
	h.must(h.doors.SetTrustedProxies(nil))
	h.doors.Use(guard.Headers(origin), guard.SameOrigin(origin, refuse), guard.OwnHost(origin, refuse),
		guard.Readable(refuse), guard.Body(guard.LargestBody, refuse))
	rooms.Routes(h.doors)
	return h
}

// furnish sets up the practice.
func (h *house) furnish(tx *pg.Tx) error {
	if err := practice.Save(h.ctx, tx, practice.Practice{Basics: practice.Basics{
		Name: "Common Ground Coaching", DiscreetName: "Common Ground", Timezone: "Europe/London",
		Currency: "GBP", Email: "hello@example.org", CancelMinutes: 1440}, KeptDays: 180}, h.now); err != nil {
		return err
	}
	var ids []people.ID
	for i, slug := range []string{"mara", "noor"} {
		id, err := people.SaveCoach(h.ctx, tx, people.Coach{Slug: slug, Name: strings.ToUpper(slug[:1]) + slug[1:], Email: slug + "@example.org",
			Role: people.Member, Timezone: "Europe/London", MeetingURL: "https://meet.example.org/" + slug, Position: i, Active: true}, h.now)
		if err != nil {
			return err
		}
		ids = append(ids, id)
		week := practice.Week{}
		for d := time.Monday; d <= time.Friday; d++ {
			week[d] = []slot.Window{{From: 9 * 60, To: 17 * 60}}
		}
		if err := availability.Save(h.ctx, tx, availability.Stored{CoachID: id, Weekly: week}); err != nil {
			return err
		}
	}
	call := practice.Type{Slug: "call", Name: "Free meet & greet", DurationMinutes: 30, Place: practice.Video, HorizonDays: 60, Public: true, Lane: practice.Individual}
	for _, row := range []struct {
		slug    string
		change  func(*practice.Type)
		coaches []people.ID
	}{
		{"call", func(*practice.Type) {}, ids[:1]},
		{"once", func(t *practice.Type) { t.OncePerPerson = true }, ids[:1]},
		{"either", func(*practice.Type) {}, ids},
		{"buffered", func(t *practice.Type) { t.AfterMinutes = 10 }, ids[:1]},
		{"capped", func(t *practice.Type) { t.MaxPerDay = 1 }, ids[:1]},
		{"noticed", func(t *practice.Type) { t.NoticeMinutes = 24 * 60 }, ids[:1]},
		{"asked", func(t *practice.Type) { t.ApprovalMinutes = 60 }, ids[:1]},
		{"phoned", func(t *practice.Type) { t.Place = practice.Phone }, ids[:1]},
		{"nobodys", func(*practice.Type) {}, nil},
		{"private", func(t *practice.Type) { t.Public = false }, ids[:1]},
	} {
		kind := call
		kind.Slug = row.slug
		row.change(&kind)
		id, err := practice.SaveType(h.ctx, tx, kind)
		if err != nil {
			return err
		}
		if err := practice.SaveHolders(h.ctx, tx, id, row.coaches); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	h.must(h.db.Get(h.ctx, &n, query, args...))
	return n
}

// said is an answer with its body read, checked against the document.
type said struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// ask sends a request and holds its answer to the document.
func (h *house) ask(method, target, body string, options ...func(*http.Request)) said {
	h.t.Helper()
	r := h.request(method, target, body, options...)
	w := httptest.NewRecorder()
	h.doors.ServeHTTP(w, r)
	a := said{h.t, w.Code, w.Header(), w.Body.String()}
	if err := describes(r, body, a); err != nil {
		h.t.Errorf("%s %s answers %d, which is not in the document: %v\n%s", method, target, a.status, err, a.body)
	}
	return a
}

func (h *house) request(method, target, body string, options ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	if method == http.MethodPost {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		r.Header.Set("Content-Type", "application/json")
	}
	r.Host, r.RemoteAddr = "localhost:8080", h.source
	for _, o := range options {
		o(r)
	}
	return r
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func key(text string) func(*http.Request) { return header("Idempotency-Key", text) }

func (h *house) get(target string) said { h.t.Helper(); return h.ask("GET", target, "") }

func (h *house) post(target, body string, options ...func(*http.Request)) said {
	h.t.Helper()
	return h.ask("POST", target, body, options...)
}

// wants fails the test unless the status is this one.
func (a said) wants(status int) said {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// problem is an error as programs read it.
type problem struct {
	Type, Title, Detail string
	Status              int
	Errors              []struct{ Field, Message string }
	Alternatives        []slotSaid
}

type slotSaid struct {
	Start, End string
	Coaches    []string
}

// refused fails the test unless this is the problem with this slug.
func (a said) refused(status int, slug string) problem {
	a.t.Helper()
	a.wants(status)
	var p problem
	a.read(&p)
	if a.header.Get("Content-Type") != "application/problem+json" || p.Type != "/problems/"+slug || p.Status != status || p.Title == "" || p.Detail == "" {
		a.t.Fatalf("%s %+v, want %s", a.header.Get("Content-Type"), p, slug)
	}
	return p
}

// fields lists the fields that a problem names.
func (p problem) fields() string {
	var names []string
	for _, e := range p.Errors {
		names = append(names, e.Field)
	}
	return strings.Join(names, " ")
}

func (a said) read(into any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
}

// booked is a booking as programs read it.
type booked struct {
	ID, Status, Type, Start, End, Timezone string
	Coach                                  struct{ Slug, Name string }
	MeetingURL                             string `json:"meeting_url"`
	ManageURL                              string `json:"manage_url"`
	ICSURL                                 string `json:"ics_url"`
}

func (a said) booking() booked {
	a.t.Helper()
	var b booked
	a.read(&b)
	return b
}

// under is where this interface keeps the booking.
func (b booked) under() string { return "/api/v1/bookings/" + b.token() }

func (b booked) token() string { return b.ManageURL[strings.LastIndex(b.ManageURL, "/")+1:] }

// body writes a request to book the call; pairs replace fields, and "-" leaves
// one out.
func body(pairs ...string) string {
	all := map[string]string{"type": "call", "start": "2026-12-08T10:00:00Z", "timezone": "Europe/Berlin", "name": "Ana", "email": "ana@example.com"}
	for i := 0; i < len(pairs); i += 2 {
		if all[pairs[i]] = pairs[i+1]; pairs[i+1] == "-" {
			delete(all, pairs[i])
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

const bookings = "/api/v1/bookings"

func (h *house) books(pairs ...string) booked {
	h.t.Helper()
	return h.post(bookings, body(pairs...)).wants(201).booking()
}
