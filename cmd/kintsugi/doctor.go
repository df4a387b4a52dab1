package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kintsugi/internal/config"
	"kintsugi/internal/pg"
)

// doctor checks what can be checked from inside, one line each, and fails when
// something is wrong. It changes nothing.
func doctor(ctx context.Context, p process) error {
	if _, err := parse(noFlags("doctor"), p.args); err != nil {
		return err
	}
	e := &examination{out: p.out}
	cfg, err := config.Read(p.environ)
	var complaints config.Complaints
	if errors.As(err, &complaints) {
		for _, c := range complaints {
			e.wrong(c.Name, "%s", c.Say)
		}
		return e.verdict()
	}
	if err != nil {
		return err
	}
	e.outside(ctx, cfg)
	if err := e.database(ctx, p, cfg); err != nil {
		return err
	}
	return e.verdict()
}

// examination tells as it goes and remembers whether something was wrong.
type examination struct {
	out   io.Writer
	count int // of what was wrong
}

func (e *examination) say(state, name, text string, args ...any) {
	fmt.Fprintf(e.out, "%-6s %-12s %s\n", state, name, fmt.Sprintf(text, args...))
}

func (e *examination) good(name, text string, args ...any) { e.say("ok", name, text, args...) }

// note is for what is worth knowing and may be meant.
func (e *examination) note(name, text string, args ...any) { e.say("note", name, text, args...) }

func (e *examination) wrong(name, text string, args ...any) {
	e.count++
	e.say("wrong", name, text, args...)
}

// failed is wrong for an error. It gives true when there was one.
func (e *examination) failed(name string, err error) bool {
	if err != nil {
		e.wrong(name, "%s", sentence(err))
	}
	return err != nil
}

func (e *examination) verdict() error {
	switch e.count {
	case 0:
		return nil
	case 1:
		return errors.New("one thing is wrong; its line above says what to do")
	}
	return fmt.Errorf("%d things are wrong; their lines above say what to do", e.count)
}

// outside looks at the settings that need no database.
func (e *examination) outside(ctx context.Context, cfg config.Config) {
	switch at := cfg.PublicURL; {
	case at.IsZero():
		e.note("address", "PUBLIC_URL follows the port that the system chooses at the start, on this machine alone")
	case at.Loopback():
		e.note("address", "%s: only this machine can open it; set PUBLIC_URL to the address that people use", at)
	case !at.Secure():
		e.wrong("address", "%s: without https everybody on the way can read; put a proxy with a certificate in front and set PUBLIC_URL to https://…", at)
	default:
		e.good("address", "%s", at)
	}
	if cfg.LimitsOff {
		e.note("limits", "LIMITS is off: anybody may ask as often as they like; only for load tests")
	}
	if cfg.ClockShift != 0 {
		e.note("clock", "KINTSUGI_CLOCK shifts the program's clock by %s; only for trying things out", cfg.ClockShift)
	}
	switch {
	case !cfg.Stripe.Set():
		e.note("stripe", "not set: packages are shown, and buying says that payments are not set up")
	default:
		e.good("stripe", "keys are set")
	}
}

// database opens it, as its owner and as the program, and looks at what is in
// it.
func (e *examination) database(ctx context.Context, p process, cfg config.Config) error {
	s, err := reach(ctx, cfg, toolLog(p, cfg), false)
	if e.failed("database", err) {
		return nil
	}
	owner, err := pg.Open(ctx, s.url, pg.Options{MaxOpen: 1})
	if !e.failed("database", err) {
		e.insideAs(ctx, cfg, s, owner)
		err = owner.Close()
	} else {
		err = nil
	}
	return errors.Join(err, s.close())
}

func (e *examination) insideAs(ctx context.Context, cfg config.Config, s *store, owner *pg.DB) {
	if !e.server(ctx, s, owner) {
		return
	}
	db, err := s.open(ctx, pg.Options{MaxOpen: 2})
	if err != nil {
		e.wrong("role", "cannot work as %s (%s): run kintsugi migrate, or let a superuser run deploy/roles.sql", pg.AppRole, sentence(err))
		return
	}
	defer db.Close()
	e.good("role", "the program works as %s, which owns nothing", pg.AppRole)
	e.clock(ctx, db)
	e.keys(ctx, cfg, db)
	e.refusals(ctx, db)
	basics := e.practice(ctx, db)
	e.mail(ctx, cfg, basics.Email)
	e.letters(ctx, cfg, db)
	e.jobs(ctx, db)
	e.erased(ctx, cfg, db)
	e.zones(ctx, db)
	e.calendars(ctx, db)
	e.payments(ctx, cfg, db)
}
