package desk_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	"kintsugi/internal/web/desk"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/site"
)

// office is a practice with two coaches and an assistant, with the desk and the
// site on a real connection, and a clock that a test turns.
type office struct {
	*booking.Service
	t    testing.TB
	ctx  context.Context
	now  time.Time
	who  people.Coach // who is signed in
	base string

	mara, noor, ines people.Coach // owner, coach, assistant
}

// dayStart is Monday 7 December 2026, 08:00 in London.
var dayStart = time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)

// onDay is an hour some days after the Monday.
func onDay(days, hour, minute int) time.Time {
	return time.Date(2026, 12, 7+days, hour, minute, 0, 0, time.UTC)
}

func newOffice(t testing.TB) *office {
	t.Helper()
	gin.SetMode(gin.TestMode)
	o := &office{t: t, ctx: context.Background(), now: dayStart}
	db := pgtest.New(t)
	keys, err := seal.NewKeyset()
	o.must(err)
	links, err := vault.LinkKey(o.ctx, db, keys, o.now)
	o.must(err)
	o.must(db.InTx(o.ctx, func(tx *pg.Tx) error { return furnish(o.ctx, tx, o.now) }))
	for slug, who := range map[string]*people.Coach{"mara": &o.mara, "noor": &o.noor, "ines": &o.ines} {
		*who, err = people.FindCoach(o.ctx, db, slug)
		o.must(err)
	}
	o.who = o.mara

	listening := httptest.NewUnstartedServer(nil)
	o.base = "http://" + listening.Listener.Addr().String()
	origin, err := config.ParseOrigin(o.base)
	o.must(err)
	clock := func() time.Time { return o.now }
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	o.Service = &booking.Service{DB: db, Keys: keys, Links: links, Now: clock, Site: o.base}
	g := guard.New(db, []byte("key"), false)
	public := &site.Site{DB: db, Booking: o.Service, Guard: g, Assets: page.Static(), Origin: origin, Log: quiet, Now: clock}
	d := &desk.Desk{Known: func(*gin.Context) bool { return true }, DB: db, Booking: o.Service, Guard: g, Door: public.Door(), Origin: origin, Log: quiet, Now: clock,
		Require: o.require(public), Fresh: func(*gin.Context) {}, Who: func(*gin.Context) people.Coach { return o.who }}
	r := gin.New()
	r.Use(guard.Headers(origin))
	public.Routes(r)
	d.Routes(r)
	listening.Config.Handler = r
	listening.Start()
	t.Cleanup(listening.Close)
	return o
}

// require stands in for the sessions: whoever is not in one of the roles finds
// nothing.
func (o *office) require(public *site.Site) func(...people.Role) gin.HandlerFunc {
	return func(roles ...people.Role) gin.HandlerFunc {
		return func(c *gin.Context) {
			for _, r := range roles {
				if r == o.who.Role {
					return
				}
			}
			public.Door().Refuse(c, booking.ErrNotHere)
		}
	}
}

// furnish sets the practice up: mara and noor hold calls, mara sessions too.
func furnish(ctx context.Context, tx *pg.Tx, now time.Time) error {
	if err := practice.Save(ctx, tx, practice.Practice{Basics: practice.Basics{Name: "Common Ground Coaching", DiscreetName: "Common Ground",
		Timezone: "Europe/London", Currency: "GBP", Email: "hello@example.org", CancelMinutes: 1440}, KeptDays: 180}, now); err != nil {
		return err
	}
	var ids []people.ID
	for i, c := range []people.Coach{{Slug: "mara", Name: "Mara Lind", Role: people.Owner}, {Slug: "noor", Name: "Noor Haddad", Role: people.Member},
		{Slug: "ines", Name: "Ines Prado", Role: people.Assistant}} {
		c.Email, c.Timezone, c.Position, c.Active = c.Slug+"@example.org", "Europe/London", i, true
		c.MeetingURL = "https://meet.example.org/" + c.Slug
		id, err := people.SaveCoach(ctx, tx, c, now)
		if err != nil {
			return err
		}
		ids = append(ids, id)
		week := practice.Week{}
		for d := time.Monday; d <= time.Friday; d++ {
			week[d] = []slot.Window{{From: 9 * 60, To: 17 * 60}}
		}
		if err := availability.Save(ctx, tx, availability.Stored{CoachID: id, Weekly: week}); err != nil {
			return err
		}
	}
	for i, kind := range []practice.Type{
		{Slug: "meet", Name: "Free meet & greet", DurationMinutes: 30, Place: practice.Video, AfterMinutes: 10, HorizonDays: 60, Public: true},
		{Slug: "asked", Name: "A first talk", DurationMinutes: 30, Place: practice.Phone, HorizonDays: 60, Public: true, ApprovalMinutes: 48 * 60},
		{Slug: "couple", Name: "Couple session", DurationMinutes: 90, Place: practice.Video, HorizonDays: 60},
	} {
		kind.Lane, kind.Position = practice.Individual, i
		id, err := practice.SaveType(ctx, tx, kind)
		if err != nil {
			return err
		}
		if err := practice.SaveHolders(ctx, tx, id, ids[:2]); err != nil {
			return err
		}
	}
	return nil
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// asked books a call as a stranger would.
func (o *office) asked(kind, coach, who string, start time.Time) booking.Booking {
	o.t.Helper()
	b, err := o.Book(o.ctx, booking.Request{Type: kind, Coach: coach, Start: start, Timezone: "Europe/Berlin", Name: who,
		Email: strings.ToLower(strings.Fields(who)[0]) + "@example.com", Phone: "+44 20 7946 0000", Message: "CANARY-" + who, SafeToEmail: true})
	o.must(err)
	return b
}

// sent is an answer of the desk.
type sent struct {
	status int
	to     string // where it leads
	body   string
}

func (o *office) do(method, path string, form url.Values) sent {
	o.t.Helper()
	request, err := http.NewRequest(method, o.base+path, strings.NewReader(form.Encode()))
	o.must(err)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	plain := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := plain.Do(request)
	o.must(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	o.must(err)
	return sent{answer.StatusCode, answer.Header.Get("Location"), string(body)}
}

func (o *office) get(path string) sent                   { return o.do(http.MethodGet, path, nil) }
func (o *office) post(path string, form url.Values) sent { return o.do(http.MethodPost, path, form) }
func (o *office) found(b booking.Booking) booking.Booking {
	o.t.Helper()
	found, err := booking.Find(o.ctx, o.DB, b.ID)
	o.must(err)
	return found
}

func at(b booking.Booking) string { return "/desk/bookings/" + string(b.ID) }

func ids(coaches ...people.Coach) []people.ID {
	var all []people.ID
	for _, c := range coaches {
		all = append(all, c.ID)
	}
	return all
}
