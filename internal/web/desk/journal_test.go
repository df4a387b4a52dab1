package desk_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/token"
	"kintsugi/internal/web/desk"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/site"
)

// press is a small practice with its journal, at the desk and on the site.
type press struct {
	t     *testing.T
	http  http.Handler
	who   people.Coach // who is signed in
	mara  people.Coach // owner
	noor  people.Coach // coach
	clock time.Time
}

func newPress(t *testing.T) *press {
	t.Helper()
	ctx, db := context.Background(), pgtest.New(t)
	p := &press{t: t, clock: time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(db.InTx(ctx, func(tx *pg.Tx) error {
		if err := practice.Save(ctx, tx, practice.Practice{Basics: practice.Basics{Name: "Common Ground Coaching", DiscreetName: "Common Ground",
			Timezone: "Europe/London", Currency: "GBP", Email: "hello@example.org", CancelMinutes: 1440}, KeptDays: 180}, p.clock); err != nil {
			return err
		}
		for _, c := range []people.Coach{{Slug: "mara", Name: "Mara Lind", Email: "mara@example.org", Role: people.Owner},
			{Slug: "noor", Name: "Noor Haddad", Email: "noor@example.org", Role: people.Member}} {
			c.Timezone, c.Active = "Europe/London", true
			if _, err := people.SaveCoach(ctx, tx, c, p.clock); err != nil {
				return err
			}
		}
		return nil
	}))
	var err error
	p.mara, err = people.FindCoach(ctx, db, "mara")
	must(err)
	p.noor, err = people.FindCoach(ctx, db, "noor")
	must(err)
	p.who = p.mara
	origin, err := config.ParseOrigin("http://localhost:8080")
	must(err)
	now := func() time.Time { return p.clock }
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	calls := &booking.Service{DB: db, Links: token.Key("0123456789abcdef0123456789abcdef"), Now: now, Site: origin.String()}
	g := guard.New(db, []byte("key"), false)
	public := &site.Site{DB: db, Booking: calls, Guard: g, Assets: page.Static(), Origin: origin, Log: quiet, Now: now}
	d := &desk.Desk{Known: func(*gin.Context) bool { return true }, DB: db, Booking: calls, Guard: g, Door: public.Door(), Origin: origin, Log: quiet, Now: now,
		Require: func(roles ...people.Role) gin.HandlerFunc { return func(*gin.Context) {} },
		Fresh:   func(*gin.Context) {}, Who: func(*gin.Context) people.Coach { return p.who }}
	r := gin.New()
	public.Routes(r)
	d.Routes(r)
	p.http = r
	return p
}

func (p *press) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	p.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	p.http.ServeHTTP(w, req)
	return w
}

// write sends the article's form and gives the path it leads to.
func (p *press) write(path, act string, more url.Values) string {
	p.t.Helper()
	form := url.Values{"title": {"A place to talk"}, "summary": {"Where to have it."}, "body": {"One **hour** a week."}, "act": {act}, "author": {string(p.who.ID)}}
	for name, values := range more {
		form[name] = values
	}
	w := p.do("POST", path, form)
	if w.Code != http.StatusSeeOther {
		p.t.Fatalf("%s %s: %d %s", act, path, w.Code, w.Body)
	}
	path, _, _ = strings.Cut(w.Header().Get("Location"), "?")
	return path
}

func (p *press) status(path string, want int) string {
	p.t.Helper()
	w := p.do("GET", path, nil)
	if w.Code != want {
		p.t.Errorf("GET %s: %d, want %d", path, w.Code, want)
	}
	return w.Body.String()
}

func TestAnArticleGoesFromDraftToEverybodyAndBack(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	at := p.write("/desk/journal/new", "save", nil)
	p.status("/journal/a-place-to-talk", 404)
	link := regexp.MustCompile(`/drafts/[A-Za-z0-9_-]+`).FindString(p.status(at, 200))
	if body := p.status(link, 200); !strings.Contains(body, "<strong>hour</strong>") || !strings.Contains(body, "noindex") {
		t.Error("the link does not show the draft")
	}
	p.write(at, "publish", nil)
	p.status("/journal/a-place-to-talk", 200)
	if w := p.do("GET", link, nil); w.Code != 303 || w.Header().Get("Location") != "/journal/a-place-to-talk" {
		t.Errorf("the link leads to %d %s", w.Code, w.Header().Get("Location"))
	}
	p.write(at, "save", url.Values{"slug": {"a-place"}})
	if w := p.do("GET", "/journal/a-place-to-talk", nil); w.Code != 301 || w.Header().Get("Location") != "/journal/a-place" {
		t.Errorf("the old address: %d %s", w.Code, w.Header().Get("Location"))
	}
	p.write(at, "offline", url.Values{"slug": {"a-place"}})
	p.status("/journal/a-place", 404)
	p.status("/journal/a-place-to-talk", 404)
	p.status(link, 200)
	p.write(at, "renew", nil)
	p.status(link, 404)
	if got := p.write(at, "discard", nil); got != "/desk/journal" {
		t.Errorf("discarding leads to %s", got)
	}
	p.status(at, 404)
}

func TestAnArticleAppearsByItselfAtItsTime(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	p.write("/desk/journal/new", "schedule", url.Values{"day": {"2026-12-08"}, "clock": {"09:00"}})
	p.clock = time.Date(2026, 12, 8, 8, 59, 59, 0, time.UTC)
	p.status("/journal/a-place-to-talk", 404)
	p.clock = p.clock.Add(time.Second)
	p.status("/journal/a-place-to-talk", 200)
}

func TestWhatCannotBePublishedComesBackAsItWasTyped(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	p.write("/desk/journal/new", "save", nil)
	for name, form := range map[string]url.Values{
		"without a title":     {"act": {"save"}, "body": {"CANARY-typed"}},
		"without a text":      {"act": {"publish"}, "title": {"CANARY-typed"}},
		"in the past":         {"act": {"schedule"}, "title": {"CANARY-typed"}, "day": {"2026-12-01"}},
		"on no day":           {"act": {"schedule"}, "title": {"CANARY-typed"}, "day": {"tomorrow"}},
		"under a bad address": {"act": {"save"}, "title": {"CANARY-typed"}, "slug": {"No Such/Thing"}},
		"under a taken one":   {"act": {"save"}, "title": {"CANARY-typed"}, "slug": {"a-place-to-talk"}},
	} {
		w := p.do("POST", "/desk/journal/new", form)
		if w.Code != 422 || !strings.Contains(w.Body.String(), "CANARY-typed") || !strings.Contains(w.Body.String(), `class="problem"`) {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	w := p.do("POST", "/desk/journal/new", url.Values{"act": {"preview"}, "title": {"x"}, "body": {"It is *so*.\n\n<script>alert(1)</script>"}})
	if w.Code != 200 || strings.Contains(w.Body.String(), "<script>alert") || !strings.Contains(w.Body.String(), "<em>so</em>") {
		t.Error("the preview")
	}
}

func TestACoachWritesOnlyTheirOwnArticles(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	at := p.write("/desk/journal/new", "save", nil)
	p.who = p.noor
	p.status(at, 404)
	for _, act := range []string{"save", "publish", "discard", "renew"} {
		if w := p.do("POST", at, url.Values{"act": {act}, "title": {"mine now"}, "body": {"x"}}); w.Code != 404 {
			t.Errorf("%s: %d", act, w.Code)
		}
	}
	mine := p.write("/desk/journal/new", "save", url.Values{"slug": {"mine"}, "author": {string(p.mara.ID)}})
	if body := p.status("/desk/journal", 200); strings.Contains(body, at) || !strings.Contains(body, mine) {
		t.Error("the list shows another coach's draft, or not the own one")
	}
	p.who = p.mara
	p.status(mine, 200)
}

// The second of two tabs wrote over what the first had saved, and nobody was told.
func TestATabThatHasGrownOldWritesOverNothing(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	at := p.write("/desk/journal/new", "save", nil)
	seen := func(body string) string {
		return regexp.MustCompile(`name="seen" value="([^"]+)"`).FindStringSubmatch(body)[1]
	}
	old := seen(p.status(at, 200))
	p.clock = p.clock.Add(time.Minute)
	p.write(at, "save", url.Values{"seen": {old}, "body": {"From the first tab"}})
	p.clock = p.clock.Add(time.Minute)
	w := p.do("POST", at, url.Values{"act": {"save"}, "seen": {old}, "title": {"A place to talk"}, "body": {"From the second tab"}})
	body := w.Body.String()
	if w.Code != 409 || !strings.Contains(body, "From the second tab") || !strings.Contains(body, "From the first tab") {
		t.Fatalf("%d %s", w.Code, body)
	}
	if !strings.Contains(p.status(at, 200), "From the first tab") {
		t.Error("what was saved first is gone")
	}
	p.write(at, "save", url.Values{"seen": {seen(body)}, "body": {"From both"}})
	if !strings.Contains(p.status(at, 200), "From both") {
		t.Error("what was put together was not saved")
	}
}
