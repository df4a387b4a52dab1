package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/engagement"
	"kintsugi/internal/intake"
	"kintsugi/internal/job"
	"kintsugi/internal/login"
	"kintsugi/internal/mail"
	"kintsugi/internal/note"
	"kintsugi/internal/payment"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/reception"
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

// house is the program at work on a database: what answers people, and what is
// done on the side.
type house struct {
	cfg        config.Config
	log        *slog.Logger
	db         *pg.DB
	clock      *pg.Clock
	booking    *booking.Service
	login      *login.Service
	engagement *engagement.Service
	intake     *intake.Service
	payment    *payment.Service
	health     *hook.Health
	metrics    *hook.Metrics // nil when nobody reads them
	front      http.Handler
	newKeys    bool // the keyset was made just now
	alarms     alarms
	runners    []*job.Runner
}

// build puts the rooms together on a database that is up to date.
func build(ctx context.Context, cfg config.Config, log *slog.Logger, db *pg.DB) (*house, error) {
	h := &house{cfg: cfg, log: log, db: db, health: hook.NewHealth(db)}
	keys, made, err := findKeyset(ctx, cfg, db)
	if err != nil {
		return nil, err
	}
	h.newKeys, h.alarms = made, newAlarms()
	keys.OnUnopened(h.alarms.hear)
	h.clock = pg.NewClock(ctx, db, cfg.ClockShift)
	links, err := vault.LinkKey(ctx, db, keys, h.clock.Now())
	if err != nil {
		return nil, err
	}
	if err := lacking(ctx, db, keys); err != nil {
		return nil, err
	}
	if err := erasedList(cfg).Writable(); err != nil {
		log.Error("what clients erase would come back with an older copy of the database: "+elsewhere, "error", err)
	}
	if n, err := erasedList(cfg).Destroy(ctx, db, h.clock.Now()); err != nil {
		return nil, err
	} else if n > 0 {
		log.Warn("an older copy of the database held keys of what was erased; they were destroyed again", "lanes", n)
	}
	limits := guard.New(db, links.Fingerprint("guard"), !cfg.LimitsOff)
	h.booking = &booking.Service{DB: db, Keys: keys, Links: links, Now: h.clock.Now, Site: cfg.PublicURL.String()}

	h.login = &login.Service{
		DB: db, Keys: keys, Links: links, Origin: cfg.PublicURL, Now: h.clock.Now, Wall: time.Now,
		Letterhead: letterhead, LimitsOff: cfg.LimitsOff,
	}

	h.engagement = &engagement.Service{Keys: keys, Links: links, Site: cfg.PublicURL.String(), Letterhead: letterhead}
	h.intake = &intake.Service{Engagement: h.engagement}
	h.booking.Promised = h.intake.Booked

	h.payment = &payment.Service{
		DB: db, Keys: keys, Engagement: h.engagement, Stripe: cfg.Stripe, Site: cfg.PublicURL.String(), Now: h.clock.Now, Wall: time.Now, Log: log,
	}
	h.payment.Bought = h.intake.Bought

	letters, err := letterRunner(h, links.Fingerprint("letter"))
	if err != nil {
		return nil, err
	}
	h.runners = []*job.Runner{letters, choreRunner(h), calendarRunner(h), stripeRunner(h)}
	h.booking.Wake, h.login.Wake, h.payment.Wake = letters.Wake, letters.Wake, letters.Wake

	pages := &site.Site{DB: db, Booking: h.booking, Guard: limits, Assets: page.Static(), Origin: cfg.PublicURL, Log: log, Now: h.clock.Now, Sells: h.payment.Ready()}
	programs := &api.API{DB: db, Booking: h.booking, Guard: limits, Links: links, Log: log}
	if cfg.AdminListen != "" {
		h.metrics = counts(h)
	}
	doors := web.House{
		Origin: cfg.PublicURL, TrustedProxies: cfg.TrustedProxies, Log: log, Door: pages.Door(),
		Health: h.health, Metrics: h.metrics, PayAt: cfg.Stripe.CheckoutOrigin(), Webhook: &hook.Webhook{Knock: h.payment.Knock, Log: log},
	}
	sessions := &guard.Sessions{Login: h.login, Origin: cfg.PublicURL, Refuse: pages.Door().RefuseAs}
	pages.Leave = sessions.Leave
	entrance := &entry.Entry{
		DB: db, Login: h.login, Sessions: sessions, Guard: limits, Origin: cfg.PublicURL, Door: pages.Door(), Now: h.clock.Now,
	}
	notes := &note.Service{DB: db, Engagement: h.engagement, Now: h.clock.Now, Wake: letters.Wake, Elsewhere: reception.Answers(h.intake)}
	clients := &portal.Portal{
		DB: db, Booking: h.booking, Engagement: h.engagement, Intake: h.intake, Note: notes, Login: h.login, Payment: h.payment, Sessions: sessions, Guard: limits,
		Door: pages.Door(), Origin: cfg.PublicURL, Log: log, Now: h.clock.Now, Wake: letters.Wake,
	}
	work := &desk.Desk{
		DB: db, Booking: h.booking, Engagement: h.engagement, Intake: h.intake, Note: notes, Login: h.login, Payment: h.payment, Guard: limits, Door: pages.Door(), Origin: cfg.PublicURL, Log: log, Now: h.clock.Now, Wake: letters.Wake,
		Require: sessions.RequireCoach, Fresh: sessions.RequireFresh(), Who: sessions.Coach, Known: sessions.Known, Invite: login.PostInvite,
	}
	doors.Routes = append(doors.Routes, pages.Routes, programs.Routes, entrance.Routes, clients.Routes, work.Routes)
	h.front = web.New(doors)
	return h, nil
}

// letterhead is the name and the address that letters leave under.
func letterhead(ctx context.Context, q pg.Conn) (mail.Address, error) {
	basics, err := practice.LoadBasics(ctx, q)
	return mail.Address{Name: basics.DiscreetName, Email: basics.Email}, err
}

// work does what is done on the side until ctx ends, and returns when it has
// stopped.
func (h *house) work(ctx context.Context) {
	var busy sync.WaitGroup
	busy.Go(func() { h.clock.Run(ctx) })
	busy.Go(func() { h.keepErased(ctx) })
	busy.Go(func() { h.sound(ctx) })
	for _, r := range h.runners {
		busy.Go(func() { r.Run(ctx) })
	}
	busy.Wait()
}

// newLog is the log of a server.
func newLog(p process, cfg config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogJSON {
		return slog.New(slog.NewJSONHandler(p.err, o))
	}
	return slog.New(slog.NewTextHandler(p.err, o))
}

// toolLog is the log of a command that does its work and stops: only what its
// reader should know.
func toolLog(p process, cfg config.Config) *slog.Logger {
	cfg.LogLevel = max(cfg.LogLevel, slog.LevelWarn)
	return newLog(p, cfg)
}

// openHouse brings the database up to date and builds the house on it.
func openHouse(ctx context.Context, cfg config.Config, log *slog.Logger, s *store) (*house, error) {
	if err := s.migrate(ctx); err != nil {
		return nil, err
	}
	db, err := s.open(ctx, pg.Options{Warm: true})
	if err != nil {
		return nil, err
	}
	h, err := build(ctx, cfg, log, db)
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("start: %w", err)
	}
	return h, nil
}
