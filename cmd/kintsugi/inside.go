package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"strings"
	"time"

	"kintsugi/internal/availability"
	"kintsugi/internal/booking"
	"kintsugi/internal/config"
	"kintsugi/internal/fault"
	"kintsugi/internal/job"
	"kintsugi/internal/mail"
	"kintsugi/internal/pg"
	"kintsugi/internal/practice"
	"kintsugi/internal/vault"
)

// server looks at PostgreSQL and at the tables. It gives false when there is no
// use in looking further.
func (e *examination) server(ctx context.Context, s *store, owner *pg.DB) bool {
	began := time.Now()
	about, err := pg.Describe(ctx, owner)
	if e.failed("database", err) {
		return false
	}
	if about.Major < pg.OldestMajor {
		e.wrong("database", "PostgreSQL %s is too old; version %d or later is needed", about.Version, pg.OldestMajor)
		return false
	}
	whose := "in KINTSUGI_DATA"
	switch {
	case s.given:
		whose = "in DATABASE_URL"
	case s.own == nil:
		whose = "of the server that runs now"
	}
	e.good("database", "PostgreSQL %s %s answers in %.1f ms", about.Version, whose, float64(time.Since(began).Microseconds())/1000)
	done, err := pg.Migrated(ctx, owner)
	switch {
	case e.failed("migrations", err):
		return false
	case !done:
		e.wrong("migrations", "the database is not up to date: run kintsugi migrate")
		return false
	}
	e.good("migrations", "all done")
	if about.BtreeGist {
		e.good("btree_gist", "installed; the database itself refuses two calls at once")
	} else {
		e.wrong("btree_gist", "the extension is missing: install PostgreSQL's contrib package and run kintsugi migrate")
	}
	return true
}

// worstSkew is how far a machine's clock may be off before certificates and
// logs suffer. The hours themselves follow the database's clock.
const worstSkew = time.Minute

func (e *examination) clock(ctx context.Context, db *pg.DB) {
	skew := time.Until(pg.NewClock(ctx, db, 0).Now()).Round(10 * time.Millisecond)
	if skew.Abs() > worstSkew {
		e.wrong("clock", "this machine's clock is %s away from the database's: set both by network time", skew.Abs())
		return
	}
	e.good("clock", "within %s of the database's", max(skew.Abs(), 10*time.Millisecond))
}

func (e *examination) keys(ctx context.Context, cfg config.Config, db *pg.DB) {
	used, err := vault.Has(ctx, db)
	if e.failed("keys", err) {
		return
	}
	keys, err := givenKeyset(cfg)
	switch {
	case errors.Is(err, fs.ErrNotExist) && used:
		e.wrong("keys", "the keyset that this database was written with is missing: bring %s back from your copy", keysetFile(cfg))
	case errors.Is(err, fs.ErrNotExist) || err == nil && !used:
		e.note("keys", "none has been used yet; the first start of the server does it")
	case e.failed("keys", err):
	default:
		if _, err = vault.LinkKey(ctx, db, keys, time.Now()); e.failed("keys", err) || e.failed("keys", lacking(ctx, db, keys)) {
			return
		}
		e.good("keys", "the keyset opens what this database holds")
		e.keysInUse(ctx, db, keys)
	}
}

func (e *examination) practice(ctx context.Context, db *pg.DB) practice.Basics {
	basics, err := practice.LoadBasics(ctx, db)
	switch {
	case fault.Is(err, "not-set-up"):
		e.note("practice", "none is set up yet: kintsugi apply FILE.yaml")
	case !e.failed("practice", err):
		e.good("practice", "%s", basics.Name)
	}
	return basics
}

// mailPatience bounds the talk with the mail server.
const mailPatience = 15 * time.Second

func (e *examination) mail(ctx context.Context, cfg config.Config, from string) {
	sender, err := newSender(cfg)
	if e.failed("smtp", err) {
		return
	}
	if sender == nil {
		e.note("smtp", "not set: letters wait in the outbox until SMTP_URL is set")
		return
	}
	talk, cancel := context.WithTimeout(ctx, mailPatience)
	defer cancel()
	if err := sender.Test(talk); err != nil {
		e.wrong("smtp", "%s; letters wait until SMTP_URL leads to a mail server that answers", sentence(err))
	} else {
		e.good("smtp", "the mail server answers")
	}
	if sender.MailFrom != "" {
		from = sender.MailFrom
	}
	if from == "" || cfg.PublicURL.Loopback() {
		return // letters of somebody who tries things out reach nobody
	}
	for _, f := range mail.CheckDomain(ctx, net.DefaultResolver.LookupTXT, from) {
		if f.State == mail.Good {
			e.good(strings.ToLower(f.Name), "%s", f.Say)
		} else {
			e.note(strings.ToLower(f.Name), "%s", f.Say)
		}
	}
}

// longWait is how long something may be due before it is worth a line.
const longWait = 10 * time.Minute

func (e *examination) letters(ctx context.Context, cfg config.Config, db *pg.DB) {
	now := pg.NewClock(ctx, db, cfg.ClockShift).Now()
	waiting, oldest, err := mail.Waiting(ctx, db, now)
	if e.failed("letters", err) {
		return
	}
	failures, err := mail.Failures(ctx, db, 100)
	if e.failed("letters", err) {
		return
	}
	if len(failures) > 0 {
		e.wrong("letters", "%d could not be delivered; the latest: %s", len(failures), failures[0].Class)
	}
	switch {
	case waiting > 0 && now.Sub(oldest) > longWait:
		e.note("letters", "%d wait to leave, the oldest for %s", waiting, now.Sub(oldest).Round(time.Minute))
	case len(failures) == 0:
		e.good("letters", "%d wait to leave, none has failed", waiting)
	}
}

func (e *examination) jobs(ctx context.Context, db *pg.DB) {
	dead, err := job.Dead(ctx, db, 100)
	if e.failed("jobs", err) {
		return
	}
	if len(dead) > 0 {
		e.wrong("jobs", "%d were given up; the latest: %s (%s)", len(dead), dead[0].Kind, dead[0].LastError)
		return
	}
	e.good("jobs", "none was given up")
}

func (e *examination) zones(ctx context.Context, db *pg.DB) {
	names, err := booking.Zones(ctx, db)
	if e.failed("zones", err) {
		return
	}
	var gone []string
	for _, name := range names {
		if _, known := practice.KnownZone(name); !known {
			gone = append(gone, name)
		}
	}
	if len(gone) > 0 {
		e.wrong("zones", "no longer in the zone database, so read as UTC: %s; give other ones in the practice file", strings.Join(gone, ", "))
		return
	}
	e.good("zones", "all %d that are stored are known", len(names))
}

// calendars looks at the outside calendars that coaches are busy by. Only the
// host of an address is said, since the rest of it is a secret.
func (e *examination) calendars(ctx context.Context, db *pg.DB) {
	now := pg.NewClock(ctx, db, 0).Now()
	troubled, err := availability.TroubledCalendars(ctx, db, now)
	if e.failed("calendars", err) {
		return
	}
	for _, c := range troubled {
		e.wrong("calendars", "the one at %s could not be read for %s (%s): look at its address at the desk, under Hours", c.Host, c.Age(now).Truncate(time.Minute), c.Problem)
	}
	if len(troubled) == 0 {
		e.good("calendars", "every outside calendar was read lately")
	}
}
