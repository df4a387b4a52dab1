package desk_test

import (
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/audit"
	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/fault"
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

// backroomFile is a practice with an owner, another coach and an assistant.
const backroomFile = `
practice: {name: Common Ground Coaching, discreet_name: Common Ground, timezone: Europe/London, currency: GBP, email: hello@example.org}
coaches:
  - slug: mara
    name: Mara Lind
    email: mara@example.org
    role: owner
    timezone: Europe/London
    meeting_url: https://meet.example.org/mara
    weekly_hours: {mon: ["09:00-12:00"], tue: ["09:00-12:00", "13:00-17:00"]}
    overrides: [{date: 2026-12-24, hours: []}]
    busy_calendars: ["https://calendar.example.org/secret-of-mara.ics"]
  - slug: noor
    name: Noor Haddad
    email: noor@example.org
    timezone: Europe/London
    weekly_hours: {thu: ["09:00-12:00"]}
    travel: [{from: 2026-12-14, to: 2026-12-18, timezone: America/New_York}]
  - {slug: ash, name: Ash Reed, email: ash@example.org, role: assistant}
appointment_types:
  - {slug: meet, name: First call, duration: 30m, min_notice: 2h, buffer_after: 10m, horizon: 30d, max_per_day: 4, public: true, coaches: [mara, noor]}
  - {slug: couple, name: Couple session, duration: 90m, credits: 1, lane: joint, coaches: [mara]}
packages:
  - {slug: six, name: Six sessions, sessions: 6, appointment_types: [couple], price: 720.00}
`

// backroom is the desk over a private database, with whoever the test signs in.
type backroom struct {
	t       *testing.T
	ctx     context.Context
	db      *pg.DB
	booking *booking.Service
	desk    *desk.Desk
	http    http.Handler
	slug    string // who is signed in
	clock   time.Time
}

func newBackroom(t *testing.T) *backroom {
	t.Helper()
	return newBackroomOn(t, pgtest.New(t))
}

func newBackroomOn(t *testing.T, db *pg.DB) *backroom {
	t.Helper()
	o := &backroom{t: t, ctx: context.Background(), db: db, slug: "mara", clock: time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)}
	o.apply(backroomFile)
	keys, err := seal.NewKeyset()
	o.must(err)
	links, err := vault.LinkKey(o.ctx, o.db, keys, o.clock)
	o.must(err)
	origin, err := config.ParseOrigin("http://localhost:8080")
	o.must(err)
	now := func() time.Time { return o.clock }
	quiet := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	o.booking = &booking.Service{DB: o.db, Keys: keys, Links: links, Now: now, Site: origin.String()}
	door := page.NewDoor(quiet, func(*gin.Context) page.Frame { return page.Frame{Practice: "Common Ground"} })
	o.desk = &desk.Desk{Known: func(*gin.Context) bool { return true }, DB: o.db, Booking: o.booking, Guard: guard.New(o.db, []byte("key"), false), Door: door, Origin: origin, Log: quiet, Now: now,
		Who:   func(*gin.Context) people.Coach { return o.who() },
		Fresh: func(*gin.Context) {},
		Require: func(roles ...people.Role) gin.HandlerFunc {
			return func(c *gin.Context) {
				if who := o.who(); !who.Active || !slices.Contains(roles, who.Role) {
					door.Refuse(c, fault.New(fault.NotFound, "There is nothing at this address."))
				}
			}
		}}
	gin.SetMode(gin.TestMode)
	r := gin.New()
	r.Use(guard.Headers(origin))
	o.desk.Routes(r)
	o.http = r
	return o
}

// apply puts a practice file onto what is set up.
func (o *backroom) apply(text string) {
	o.t.Helper()
	file, err := setup.Parse("practice.yaml", []byte(text))
	o.must(err)
	_, err = setup.Apply(o.ctx, o.db, file, audit.Actor{Kind: audit.Operator}, o.clock)
	o.must(err)
}

func (o *backroom) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// who is the coach who is signed in, as they stand now.
func (o *backroom) who() people.Coach { return o.coach(o.slug) }

func (o *backroom) coach(slug string) people.Coach {
	o.t.Helper()
	all, err := people.AllCoaches(o.ctx, o.db)
	o.must(err)
	for _, c := range all {
		if c.Slug == slug {
			return c
		}
	}
	o.t.Fatalf("there is no coach %s", slug)
	return people.Coach{}
}

func (o *backroom) hours(slug string) availability.Stored {
	o.t.Helper()
	stored, err := availability.Of(o.ctx, o.db, o.coach(slug).ID)
	o.must(err)
	return stored
}

// spoken is an answer, with the words of its page.
type spoken struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

func (o *backroom) send(method, target string, form url.Values) spoken {
	o.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	o.http.ServeHTTP(w, r)
	return spoken{o.t, w.Code, w.Header(), w.Body.String()}
}

func (o *backroom) get(target string) spoken { o.t.Helper(); return o.send("GET", target, nil) }

func (o *backroom) post(target string, form url.Values) spoken {
	o.t.Helper()
	return o.send("POST", target, form)
}

// is fails unless the answer has this status.
func (a spoken) is(status int) spoken {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d\n%s", a.status, status, a.words())
	}
	return a
}

var markup = regexp.MustCompile(`(?s)<script.*?</script>|<[^>]*>`)

func (a spoken) words() string {
	return strings.Join(strings.Fields(html.UnescapeString(markup.ReplaceAllString(a.body, " "))), " ")
}

// says fails unless the page says each of these.
func (a spoken) says(texts ...string) spoken {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.words(), text) {
			a.t.Errorf("the page does not say %q:\n%s", text, a.words())
		}
	}
	return a
}

// hides fails if the page holds one of these, also where nobody reads.
func (a spoken) hides(texts ...string) spoken {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(html.UnescapeString(a.body), text) {
			a.t.Errorf("the page holds %q", text)
		}
	}
	return a
}

// holds fails unless the page holds each of these, as it is written.
func (a spoken) holds(texts ...string) spoken {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			a.t.Errorf("the page does not hold %q", text)
		}
	}
	return a
}

// lines are the acts on record about something, newest last, with their detail.
func (o *backroom) lines(about string) []audit.Line {
	o.t.Helper()
	lines, err := audit.About(o.ctx, o.db, about)
	o.must(err)
	return lines
}

// booked makes a booking of the first call with a coach.
func (o *backroom) booked(coach, name string, at time.Time) booking.Booking {
	o.t.Helper()
	b, err := o.booking.Book(o.ctx, booking.Request{Type: "meet", Coach: coach, Start: at, Timezone: "Europe/London",
		Name: name, Email: "sam@example.org", Message: "We found out in June.", PartnerName: "Alex", SafeToEmail: true})
	o.must(err)
	return b
}

func (o *backroom) count(query string, args ...any) int {
	o.t.Helper()
	var n int
	o.must(o.db.Get(o.ctx, &n, query, args...))
	return n
}
