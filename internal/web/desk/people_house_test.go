package desk_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/engagement"
	"kintsugi/internal/fault"
	"kintsugi/internal/login"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/seal"
	"kintsugi/internal/setup"
	"kintsugi/internal/vault"
	"kintsugi/internal/web/desk"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
)

// parlour is the desk over a private database in which people have booked.
type parlour struct {
	t       testing.TB
	ctx     context.Context
	db      *pg.DB
	booking *booking.Service
	work    *engagement.Service
	http    http.Handler
	who     people.Coach
	clock   time.Time
	asked   int // how often the second proof was asked for
}

const parlourFile = `
practice: {name: Common Ground Coaching, discreet_name: Common Ground, timezone: Europe/London, currency: GBP, email: hello@example.org}
coaches:
  - {slug: mara, name: Mara Lind, email: mara@example.org, role: owner, timezone: Europe/London, meeting_url: "https://meet.example.org/mara", weekly_hours: {tue: ["09:00-17:00"]}}
  - {slug: noor, name: Noor Haddad, email: noor@example.org, role: coach, timezone: Europe/London, meeting_url: "https://meet.example.org/noor", weekly_hours: {tue: ["09:00-17:00"]}}
  - {slug: ash, name: Ash Reed, email: ash@example.org, role: assistant, timezone: Europe/London}
appointment_types:
  - {slug: meet, name: A SECRET KIND of call, duration: 30m, public: true, coaches: [mara, noor]}
`

func newParlour(t testing.TB) *parlour {
	t.Helper()
	p := &parlour{t: t, ctx: context.Background(), db: pgtest.New(t), clock: time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)}
	file, err := setup.Parse("practice.yaml", []byte(parlourFile))
	p.must(err)
	_, err = setup.Apply(p.ctx, p.db, file, audit.Actor{Kind: audit.Operator}, p.clock)
	p.must(err)
	keys, err := seal.NewKeyset()
	p.must(err)
	links, err := vault.LinkKey(p.ctx, p.db, keys, p.clock)
	p.must(err)
	origin, err := config.ParseOrigin("http://localhost:8080")
	p.must(err)
	now := func() time.Time { return p.clock }
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	p.booking = &booking.Service{DB: p.db, Keys: keys, Links: links, Now: now, Site: origin.String()}
	p.work = &engagement.Service{Keys: keys, Links: links, Site: origin.String()}
	door := page.NewDoor(quiet, func(*gin.Context) page.Frame { return page.Frame{Practice: "Common Ground"} })
	d := &desk.Desk{Known: func(*gin.Context) bool { return true }, DB: p.db, Booking: p.booking, Engagement: p.work, Guard: guard.New(p.db, []byte("key"), false), Door: door, Origin: origin, Log: quiet, Now: now,
		Login: &login.Service{DB: p.db, Keys: keys, Links: links, Origin: origin, Now: now},
		Who:   func(*gin.Context) people.Coach { return p.who },
		Fresh: func(*gin.Context) { p.asked++ },
		Require: func(roles ...people.Role) gin.HandlerFunc {
			return func(c *gin.Context) {
				if !slices.Contains(roles, p.who.Role) {
					door.Refuse(c, fault.New(fault.NotFound, "There is nothing at this address."))
				}
			}
		}}
	r := gin.New()
	r.Use(guard.Headers(origin))
	d.Routes(r)
	p.http = r
	p.as("mara")
	return p
}

func (p *parlour) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// as signs somebody in.
func (p *parlour) as(slug string) *parlour {
	p.t.Helper()
	who, err := people.FindCoach(p.ctx, p.db, slug)
	p.must(err)
	p.who = who
	return p
}

// booked has somebody book with a coach and gives the booking.
func (p *parlour) booked(coach, name, email string, hour int) booking.Booking {
	p.t.Helper()
	b, err := p.booking.Book(p.ctx, booking.Request{Type: "meet", Coach: coach, Start: time.Date(2026, 12, 8, hour, 0, 0, 0, time.UTC), Timezone: "Europe/London",
		Name: name, Email: email, SafeToEmail: true, Message: "CANARY message", PartnerName: "CANARY partner"})
	p.must(err)
	return b
}

func (p *parlour) get(path string) *httptest.ResponseRecorder { return p.send("GET", path, "", "") }

func (p *parlour) post(path string, form url.Values) *httptest.ResponseRecorder {
	return p.send("POST", path, "application/x-www-form-urlencoded", form.Encode())
}

func (p *parlour) send(method, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	p.http.ServeHTTP(w, r)
	return w
}

// upload sends a form with a file, as a browser does.
func (p *parlour) upload(path, field, content string) *httptest.ResponseRecorder {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile(field, "people.csv")
	p.must(err)
	_, err = io.WriteString(file, content)
	p.must(err)
	p.must(form.Close())
	return p.send("POST", path, form.FormDataContentType(), body.String())
}

// shows fails unless the answer has this status and these words.
func (p *parlour) shows(w *httptest.ResponseRecorder, status int, words ...string) string {
	p.t.Helper()
	body := w.Body.String()
	if w.Code != status {
		p.t.Fatalf("status %d, want %d: %.1500s", w.Code, status, body)
	}
	for _, word := range words {
		if !strings.Contains(body, word) {
			p.t.Errorf("the page lacks %q", word)
		}
	}
	return body
}

func (p *parlour) hides(body string, words ...string) {
	p.t.Helper()
	for _, word := range words {
		if strings.Contains(body, word) {
			p.t.Errorf("the page shows %q", word)
		}
	}
}

// leads fails unless the answer is a redirect to this address.
func (p *parlour) leads(w *httptest.ResponseRecorder, to string) {
	p.t.Helper()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != to {
		p.t.Fatalf("status %d to %q, want %q: %.800s", w.Code, w.Header().Get("Location"), to, w.Body)
	}
}

func personPath(b booking.Booking, rest string) string {
	return fmt.Sprintf("/desk/people/%s%s", b.PersonID, rest)
}
