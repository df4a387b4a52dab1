package web_test

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/job"
	"kintsugi/internal/login"
	"kintsugi/internal/mail"
	"kintsugi/internal/mail/mailtest"
	"kintsugi/internal/note"
	"kintsugi/internal/payment"
	"kintsugi/internal/people"
	"kintsugi/internal/pg"
	"kintsugi/internal/pg/pgtest"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
	"kintsugi/internal/seal"
	"kintsugi/internal/stripefake"
	"kintsugi/internal/stripefake/stripetest"
	"kintsugi/internal/token"
	"kintsugi/internal/vault"
	"kintsugi/internal/web"
	"kintsugi/internal/web/api"
	"kintsugi/internal/web/desk"
	"kintsugi/internal/web/entry"
	"kintsugi/internal/web/guard"
	"kintsugi/internal/web/hook"
	"kintsugi/internal/web/page"
	"kintsugi/internal/web/portal"
	"kintsugi/internal/web/site"
)

// staffGround is a practice with everybody who can work in one: an owner, three
// coaches and an assistant. Sam will be suspended.
const staffGround = `
practice: {name: Common Ground Coaching, discreet_name: Common Ground, timezone: Europe/London, currency: GBP, email: hello@example.org}
coaches:
  - {slug: mara, name: Mara Lind, email: mara@example.org, role: owner, timezone: Europe/London, meeting_url: "https://meet.example.org/mara", weekly_hours: {mon: ["09:00-17:00"], tue: ["09:00-17:00"]}}
  - {slug: noor, name: Noor Haddad, email: noor@example.org, role: coach, timezone: Europe/London, meeting_url: "https://meet.example.org/noor", weekly_hours: &whole {mon: ["06:00-22:00"], tue: ["06:00-22:00"], wed: ["06:00-22:00"], thu: ["06:00-22:00"], fri: ["06:00-22:00"], sat: ["06:00-22:00"], sun: ["06:00-22:00"]}}
  - {slug: olu, name: Olu Adeyemi, email: olu@example.org, role: coach, timezone: Europe/London, meeting_url: "https://meet.example.org/olu", weekly_hours: {tue: ["09:00-17:00"]}}
  - {slug: sam, name: Sam Frost, email: sam@example.org, role: coach, timezone: Europe/London, meeting_url: "https://meet.example.org/sam", weekly_hours: {tue: ["09:00-17:00"]}}
  - {slug: ash, name: Ash Reed, email: ash@example.org, role: assistant, timezone: Europe/London}
appointment_types:
  - {slug: meet, name: Free meet & greet, duration: 30m, place: phone, horizon: 300d, public: true, coaches: [noor, olu, sam]}
  - {slug: asked, name: A call on request, duration: 30m, place: phone, approval: 48h, horizon: 300d, public: true, coaches: [noor, olu, sam]}
  - {slug: spare, name: A spare kind, duration: 45m, public: true, coaches: [noor, mara]}
packages:
  - {slug: six, name: Six sessions, sessions: 6, appointment_types: [spare], price: 720.00, valid_for: 180d}
`

// staffed is a practice with everything behind its front: the public pages, the
// door, the desk, programs. Its parts are put together as the program does it.
type staffed struct {
	*whole
	first  *process
	keys   *seal.Keyset
	links  token.Key
	limits bool
	inbox  *mailtest.Server
	stripe *stripetest.Stripe
	nth    int // how many scenes were prepared
}

// process is one of the program's processes on the database.
type process struct {
	base       string
	engine     *gin.Engine
	booking    *booking.Service
	engagement *engagement.Service
	intake     *intake.Service
	login      *login.Service
	payment    *payment.Service
	guard      *guard.Guard
	letters    *job.Runner
}

// staff opens a practice whose counts of tries are off, or on.
func staff(t testing.TB, limits bool) *staffed {
	t.Helper()
	return staffOn(t, limits, pgtest.New(t))
}

// staffOn is staff on a database that somebody listens to.
func staffOn(t testing.TB, limits bool, db *pg.DB) *staffed {
	t.Helper()
	h := &staffed{whole: &whole{t: t, ctx: context.Background(), db: db, log: &logbook{}}, limits: limits, inbox: mailtest.Start(t)}
	h.clock.Store(monday.UnixNano())
	h.apply(staffGround)
	var err error
	h.keys, err = seal.NewKeyset()
	h.must(err)
	h.links, err = vault.LinkKey(h.ctx, h.db, h.keys, h.now())
	h.must(err)
	h.stripe = stripetest.Start(t, stripefake.Settings{Now: h.now})
	h.first = h.another(h.db)
	h.base, h.booking = h.first.base, h.first.booking
	return h
}

// another starts a process on the same database.
func (h *staffed) another(db *pg.DB) *process {
	h.t.Helper()
	p := &process{}
	listening := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(listening.Listener.Addr().String())
	h.must(err)
	p.base = "http://localhost:" + port // what passkeys and cookies are bound to
	origin, err := config.ParseOrigin(p.base)
	h.must(err)
	log := slog.New(slog.NewJSONHandler(h.log, nil))

	p.booking = &booking.Service{DB: db, Keys: h.keys, Links: h.links, Now: h.now, Site: p.base}
	p.login = &login.Service{DB: db, Keys: h.keys, Links: h.links, Origin: origin, Now: h.now, LimitsOff: !h.limits,
		Letterhead: func(ctx context.Context, q pg.Conn) (mail.Address, error) {
			basics, err := practice.LoadBasics(ctx, q)
			return mail.Address{Name: basics.DiscreetName, Email: basics.Email}, err
		}}
	p.engagement = &engagement.Service{Keys: h.keys, Links: h.links, Site: p.base, Letterhead: p.login.Letterhead}
	p.intake = &intake.Service{Engagement: p.engagement}
	p.booking.Promised = p.intake.Booked
	p.guard = guard.New(db, []byte("key"), h.limits)
	p.payment = &payment.Service{DB: db, Keys: h.keys, Engagement: p.engagement, Site: p.base, Now: h.now, Log: log,
		Stripe: config.Stripe{SecretKey: stripetest.Key, WebhookSecrets: []config.Secret{"whsec_test"}, APIBase: h.stripe.URL}}
	p.letters = h.postman(p, db, log)

	public := &site.Site{DB: db, Booking: p.booking, Guard: p.guard, Assets: page.Static(), Origin: origin, Log: log, Now: h.now, Sells: true}
	door := public.Door()
	programs := &api.API{DB: db, Booking: p.booking, Guard: p.guard, Links: h.links, Log: log}
	sessions := &guard.Sessions{Login: p.login, Origin: origin, Refuse: door.RefuseAs}
	public.Leave = sessions.Leave
	entrance := &entry.Entry{DB: db, Login: p.login, Sessions: sessions, Guard: p.guard, Origin: origin, Door: door, Now: h.now}
	notes := &note.Service{DB: db, Engagement: p.engagement, Now: h.now, Elsewhere: reception.Answers(p.intake)}
	clients := &portal.Portal{DB: db, Booking: p.booking, Engagement: p.engagement, Intake: p.intake, Note: notes, Login: p.login, Payment: p.payment, Sessions: sessions, Guard: p.guard, Door: door,
		Origin: origin, Log: log, Now: h.now}
	work := &desk.Desk{DB: db, Booking: p.booking, Engagement: p.engagement, Intake: p.intake, Note: notes, Login: p.login, Payment: p.payment, Guard: p.guard, Door: door, Origin: origin, Log: log, Now: h.now,
		Require: sessions.RequireCoach, Fresh: sessions.RequireFresh(), Who: sessions.Coach, Known: sessions.Known, Invite: login.PostInvite}
	front := web.New(web.House{Origin: origin, Log: log, Door: door, Health: hook.NewHealth(db), Metrics: hook.NewMetrics(), PayAt: p.payment.Stripe.CheckoutOrigin(),
		Webhook: &hook.Webhook{Knock: p.payment.Knock, Log: log},
		Routes: []func(gin.IRouter){public.Routes, programs.Routes, entrance.Routes, clients.Routes, work.Routes,
			func(r gin.IRouter) { p.engine = r.(*gin.Engine) }}})
	listening.Config = web.Server(front, log)
	listening.Start()
	h.t.Cleanup(listening.Close)
	return p
}

// postman sends what waits to the mail server of the test.
func (h *staffed) postman(p *process, db *pg.DB, log *slog.Logger) *job.Runner {
	h.t.Helper()
	to, err := mail.ParseSMTPURL(h.inbox.URL())
	h.must(err)
	composers := p.booking.Composers()
	maps.Copy(composers, p.login.Composers())
	maps.Copy(composers, p.engagement.Composers())
	maps.Copy(composers, p.intake.Composers())
	maps.Copy(composers, p.payment.Composers())
	postman := &mail.Postman{DB: db, Sender: &mail.Sender{Config: to}, Composers: composers, Key: []byte("letter"), Now: h.now, Log: log,
		OnBounce: p.booking.Unreached}
	handlers := map[string]job.Handler{}
	postman.Register(handlers)
	return &job.Runner{DB: db, Now: h.now, Log: log, Handlers: handlers, Poll: 20 * time.Millisecond}
}

// working lets processes do what is due until the test ends, or stop is called.
func (h *staffed) working(ps ...*process) (stop func()) {
	ctx, cancel := context.WithCancel(h.ctx)
	done := make(chan struct{})
	for _, p := range ps {
		go func() {
			p.letters.Run(ctx)
			done <- struct{}{}
		}()
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		for range ps {
			<-done
		}
	}
	h.t.Cleanup(stop)
	return stop
}

// coach finds one of the practice.
func (h *staffed) coach(slug string) people.Coach {
	h.t.Helper()
	all, err := people.AllCoaches(h.ctx, h.db)
	h.must(err)
	for _, c := range all {
		if c.Slug == slug {
			return c
		}
	}
	h.t.Fatalf("there is no %s", slug)
	return people.Coach{}
}

// signedIn begins a session and gives what the browser holds.
func (h *staffed) signedIn(person people.ID) (token string) {
	h.t.Helper()
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) (err error) {
		token, err = login.SignInAs(h.ctx, tx, person, "A browser", h.now())
		return err
	}))
	return token
}

// exec changes the database behind the program's back.
func (h *staffed) exec(query string, args ...any) {
	h.t.Helper()
	h.must(h.db.InTx(h.ctx, func(tx *pg.Tx) error {
		_, err := tx.Exec(h.ctx, query, args...)
		return err
	}))
}
